// Virtual time: a heap of events, one of which runs at a time. Between two events every microtask runs to its end, so
// that nothing of one moment is still under way in the next. Equal times run in the order in which they were planned.
//
// The platform runs all microtasks between two immediates of one queue, and a queue of many costs one turn of its event
// loop: that is what makes an event cheap.
import { assert } from '../../../src/lib/assert.ts'

export interface Planned {
  readonly atMs: number
  cancelled: boolean
}

interface Event extends Planned {
  readonly order: number
  readonly run: () => void
}

export interface Scheduler {
  /** Milliseconds since the epoch, of the one true time. */
  now(): number
  at(atMs: number, run: () => void): Planned
  after(ms: number, run: () => void): Planned
  /** Runs events until `done` says so, none is left, or the next one lies behind `untilMs`. */
  run(untilMs: number, done: () => boolean): Promise<void>
  /** How many events ran. */
  count(): number
}

/** What keeps the next event from running: work that takes real time and no virtual one. */
export interface Hold {
  isHeld(): boolean
  /** Runs once, when nothing holds any more. */
  whenReleased(run: () => void): void
}

/** Immediates of one queue; more would only make the last turn of a history longer. Short runs begin with few. */
const TURNS = 64
const FIRST_TURNS = 8
/** A history that runs longer than this hangs: something plans itself without end. */
const EVENTS_MAX = 1_000_000

export function createScheduler(startMs: number, hold?: Hold): Scheduler {
  const heap: Event[] = []
  let nowMs = startMs
  let order = 0
  let count = 0

  function at(atMs: number, run: () => void): Planned {
    assert(Number.isFinite(atMs), 'an event has a time')
    const event: Event = { atMs: Math.max(nowMs, atMs), order, run, cancelled: false }
    order += 1
    push(heap, event)
    return event
  }

  function next(untilMs: number): Event | null {
    for (;;) {
      const event = heap[0]
      if (event === undefined || event.atMs > untilMs) return null
      pop(heap)
      if (!event.cancelled) return event
    }
  }

  function run(untilMs: number, done: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    let ended = false
    function turn(): void {
      if (ended || hold?.isHeld() === true) return
      try {
        const event = done() ? null : next(untilMs)
        if (event === null) {
          ended = true
          resolve()
          return
        }
        assert(count < EVENTS_MAX, 'a history ends')
        count += 1
        nowMs = event.atMs
        event.run()
      } catch (error) {
        ended = true
        reject(error)
      }
    }
    function refill(turns: number): void {
      if (ended) return
      if (hold?.isHeld() === true) {
        hold.whenReleased(() => refill(FIRST_TURNS))
        return
      }
      for (let place = 0; place < turns; place += 1) setImmediate(turn)
      setImmediate(refill, Math.min(TURNS, turns * 2))
    }
    refill(FIRST_TURNS)
    return promise
  }

  return { now: () => nowMs, at, after: (ms, run) => at(nowMs + ms, run), run, count: () => count }
}

function isBefore(one: Event, other: Event): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)
}

function push(heap: Event[], event: Event): void {
  let place = heap.length
  heap.push(event)
  while (place > 0) {
    const above = (place - 1) >> 1
    const parent = heap[above] as Event // above is a place of the heap
    if (!isBefore(event, parent)) break
    heap[place] = parent
    place = above
  }
  heap[place] = event
}

/** Takes the first event out; the last one finds its place from the top. */
function pop(heap: Event[]): void {
  const last = heap.pop()
  const size = heap.length
  if (last === undefined || size === 0) return
  let place = 0
  for (;;) {
    let below = place * 2 + 1
    if (below >= size) break
    // Both are places of the heap: below is inside, and so is the one beside it where it is looked at.
    if (below + 1 < size && isBefore(heap[below + 1] as Event, heap[below] as Event)) below += 1
    const child = heap[below] as Event
    if (!isBefore(child, last)) break
    heap[place] = child
    place = below
  }
  heap[place] = last
}
