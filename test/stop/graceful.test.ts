// SIGTERM under load. What was answered stands, what was sent is recorded before the process ends, and the next one
// finishes the rest.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { allEnded, matchBooks, statesNow } from '../books.ts'
import { createDoor, createNative } from '../client.ts'
import { type House, openHouse, startServer } from '../house.ts'
import { eventually, freePort } from '../program.ts'
import { startRail } from '../rail.ts'

const CLIENTS = 12
/** Requests have 15 s to be answered and calls 25 s to end; here both end within one latency of the provider. */
const STOP_MS_MAX = 15_000

test('SIGTERM under load loses nothing: all that was answered is there, all that was sent is recorded, exit code 0', {
  timeout: 90_000,
}, async () => {
  await using rail = await startRail({ latencyMs: 300 })
  await using house = await openHouse({ railUrl: rail.url })
  // The next one listens where providers were told to call back.
  const port = await freePort()
  const answered: string[] = []
  let unanswered = 0
  let afterSignal = 0
  {
    await using server = await startServer(house, { port })
    let signalled = false
    let place = 0
    const client = async (): Promise<void> => {
      while (!(signalled && (await isGone(server.url))) && place < 5_000) {
        const reference = `stop-${place}`
        place += 1
        const answer = await (place % 2 === 0
          ? createNative(server.url, { reference })
          : createDoor(server.url, { tradeNo: reference })
        ).catch((error: unknown) => {
          if (!(error instanceof TypeError)) throw error
          return null
        })
        if (answer === null) unanswered += 1
        else {
          expect([200, 201]).toContain(answer.status)
          answered.push(reference)
          if (signalled) afterSignal += 1
        }
        await sleep(5)
      }
    }
    const clients = Array.from({ length: CLIENTS }, client)
    await eventually(
      'there is load',
      () => statesNow(house),
      ({ sending = 0 }) => sending > 40,
      { everyMs: 10 },
    )
    const startMs = Date.now()
    signalled = true
    server.program.signal('SIGTERM')
    const ended = await server.program.ended
    const tookMs = Date.now() - startMs
    await Promise.all(clients)
    expect(ended).toEqual({ code: 0, signal: null })
    expect(tookMs).toBeLessThan(STOP_MS_MAX)
    expect(server.program.problems()).toContain('Stopping: nothing new is taken')
    console.log(
      `SIGTERM: ended in ${tookMs} ms; ${answered.length} answered, ${afterSignal} of them after the signal, ` +
        `${unanswered} not; then ${JSON.stringify(await statesNow(house))}`,
    )
  }

  const stored = new Set(await referencesOf(house))
  expect(answered.filter(reference => !stored.has(reference))).toEqual([])
  // The end of every call is on record, so nothing has to be found out by asking.
  expect((await statesNow(house)).sending ?? 0).toBe(0)
  expect((await matchBooks(house, await rail.books())).breaches).toEqual([])
  expect(
    await house.pool.query(`select from incarnation where kind = 'serve' and ended_at is null`),
  ).toMatchObject({ rowCount: 0 })

  await using _next = await startServer(house, { port })
  await eventually(
    'the rest has ended',
    () => statesNow(house),
    states => allEnded(states, stored.size),
  )
  const { breaches, states } = await matchBooks(house, await rail.books())
  expect(breaches).toEqual([])
  expect(states).toEqual({ paid: stored.size })
  expect(await house.pool.query(`select from exchange where row_name = 'S5'`)).toMatchObject({ rowCount: 0 })
})

test('asked twice it ends at once, and what it was sending stays as being sent', {
  timeout: 60_000,
}, async () => {
  await using rail = await startRail()
  await rail.fault({ name: 'held' })
  await using house = await openHouse({ railUrl: rail.url })
  await using server = await startServer(house)
  expect((await createNative(server.url, { reference: 'held' })).status).toBe(201)
  await eventually(
    'it is held by the provider',
    () => rail.books(),
    orders => orders.length === 1,
  )
  server.program.signal('SIGTERM')
  await eventually(
    'it stops',
    () => server.program.problems(),
    text => text.includes('Ask again to end at once'),
  )
  await sleep(500)
  expect(await isGone(server.url)).toBe(true)
  const startMs = Date.now()
  server.program.signal('SIGTERM')
  expect(await server.program.ended).toEqual({ code: 1, signal: null })
  expect(Date.now() - startMs).toBeLessThan(3_000)
  expect(await statesNow(house)).toEqual({ sending: 1 })
})

/** Whether nobody listens there any more. */
function isGone(url: string): Promise<boolean> {
  return fetch(`${url}/health/live`, { headers: { connection: 'close' } }).then(
    () => false,
    () => true,
  )
}

async function referencesOf({ pool }: House): Promise<readonly string[]> {
  const { rows } = await pool.query<{ reference: string }>('select reference from payout')
  return rows.map(({ reference }) => reference)
}
