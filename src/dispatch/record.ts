// Writes what an exchange showed, whatever happens meanwhile. What was seen of a provider cannot be seen again, so it
// is not given up: where the payout moved on, its steps are computed again from where it is; where the database is
// gone, it is tried again for as long as this process lives. If the process dies first, the attempt is found by its
// lost time and is in doubt, which is what it then is.
import { Unavailable } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { PayoutAndAttempt, PayoutStep, Store } from '../store/store.ts'
import type { Advance } from './advance.ts'

export interface RecordNeeds {
  readonly advance: Advance
  readonly store: Pick<Store, 'findForStep'>
  readonly clock: Clock
  /** Aborted when this process waits no longer. */
  readonly givenUp: AbortSignal
  /** A mistake of ours: the step was refused for itself, and trying again would refuse it again. */
  readonly failed: (error: unknown) => void
}

/** `lost`: nothing more can be done here, and the attempt's next look finds out. */
export type Recorded = 'recorded' | 'lost'

/** A payout moves a handful of times in its life; more than this many moves during one record is a fault of ours. */
const STALE_MAX = 20
const MISTAKES_MAX = 3
const PAUSE_MS_MAX = 5_000

/**
 * `stepsOf` computes the steps from where the payout is; empty means that nothing is left to write. `again` is true
 * where a first step of this exchange was written already.
 */
export async function recordSteps(
  needs: RecordNeeds,
  from: PayoutAndAttempt,
  stepsOf: (found: PayoutAndAttempt, again: boolean) => readonly PayoutStep[],
): Promise<Recorded> {
  let found = from
  let written = 0
  let stale = 0
  let mistakes = 0
  for (let pauses = 0; !needs.givenUp.aborted; ) {
    try {
      const ended = await writeAll(needs.advance, stepsOf(found, written > 0))
      written += ended.written
      if (ended.whole) return 'recorded'
      stale += 1
      if (stale > STALE_MAX) return 'lost'
      const next = await needs.store.findForStep(from.payout.merchantId, from.payout.number)
      if (next === null) return 'lost'
      found = next
    } catch (error) {
      if (!(error instanceof Unavailable)) {
        needs.failed(error)
        mistakes += 1
        if (mistakes >= MISTAKES_MAX) return 'lost'
      }
      await needs.clock.sleep(Math.min(PAUSE_MS_MAX, 100 * 2 ** pauses), needs.givenUp)
      pauses = Math.min(pauses + 1, 10)
    }
  }
  return 'lost'
}

async function writeAll(
  advance: Advance,
  steps: readonly PayoutStep[],
): Promise<{ readonly whole: boolean; readonly written: number }> {
  let written = 0
  for (const step of steps) {
    const verdict = await advance.step(step)
    if (verdict.kind === 'stale') return { whole: false, written }
    written += 1
  }
  return { whole: true, written }
}
