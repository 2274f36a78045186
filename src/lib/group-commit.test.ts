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

test('a batch that the database did not answer fails for each of its items, and the next batch goes on', async () => {
  const { batches, group } = recorded()
  const first = group.submit('a')
  await turn()
  const second = group.submit('b')
  batches[0]?.fail(new Unavailable('unavailable', 'database gone'))
  await expect(first).rejects.toThrow('database gone')
  await turn()
  batches[1]?.finish()
  expect(await second).toBe('done b')
})

test('a batch that fails because of one item is tried again item by item, and costs the others nothing', async () => {
  const asked: string[][] = []
  const group = groupCommit<string, string>({
    commit: async items => {
      asked.push([...items])
      if (items.includes('bad')) throw new Error('bad is not well-formed')
      return items.map(item => `done ${item}`)
    },
    maxBatch: 10,
    maxWaiting: 10,
  })
  const results = await Promise.allSettled(['a', 'bad', 'c'].map(item => group.submit(item)))
  expect(results.map(result => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(asked).toEqual([['a', 'bad', 'c'], ['a'], ['bad'], ['c']])
  await group.idle()
  expect(group.waiting()).toBe(0)
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

test('one owner who floods holds up nobody else: a batch takes from the owners in turn, from each in its order', async () => {
  const batches: (readonly string[])[] = []
  const { promise: open, resolve: finish } = Promise.withResolvers<void>()
  const group = groupCommit<string, string>({
    async commit(items) {
      batches.push(items)
      await open
      return items
    },
    ...{ maxBatch: 3, maxWaiting: 100, maxWaitingPerOwner: 6 },
    ownerOf: item => item.charAt(0),
  })
  const first = group.submit('a0')
  await turn()
  const all = ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'b2'].map(item => group.submit(item))
  await expect(group.submit('a6')).rejects.toMatchObject({ code: 'overloaded' })
  const late = group.submit('b3')
  finish()
  await Promise.all([first, ...all, late])
  expect(batches).toEqual([['a0'], ['a1', 'b1', 'a2'], ['b2', 'a3', 'b3'], ['a4', 'a5']])
  // Nothing of them is counted any more.
  await group.submit('a6')
})

test('who would wait for too long is refused at once, and only while that is so', async () => {
  let now = 0
  const group = groupCommit<string, string>({
    async commit(items) {
      now += items.includes('a8') ? 1_000_000 : 400
      await turn()
      return items
    },
    ...{ maxBatch: 2, maxWaiting: 100, ownerOf: item => item.charAt(0) },
    maxWait: { ms: 1_000, monotonic: () => now },
  })
  // Nothing is known before the first batch.
  await Promise.all(['a1', 'a2'].map(item => group.submit(item)))
  const kept = ['a3', 'a4', 'a5', 'a6'].map(item => group.submit(item))
  await expect(group.submit('a7')).rejects.toMatchObject({ code: 'overloaded' })
  // The turn of another comes sooner.
  const other = group.submit('b1')
  await Promise.all([...kept, other])
  await group.submit('a8')
  // However long one took, whoever fits into the next one is taken.
  await Promise.all(['a9', 'b2'].map(item => group.submit(item)))
})
