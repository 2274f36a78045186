// The deterministic simulation as part of every run: single faults at every place, histories with everything at once, and
// the planted bugs, each of which has to be found. The work is done in processes of their own, one for each core.
import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { EXPECTED_MARKS } from './expected-marks.ts'
import { SINGLES } from './l0/placements.ts'
import { plantedNumbers } from './planted/list.ts'
import { runPlanted } from './runner/play-planted.ts'
import { runSeeds, type SeedsResult } from './runner/play-seeds.ts'

const jobs = availableParallelism()
/** The same histories in every run, so that a change is judged and not the day. New ones: `npm run simulate`. */
const HISTORIES = 1_000
const TWICE = 200
const PLANTED_SEEDS = 2_000

test('one payout survives any single fault at any place, under every behaviour of its provider', async () => {
  const end = await runSeeds({ kind: 'L0', seed: 0, seeds: SINGLES, jobs, twice: false, range: 240 })
  expect(broken(end, '--l0 ')).toEqual([])
  console.log(`L0: ${end.played} placements were reached`)
})

test('no history breaks an invariant, and every corner is reached', async () => {
  const end = await runSeeds({ seed: 1, seeds: HISTORIES, jobs, twice: false })
  expect(broken(end)).toEqual([])
  expect(EXPECTED_MARKS.filter(mark => !end.marks.has(mark))).toEqual([])
  console.log(`L1: ${end.played} histories, ${Math.round((end.played / end.cpuMs) * 1_000)}/s of a core`)
})

test('the same seed gives the same history', async () => {
  const end = await runSeeds({ seed: 500_000, seeds: TWICE, jobs, twice: true })
  expect(broken(end)).toEqual([])
})

test.each(plantedNumbers())('planted bug %s is found', async number => {
  const { says, by, seeds, found, clean } = await runPlanted(number, { seed: 1, seeds: PLANTED_SEEDS, jobs })
  expect(clean, 'the clean code plays the same histories').toEqual([])
  const [violation] = found?.violations ?? []
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
