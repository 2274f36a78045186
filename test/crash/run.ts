// One run: four payouts through a door and the API, the process killed once at a point, the application started again
// on the same database, and then all books laid side by side.
import { setTimeout as sleep } from 'node:timers/promises'
import { type App, createApp } from '../../src/app.ts'
import { type Receiver, startReceiver } from '../../src/cli/receiver.ts'
import { readConfig } from '../../src/config.ts'
import { createLog } from '../../src/lib/log.ts'
import type { PrintedOrder } from '../../src/simulator/control.ts'
import { type Matched, matchBooks } from '../books.ts'
import { type House, openHouse } from '../house.ts'
import { eventually, freePort, type Program } from '../program.ts'
import type { RailProgram } from '../rail.ts'
import { type Clients, startClients } from './clients.ts'
import { judge, untilTold } from './judge.ts'
import { LAST_WORDS, PASSED, TAKEN } from './killer.ts'
import { decidePaid } from './people.ts'
import type { PointName } from './points.ts'
import { createSpares, ROOT, type Spares } from './spares.ts'
import { hurry, shiftTimes } from './times.ts'

export interface CrashRun {
  readonly point: PointName
  readonly nth: number
  readonly name: string
  /** Of two versions, the one that was killed. */
  readonly version?: 'old' | 'new'
  /** False: the process passed the point less often than that, and lived. */
  readonly killed: boolean
  readonly passings: number
  readonly states: Readonly<Record<string, number>>
  /** Payouts in doubt for a person, because the provider never heard of them. */
  readonly forPerson: number
  /** Acknowledged payouts that are gone, or have neither an end nor a person. */
  readonly lost: number
  /** Orders that arrived or were paid more than once. */
  readonly double: number
  /** A sentence for each guarantee that did not hold; empty where all did. */
  readonly breaches: readonly string[]
  /** Why the harness could not carry it to its end, or null; such a run shows nothing. */
  readonly unjudged: string | null
  readonly durationMs: number
}

/** What a run is made on. */
export interface Ground {
  readonly rail: RailProgram
  readonly house: House
}

/** One lane's own means for runs of one kind. */
export interface Bench extends AsyncDisposable {
  /** A house of its own for one run. */
  house(rail: RailProgram): Promise<House>
  run(draw: Draw, ground: Ground): Promise<CrashRun>
}

export interface Draw {
  readonly point: PointName
  readonly nth: number
  /** Begins the references of its payouts; unique at its rail. */
  readonly name: string
}

/** One process, killed and started again. `root`: the checkout whose program is killed. */
export function openBench(root = ROOT): Bench {
  const spares = createSpares(root)
  return {
    house: rail => openHouse({ railUrl: rail.url, settings: RUN_SETTINGS }),
    run: (draw, ground) => crashOnce(draw, ground, spares),
    [Symbol.asyncDispose]: () => spares[Symbol.asyncDispose](),
  }
}

/** A busy machine has its time for each exchange; here no answer is waited for in vain. */
export const RUN_SETTINGS = { timeout_total_ms: '5000' }

async function crashOnce(options: Draw, { rail, house }: Ground, spares: Spares): Promise<CrashRun> {
  const { point, nth, name } = options
  const startedMs = Date.now()
  const earlier = new Set((await rail.books()).map(({ reference }) => reference))
  const orders = async () => (await rail.books()).filter(({ reference }) => !earlier.has(reference))

  await using closing = new AsyncDisposableStack()
  const receiver = await startReceiver()
  closing.defer(() => receiver.close())
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const killing = { at: point, nth, railPort: portOf(rail), receiverPort: portOf(receiver) }
  const victim = closing.use(
    await spares.send({ environment: house.environment({ PORT: `${port}` }), killing }),
  )
  await victim.until(/"url"/)
  await armed(victim)
  const isDecided = point === 'K39'
  const clients = startClients({ urls: () => [url], name, notifyUrl: receiver.url, isDecided })
  closing.defer(() => clients.stop())
  const people = isDecided ? startPeople(house, url, clients) : null
  closing.defer(() => people?.stop())

  const { killed, passings, taken } = await untilKilled(house, victim, clients)
  await shiftTimes(house, victim.pid)
  const app = await restart(house, port)
  closing.defer(() => app.stop())
  const first = await clients.done
  const again = await clients.repeat()
  await people?.done
  const matched = await settled(house, orders)
  await untilTold(house, () => hurry(house))
  const judged = await judge(house, matched, {
    ...{ url, orders: await orders(), answers: { first, again }, taken },
  })
  const { states, neverArrived } = matched
  return {
    ...{ point, nth, name, killed, passings, states, forPerson: neverArrived.length, ...judged },
    unjudged: null,
    durationMs: Date.now() - startedMs,
  }
}

