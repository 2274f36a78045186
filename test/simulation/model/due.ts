// What comes due, and when. A heap that forgets lazily: the newest word about a thing counts, older entries of it are
// dropped as they come up. Equal times come in the order in which they were set.

interface Entry {
  readonly atMs: number
  readonly order: number
  readonly id: string
}

export interface DueIndex {
  /** Null: it is not due at any time. */
  set(id: string, atMs: number | null): void
  /** Takes out up to `limit` that are due, oldest first, without those that `isSkipped`: they stay. */
  take(limit: number, nowMs: number, isSkipped: (id: string, atMs: number) => boolean): string[]
  nextAtMs(): number | null
  /** The same over those that are not `isSkipped`; looks at all of them. */
  nextOf(isSkipped: (id: string) => boolean): number | null
}

export function createDueIndex(): DueIndex {
  const current = new Map<string, Entry>()
  let heap: Entry[] = []
  let order = 0

  function set(id: string, atMs: number | null): void {
    if (atMs === null) {
      current.delete(id)
      return
    }
    order += 1
    const entry = { atMs, order, id }
    current.set(id, entry)
    if (heap.length > 64 && heap.length > 4 * current.size) {
      heap = []
      for (const kept of current.values()) push(heap, kept)
    } else push(heap, entry)
  }

  function first(): Entry | null {
    for (;;) {
      const [entry] = heap
      if (entry === undefined) return null
      if (current.get(entry.id) === entry) return entry
      pop(heap)
    }
  }

  function take(limit: number, nowMs: number, isSkipped: (id: string, atMs: number) => boolean): string[] {
    const taken: string[] = []
    const skipped: Entry[] = []
    while (taken.length < limit) {
      const entry = first()
      if (entry === null || entry.atMs > nowMs) break
      pop(heap)
      if (isSkipped(entry.id, entry.atMs)) skipped.push(entry)
      else {
        current.delete(entry.id)
        taken.push(entry.id)
      }
    }
    for (const entry of skipped) push(heap, entry)
    return taken
  }

  function nextOf(isSkipped: (id: string) => boolean): number | null {
    let next: number | null = null
    for (const { id, atMs } of current.values())
      if ((next === null || atMs < next) && !isSkipped(id)) next = atMs
    return next
  }

  return { set, take, nextAtMs: () => first()?.atMs ?? null, nextOf }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)
}

function push(heap: Entry[], entry: Entry): void {
  let place = heap.length
  heap.push(entry)
  while (place > 0) {
    const above = (place - 1) >> 1
    const parent = heap[above]
    if (parent === undefined || !isBefore(entry, parent)) break
    heap[place] = parent
    place = above
  }
  heap[place] = entry
}

/** Takes the first entry out; the last one finds its place from the top. */
function pop(heap: Entry[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let place = 0
  for (;;) {
    const left = heap[place * 2 + 1]
    if (left === undefined) break
    const right = heap[place * 2 + 2]
    const isRight = right !== undefined && isBefore(right, left)
    const child = isRight ? right : left
    if (!isBefore(child, last)) break
    heap[place] = child
    place = place * 2 + (isRight ? 2 : 1)
  }
  heap[place] = last
}
