// The calls of a history to a real database: one at a time, in the order in which they were made, each at the virtual moment
// at which it was made. What a real server needs for its answer takes no virtual time: until the last answer is there no
// event runs, so the same seed gives the same history whatever the machine does.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Hold } from '../time/scheduler.ts'

export interface Turns extends Hold {
  /** Runs the work after all that was given before it. It may use real time and the network, and nothing else may. */
  take<Result>(work: () => Promise<Result>): Promise<Result>
}

const real = new AsyncLocalStorage<true>()

/** Whether what runs now belongs to the driver of the database, or to the code that speaks to it. */
export function isInRealTime(): boolean {
  return real.getStore() === true
}

/** What opens connections stands in here: whatever their sockets do later counts to whoever made them. */
export function inRealTime<Result>(work: () => Promise<Result>): Promise<Result> {
  return real.run(true, work)
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  let open = 0
  let released: (() => void)[] = []

  function end(): void {
    open -= 1
    // Behind all that follows from the answer: its caller may call again at once.
    if (open === 0) setImmediate(release)
  }
  function release(): void {
    if (open > 0) return
    const waiting = released
    released = []
    for (const run of waiting) run()
  }

  return {
    isHeld: () => open > 0,
    whenReleased(run) {
      released.push(run)
    },
    take(work) {
      open += 1
      const result = last.then(() => inRealTime(work))
      last = result.then(end, end)
      return result
    },
  }
}
