// People who trip the kill switch and release it again: one of them stops, two release. They use what the command uses, over
// a line that fails like any other, and do it again until they are told that it is done.
import { tripAndWait } from '../../../src/dispatch/trip.ts'
import type { Clock } from '../../../src/lib/clock.ts'
import type { Random } from '../../../src/lib/random.ts'
import type { SwitchKey } from '../../../src/payout/stop.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Releases } from '../model/releases.ts'
import type { Scheduler } from '../time/scheduler.ts'

export interface SwitchPeopleNeeds {
  readonly scheduler: Scheduler
  readonly clock: Clock
  readonly store: Pick<Store & Releases, 'tripSwitch' | 'releaseSwitch'>
  readonly random: Random
  /** What may be stopped. */
  readonly keys: readonly SwitchKey[]
  readonly startMs: number
  readonly breakMs: number
  /** When clients come: a switch that is tripped just then meets what is on its way. */
  readonly clientsAtMs: readonly number[]
  /** The person was told that nothing of it leaves any more. */
  readonly acknowledged: (key: SwitchKey) => void
  readonly sometimes: (mark: string) => void
}

const TRIPS_MAX = 4
const AGAIN_MS = 700
/** A switch that nobody releases while things break is released when they have healed. */
const STOPPED_MS_MAX = 240_000

export function startSwitchPeople(needs: SwitchPeopleNeeds): void {
  const { scheduler, store, random, keys, startMs, breakMs, clientsAtMs } = needs
  const trips = 1 + random.below(TRIPS_MAX)
  for (let nth = 0; nth < trips; nth += 1) {
    const key = keys[random.below(keys.length)]
    if (key === undefined) return
    const client = random.below(3) === 0 ? undefined : clientsAtMs[random.below(clientsAtMs.length)]
    const atMs = client === undefined ? startMs + random.below(breakMs) : client + random.below(1_000)
    const stoppedMs = 2_000 + random.below(random.below(2) === 0 ? 20_000 : STOPPED_MS_MAX)
    const alone = random.below(4) === 0
    scheduler.at(atMs, () => void stop(key))
    if (alone) scheduler.at(atMs + stoppedMs / 2, () => void release(key, 'Ana '))
    scheduler.at(atMs + stoppedMs, () => void release(key, 'ben'))
  }

  // Whatever is left, also what a restore tripped again.
  for (const key of keys)
    scheduler.at(startMs + breakMs + STOPPED_MS_MAX + 30_000, () => void release(key, 'ben'))

  async function stop(key: SwitchKey): Promise<void> {
    try {
      await tripAndWait({ ...key, by: 'host:ana', why: 'it looks wrong' }, needs)
      needs.sometimes(`a trip was acknowledged: ${key.scope}`)
      needs.acknowledged(key)
    } catch {
      scheduler.after(AGAIN_MS, () => void stop(key))
    }
  }

  async function release(key: SwitchKey, confirmedBy: string): Promise<void> {
    try {
      const released = await store.releaseSwitch({
        ...key,
        proposedBy: 'ana',
        confirmedBy,
        why: 'all is well',
      })
      needs.sometimes(`a release: ${released}`)
    } catch {
      scheduler.after(AGAIN_MS, () => void release(key, confirmedBy))
    }
  }
}
