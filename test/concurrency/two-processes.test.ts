// One gateway and two workers on one database. They share the work without a word between them, and one that is paused
// for longer than its leases and its sender's time costs nobody a second payment when it wakes with its memory intact.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { allEnded, matchBooks, statesNow } from '../books.ts'
import { createNative } from '../client.ts'
import { type House, openHouse, startServer, startWorker } from '../house.ts'
import { eventually, type Program } from '../program.ts'
import { startRail } from '../rail.ts'

const COUNT = 300
const CLIENTS = 12
/** Longer than the lease of a claim (30 s) and than the time after which a send is lost (1 s and 15 s). */
const PAUSE_MS = 32_000

test('two workers share 300 payouts, and one that sleeps through its leases pays nothing a second time', {
  timeout: 180_000,
}, async () => {
  await using rail = await startRail({ latencyMs: 300 })
  await using house = await openHouse({
    railUrl: rail.url,
    settings: { timeout_total_ms: '1000' },
    concurrency: 32,
  })
  await using gateway = await startServer(house, { argv: ['--intake-only'] })
  await using sleeper = await startWorker(house, { publicUrl: gateway.url })
  await using other = await startWorker(house, { publicUrl: gateway.url })

  const queue = Array.from({ length: COUNT }, (_, place) => `shared-${place}`).values()
  const clients = Array.from({ length: CLIENTS }, async () => {
    for (const reference of queue) expect((await createNative(gateway.url, { reference })).status).toBe(201)
  })
  await pauseAtWork(house, sleeper)
  const paused = { atMs: Date.now(), sending: (await workOf(house, sleeper)).sending }
  await Promise.all(clients)

  // The other one ends everything alone: what the sleeper had claimed when its claim's lease is over, and what it had
  // under way when its time is over, by asking.
  await eventually(
    'all have ended, or never arrived, without the sleeper',
    async () => matchBooks(house, await rail.books()),
    ({ open }) => open.length === 0,
    { withinMs: 90_000, everyMs: 500 },
  )
  await sleep(Math.max(0, paused.atMs + PAUSE_MS - Date.now()))
  const before = { sleeper: await workOf(house, sleeper), other: await workOf(house, other) }
  expect(before.sleeper.attempts).toBeGreaterThan(0)
  expect(before.other.attempts).toBeGreaterThan(0)
  const pausedMs = Date.now() - paused.atMs
  sleeper.signal('SIGCONT')

  // What it knows of the sends that had not left is a proof now, and they may be sent after all, once. A send that was
  // stopped between its last check and its first byte proves nothing: its line has long been closed by the other side.
  const { neverArrived: caught } = await eventually(
    'every payout has ended, but for one that was stopped within one instant',
    async () => matchBooks(house, await rail.books()),
    ({ open, neverArrived }) => open.length === 0 && neverArrived.length <= 1,
    { withinMs: 60_000, everyMs: 500 },
  )
  const more = await untilItWorks(house, sleeper, gateway.url, COUNT - caught.length)
  const { breaches, states, open, neverArrived } = await matchBooks(house, await rail.books())
  expect(breaches).toEqual([])
  expect(open).toEqual([])
  expect(neverArrived).toEqual(caught)
  expect(states.paid).toBe(COUNT - caught.length + more)
  console.log(
    `two workers: ${before.sleeper.attempts} and ${before.other.attempts} attempts; paused for ${pausedMs} ms with ` +
      `${paused.sending} in sending, ${await lostOf(house)} of them lost; ${more} more until it worked again`,
  )
})

/** Stops the worker at a moment at which it has sends under way; whoever is stopped without work goes on at once. */
async function pauseAtWork(house: House, worker: Program): Promise<void> {
  await eventually(
    'the worker was stopped at work',
    async () => {
      const { attempts, sending } = await workOf(house, worker)
      if (attempts < 40 || sending < 5) return false
      worker.signal('SIGSTOP')
      // A commit that it had sent is settled by now.
      await sleep(100)
      if ((await workOf(house, worker)).sending >= 5) return true
      worker.signal('SIGCONT')
      return false
    },
    stopped => stopped,
    { everyMs: 20 },
  )
}

/** Sends a few at a time until the worker has taken some of them. */
async function untilItWorks(house: House, worker: Program, url: string, ended: number): Promise<number> {
  const { attempts } = await workOf(house, worker)
  let sent = 0
  await eventually(
    'the worker works again',
    async () => {
      for (let count = 0; count < 4; count += 1) {
        expect((await createNative(url, { reference: `again-${sent}` })).status).toBe(201)
        sent += 1
      }
      await eventually(
        'they end',
        () => statesNow(house),
        states => allEnded(states, ended + sent),
      )
      return workOf(house, worker)
    },
    work => work.attempts > attempts,
  )
  return sent
}

/**
 * Attempts that this process opened, and how many of them are in sending now. One whose journal was sealed while it slept
 * goes on under another incarnation.
 */
async function workOf({ pool }: House, { pid }: Program): Promise<{ attempts: number; sending: number }> {
  const { rows } = await pool.query<{ attempts: number; sending: number }>(
    `select count(*)::int as attempts, (count(*) filter (where state = 'sending'))::int as sending
     from attempt where incarnation in (select incarnation from incarnation where kind = 'worker' and pid = $1)`,
    [pid],
  )
  return rows[0] ?? { attempts: 0, sending: 0 }
}

async function lostOf({ pool }: House): Promise<number> {
  const { rows } = await pool.query<{ lost: number }>(
    `select count(*)::int as lost from exchange where row_name = 'S5'`,
  )
  return rows[0]?.lost ?? 0
}
