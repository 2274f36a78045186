// The kill switch as somebody uses it: the program serves under load, a person stops it from the host, processes come
// and go, and two persons let it go on.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { allEnded, matchBooks, statesNow } from '../books.ts'
import { createNative, findNative } from '../client.ts'
import { type House, MERCHANT, openHouse, startServer } from '../house.ts'
import { addPerson, releaseOn } from '../persons.ts'
import { eventually, startProgram } from '../program.ts'
import { startRail } from '../rail.ts'

const CLIENTS = 6

test('stopped under load nothing more arrives, a restart does not forget it, one person cannot release it, and two can', {
  timeout: 180_000,
}, async () => {
  await using rail = await startRail({ latencyMs: 50 })
  await using house = await openHouse({ railUrl: rail.url })
  const arrived = async (): Promise<number> => (await rail.books()).length
  let taken = 0
  {
    await using server = await startServer(house)
    let loading = true
    const client = async (name: number): Promise<void> => {
      for (let place = 0; loading && place < 2_000; place += 1) {
        expect((await createNative(server.url, { reference: `load-${name}-${place}` })).status).toBe(201)
        taken += 1
        await sleep(5)
      }
    }
    const clients = Array.from({ length: CLIENTS }, (_, name) => client(name))
    await eventually('there is load', arrived, count => count > 40, { everyMs: 20 })

    expect(await command(house, 'stop', '--why', 'a test under load')).toMatchObject({
      code: 0,
      out: expect.stringContaining('from this moment on no send leaves'),
    })
    const acknowledged = await arrived()
    // Intake goes on: the queue grows while nothing leaves it.
    const before = taken
    await eventually(
      'more is taken',
      () => taken,
      count => count > before + 40,
    )
    loading = false
    await Promise.all(clients)
    expect(await arrived()).toBe(acknowledged)
    await createNative(server.url, { reference: 'while-stopped' })
    taken += 1
    expect(await findNative(server.url, 'while-stopped')).toMatchObject({
      state: 'queued',
      why: 'It waits: all sending is stopped for now.',
    })
    const ready = await fetch(`${server.url}/health/ready`)
    expect({ status: ready.status, body: await ready.json() }).toEqual({
      status: 200,
      body: { status: 'ok', sending: 'stopped', why: 'the kill switch' },
    })
    expect(await metricsOf(server.url)).toContain('quittance_switch_tripped{scope="global",id=""} 1')
    // Killed, not stopped: nothing is told to anybody.
    server.program.signal('SIGKILL')
    await server.program.ended
  }

  const acknowledged = await arrived()
  await using server = await startServer(house)
  await sleep(2_000)
  expect(await arrived()).toBe(acknowledged)
  expect((await command(house, 'switches')).out).toMatch(/^everything .* host:\S+ +a test under load$/m)

  // One who may do both, by a key and an authenticator, is still one; and two are needed.
  const ana = await addPerson(house, 'Ana', 'operator')
  const ben = await addPerson(house, 'Ben', 'approver')
  const release = ['release', '--why', 'the test goes on']
  expect(await releaseOn(house, release, [ana, ana])).toMatchObject({ code: 1 })
  expect(await command(house, ...release)).toMatchObject({ code: 2 })
  await sleep(500)
  expect(await arrived()).toBe(acknowledged)

  expect(await releaseOn(house, release, [ana, ben])).toMatchObject({
    code: 0,
    shown: expect.stringMatching(/waits: +\d+ payouts \([\d.]+ BDT/),
  })
  await eventually(
    'all have ended',
    () => statesNow(house),
    states => allEnded(states, taken),
    { withinMs: 120_000 },
  )
  expect((await matchBooks(house, await rail.books())).breaches).toEqual([])
  expect(await (await fetch(`${server.url}/health/ready`)).json()).toEqual({ status: 'ok' })
  expect(await metricsOf(server.url)).toContain('quittance_switch_tripped{scope="global",id=""} 0')
})

test('a stopped merchant is stopped alone', { timeout: 120_000 }, async () => {
  await using rail = await startRail()
  await using house = await openHouse({ railUrl: rail.url })
  await house.store.putMerchant({ merchantId: 'm_other', name: 'Other', active: true })
  await using server = await startServer(house)
  expect(await command(house, 'stop', '--scope', 'merchant', '--id', 'm_other', '--why', 'w')).toMatchObject({
    code: 0,
  })
  expect((await createNative(server.url, { reference: 'mine' })).status).toBe(201)
  await eventually(
    'it is paid',
    () => findNative(server.url, 'mine'),
    ({ state }) => state === 'paid',
  )
  expect(await command(house, 'stop', '--scope', 'merchant', '--id', MERCHANT, '--why', 'w')).toMatchObject({
    code: 0,
  })
  expect((await createNative(server.url, { reference: 'stopped' })).status).toBe(201)
  await sleep(1_500)
  expect(await findNative(server.url, 'stopped')).toMatchObject({
    state: 'queued',
    why: 'It waits: sending for this merchant is stopped for now.',
  })
  expect(await (await fetch(`${server.url}/health/ready`)).json()).toEqual({
    ...{ status: 'ok', sending: 'stopped in part' },
    why: '2 kill switches',
  })
})

async function command(house: House, ...argv: readonly string[]) {
  await using program = startProgram(argv, { DATABASE_URL: house.databaseUrl, LOG_LEVEL: 'silent' })
  const { code } = await program.ended
  return { code, out: program.out(), problems: program.problems() }
}

async function metricsOf(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text()
}
