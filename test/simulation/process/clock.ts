// The clocks of one process: its wall clock, which may be wrong and may jump, and its monotonic one, which may stand still
// while its machine sleeps. Both are made of the one virtual time.
import type { Clock, Timer } from '../../../src/lib/clock.ts'
import type { Poller } from '../time/polls.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { Life } from './life.ts'

export interface Wall {
  /** What the wall clock of the machine is ahead of the true time, in milliseconds. */
  offsetMs(): number
}

/**
 * `pollerOf`: what a sleep of this length polls for, where it is the rest of a loop between two polls; such sleeps skip
 * what is idle. Null: it is slept in full.
 */
export function processClock(of: {
  readonly scheduler: Scheduler
  readonly life: Life
  readonly wall: Wall
  readonly pollerOf: (ms: number) => Poller | null
}): Clock {
  const { scheduler, life, wall, pollerOf } = of

  function after(ms: number, run: () => void): Timer {
    let cancelled = false
    const planned = scheduler.after(Math.max(0, ms), () =>
      life.deliver(() => {
        // What was due during a pause may have been cancelled by what came before it.
        if (!cancelled) run()
      }),
    )
    return {
      cancel() {
        cancelled = true
        planned.cancelled = true
      },
    }
  }

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (signal?.aborted) {
      resolve()
      return promise
    }
    let over = false
    const wake = (): void => {
      if (over) return
      over = true
      timer.cancel()
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const poller = pollerOf(ms)
    const timer = poller === null ? after(ms, wake) : poller.sleep(ms, () => life.deliver(wake))
    signal?.addEventListener('abort', wake)
    return promise
  }

  return {
    // Whole, as Date.now is.
    now: () => Math.floor(scheduler.now() + wall.offsetMs()),
    monotonic: () => scheduler.now() - MONOTONIC_BEGAN_MS - life.frozenMs(),
    sleep,
    after,
  }
}

/** Any start does; this one keeps the numbers small. */
const MONOTONIC_BEGAN_MS = Date.UTC(2026, 0)
