// Pauses past the lease: real processes on one database, of which one after the other is stopped at work and woken again, with
// its memory intact. Nothing may be paid twice by who wakes, and nothing may wait for who sleeps.
import { setTimeout as sleep } from 'node:timers/promises'
import { mountDoor } from '../../src/http/mount.ts'
import { createServer } from '../../src/http/server.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createLog } from '../../src/lib/log.ts'
import { seededRandom } from '../../src/lib/random.ts'
import { railProtocols } from '../../src/simulator/credentials.ts'
import { type RailServer, startRailServer } from '../../src/simulator/rail-server.ts'
import { type House, openHouse } from '../house.ts'
import { makeDatabasesOn } from '../postgres.ts'
import { childrenOf } from '../processes.ts'
import { eventually, type Program, startProgram } from '../program.ts'
import { type Clients, type Order, startClients } from './clients.ts'
import { openCluster } from './cluster.ts'
import { contradictedDeaths } from './contradicted.ts'
import { hurry, isSettled } from './heal.ts'
import { answerBreaches, arrivalBreaches, bookBreaches, ofOrders } from './judge.ts'
import { openSink, type Sink } from './sink.ts'

export const ROLES = ['gateway', 'worker', 'server', 'auditor'] as const
/** `server` is a whole one: intake, dispatch and an auditor of its own as a child. */
export type Role = (typeof ROLES)[number]

export interface Paused {
  readonly place: number
  readonly role: Role
  readonly leases: number
  /** Sends that the stopped process had under way. */
  readonly sending: number
  readonly orders: number
  readonly arrivals: number
  readonly states: Readonly<Record<string, number>>
  readonly neverArrived: number
  readonly breaches: readonly string[]
}

/** As in short-leases.ts, in which the lease of a claim and the time after which a send is lost are the same. */
const LEASE_MS = 2_000
const LEASES = [0.9, 1.1, 3] as const
const ORDERS = 8
const AT_WORK_MS_MAX = 3_000
const SETTLED_MS_MAX = 90_000

/** Each pause of a round is of another role and length, and the round of a dozen has them all. */
export function pauseOf(place: number): { readonly role: Role; readonly leases: number } {
  const role = ROLES[place % ROLES.length] ?? 'worker'
  const leases = LEASES[Math.floor(place / ROLES.length) % LEASES.length] ?? 3
  return { role, leases }
}

export async function pauseAll(options: Parameters<typeof runPauses>[0]): Promise<void> {
  await using cluster = await openCluster()
  makeDatabasesOn(cluster.url)
  await runPauses(options)
}

interface Processes extends AsyncDisposable {
  readonly house: House
  readonly rail: RailServer
  readonly sink: Sink
  readonly programs: Readonly<Record<Exclude<Role, 'auditor'>, Program>>
  readonly urls: readonly string[]
}

/** @param places the pauses to make, one after the other, over the same processes */
export async function runPauses(options: {
  readonly from: number
  readonly until: number
  readonly seed: number
  readonly told: (paused: Paused) => void | Promise<void>
  readonly isStopped: () => boolean
}): Promise<void> {
  await using processes = await openProcesses(options.seed)
  for (let place = options.from; place < options.until && !options.isStopped(); place += 1) {
    const paused = await pauseOnce(processes, options.seed, place)
    await options.told(paused)
    // Books that do not fit stay so: whoever comes after would be judged by them.
    if (paused.breaches.length > 0) return
  }
}

async function openProcesses(seed: number): Promise<Processes> {
  await using closing = new AsyncDisposableStack()
  const rail = await startRailServer(
    {
      ...{ protocols: railProtocols('paypro'), keys: null, port: 0, seed, latencyMs: 300 },
      ...{ clock: systemClock, log: createLog({ level: 'silent' }) },
    },
    { createServer, mountDoor },
  )
  closing.defer(() => rail.stop())
  const sink = closing.use(await openSink({ railUrl: rail.url, fate: () => 'passed' }))
  const house = closing.use(
    await openHouse({ railUrl: sink.url, settings: { timeout_total_ms: '1000' }, concurrency: 16 }),
  )
  const start = async (argv: readonly string[], more: Record<string, string> = {}) => {
    const environment = house.environment({ ...more, NODE_OPTIONS: `--import=${SHORT_LEASES}` })
    const program = closing.use(startProgram(argv, environment))
    const [, url = ''] = await program.until(/"url":"(http:[^"]+)".* is up"/)
    return { program, url }
  }
  const gateway = await start(['serve', '--intake-only'])
  const [server, worker] = await Promise.all([
    start(['serve']),
    start(['worker'], { QUITTANCE_PUBLIC_URL: gateway.url }),
  ])
  const programs = { gateway: gateway.program, server: server.program, worker: worker.program }
  const stack = closing.move()
  return {
    ...{ house, rail, sink, programs, urls: [gateway.url, server.url] },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  }
}

