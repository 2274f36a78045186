import { expect, test } from 'vitest'
import { Unavailable } from '../errors.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { JournalEntry } from './journal.ts'
import { lostSends } from './lost-sends.ts'

const ENTRY: JournalEntry = {
  ...{ merchantId: 'm_1', number: 1n, attemptNo: 1, step: 'only', incarnation: 1n },
  ...{ providerAccountId: 'pa_1', reference: 'r', requestHash: 'ab', atMs: 1 },
}
/** A back-off passes at once; whoever rests longer rests until it is woken. */
const CLOCK: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms < 10_000 ? 0 : ms, signal),
}

function opened(fails: (round: number) => boolean) {
  const said: string[] = []
  const restored: JournalEntry[] = []
  let rounds = 0
  const done = Promise.withResolvers<void>()
  const tell = (_: object, message: string): void => void said.push(message)
  const loop = lostSends({
    async *journaled() {
      rounds += 1
      yield [ENTRY]
    },
    async restore(entries) {
      if (fails(rounds)) throw new Unavailable('unavailable', 'the database was just restored')
      restored.push(...entries)
      done.resolve()
    },
    clock: CLOCK,
    log: { info: tell, warn: tell, error: tell },
  })
  return { loop, said, restored, done: done.promise, rounds: () => rounds }
}

test('a database that does not answer is asked again until every journaled send was held against it', async () => {
  const { loop, said, restored, done, rounds } = opened(round => round < 3)
  loop.start()
  await done
  await loop.stop()
  expect(rounds()).toBe(3)
  expect(restored).toEqual([ENTRY])
  expect(said).toEqual([
    'sends in the journals were not all held against the database yet',
    'all sends in the journals were held against the database',
  ])
})

test('where all was held nothing is read again before somebody learns of another restore', async () => {
  const { loop, restored, done, rounds } = opened(() => false)
  loop.start()
  await done
  await systemClock.sleep(20)
  expect(rounds()).toBe(1)
  loop.wake()
  for (let looks = 0; looks < 1_000 && rounds() < 2; looks += 1) await systemClock.sleep(5)
  await loop.stop()
  expect(restored).toEqual([ENTRY, ENTRY])
})
