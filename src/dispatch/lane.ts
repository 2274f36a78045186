// How much may go to one provider account: so many calls at once and so many per second. Sends and inquiries have a
// lane of their own each, so that neither starves the other.
import type { Clock } from '../lib/clock.ts'

/** A place is taken for each call and given back at its end. */
export interface Lane {
  /** A place, or after how many milliseconds it is worth asking again. */
  take(): { readonly ok: true } | { readonly ok: false; readonly inMs: number }
  release(): void
  /** How many places could be taken at this moment. */
  free(): number
}

export interface LaneLimits {
  readonly concurrency: number
  readonly ratePerSecond: number
}

/** Calls end at moments that nobody knows: a full lane is asked again after this. */
const FULL_AGAIN_MS = 300

/** Nobody is sent away for longer than this: limits may be raised meanwhile. */
const AGAIN_MS_MAX = 60_000

/**
 * The rate is kept as the moment at which the next call is on time. Calls may run ahead of it by one second's worth.
 * Those who are sent away are told moments one after the other, so that they do not all come back at once.
 */
export function createLane(limits: () => LaneLimits, clock: Clock): Lane {
  let running = 0
  let onTimeAt = clock.monotonic()
  let promisedAt = 0

  const stepMs = () => 1000 / limits().ratePerSecond
  const aheadMs = () => Math.max(0, 1000 - stepMs())
  const tokens = (now: number) => {
    const spare = now + aheadMs() - Math.max(onTimeAt, now)
    return Math.max(0, Math.floor(spare / stepMs() + ROUNDING) + 1)
  }

  return {
    take() {
      const now = clock.monotonic()
      if (running >= limits().concurrency) return { ok: false, inMs: FULL_AGAIN_MS }
      if (tokens(now) === 0) {
        const at = Math.min(Math.max(promisedAt, onTimeAt - aheadMs()), now + AGAIN_MS_MAX)
        promisedAt = at + stepMs()
        return { ok: false, inMs: Math.max(1, Math.ceil(at - now)) }
      }
      running += 1
      onTimeAt = Math.max(onTimeAt, now) + stepMs()
      return { ok: true }
    },
    release() {
      running -= 1
    },
    free: () => Math.max(0, Math.min(limits().concurrency - running, tokens(clock.monotonic()))),
  }
}

/** A step that is no whole number of milliseconds must not cost a call of each second. */
const ROUNDING = 1e-6
