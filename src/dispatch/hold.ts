// Whether a provider account can be reached. After a call that could not even be connected nothing is sent to it until
// a back-off has passed; then one call finds out for all. Its payouts stay in the queue and say why.
import type { Clock } from '../lib/clock.ts'
import { backOffMs } from './schedule.ts'

export interface Hold {
  /** Null: a call may be made, and its end is told to one of the three below. Else why not, and for how long. */
  enter(): Held | null
  /** The call could not be connected. `startedAt`: when it began, by the monotonic clock. */
  failed(said: string, startedAt: number): { readonly nextTryInMs: number }
  /** The account was reached, whatever it answered. */
  reached(): void
  /** The call was not made after all. */
  left(): void
  /** Nothing more through this account: it answered about something else, and a person has to look. */
  stop(why: string): void
  /** For people. */
  state(): { readonly state: 'up' | 'down' | 'stopped'; readonly why: string | null }
}

export interface Held {
  readonly why: string
  readonly inMs: number
}

/** While one call finds out, the others wait this long and ask again. */
const PROBE_AGAIN_MS = 500
const STOPPED_AGAIN_MS = 60_000

/** `jitter`: 0 up to, not including, 1. */
export function createHold(clock: Clock, jitter: () => number): Hold {
  let failures = 0
  let said = ''
  let downSince = Number.NEGATIVE_INFINITY
  let until = Number.NEGATIVE_INFINITY
  let probing = false
  let stopped: string | null = null

  return {
    enter() {
      if (stopped !== null) return { why: stopped, inMs: STOPPED_AGAIN_MS }
      const inMs = until - clock.monotonic()
      if (inMs > 0) return { why: said, inMs }
      if (failures > 0 && probing) return { why: said, inMs: PROBE_AGAIN_MS }
      probing = failures > 0
      return null
    },
    failed(how, startedAt) {
      said = how
      // Calls that began before the account was known to be down tell of the same outage, which counts once.
      if (startedAt >= downSince) {
        const delayMs = backOffMs(failures, jitter())
        failures += 1
        probing = false
        downSince = clock.monotonic()
        until = downSince + delayMs
      }
      return { nextTryInMs: Math.max(0, until - clock.monotonic()) }
    },
    reached() {
      failures = 0
      probing = false
      until = Number.NEGATIVE_INFINITY
      downSince = Number.NEGATIVE_INFINITY
    },
    left() {
      probing = false
    },
    stop(why) {
      stopped = why
    },
    state() {
      if (stopped !== null) return { state: 'stopped', why: stopped }
      return failures > 0 ? { state: 'down', why: said } : { state: 'up', why: null }
    },
  }
}
