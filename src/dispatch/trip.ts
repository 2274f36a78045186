// Trips a kill switch, and says so only when no later first byte can leave.
//
// When the trip commits, no send right of its scope is given any more. Rights that were given before may be on their way
// to the last check. That check believes what it read for SWITCH_AGE_MS_MAX, counted from before the question, so a
// second after the commit every process has seen the trip or sends nothing. What passed the check a moment earlier hands
// its bytes to the socket in the same turn of the process; for that, and for a timer that fires early, there is as much
// again as half of it.
import type { Clock } from '../lib/clock.ts'
import type { NewTrip, Store, Tripped } from '../store/store.ts'
import { SWITCH_AGE_MS_MAX } from './switches.ts'

const HAND_OVER_MS_MAX = 500
export const TRIP_ACKNOWLEDGED_AFTER_MS = SWITCH_AGE_MS_MAX + HAND_OVER_MS_MAX

/**
 * Resolves when it is certain that nothing of this scope is sent any more. A trip that was there before may be a moment
 * old, so it is waited for alike.
 *
 * @throws Unavailable where nobody knows whether it was tripped: trip it again
 */
export async function tripAndWait(
  trip: NewTrip,
  { store, clock }: { readonly store: Pick<Store, 'tripSwitch'>; readonly clock: Clock },
): Promise<Tripped> {
  const tripped = await store.tripSwitch(trip)
  if (tripped !== 'unknown') await clock.sleep(TRIP_ACKNOWLEDGED_AFTER_MS)
  return tripped
}
