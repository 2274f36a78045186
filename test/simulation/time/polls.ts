// Loops poll a store that has nothing for them most of the time, four times a second for hours. A poll that finds
// nothing changes nothing, so it need not run: whoever polls sleeps on to the first of its own ticks at which something
// may be due. Every write to the store says when that may be, and says too much rather than too little.
import type { Planned, Scheduler } from './scheduler.ts'

export const POLL_KINDS = ['queue', 'attempts', 'notices', 'proofs', 'configuration'] as const
export type PollKind = (typeof POLL_KINDS)[number]

export interface Polls {
  /** From this moment on a poll of the kind may find something. */
  mayBeDue(kind: PollKind, atMs: number): void
  /** One who polls kinds; told of each poll that has found all there was. */
  poller(kinds: readonly PollKind[]): Poller
}

export interface Poller {
  /** Everything of the kind that was due up to now has been taken. */
  tookAll(kind: PollKind): void
  /** Sleeps in steps of `ms` until a tick at which something may be due. */
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

export function createPolls(scheduler: Scheduler): Polls {
  const due = new Map<PollKind, number[]>(POLL_KINDS.map(kind => [kind, []]))
  const watchers = new Map<PollKind, Set<(atMs: number) => void>>(POLL_KINDS.map(kind => [kind, new Set()]))

  function mayBeDue(kind: PollKind, atMs: number): void {
    insert(due.get(kind) ?? [], atMs)
    for (const watcher of watchers.get(kind) ?? []) watcher(atMs)
  }

  function poller(kinds: readonly PollKind[]): Poller {
    const taken = new Map<PollKind, number>(kinds.map(kind => [kind, Number.NEGATIVE_INFINITY]))
    const sleepers = new Set<Sleeper>()

    function nextDue(): number {
      let next = Number.POSITIVE_INFINITY
      for (const [kind, untilMs] of taken) next = Math.min(next, firstAfter(due.get(kind) ?? [], untilMs))
      return next
    }

    function plan(sleeper: Sleeper, dueMs: number): void {
      const { fromMs, stepMs } = sleeper
      const waitMs = Math.max(dueMs, scheduler.now()) - fromMs
      const atMs = fromMs + stepMs * Math.max(1, Math.ceil(waitMs / stepMs))
      if (sleeper.planned !== null && sleeper.planned.atMs <= atMs) return
      if (sleeper.planned !== null) sleeper.planned.cancelled = true
      sleeper.planned = scheduler.at(atMs, () => {
        sleepers.delete(sleeper)
        sleeper.wake()
      })
    }

    const watch = (atMs: number): void => {
      for (const sleeper of sleepers) plan(sleeper, atMs)
    }
    for (const kind of kinds) watchers.get(kind)?.add(watch)

    return {
      tookAll(kind) {
        taken.set(kind, scheduler.now())
      },
      sleep(ms, wake) {
        const sleeper: Sleeper = { fromMs: scheduler.now(), stepMs: ms, wake, planned: null }
        sleepers.add(sleeper)
        const next = nextDue()
        if (next < Number.POSITIVE_INFINITY) plan(sleeper, next)
        return {
          cancel() {
            sleepers.delete(sleeper)
            if (sleeper.planned !== null) sleeper.planned.cancelled = true
          },
        }
      },
      close() {
        for (const kind of kinds) watchers.get(kind)?.delete(watch)
        for (const sleeper of sleepers) if (sleeper.planned !== null) sleeper.planned.cancelled = true
        sleepers.clear()
      },
    }
  }

  return { mayBeDue, poller }
}

function insert(sorted: number[], value: number): void {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  if (sorted[low] !== value) sorted.splice(low, 0, value)
}

function firstAfter(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) <= value) low = middle + 1
    else high = middle
  }
  return sorted[low] ?? Number.POSITIVE_INFINITY
}