/** From here on its passings count. */
export async function armed(victim: Program): Promise<void> {
  victim.tell('arm')
  await victim.until(/^armed$/m)
}

export function portOf({ url }: RailProgram | Receiver): number {
  return Number.parseInt(new URL(url).port, 10)
}

function startPeople(house: House, url: string, { undecided }: Clients) {
  const stopped = new AbortController()
  const done = Promise.all(
    undecided.map(reference => decidePaid(house, url, { reference, signal: stopped.signal })),
  )
  // A run that failed elsewhere says so there.
  done.catch(() => {})
  return { done, stop: () => stopped.abort() }
}

/**
 * Hurries what waits until nothing is open; what is open when the time is over is a breach, told by its caller. Books that
 * still move are not judged: payouts and balances are two reads, and money may move between them.
 */
export async function settled(
  house: House,
  orders: () => Promise<readonly PrintedOrder[]>,
): Promise<Matched> {
  const endMs = Date.now() + SETTLED_MS_MAX
  for (;;) {
    await hurry(house)
    const matched = await matchBooks(house, await orders())
    if (matched.open.length === 0) return matchBooks(house, await orders())
    if (Date.now() > endMs) return matched
    await sleep(HURRY_MS)
  }
}

const SETTLED_MS_MAX = 60_000
const HURRY_MS = 200

/**
 * Until it is dead, or has done all that it could do and was never at the point so often: then it is killed at rest. It has
 * a moment after its last commit, because what follows a commit are points too.
 */
export async function untilKilled(
  house: House,
  victim: Program,
  clients: Pick<Clients, 'allAnswered'>,
): Promise<Pick<CrashRun, 'killed' | 'passings'> & { readonly taken: readonly string[] }> {
  let ended = false
  void victim.ended.then(() => {
    ended = true
  })
  const startMs = Date.now()
  let restingMs = 0
  await eventually(
    'the victim was killed, or has nothing left to do',
    async () => {
      await hurry(house)
      restingMs = (await isAtRest(house, clients)) ? restingMs + VICTIM_POLL_MS : 0
      return ended || restingMs > REST_MS || Date.now() - startMs > VICTIM_MS_MAX
    },
    over => over,
    { everyMs: VICTIM_POLL_MS },
  )
  victim.signal('SIGKILL')
  const { signal, code } = await victim.ended
  if (signal !== 'SIGKILL') throw new Error(`the victim ended by itself, ${code}: ${victim.problems()}`)
  return {
    killed: LAST_WORDS.test(victim.out()),
    passings: victim.out().match(PASSED)?.length ?? 0,
    taken: [...victim.out().matchAll(TAKEN)].map(([, address = '']) => address),
  }
}

const VICTIM_POLL_MS = 100
const REST_MS = 400
/** A notice that never comes to its end must not hold a run up: the check at its end will say so. */
const VICTIM_MS_MAX = 60_000

async function isAtRest({ pool }: House, clients: Pick<Clients, 'allAnswered'>): Promise<boolean> {
  if (!clients.allAnswered()) return false
  const { rows } = await pool.query<{ open: number }>(
    `select (select count(*) from payout where state not in ('paid', 'failed'))::int
       + (select count(*) from notice where state = 'due')::int + (select count(*) from receipt_due)::int as open`,
  )
  return rows[0]?.open === 0
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
