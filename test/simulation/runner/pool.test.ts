import { expect, test } from 'vitest'
import { runPool } from './pool.ts'
import type { Task, TaskResult } from './task.ts'

/** It ends at seed 7, hangs at seed 13, and plays every other one. */
const worker = new URL('broken-worker.ts', import.meta.url)

test('the seed at which a worker ends or hangs is named, and every other one is played', async () => {
  const results: TaskResult[] = []
  const tasks = [1, 11].map(
    (from): Task => ({ kind: 'L1', from, count: 10, twice: false, untilFound: false, direct: '' }),
  )
  await runPool({
    ...{ jobs: 2, planted: null, worker, taskMsMax: () => 5_000 },
    next: () => tasks.shift() ?? null,
    done: result => void results.push(result),
  })
  const seeds = results.flatMap(({ from, count }) =>
    Array.from({ length: count }, (_, place) => from + place),
  )
  expect(seeds.toSorted((one, other) => one - other)).toEqual(
    Array.from({ length: 20 }, (_, place) => place + 1),
  )
  const found = results.flatMap(result => result.found).toSorted((one, other) => one.seed - other.seed)
  expect(found.map(({ seed, violations: [first] }) => [seed, first?.said])).toEqual([
    [7, 'the worker that played it ended with 3'],
    [13, 'the worker that played it did not end within 5 s'],
  ])
})

test('a worker that ends before it has work ends the run', async () => {
  const nowhere = new URL('no-such-worker.ts', import.meta.url)
  const task: Task = { kind: 'L1', from: 1, count: 1, twice: false, untilFound: false, direct: '' }
  const run = runPool({ ...{ jobs: 1, planted: null, worker: nowhere }, next: () => task, done: () => {} })
  await expect(run).rejects.toThrow('1 were lost')
})
