// The commit in flight is the window. Items that arrive while a batch commits form the next batch; one batch is in
// flight and no timer runs. A lone item waits for nothing, and under load the batch grows by itself. Each item is
// answered after its own batch, never before.
//
// Two items with one key never share a batch: the second is decided in a later one, where it meets the first as a
// stored row. Decided together, both would look new.
//
// A batch that fails because of one item is tried again item by item, so that a mistake about one costs nobody else.
// Where the database is gone it is gone for all of them, and each is told so.
//
// Where items have owners, one who floods holds up nobody but himself: a batch takes from the owners in turn, and nobody's
// items may wait in numbers that are beyond an owner's own bound.
import { Unavailable } from '../errors.ts'
import { assert } from './assert.ts'

export interface GroupCommit<Item, Verdict> {
  /** Resolves with the item's own verdict after its batch; rejects as the batch did, or with Unavailable('overloaded'). */
  submit(item: Item): Promise<Verdict>
  /** Items that are not answered yet. */
  waiting(): number
  /** Resolves once nothing is waiting. */
  idle(): Promise<void>
}

export interface GroupCommitOptions<Item, Verdict> {
  /** One verdict for each item, in order; all of them are done, or the call throws and none is known to be. */
  commit(batch: readonly Item[]): Promise<readonly Verdict[]>
  readonly maxBatch: number
  /** Items beyond this many are refused at once, before memory grows. */
  readonly maxWaiting: number
  keysOf?(item: Item): readonly string[]
  /** Whose turn it is; two items of one key have one owner. Left out: all are one's. */
  ownerOf?(item: Item): string
  /** Items of one owner beyond this many are refused at once; left out: `maxWaiting`. */
  readonly maxWaitingPerOwner?: number
  /** An item that would wait for longer, by the batches so far, is refused at once; left out: its number alone counts. */
  readonly maxWait?: { readonly ms: number; readonly monotonic: () => number }
}

/** The weight of the newest batch. */
const NEWEST = 0.2

interface Entry<Item, Verdict> {
  readonly item: Item
  readonly keys: readonly string[]
  readonly owner: string
  resolve(verdict: Verdict): void
  reject(error: unknown): void
}

export function groupCommit<Item, Verdict>(
  options: GroupCommitOptions<Item, Verdict>,
): GroupCommit<Item, Verdict> {
  let queue: Entry<Item, Verdict>[] = []
  let unanswered = 0
  const unansweredOf = new Map<string, number>()
  const maxPerOwner = options.maxWaitingPerOwner ?? options.maxWaiting
  let running = false
  /** How long a batch takes, the newest counting most. */
  let batchMs: number | null = null
  let idleListeners: (() => void)[] = []

  async function run(): Promise<void> {
    running = true
    while (queue.length > 0) {
      const { batch, rest } = nextBatch(inTurn(queue, options.maxBatch), options.maxBatch)
      queue = rest
      const began = options.maxWait?.monotonic()
      await commitBatch(batch)
      if (options.maxWait !== undefined && began !== undefined) noteTime(options.maxWait.monotonic() - began)
      unanswered -= batch.length
      for (const { owner } of batch) countOwner(owner, -1)
    }
    running = false
    const listeners = idleListeners
    idleListeners = []
    for (const listener of listeners) listener()
  }

  function countOwner(owner: string, more: number): void {
    const count = (unansweredOf.get(owner) ?? 0) + more
    if (count === 0) unansweredOf.delete(owner)
    else unansweredOf.set(owner, count)
  }

  /**
   * In how many batches its turn comes, and how long these take. Who fits into the next one is never late: by it alone we
   * learn that a slow time is over.
   */
  function isLate(owner: string): boolean {
    if (options.maxWait === undefined || batchMs === null) return false
    const before = Math.min(unanswered, (unansweredOf.get(owner) ?? 0) * Math.max(1, unansweredOf.size))
    const batches = Math.floor(before / options.maxBatch)
    return batches > 0 && (1 + batches) * batchMs > options.maxWait.ms
  }

  function noteTime(tookMs: number): void {
    batchMs = batchMs === null ? tookMs : batchMs + (tookMs - batchMs) * NEWEST
  }

  async function commitBatch(batch: readonly Entry<Item, Verdict>[]): Promise<void> {
    let verdicts: readonly Verdict[]
    try {
      verdicts = await options.commit(batch.map(entry => entry.item))
      assert(verdicts.length === batch.length, 'a batch answers each of its items')
    } catch (error) {
      if (error instanceof Unavailable || batch.length === 1) for (const entry of batch) entry.reject(error)
      else for (const entry of batch) await commitBatch([entry])
      return
    }
    batch.forEach((entry, place) => {
      entry.resolve(verdicts[place] as Verdict)
    })
  }

  return {
    submit(item) {
      const owner = options.ownerOf?.(item) ?? ''
      if (unanswered >= options.maxWaiting || (unansweredOf.get(owner) ?? 0) >= maxPerOwner || isLate(owner))
        return Promise.reject(new Unavailable('overloaded', `${unanswered} items are waiting`))
      unanswered += 1
      countOwner(owner, 1)
      return new Promise<Verdict>((resolve, reject) => {
        queue.push({ item, keys: options.keysOf?.(item) ?? [], owner, resolve, reject })
        // Started after this turn, so that everything that arrived together commits together.
        if (!running) {
          running = true
          queueMicrotask(() => void run())
        }
      })
    },
    waiting: () => unanswered,
    idle: () =>
      unanswered === 0 ? Promise.resolve() : new Promise<void>(resolve => idleListeners.push(resolve)),
  }
}

/** Takes from the front; an item whose key is already in the batch stays for a later one, in its place. */
function nextBatch<Item, Verdict>(
  queue: readonly Entry<Item, Verdict>[],
  maxBatch: number,
): { batch: Entry<Item, Verdict>[]; rest: Entry<Item, Verdict>[] } {
  const taken = new Set<string>()
  const batch: Entry<Item, Verdict>[] = []
  const rest: Entry<Item, Verdict>[] = []
  for (const entry of queue) {
    if (batch.length >= maxBatch || entry.keys.some(key => taken.has(key))) {
      rest.push(entry)
      // What waits keeps its keys too, so that items of one key are decided in the order they came.
      for (const key of entry.keys) taken.add(key)
      continue
    }
    for (const key of entry.keys) taken.add(key)
    batch.push(entry)
  }
  return { batch, rest }
}

/**
 * Where more wait than a batch holds: the first of each owner, then the second of each, and so on. What one owner has
 * waiting stays in the order it came.
 */
function inTurn<Item, Verdict>(
  queue: Entry<Item, Verdict>[],
  maxBatch: number,
): readonly Entry<Item, Verdict>[] {
  if (queue.length <= maxBatch) return queue
  const places = new Map<string, number>()
  const placed = queue.map(entry => {
    const place = places.get(entry.owner) ?? 0
    places.set(entry.owner, place + 1)
    return { entry, place }
  })
  if (places.size === 1) return queue
  // The sort is stable: within one round the owners keep the order in which they came.
  return placed.sort((one, other) => one.place - other.place).map(({ entry }) => entry)
}
