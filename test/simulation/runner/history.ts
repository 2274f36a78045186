// One history, from its seed to its verdict. First it breaks: clients come, and everything that its options allow goes
// wrong. Then it heals: nothing goes wrong any more, every machine runs, and what is still open must come to its end.
import type { Violation } from '../auditor/auditor.ts'
import { auditEnd, isSettled } from '../auditor/end.ts'
import type { Options } from '../options.ts'
import type { HostNeeds } from '../process/host.ts'
import type { DrawPause, Strike } from '../process/points.ts'
import { createWorld, type StoreOfWorld, type World } from './world.ts'

export interface HistoryOptions extends StoreOfWorld {
  readonly options: Options
  readonly dropped?: ReadonlySet<number>
  /** With every event as text. */
  readonly told?: boolean
  readonly strike?: Strike
  readonly drawPause?: DrawPause
  readonly wrap?: HostNeeds['wrap']
  /** Ends at the first violation: for shrinking and planted bugs. */
  readonly stopEarly?: boolean
}

export interface HistoryResult {
  readonly seed: number
  readonly hash: string
  readonly violations: readonly Violation[]
  readonly marks: ReadonlyMap<string, number>
  readonly faults: ReadonlyMap<string, number>
  readonly events: number
  readonly payouts: number
  readonly virtualMs: number
  readonly lines: readonly string[]
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** How often the healed world is looked at. */
const LOOK_MS = 20_000

export async function playHistory(given: HistoryOptions): Promise<HistoryResult> {
  const world = await createWorld({
    ...given,
    dropped: given.dropped ?? new Set(),
    told: given.told ?? false,
  })
  const { scheduler, options, startMs, violations, faults } = world
  const mayStop = (): boolean => given.stopEarly === true && violations.length > 0
  for (const host of world.hosts) host.start()
  keepRunning(world)
  planOutages(world)

  const brokenUntilMs = startMs + options.breakMs + MINUTE_MS
  await scheduler.run(brokenUntilMs, mayStop)
  // An event of its own, so that there is a moment at which it heals.
  scheduler.at(brokenUntilMs, () => {
    faults.heal()
    world.trace.note('history', 'heals', '')
  })
  const healedAtMs = brokenUntilMs
  let settled = false
  let over = false
  const look = (): void => {
    settled = isSettled(world, healedAtMs)
    // Attempts are opened while it heals, too, each with its own contract.
    // After a restore an account is held until a provider that did not know a reference was asked again, a day later; only
    // then the first send follows, and it has its own time.
    const sweepMs = world.auditor.restores.atMs() === null ? 0 : 26 * HOUR_MS
    over = scheduler.now() >= healedAtMs + 24 * HOUR_MS + sweepMs + delaysOf(world)
    if (!settled && !over) scheduler.after(LOOK_MS * stride(scheduler.now() - healedAtMs), look)
  }
  scheduler.at(healedAtMs + LOOK_MS, look)
  await scheduler.run(Number.POSITIVE_INFINITY, () => settled || over || mayStop())
  if (options.long && settled) await scheduler.run(scheduler.now() + 25 * HOUR_MS, mayStop)
  if (!mayStop()) await auditEnd(world, healedAtMs)
  return {
    seed: options.seed,
    hash: world.trace.hash(),
    violations,
    marks: world.marks.hit,
    faults: faults.counts,
    events: scheduler.count(),
    payouts: world.auditor.shadow.payouts.size,
    virtualMs: scheduler.now() - startMs,
    lines: world.trace.lines(),
  }
}

/** Looks are close together while most things end, and further apart later. */
function stride(sinceMs: number): number {
  return sinceMs < 30 * MINUTE_MS ? 1 : sinceMs < 3 * HOUR_MS ? 9 : 45
}

/** The longest that a contract of this installation may keep a payout open. */
function delaysOf({ auditor }: World): number {
  let longest = 0
  for (const { contract } of auditor.shadow.attempts.values()) {
    const {
      notFoundIsFinalAfterMs: silent,
      failedIsFinalAfterMs: failed,
      maxProcessingMs,
      queryLagMs,
    } = contract
    // So many inquiries have to be made when the time for them has come; each may be a tenth later.
    const roundsMs = contract.notFoundAnswersNeeded * 1.1 * contract.inquiryTimesMs.afterwardsEveryMs
    const times = [
      silent === 'never' ? 0 : silent,
      failed,
      Math.min(24 * HOUR_MS, maxProcessingMs + queryLagMs),
    ]
    longest = Math.max(longest, roundsMs + Math.max(...times))
  }
  return longest
}

/** Whoever finds a process gone starts another one a while later. */
function keepRunning({ scheduler, hosts, faults }: World): void {
  for (const host of hosts) {
    const watch = (): void => {
      const life = host.life()
      if (life === null || !life.isAlive()) host.start()
      const current = host.life()
      current?.onEnd(() => {
        scheduler.after(500 + faults.chance('crash').below(20_000), watch)
      })
    }
    const life = host.life()
    life?.onEnd(() => scheduler.after(500 + faults.chance('crash').below(20_000), watch))
  }
}

/** Crashes and pauses that come from outside, at any moment and not only at a call. */
function planOutages({ scheduler, hosts, faults, options, startMs }: World): void {
  const random = faults.chance('outage')
  if (options.rates.outage === 0) return
  const count = random.below(1 + Math.round(options.rates.outage * 4))
  for (let nth = 0; nth < count; nth += 1) {
    const host = hosts[random.below(hosts.length)]
    const isPause = random.below(2) === 0
    const { ms, frozen } = faults.drawPause()
    scheduler.at(startMs + random.below(options.breakMs), () => {
      if (isPause) host?.life()?.pause(ms, frozen)
      else host?.life()?.crash()
    })
  }
}