const SHORT_LEASES = new URL('./short-leases.ts', import.meta.url).href

async function pauseOnce(processes: Processes, seed: number, place: number): Promise<Paused> {
  const { house, programs, urls, sink } = processes
  const random = seededRandom(seed * 1_000_000 + place)
  const { role, leases } = pauseOf(place)
  const before = arrivedAt(sink)
  const orders: readonly Order[] = Array.from({ length: ORDERS }, (_, number) => ({
    ...{ by: 'api', reference: `p${seed}x${place}-${number}` },
    wallet: random.below(3) === 0 ? '01700000001' : '01812345678',
    amount: `${1 + random.below(500)}.${10 + random.below(90)}`,
  }))
  // Half of them by each way in: those of a gateway that sleeps have their answer when it wakes.
  const halves = urls.map((url, way) =>
    startClients(
      url,
      orders.filter((_, number) => number % urls.length === way),
      '',
    ),
  )
  try {
    const pid = role === 'auditor' ? await auditorOf(programs.server) : programs[role].pid
    const program = role === 'worker' || role === 'server' ? programs[role] : null
    const sending = await stopAtWork(house, pid, program, random.below(200))
    await sleep(LEASE_MS * leases)
    process.kill(pid, 'SIGCONT')
    const breaches = await judged(processes, orders, halves)
    const { states, neverArrived } = await ofOrders(processes, orders)
    const arrivals = arrivedAt(sink) - before
    return { place, role, leases, sending, orders: ORDERS, arrivals, states, neverArrived, breaches }
  } finally {
    for (const clients of halves) clients.stop()
  }
}

function arrivedAt({ arrivals }: Sink): number {
  return [...arrivals.whole.values()].reduce((sum, times) => sum + times, arrivals.begun())
}

/** Stops a dispatcher while it has sends under way, where it has any soon; the others after a moment. */
async function stopAtWork(house: House, pid: number, program: Program | null, afterMs: number) {
  if (program !== null)
    for (const endMs = Date.now() + AT_WORK_MS_MAX; Date.now() < endMs; await sleep(10))
      if ((await sendingOf(house, pid)) > 0) break
  await sleep(afterMs)
  process.kill(pid, 'SIGSTOP')
  return sendingOf(house, pid)
}

async function sendingOf({ pool }: House, pid: number): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from attempt where state = 'sending'
       and incarnation in (select incarnation from incarnation where pid = $1)`,
    [pid],
  )
  return rows[0]?.count ?? 0
}

/** The child of a server that is its auditor. */
async function auditorOf({ pid }: Program): Promise<number> {
  const [auditor] = await eventually(
    'the server has an auditor',
    () => childrenOf(pid),
    children => children.length > 0,
  )
  if (auditor === undefined) throw new Error('it has one')
  return auditor
}

async function judged(
  world: Processes,
  orders: readonly Order[],
  halves: readonly Clients[],
): Promise<readonly string[]> {
  const answers = await Promise.all(halves.map(({ done }) => done))
  const first = new Map(answers.flatMap(answered => [...answered]))
  const isOver = await eventually(
    'all have ended',
    async () => {
      await hurry(world.house)
      return isSettled(world, orders)
    },
    settled => settled,
    { withinMs: SETTLED_MS_MAX },
  ).catch(() => false)
  const again = await Promise.all(halves.map(clients => clients.repeat()))
  const { rows } = await world.house.pool.query<{ left: number }>(
    `select (select count(*)::int from finding) + (select count(*)::int from kill_switch where tripped) as left`,
  )
  return [
    ...(isOver ? [] : ['nothing moves any more']),
    ...again.flat(),
    ...(await contradictedDeaths(world.house)),
    ...(await bookBreaches(world)),
    ...(await answerBreaches(world, orders, first)),
    ...(await arrivalBreaches(world)),
    ...(rows[0]?.left === 0 ? [] : ['the auditor found something, or stopped somebody']),
  ]
}
