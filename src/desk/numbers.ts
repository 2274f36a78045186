// Payout numbers by blocks. The store gives each block once, so no two processes ever share a number; a block that is
// lost with its process leaves a gap, and nothing depends on there being none.
import { Unavailable } from '../errors.ts'
import { assert } from '../lib/assert.ts'
import type { Store } from '../store/store.ts'

export interface Numbers {
  /** The next number, or null where the next block must be waited for. */
  take(): bigint | null
  /** The next number as soon as there is one. Rejects as the store does, or with Unavailable('overloaded'). */
  wait(): Promise<bigint>
}

export function createNumbers({ store }: { store: Pick<Store, 'takeNumbers'> }): Numbers {
  let block: Block = { next: 0n, end: 0n }
  /** Fetched while the block before it is used up, so that under load nobody waits for the round trip. */
  let spare: Block | null = null
  let fetching = false
  let waiting: Waiter[] = []

  function take(): bigint | null {
    if (block.next === block.end) {
      if (spare === null) return null
      block = spare
      spare = null
    }
    const number = block.next
    block.next += 1n
    if (spare === null && !fetching) void fetchBlock()
    return number
  }

  async function fetchBlock(): Promise<void> {
    fetching = true
    try {
      const { first } = await store.takeNumbers(BLOCK_SIZE)
      assert(first > 0n, 'payout numbers are above zero')
      spare = { next: first, end: first + BigInt(BLOCK_SIZE) }
      fetching = false
      serveWaiting()
    } catch (error) {
      fetching = false
      const failed = waiting
      waiting = []
      // Without anybody waiting nobody needs to know: whoever comes next asks again.
      for (const waiter of failed) waiter.reject(error)
    }
  }

  function serveWaiting(): void {
    const served = waiting
    waiting = []
    for (const waiter of served) {
      const number = take()
      if (number === null) waiting.push(waiter)
      else waiter.resolve(number)
    }
    // More can wait than a block holds.
    if (waiting.length > 0 && !fetching) void fetchBlock()
  }

  return {
    take,
    wait() {
      const number = take()
      if (number !== null) return Promise.resolve(number)
      if (waiting.length >= WAITING_MAX) {
        return Promise.reject(new Unavailable('overloaded', 'too many wait for a payout number'))
      }
      return new Promise<bigint>((resolve, reject) => {
        waiting.push({ resolve, reject })
        if (!fetching) void fetchBlock()
      })
    },
  }
}

const BLOCK_SIZE = 1_000
const WAITING_MAX = 10_000

interface Block {
  next: bigint
  readonly end: bigint
}

interface Waiter {
  resolve(number: bigint): void
  reject(error: unknown): void
}
