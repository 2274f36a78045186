// Loops poll a store that has nothing for them most of the time, four times a second for hours. A poll that finds
// nothing changes nothing, so it need not run: whoever polls sleeps on to the first of its own ticks at which something
// is due. The model of the store knows when that is.
import type { Planned, Scheduler } from './scheduler.ts'

export const POLL_KINDS = [
  'queue',
  'attempts',
  'notices',
  'searches',
  'questions',
  'configuration',
  'switches',
  'installation',
] as const
export type PollKind = (typeof POLL_KINDS)[number]

export interface Polls {
  /** Something was committed: what is due next may be another thing. */
  changed(): void
  /** One who polls kinds. */
  poller(kinds: readonly PollKind[]): Poller
}

export interface Poller {
  /** Sleeps in steps of `ms` until a tick at which something is due. */
  sleep(ms: number, wake: () => void): { cancel(): void }
  /** Its process is gone: it wakes no more. */
  close(): void
}

interface Sleeper {
  readonly fromMs: number
  readonly stepMs: number
  readonly wake: () => void
  planned: Planned | null
}

export type NextDue = (kind: PollKind) => number | null

export function createPolls(scheduler: Scheduler, nextDue: NextDue): Polls {
  const pollers = new Set<() => void>()

  function poller(kinds: readonly PollKind[]): Poller {
    const sleepers = new Set<Sleeper>()

    function dueMs(): number {
      let next = Number.POSITIVE_INFINITY
      for (const kind of kinds) next = Math.min(next, nextDue(kind) ?? Number.POSITIVE_INFINITY)
      return next
    }

    function plan(sleeper: Sleeper, atMs: number): void {
      if (atMs === Number.POSITIVE_INFINITY) return
      const { fromMs, stepMs } = sleeper
      const waitMs = Math.max(atMs, scheduler.now()) - fromMs
      const tickMs = fromMs + stepMs * Math.max(1, Math.ceil(waitMs / stepMs))
      if (sleeper.planned !== null && sleeper.planned.atMs <= tickMs) return
      if (sleeper.planned !== null) sleeper.planned.cancelled = true
      sleeper.planned = scheduler.at(tickMs, () => {
        sleeper.planned = null
        const next = dueMs()
        // Somebody else took it meanwhile.
        if (next > scheduler.now()) {
          plan(sleeper, next)
          return
        }
        sleepers.delete(sleeper)
        sleeper.wake()
      })
    }

    function look(): void {
      if (sleepers.size === 0) return
      const next = dueMs()
      for (const sleeper of sleepers) plan(sleeper, next)
    }
    pollers.add(look)

    return {
      sleep(ms, wake) {
        const sleeper: Sleeper = { fromMs: scheduler.now(), stepMs: ms, wake, planned: null }
        sleepers.add(sleeper)
        plan(sleeper, dueMs())
        return {
          cancel() {
            sleepers.delete(sleeper)
            if (sleeper.planned !== null) sleeper.planned.cancelled = true
          },
        }
      },
      close() {
        pollers.delete(look)
        for (const sleeper of sleepers) if (sleeper.planned !== null) sleeper.planned.cancelled = true
        sleepers.clear()
      },
    }
  }

  return {
    changed() {
      for (const look of pollers) look()
    },
    poller,
  }
}
