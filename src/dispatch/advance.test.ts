import { expect, test } from 'vitest'
import { payoutStep } from '../../test/store-kit.ts'
import { Unavailable } from '../errors.ts'
import type { PayoutStep, Store } from '../store/store.ts'
import { createAdvance } from './advance.ts'

const step = (number: bigint, version = 1) => payoutStep({ number, version }, {})

function recording(commit: (batch: readonly PayoutStep[]) => void = () => {}) {
  const batches: bigint[][] = []
  const advancePayouts: Store['advancePayouts'] = async batch => {
    batches.push(batch.map(({ number }) => number))
    await new Promise(resolve => setImmediate(resolve))
    commit(batch)
    return batch.map(({ version }) => ({ kind: 'done', version: version + 1 }))
  }
  return { batches, advance: createAdvance({ advancePayouts }) }
}

test('steps of many payouts share a commit, and each gets its own verdict', async () => {
  const { batches, advance } = recording()
  const verdicts = await Promise.all([step(1n), step(2n, 5), step(3n)].map(advance.step))
  expect(verdicts).toEqual([2, 6, 2].map(version => ({ kind: 'done', version })))
  expect(batches).toEqual([[1n, 2n, 3n]])
})

test('two steps of one payout are never in one commit, and keep their order', async () => {
  const { batches, advance } = recording()
  await Promise.all([step(1n, 1), step(1n, 2), step(2n)].map(advance.step))
  expect(batches).toEqual([[1n, 2n], [1n]])
})

test('a commit after which somebody is to be told is heard of, and no other', async () => {
  let told = 0
  const advancePayouts: Store['advancePayouts'] = async batch =>
    batch.map(({ number }) => (number === 3n ? { kind: 'stale' } : { kind: 'done', version: 2 }))
  const advance = createAdvance({ advancePayouts }, () => {
    told += 1
  })
  const notices = [{ target: 'door', url: 'http://127.0.0.1:9/', dueInMs: 0 }]
  await advance.step(step(1n))
  await advance.step({ ...step(3n), notices })
  expect(told).toBe(0)
  await advance.step({ ...step(2n), notices })
  expect(told).toBe(1)
})

test('one bad step fails alone', async () => {
  const { advance } = recording(batch => {
    if (batch.some(({ number }) => number === 2n)) throw new Error('check constraint')
  })
  const ended = await Promise.allSettled([step(1n), step(2n), step(3n)].map(advance.step))
  expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(ended[1]).toMatchObject({ reason: { message: 'check constraint' } })
})

test('where the database is gone it is gone for each, and none of the batch is tried alone', async () => {
  const { batches, advance } = recording(() => {
    throw new Unavailable('unavailable', 'gone')
  })
  const ended = await Promise.allSettled([step(1n), step(2n)].map(advance.step))
  for (const each of ended)
    expect(each).toMatchObject({ status: 'rejected', reason: { name: 'Unavailable' } })
  expect(batches).toHaveLength(1)
})
