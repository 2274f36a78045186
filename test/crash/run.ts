// One run: four payouts through a door and the API, the process killed once at a point, the application started again
// on the same database, and then all books laid side by side.
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type App, createApp } from '../../src/app.ts'
import { startReceiver } from '../../src/cli/receiver.ts'
import { readConfig } from '../../src/config.ts'
import { createLog } from '../../src/lib/log.ts'
import { payoutCode } from '../../src/payout/number.ts'
import type { PrintedOrder } from '../../src/simulator/control.ts'
import { type Matched, matchBooks } from '../books.ts'
import { findNative } from '../client.ts'
import { type House, MERCHANT, openHouse } from '../house.ts'
import { eventually, freePort, type Program, startProgram } from '../program.ts'
import type { RailProgram } from '../rail.ts'
import { type Clients, startClients } from './clients.ts'
import type { PointName } from './points.ts'

export interface CrashRun {
  readonly point: PointName
  readonly nth: number
  readonly name: string
  /** False: the process passed the point less often than that, and lived. */
  readonly killed: boolean
  readonly states: Readonly<Record<string, number>>
  /** Payouts in doubt for a person, because the provider never heard of them. */
  readonly neverArrived: number
  /** A sentence for each guarantee that did not hold; empty where all did. */
  readonly breaches: readonly string[]
  readonly durationMs: number
}

/** Longer than every lease and every time after which a send counts as lost. */
const SHIFT = '10 minutes'
const SETTLED_MS_MAX = 60_000

/** @param name begins the references of this run; unique at this rail */
export async function crashOnce(options: {
  readonly point: PointName
  readonly nth: number
  readonly name: string
  readonly rail: RailProgram
}): Promise<CrashRun> {
  const { point, nth, name, rail } = options
  const startedMs = Date.now()
  const earlier = new Set((await rail.books()).map(({ reference }) => reference))
  const orders = async () => (await rail.books()).filter(({ reference }) => !earlier.has(reference))

  await using closing = new AsyncDisposableStack()
  const house = closing.use(await openHouse({ railUrl: rail.url, settings: { timeout_total_ms: '2000' } }))
  const receiver = await startReceiver()
  closing.defer(() => receiver.close())
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const victim = closing.use(startVictim(house, { point, nth, port, rail, receiverUrl: receiver.url }))
  await firstOf(victim.until(/"url"/), victim.ended)
  const clients = startClients({ url, name, notifyUrl: receiver.url })
  closing.defer(() => clients.stop())

  const killed = await untilKilled(house, victim, clients)
  await shiftTimes(house)
  const app = await restart(house, port)
  closing.defer(() => app.stop())
  const first = await clients.done
  const again = await clients.repeat()
  const { breaches, states, neverArrived, open } = await settled(house, orders)
  return {
    ...{ point, nth, name, killed, states, neverArrived: neverArrived.length },
    breaches: [
      ...breaches,
      ...open.map(reference => `${reference} is still open`),
      ...(await answerBreaches(house, first, again)),
      ...(await doubtBreaches(url, neverArrived)),
      ...(await noticeBreaches(house)),
    ],
    durationMs: Date.now() - startedMs,
  }
}

/**
 * Hurries what waits until nothing is open; what is open when the time is over is a breach, told by its caller. Books that
 * still move are not judged: payouts and balances are two reads, and money may move between them.
 */
async function settled(house: House, orders: () => Promise<readonly PrintedOrder[]>): Promise<Matched> {
  const endMs = Date.now() + SETTLED_MS_MAX
  for (;;) {
    await hurryInquiries(house)
    const matched = await matchBooks(house, await orders())
    if (matched.open.length === 0) return matchBooks(house, await orders())
    if (Date.now() > endMs) return matched
    await sleep(200)
  }
}

function startVictim(
  house: House,
  of: { point: PointName; nth: number; port: number; rail: RailProgram; receiverUrl: string },
): Program {
  const environment = house.environment({
    PORT: `${of.port}`,
    CRASH_AT: of.point,
    CRASH_NTH: `${of.nth}`,
    RAIL_PORT: new URL(of.rail.url).port,
    RECEIVER_PORT: new URL(of.receiverUrl).port,
    NODE_COMPILE_CACHE: COMPILED,
  })
  return startProgram([], environment, VICTIM)
}

const VICTIM = fileURLToPath(new URL('victim.ts', import.meta.url))
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/crash', import.meta.url))

function firstOf(...waits: readonly Promise<unknown>[]): Promise<unknown> {
  return Promise.race(waits)
}

