import { expect, test } from 'vitest'
import { resultsOf, tallyOf } from './results.ts'
import { createTallier, emptyTally } from './tally.ts'
import type { TaskResult } from './task.ts'

test('sums hold every seed below the next one, in whatever order the workers end', () => {
  const tally = emptyTally(1)
  const tallier = createTallier(tally)
  tallier.add(resultOf(11, 10))
  expect(tally).toMatchObject({ nextSeed: 1, played: 0 })
  tallier.add(resultOf(1, 10))
  expect(tally).toMatchObject({ nextSeed: 21, played: 20, payouts: 40 })
  expect(tally.marks.get('row S1')).toBe(2)
})

test('every violation is counted, and the first hundred are kept', () => {
  const tally = emptyTally(1)
  const found = Array.from({ length: 150 }, (_, place) => ({
    seed: 1 + place,
    violations: [{ invariant: 'I2', said: 'paid twice', atMs: 5 }],
  }))
  createTallier(tally).add({ ...resultOf(1, 150), found })
  expect(tally.violations).toBe(150)
  expect(tally.found).toHaveLength(100)
})

test('a run that goes on from its file adds to the sums it had', () => {
  const tally = emptyTally(1)
  createTallier(tally).add(resultOf(1, 10))
  const run = { kind: 'histories', firstSeed: 1, commit: 'abc' }
  const later = tallyOf(resultsOf(run, '2026-01-05', tally, 3))
  expect(later).toEqual(tally)
  createTallier(later).add(resultOf(11, 10))
  expect(resultsOf(run, '2026-01-05', later, 6)).toMatchObject({
    ...{ nextSeed: 21, histories: 20, payouts: 40, violations: 0, violationRateBelow: 0.15 },
    marks: { 'row S1': 2 },
  })
})

test('where something broke no bound is claimed', () => {
  const tally = emptyTally(1)
  const found = [{ seed: 3, violations: [{ invariant: 'I2', said: 'paid twice', atMs: 5 }] }]
  createTallier(tally).add({ ...resultOf(1, 10), found })
  expect(resultsOf({ kind: 'histories', firstSeed: 1, commit: 'abc' }, '2026-01-05', tally, 3)).toMatchObject(
    {
      violationRateBelow: null,
      violationsBySeed: [{ seed: 3, invariant: 'I2', said: 'paid twice' }],
    },
  )
})

function resultOf(from: number, count: number): TaskResult {
  return {
    ...{ kind: 'result', from, count, played: count, found: [], events: count, payouts: 2 * count },
    ...{ marks: [['row S1', 1]], faults: [['crash', 1]], cpuMs: 1_000, rssMb: 100 },
  }
}
