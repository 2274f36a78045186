// One history: orders come in while the database and the provider misbehave, then everything is well again, and when
// nothing moves any more all books are laid side by side.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Clients, type Order, startClients } from './clients.ts'
import { contradictedDeaths } from './contradicted.ts'
import { heal, isSettled, steady } from './heal.ts'
import { answerBreaches, arrivalBreaches, arrivalsOf, bookBreaches, ofOrders, openNow } from './judge.ts'
import type { Plan } from './plan.ts'
import type { World } from './world.ts'

export interface History {
  readonly seed: number
  /** How often each fault struck. */
  readonly faults: Readonly<Record<string, number>>
  readonly orders: number
  readonly arrivals: number
  /** Answers "not now" that clients had. */
  readonly refusals: number
  readonly states: Readonly<Record<string, number>>
  /** Payouts in doubt for a person, because the provider never heard of them. */
  readonly neverArrived: number
  readonly breaches: readonly string[]
  readonly durationMs: number
}

/** The storm goes on for so long after the last client has its answer, and is over after so long in any case. */
const AFTER_MS = 150
const STORM_MS_MAX = 1_200
const HEALED_MS_MAX = 60_000

export async function playHistory(world: World, plan: Plan): Promise<History> {
  const startedMs = Date.now()
  const faults: Record<string, number> = {}
  world.weather.struck = fault => {
    faults[fault] = (faults[fault] ?? 0) + 1
  }
  const arrivedBefore = arrivalsOf(world)
  const fatesBefore = new Map(world.sink.arrivals.fates)
  const orders = plan.orders.map((order, place) => ({ ...order, reference: `s${plan.seed}-${place}` }))
  const clients = startClients(world.app.url, orders, world.receiver.url)
  try {
    world.weather.plan = plan
    await storm(world, plan, clients)
    world.weather.plan = null
    const breaches = await judged(world, orders, clients)
    for (const [fate, count] of world.sink.arrivals.fates) {
      const struck = count - (fatesBefore.get(fate) ?? 0)
      if (fate !== 'passed' && struck > 0) faults[`provider ${fate}`] = struck
    }
    const matched = await steady(() => ofOrders(world, orders))
    return {
      ...{ seed: plan.seed, faults, orders: orders.length, refusals: clients.refusals() },
      arrivals: arrivalsOf(world) - arrivedBefore,
      ...matched,
      breaches,
      durationMs: Date.now() - startedMs,
    }
  } finally {
    world.weather.plan = null
    clients.stop()
  }
}

async function storm(world: World, plan: Plan, clients: Clients): Promise<void> {
  const over = new AbortController()
  const cancelling = plan.cancels === null ? null : cancelStorm(world, plan, over.signal)
  const restarting = plan.restart === null ? null : restart(world, plan.restart)
  await Promise.race([clients.done.then(() => sleep(AFTER_MS)), sleep(STORM_MS_MAX)])
  over.abort()
  await Promise.all([cancelling, restarting])
}

async function restart(world: World, { how, afterMs }: NonNullable<Plan['restart']>): Promise<void> {
  await sleep(afterMs)
  world.weather.struck(`restart ${how}`)
  await world.cluster.restart(how)
}

/** Backends of this database are cancelled, or ended, one after the other. */
async function cancelStorm({ owner, weather }: World, plan: Plan, over: AbortSignal): Promise<void> {
  const { everyMs = 50, ends = false } = plan.cancels ?? {}
  while (!over.aborted) {
    await sleep(everyMs, undefined, { signal: over }).catch(() => {})
    const { rows } = await owner
      .query<{ pid: number }>(
        `select pid from pg_stat_activity
         where datname = current_database() and application_name like 'quittance%' and state <> 'idle'`,
      )
      .catch(() => ({ rows: [] }))
    const { pid } = rows.length === 0 ? { pid: null } : (rows[plan.pick(rows.length)] ?? { pid: null })
    if (pid === null) continue
    weather.struck(ends ? 'storm terminated' : 'storm cancelled')
    await owner
      .query(`select ${ends ? 'pg_terminate_backend' : 'pg_cancel_backend'}($1)`, [pid])
      .catch(() => {})
  }
}

/** Everything that must hold once the storm is over. A sentence for each thing that does not. */
async function judged(world: World, orders: readonly Order[], clients: Clients): Promise<readonly string[]> {
  const endMs = Date.now() + HEALED_MS_MAX
  // Nobody's answer may take longer than everything else.
  const first = await Promise.race([clients.done, sleep(HEALED_MS_MAX, null, { ref: false })])
  if (first === null) return ['clients have no answer']
  for (let rounds = 0; !(await steady(() => isSettled(world, orders))); rounds += 1) {
    if (Date.now() > endMs)
      return [
        `nothing moves any more: ${await openNow(world)}`,
        ...(await steady(() => contradictedDeaths(world.house))),
        ...(await steady(() => bookBreaches(world))),
      ]
    await steady(() => heal(world, rounds))
    await sleep(50)
  }
  const again = await clients.repeat()
  return [
    ...again,
    ...(await steady(() => contradictedDeaths(world.house))),
    ...(await steady(() => bookBreaches(world))),
    ...(await steady(() => answerBreaches(world, orders, first))),
    ...(await steady(() => arrivalBreaches(world))),
  ]
}
