import { assert } from './assert.ts'

/** Something that was planned with `Clock.after`. Cancelling it twice, or after it ran, has no effect. */
export interface Timer {
  cancel(): void
}

/** Time as an argument. Only this file reads the real clock; the simulation brings a clock of its own. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. May jump when the machine's clock is set. */
  now(): number
  /** Milliseconds since an arbitrary start. Never goes back: for durations, time-outs and leases held in memory. */
  monotonic(): number
  /** Resolves after `ms`, or as soon as the signal is aborted. Never rejects: the caller looks at its signal. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Runs once after `ms`; zero and less means as soon as possible. */
  after(ms: number, run: () => void): Timer
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep,
  after,
}

/**
 * A moment as RFC 3339 text in UTC with milliseconds, `2026-01-31T23:59:59.000Z`. Parts of a millisecond are cut off.
 *
 * @throws AssertionFailed outside the years 0000 to 9999, which RFC 3339 section 1 does not know
 */
export function isoTime(ms: number): string {
  const whole = Math.floor(ms)
  assert(whole >= YEAR_0000_MS && whole <= YEAR_9999_END_MS, 'a time lies within the years 0000 to 9999')
  return new Date(whole).toISOString()
}

const YEAR_0000_MS = Date.UTC(-1, 12)
const YEAR_9999_END_MS = Date.UTC(9999, 12) - 1

/** The platform's timer counts in 31 bits and fires at once above that: longer waits are made of several. */
const TIMER_MS_MAX = 2_147_483_647

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal?.aborted) {
    resolve()
    return promise
  }
  // The listener leaves with the timer, or a long-lived signal would collect one for every sleep.
  const wake = () => {
    timer.cancel()
    signal?.removeEventListener('abort', wake)
    resolve()
  }
  const timer = after(ms, wake)
  signal?.addEventListener('abort', wake)
  return promise
}

function after(ms: number, run: () => void): Timer {
  assert(Number.isFinite(ms), 'a wait is a finite number of milliseconds')
  let left = Math.max(0, ms)
  let handle: NodeJS.Timeout
  const arm = () => {
    const step = Math.min(left, TIMER_MS_MAX)
    left -= step
    handle = setTimeout(left > 0 ? arm : run, step)
  }
  arm()
  return { cancel: () => clearTimeout(handle) }
}