/** Until it is dead, or has done all that it could do and was never at the point so often: then it is killed at rest. */
async function untilKilled(house: House, victim: Program, clients: Clients): Promise<boolean> {
  let ended = false
  void victim.ended.then(({ signal, code }) => {
    if (signal !== 'SIGKILL') throw new Error(`the victim ended by itself, ${code}: ${victim.problems()}`)
    ended = true
  })
  const startMs = Date.now()
  await eventually(
    'the victim was killed, or has nothing left to do',
    async () => ended || (await isAtRest(house, clients)) || Date.now() - startMs > VICTIM_MS_MAX,
    over => over,
    { everyMs: 50 },
  )
  if (ended) return true
  victim.signal('SIGKILL')
  await victim.ended
  return false
}

/** A notice that never comes to its end must not hold a run up: the check at its end will say so. */
const VICTIM_MS_MAX = 25_000

async function isAtRest({ pool }: House, clients: Clients): Promise<boolean> {
  if (!clients.allAnswered()) return false
  const { rows } = await pool.query<{ open: number }>(
    `select (select count(*) from payout where state not in ('paid', 'failed'))::int
       + (select count(*) from notice where state = 'due')::int as open`,
  )
  return rows[0]?.open === 0
}

/**
 * What a wait of ten minutes would do, without the wait: every time that the dead process left behind lies that much
 * further back. The schema refuses such an edit, so the harness, who owns this copy of it, lifts that rule for the one
 * statement.
 */
async function shiftTimes({ pool }: House): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('alter table attempt disable trigger attempt_facts_stay')
    await client.query(
      `update attempt set created_at = created_at - $1::interval, next_look_at = next_look_at - $1::interval`,
      [SHIFT],
    )
    await client.query('alter table attempt enable trigger attempt_facts_stay')
    await client.query(`update queue set due_at = due_at - $1::interval`, [SHIFT])
    await client.query(`update notice set due_at = due_at - $1::interval where due_at is not null`, [SHIFT])
    await client.query('commit')
  } finally {
    client.release()
  }
}

/** Questions come due at once. What is in sending is left alone: its sender lives. */
async function hurryInquiries({ pool }: House): Promise<void> {
  await pool.query(
    `update attempt set next_look_at = now() where next_look_at > now() and state in ('in_doubt', 'pending')`,
  )
}

function restart(house: House, port: number): Promise<App> {
  const read = readConfig(house.environment({ PORT: `${port}` }), 'serve')
  if (!read.ok) throw new Error('the harness configured the application wrongly')
  return createApp({
    config: { ...read.config, allowLoopbackTargets: true },
    databaseUrl: house.databaseUrl,
    log: createLog({ level: 'silent' }),
    roles: { gateway: true, worker: true },
  })
}

/** Each order has one payout, which is the one that every answer ever named. */
async function answerBreaches(
  house: House,
  first: ReadonlyMap<string, string>,
  again: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const page = { limit: 100, before: null, state: null, reference: null }
  const stored = await house.store.listPayouts(MERCHANT, page)
  const codes = new Map(stored.map(({ reference, number, tag }) => [reference, payoutCode(number, tag)]))
  const breaches = stored.length === first.size ? [] : [`${stored.length} payouts of ${first.size} orders`]
  for (const [reference, code] of first)
    if (codes.get(reference) !== code || again.get(reference) !== code)
      breaches.push(`${reference} was ${code}, then ${again.get(reference)}, and is ${codes.get(reference)}`)
  return breaches
}

/** What never arrived is for a person: its money in flight, and never sent again. */
async function doubtBreaches(url: string, references: readonly string[]): Promise<readonly string[]> {
  const breaches: string[] = []
  for (const reference of references) {
    const { state, money, attempts } = await findNative(url, reference)
    if (state !== 'in_doubt' || money !== 'in_flight' || attempts !== 1)
      breaches.push(`${reference} never arrived and is ${state}, its money ${money}, in attempt ${attempts}`)
  }
  return breaches
}

/** One notice for each step that the door tells, at least once acknowledged. */
async function noticeBreaches(house: House): Promise<readonly string[]> {
  const left = await eventually(
    'all notices are acknowledged',
    async () => {
      const { rows } = await house.pool.query<{ left: number }>(
        `select count(*)::int as left from notice where state <> 'acknowledged'`,
      )
      return rows[0]?.left ?? 0
    },
    count => count === 0,
  ).catch((error: Error) => error.message)
  const { rows } = await house.pool.query<{ reference: string }>(
    `select p.reference from payout p where p.notify_url is not null and p.state in ('paid', 'failed')
       and not exists (select from notice n where n.merchant_id = p.merchant_id and n.payout_number = p.payout_number)`,
  )
  return [
    ...(left === 0 ? [] : [`${left}`]),
    ...rows.map(({ reference }) => `${reference} has ended and nobody is told`),
  ]
}
