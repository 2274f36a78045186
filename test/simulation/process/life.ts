// One run of one process, as the machine sees it: it lives, is paused, or is gone. Whatever reaches its code comes through
// `deliver`. A process that is gone hears of nothing any more: each of its waits is for ever, so that no line of its
// code runs on. A paused one hears of everything later, in the order in which it came, with its memory as it was.
import type { Scheduler } from '../time/scheduler.ts'

export interface Life {
  readonly name: string
  isAlive(): boolean
  isPaused(): boolean
  /** When its last pause ends or has ended; before everything where it had none. */
  pausedUntilMs(): number
  /** Runs in the process: now, after its pause, or never. */
  deliver(run: () => void): void
  crash(): void
  /** `frozen`: its monotonic clock stands still meanwhile, as that of a machine that sleeps. */
  pause(ms: number, frozen: boolean): void
  /** How long its monotonic clock has stood still. */
  frozenMs(): number
  /** Called once, when it is gone; at once where it is. */
  onEnd(run: () => void): void
}

export function createLife(name: string, scheduler: Scheduler): Life {
  let alive = true
  let pausedUntilMs = Number.NEGATIVE_INFINITY
  let frozen = 0
  let held: (() => void)[] = []
  const ends: (() => void)[] = []

  function resume(): void {
    if (!alive || scheduler.now() < pausedUntilMs) return
    const waiting = held
    held = []
    // Each in an event of its own: between two of them the process does all that follows from the first.
    for (const run of waiting)
      scheduler.after(0, () => {
        if (alive) run()
      })
  }

  return {
    name,
    isAlive: () => alive,
    isPaused: () => scheduler.now() < pausedUntilMs,
    pausedUntilMs: () => pausedUntilMs,
    deliver(run) {
      if (!alive) return
      if (scheduler.now() < pausedUntilMs || held.length > 0) held.push(run)
      else run()
    },
    crash() {
      if (!alive) return
      alive = false
      held = []
      for (const end of ends) end()
    },
    pause(ms, isFrozen) {
      if (!alive || scheduler.now() < pausedUntilMs) return
      pausedUntilMs = scheduler.now() + ms
      if (isFrozen) frozen += ms
      scheduler.at(pausedUntilMs, resume)
    },
    frozenMs: () => frozen,
    onEnd(run) {
      if (alive) ends.push(run)
      else run()
    },
  }
}
