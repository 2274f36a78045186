// After a restore: holds what this machine's journals know against the database, and goes on until all of it was. What is
// left out is a payment of which the two who release know nothing, and a database that was just restored is one that
// does not answer every time.
import type { Clock } from '../lib/clock.ts'
import { createLoop, type Loop } from '../lib/loop.ts'
import type { DispatchLog } from './dispatcher.ts'
import type { JournalEntry } from './journal.ts'

/** Nothing is waited for: whoever learns of a restore wakes it, and a failure has times of its own. */
const IDLE_MS = 3_600_000

/** Begins with everything once; each `wake` is another restore. */
export function lostSends(needs: {
  /** Nothing where nothing is in safe mode. @throws Unavailable */
  readonly journaled: () => AsyncIterable<readonly JournalEntry[]>
  /** @throws Unavailable */
  readonly restore: (entries: readonly JournalEntry[]) => Promise<void>
  readonly clock: Clock
  readonly log: DispatchLog
}): Loop {
  const { clock, log } = needs
  return createLoop({
    clock,
    async round() {
      for await (const entries of needs.journaled()) await needs.restore(entries)
      return false
    },
    pollMs: () => IDLE_MS,
    failed: error =>
      log.error({ err: error }, 'sends in the journals were not all held against the database yet'),
    recovered: () => log.info({}, 'all sends in the journals were held against the database'),
  })
}
