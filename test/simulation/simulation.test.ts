// The deterministic simulation as part of every run: single faults at every place, histories with everything at once, and
// the planted bugs, each of which has to be found. The work is done in processes of their own, one for each core.
import { availableParallelism } from 'node:os'
import { afterAll, expect, test } from 'vitest'
import { type CiParts, writeCiSummary } from './ci-summary.ts'
import { EXPECTED_MARKS } from './expected-marks.ts'
import { SINGLES } from './l0/placements.ts'
import { plantedNumbers } from './planted/list.ts'
import { runPlanted } from './runner/play-planted.ts'
import { runSeeds, type SeedsResult } from './runner/play-seeds.ts'
import { emptyTally } from './runner/tally.ts'

const jobs = availableParallelism()
/** The same histories in every run, so that a change is judged and not the day. New ones: `npm run simulate`. */
const HISTORIES = 20_000
const TWICE = 200
const PAIRS = 5_000
const PLANTED_SEEDS = 2_000

const began = performance.now()
const parts = {
  placements: emptyTally(0) as SeedsResult,
  pairs: emptyTally(0) as SeedsResult,
  histories: emptyTally(0) as SeedsResult,
  twice: emptyTally(0) as SeedsResult,
  planted: [] as CiParts['planted'][number][],
}
afterAll(() => {
  const seconds = (performance.now() - began) / 1_000
  writeCiSummary({ ...parts, marksExpected: EXPECTED_MARKS, seconds })
})

test('one payout survives any single fault at any place, under every behaviour of its provider', async () => {
  const end = await runSeeds({ kind: 'L0', seed: 0, seeds: SINGLES, jobs, twice: false, range: 240 })
  parts.placements = end
  expect(broken(end, '--l0 ')).toEqual([])
})

test('one payout survives pairs of faults', async () => {
  const end = await runSeeds({ kind: 'L0', seed: SINGLES, seeds: PAIRS, jobs, twice: false, range: 100 })
  parts.pairs = end
  expect(broken(end, '--l0 ')).toEqual([])
})

test('no history breaks an invariant, and every corner is reached', async () => {
  const end = await runSeeds({ seed: 1, seeds: HISTORIES, jobs, twice: false })
  parts.histories = end
  expect(broken(end)).toEqual([])
  expect(EXPECTED_MARKS.filter(mark => !end.marks.has(mark))).toEqual([])
})

test('the same seed gives the same history', async () => {
  const end = await runSeeds({ seed: 500_000, seeds: TWICE, jobs, twice: true })
  parts.twice = end
  expect(broken(end)).toEqual([])
})

test.each(plantedNumbers())('planted bug %s is found', async number => {
  const result = await runPlanted(number, { seed: 1, seeds: PLANTED_SEEDS, jobs })
  const { says, by, seeds, found, clean } = result
  const [violation] = found?.violations ?? []
  parts.planted.push({ ...result, invariant: violation?.invariant ?? null })
  expect(clean, 'the clean code plays the same histories').toEqual([])
  expect(violation, says).toBeDefined()
  if (by !== null) expect(violation?.invariant, says).toBe(by)
  console.log(`${number} ${says}: ${seeds} seeds, ${violation?.invariant}`)
})

/** Each with the command that plays it again. */
function broken({ found }: SeedsResult, level = ''): readonly string[] {
  return found.map(
    ({ seed, violations: [first] }) =>
      `npm run simulate -- ${level}--replay ${seed} --shrink: ${first?.invariant}: ${first?.said}`,
  )
}
