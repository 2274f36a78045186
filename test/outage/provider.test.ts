// The provider is away: connections are refused, so nothing left, and that is proven. Payouts wait in the queue and say
// why; when it is back each is paid once.
import { expect, test } from 'vitest'
import { allEnded, matchBooks, statesNow } from '../books.ts'
import { createNative, findNative, type Listed, type PayoutShown, readNative } from '../client.ts'
import { type House, openHouse, startServer } from '../house.ts'
import { eventually, freePort } from '../program.ts'
import { startRail } from '../rail.ts'

const COUNT = 30

test('while the provider is down payouts wait in the queue and say why; when it is back each is paid once', {
  timeout: 90_000,
}, async () => {
  const port = await freePort()
  await using house = await openHouse({ railUrl: `http://127.0.0.1:${port}` })
  await using server = await startServer(house)
  for (let place = 0; place < COUNT; place += 1)
    expect((await createNative(server.url, { reference: `waits-${place}` })).status).toBe(201)

  const shown = await eventually(
    'each of them waits and says why',
    async () => (await readNative<Listed<PayoutShown>>(server.url, '/payouts?limit=100')).data,
    payouts => payouts.every(({ state, why }) => state === 'queued' && why !== null),
  )
  expect(shown).toHaveLength(COUNT)
  for (const { money, why } of shown) {
    expect(money).toBe('held')
    expect(why).toMatch(/pa_system.*\(connection refused\).* in \d+ seconds?\.$/)
  }
  // Each attempt ended with the proof that nothing was sent; money never left the account in which it is held.
  const tried = shown.find(({ attempts }) => attempts > 0)
  const attempts = await readNative<Listed<object>>(server.url, `/payouts/${tried?.id}/attempts`)
  expect(attempts.data[0]).toMatchObject({
    state: 'dead',
    proof: 'not_sent',
    doubt: null,
    exchanges: [{ kind: 'send', row: 'S3', status: null }],
  })

  await using rail = await startRail({ port })
  await eventually(
    'all have ended',
    () => statesNow(house),
    states => allEnded(states, COUNT),
  )
  const { breaches, states } = await matchBooks(house, await rail.books())
  expect(breaches).toEqual([])
  expect(states).toEqual({ paid: COUNT })
  expect((await findNative(server.url, 'waits-0')).why).toBeNull()
})

test('killed in the middle and started anew, it pays what had not left, and nothing that had left is sent again', {
  timeout: 90_000,
}, async () => {
  const port = await freePort()
  await using house = await openHouse({ railUrl: `http://127.0.0.1:${port}` })
  await using server = await startServer(house)
  const seen: string[] = []
  {
    await using rail = await startRail({ port, latencyMs: 400 })
    for (let place = 0; place < COUNT; place += 1)
      expect((await createNative(server.url, { reference: `cut-${place}` })).status).toBe(201)
    const books = await eventually(
      'some have arrived',
      () => rail.books(),
      orders => orders.length > 5,
      {
        everyMs: 10,
      },
    )
    seen.push(...books.map(({ reference }) => reference))
    rail.program.signal('SIGKILL')
    await rail.program.ended
  }
  expect((await createNative(server.url, { reference: 'cut-later' })).status).toBe(201)

  // It has forgotten everything: whoever sent one of these again would see it accepted, and pay it a second time.
  await using rail = await startRail({ port })
  await eventually(
    'nothing is queued or being sent',
    () => statesNow(house),
    states => (states.queued ?? 0) + (states.sending ?? 0) === 0 && (states.paid ?? 0) > 0,
  )
  const books = await rail.books()
  for (const { timesArrived } of books) expect(timesArrived).toBe(1)
  const arrivedNow = new Set(books.map(({ reference }) => reference))
  const arrivedBefore = (await attemptsOf(house)).filter(all =>
    all.some(reference => seen.includes(reference)),
  )
  expect(arrivedBefore).toHaveLength(seen.length)
  expect(arrivedBefore.flat().filter(reference => arrivedNow.has(reference))).toEqual([])
  await eventually(
    'the one that came while it was down is paid',
    () => findNative(server.url, 'cut-later'),
    payout => payout?.state === 'paid',
  )
})

/** For each payout our references at the provider, one for each attempt. */
async function attemptsOf({ pool }: House): Promise<readonly (readonly string[])[]> {
  const { rows } = await pool.query<{ all_of_it: readonly string[] }>(
    'select array_agg(reference) as all_of_it from attempt group by payout_number',
  )
  return rows.map(({ all_of_it }) => all_of_it)
}
