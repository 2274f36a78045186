// The commit in flight is the window. Items that arrive while a batch commits form the next batch; one batch is in
// flight and no timer runs. A lone item waits for nothing, and under load the batch grows by itself. Each item is
// answered after its own batch, never before.
//
// Two items with one key never share a batch: the second is decided in a later one, where it meets the first as a
// stored row. Decided together, both would look new.
//
// A batch that fails because of one item is tried again item by item, so that a mistake about one costs nobody else.
// Where the database is gone it is gone for all of them, and each is told so.
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
}

interface Entry<Item, Verdict> {
  readonly item: Item
  readonly keys: readonly string[]
  resolve(verdict: Verdict): void
  reject(error: unknown): void
}

export function groupCommit<Item, Verdict>(
  options: GroupCommitOptions<Item, Verdict>,
): GroupCommit<Item, Verdict> {
  let queue: Entry<Item, Verdict>[] = []
  let unanswered = 0
  let running = false
  let idleListeners: (() => void)[] = []

  async function run(): Promise<void> {
    running = true
    while (queue.length > 0) {
      const { batch, rest } = nextBatch(queue, options.maxBatch)
      queue = rest
      await commitBatch(batch)
      unanswered -= batch.length
    }
    running = false
    const listeners = idleListeners
    idleListeners = []
    for (const listener of listeners) listener()
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
      if (unanswered >= options.maxWaiting)
        return Promise.reject(new Unavailable('overloaded', `${unanswered} items are waiting`))
      unanswered += 1
      return new Promise<Verdict>((resolve, reject) => {
        queue.push({ item, keys: options.keysOf?.(item) ?? [], resolve, reject })
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
