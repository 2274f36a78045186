import { expect, test } from 'vitest'
import { Unavailable } from '../errors.ts'
import { groupCommit } from './group-commit.ts'

interface Batch {
  items: readonly string[]
  finish(): void
  fail(error: Error): void
}

function recorded(maxBatch = 100, maxWaiting = 100) {
  const batches: Batch[] = []
  const group = groupCommit<string, string>({
    commit: items =>
      new Promise((resolve, reject) => {
        batches.push({ items, finish: () => resolve(items.map(item => `done ${item}`)), fail: reject })
      }),
    maxBatch,
    maxWaiting,
    keysOf: item => [item.charAt(0)],
  })
  return { batches, group }
}
const turn = () => new Promise(resolve => setImmediate(resolve))

test('items that arrive while a batch commits form the next batch', async () => {
  const { batches, group } = recorded()
  const first = group.submit('a')
  await turn()
  const second = group.submit('b')
  const third = group.submit('c')
  await turn()
  expect(batches.map(batch => batch.items)).toEqual([['a']])
  batches[0]?.finish()
  expect(await first).toBe('done a')
  await turn()
  expect(batches.map(batch => batch.items)).toEqual([['a'], ['b', 'c']])
  batches[1]?.finish()
  expect(await Promise.all([second, third])).toEqual(['done b', 'done c'])
  await group.idle()
})

test('two items with one key are decided in two batches, in the order they came', async () => {
  const { batches, group } = recorded()
  const all = ['a1', 'a2', 'b1', 'a3'].map(item => group.submit(item))
  await turn()
  batches[0]?.finish()
  await turn()
  batches[1]?.finish()
  await turn()
  batches[2]?.finish()
  expect(await Promise.all(all)).toEqual(['done a1', 'done a2', 'done b1', 'done a3'])
  expect(batches.map(batch => batch.items)).toEqual([['a1', 'b1'], ['a2'], ['a3']])
})

test('a batch that fails answers each of its items with the error, and the next batch goes on', async () => {
  const { batches, group } = recorded()
  const first = group.submit('a')
  await turn()
  const second = group.submit('b')
  batches[0]?.fail(new Error('database gone'))
  await expect(first).rejects.toThrow('database gone')
  await turn()
  batches[1]?.finish()
  expect(await second).toBe('done b')
})

test('beyond the bound an item is refused at once and nothing of it is kept', async () => {
  const { batches, group } = recorded(1, 2)
  const kept = [group.submit('a'), group.submit('b')]
  await expect(group.submit('c')).rejects.toBeInstanceOf(Unavailable)
  await turn()
  batches[0]?.finish()
  await turn()
  batches[1]?.finish()
  await Promise.all(kept)
  expect(batches.flatMap(batch => batch.items)).toEqual(['a', 'b'])
  expect(group.waiting()).toBe(0)
})
