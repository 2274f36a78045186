// How often a credential may ask: so many requests in each minute of this process. A bound against a client that runs
// wild, not an account of anybody's use.
import type { Clock } from '../lib/clock.ts'

export interface Share {
  /** Counts one request; false where `name` had its share of this minute already. */
  take(name: string, perMinute: number): boolean
}

/** More names than this in one minute, and the counting begins anew: a bound of memory. */
const NAMES_MAX = 100_000
const MINUTE_MS = 60_000

export function createShare(clock: Pick<Clock, 'monotonic'>): Share {
  let minute = -1
  const taken = new Map<string, number>()
  return {
    take(name, perMinute) {
      const now = Math.floor(clock.monotonic() / MINUTE_MS)
      if (now !== minute || taken.size >= NAMES_MAX) taken.clear()
      minute = now
      const before = taken.get(name) ?? 0
      if (before >= perMinute) return false
      taken.set(name, before + 1)
      return true
    },
  }
}
