import { expect, test } from 'vitest'
import { createHosts, type HostLimits } from './hosts.ts'

/** A clock that the test moves by hand. */
let now = 0
const LIMITS: HostLimits = {
  ...{ total: 10, perHost: 1, waitingPerHost: 2, waitingPerNewHost: 2, waitingPerFastHost: 5, waitMs: 1_000 },
  monotonic: () => now,
}

/** Work that ends when it is told to. */
function work(ran: string[], name: string) {
  const { promise, resolve } = Promise.withResolvers<void>()
  return {
    end: resolve,
    run: async () => {
      ran.push(name)
      await promise
    },
  }
}
const turn = () => new Promise(resolve => setImmediate(resolve))

test('a host has no more at once than its places, and all together no more than theirs', async () => {
  const hosts = createHosts({ ...LIMITS, total: 3, perHost: 2, waitingPerNewHost: 10 })
  const ran: string[] = []
  const all = ['a1', 'a2', 'a3', 'b1', 'b2'].map(name => ({ name, ...work(ran, name) }))
  for (const { name, run } of all) expect(hosts.enter(name.charAt(0), run)).toBe(true)
  expect(ran).toEqual(['a1', 'a2', 'b1'])
  expect([hosts.inFlight(), hosts.waiting()]).toEqual([3, 2])
  all[0]?.end()
  await turn()
  expect(ran).toEqual(['a1', 'a2', 'b1', 'a3'])
  all[2]?.end()
  all[1]?.end()
  await turn()
  expect(ran).toEqual(['a1', 'a2', 'b1', 'a3', 'b2'])
  all[3]?.end()
  all[4]?.end()
  await hosts.idle()
  expect([hosts.inFlight(), hosts.waiting()]).toEqual([0, 0])
})

test('a host that is slow turns away what would wait too long, and another host is taken at once', () => {
  const hosts = createHosts(LIMITS)
  const ran: string[] = []
  const entered = ['a1', 'a2', 'a3', 'a4'].map(name => hosts.enter('a', work(ran, name).run))
  expect(entered).toEqual([true, true, true, false])
  expect(hosts.enter('b', work(ran, 'b1').run)).toBe(true)
  expect(ran).toEqual(['a1', 'b1'])
})

test('a host that answers fast may have as many waiting as it serves in time, and a slow one again only a few', async () => {
  const hosts = createHosts(LIMITS)
  const ran: string[] = []
  const first = work(ran, 'first')
  hosts.enter('a', first.run)
  now += 200
  first.end()
  await hosts.idle()
  // One place and 200 ms each: five of them in a second.
  const dropped: number[] = []
  const all = Array.from({ length: 8 }, (_, place) => work(ran, `a${place}`))
  expect(all.map(({ run }, place) => hosts.enter('a', run, () => dropped.push(place)))).toEqual([
    true,
    true,
    true,
    true,
    true,
    true,
    false,
    false,
  ])
  // Five wait, and whoever came now would be the sixth.
  expect(hosts.servedInMs('a')).toBe(1_200)
  now += 1_000_000
  all[0]?.end()
  await turn()
  expect(ran).toEqual(['first', 'a0', 'a1'])
  expect(hosts.waiting()).toBe(2)
  expect(dropped).toEqual([4, 5])
  expect(hosts.enter('a', work(ran, 'late').run)).toBe(false)
  for (const { end } of all) end()
  await hosts.idle()
  expect(ran).toEqual(['first', 'a0', 'a1', 'a2', 'a3'])
})
