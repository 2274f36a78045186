// The deterministic simulation as part of every run: single faults at every place, histories with everything at once, and
// the planted bugs, each of which has to be found. The work is done in processes of their own, one for each core.
import { availableParallelism } from 'node:os'
import { afterAll, expect, test } from 'vitest'
import { createTestDatabase } from '../postgres.ts'
import { type CiParts, writeCiSummary } from './ci-summary.ts'
import { EXPECTED_MARKS, EXPECTED_OVER_POSTGRES } from './expected-marks.ts'
import { SINGLES } from './l0/placements.ts'
import { plantedNumbers, plantedOverPostgres } from './planted/list.ts'
import { type PlantedResult, runPlanted } from './runner/play-planted.ts'
import { runSeeds, type SeedsResult } from './runner/play-seeds.ts'
import { emptyTally } from './runner/tally.ts'

const jobs = availableParallelism()
/** The same histories in every run, so that a change is judged and not the day. New ones: `npm run simulate`. */
const HISTORIES = 20_000
const TWICE = 200
const PAIRS = 5_000
const PLANTED_SEEDS = 2_000
const OVER_POSTGRES = 200
const TWICE_OVER_POSTGRES = 10

const began = performance.now()
const parts = {
  placements: emptyTally(0) as SeedsResult,
  pairs: emptyTally(0) as SeedsResult,
  histories: emptyTally(0) as SeedsResult,
  twice: emptyTally(0) as SeedsResult,
  planted: [] as CiParts['planted'][number][],
  overPostgres: emptyTally(0) as SeedsResult,
  twiceOverPostgres: emptyTally(0) as SeedsResult,
  plantedOverPostgres: [] as CiParts['planted'][number][],
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
  parts.planted.push({ ...result, invariant: invariantOf(result) })
  expectFound(result)
})

const createDatabase = () => createTestDatabase('simulation')

test('over real Postgres no history breaks an invariant, and the model of the store answers alike', async () => {
  const end = await runSeeds({
    kind: 'L1.5',
    seed: 1,
    seeds: OVER_POSTGRES,
    jobs,
    twice: false,
    createDatabase,
  })
  parts.overPostgres = end
  expect(broken(end, '--postgres ')).toEqual([])
  expect(EXPECTED_OVER_POSTGRES.filter(mark => !end.marks.has(mark))).toEqual([])
})

test('over real Postgres the same seed gives the same history', async () => {
  const asked = { kind: 'L1.5' as const, seed: 500_000, seeds: TWICE_OVER_POSTGRES, jobs, range: 2 }
  const end = await runSeeds({ ...asked, twice: true, createDatabase })
  parts.twiceOverPostgres = end
  expect(broken(end, '--postgres ')).toEqual([])
})

test.each(await plantedOverPostgres())('planted bug %s is found over real Postgres', async number => {
  const result = await runPlanted(number, { seed: 1, seeds: OVER_POSTGRES, jobs, createDatabase })
  parts.plantedOverPostgres.push({ ...result, invariant: invariantOf(result) })
  expectFound(result)
})

function invariantOf({ found }: PlantedResult): string | null {
  return found?.violations[0]?.invariant ?? null
}

function expectFound(result: PlantedResult): void {
  const { number, says, by, seeds, clean } = result
  expect(clean, 'the clean code plays the same histories').toEqual([])
  expect(invariantOf(result), says).not.toBeNull()
  if (by !== null) expect(invariantOf(result), says).toBe(by)
  console.log(`${number} ${says}: ${seeds} seeds, ${invariantOf(result)}`)
}

/** Each with the command that plays it again. */
function broken({ found }: SeedsResult, level = ''): readonly string[] {
  return found.map(
    ({ seed, violations: [first] }) =>
      `npm run simulate -- ${level}--replay ${seed} --shrink: ${first?.invariant}: ${first?.said}`,
  )
}
