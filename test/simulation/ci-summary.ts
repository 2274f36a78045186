// What the simulation of every change played, as a file: flat, so that the page of figures is made from it. Written where
// nobody keeps it; with SIMULATION_SUMMARY=docs/safety/simulation-ci.json also there.
import { today } from '../provenance.ts'
import type { PlantedResult } from './runner/play-planted.ts'
import type { SeedsResult } from './runner/play-seeds.ts'
import { commitOfTree, MEANS, machine, sorted, writeJson } from './runner/results.ts'

export interface CiParts {
  readonly placements: SeedsResult
  readonly pairs: SeedsResult
  readonly histories: SeedsResult
  readonly twice: SeedsResult
  readonly planted: readonly (PlantedResult & { readonly invariant: string | null })[]
  readonly overPostgres: SeedsResult
  readonly twiceOverPostgres: SeedsResult
  readonly plantedOverPostgres: CiParts['planted']
  readonly marksExpected: readonly string[]
  readonly seconds: number
}

export function ciSummary(parts: CiParts) {
  const { placements, pairs, histories, twice, planted, marksExpected, seconds } = parts
  const missed = marksExpected.filter(mark => !histories.marks.has(mark))
  return {
    ...{ kind: 'simulation of every change', commit: commitOfTree(), date: today(), ...machine() },
    wallSeconds: Math.round(seconds),
    cpuSeconds: Math.round(
      [placements, pairs, histories, twice, parts.overPostgres, parts.twiceOverPostgres].reduce(
        (sum, one) => sum + one.cpuMs,
        0,
      ) / 1_000,
    ),
    placementsReached: placements.played,
    pairsReached: pairs.played,
    histories: histories.played,
    historiesPlayedTwice: twice.played,
    payouts: histories.payouts,
    events: histories.events,
    historiesPerCpuSecond: perCpuSecond(histories),
    violations: placements.violations + pairs.violations + histories.violations + twice.violations,
    violationRateBelow: rateBelow(histories),
    means: MEANS,
    marksExpected: marksExpected.length,
    marksExpectedReached: marksExpected.length - missed.length,
    marksMissed: missed,
    marksReached: histories.marks.size,
    plantedBugs: planted.length,
    plantedFound: planted.filter(({ found }) => found !== null).length,
    planted: planted.map(plantedSummary),
    overPostgres: overPostgresSummary(parts),
    faults: sorted(histories.faults),
    marks: sorted(histories.marks),
  }
}

function overPostgresSummary({ overPostgres: of, twiceOverPostgres: twice, plantedOverPostgres }: CiParts) {
  return {
    ...{ histories: of.played, historiesPlayedTwice: twice.played, payouts: of.payouts, events: of.events },
    violations: of.violations + twice.violations,
    violationRateBelow: rateBelow(of),
    historiesPerCpuSecond: perCpuSecond(of),
    marksReached: of.marks.size,
    plantedBugs: plantedOverPostgres.length,
    plantedFound: plantedOverPostgres.filter(({ found }) => found !== null).length,
    planted: plantedOverPostgres.map(plantedSummary),
  }
}

function plantedSummary({ number, says, seeds, ms, invariant }: CiParts['planted'][number]) {
  return { number, says, seedsToDetection: seeds, invariant, seconds: Math.round(ms / 100) / 10 }
}

function rateBelow({ violations, played }: SeedsResult): number | null {
  return violations === 0 ? 3 / Math.max(1, played) : null
}

function perCpuSecond({ played, cpuMs }: SeedsResult): number {
  return Math.round((played / Math.max(1, cpuMs)) * 10_000) / 10
}

export function writeCiSummary(parts: CiParts): void {
  const summary = ciSummary(parts)
  writeJson(new URL('results/ci.json', import.meta.url).pathname, summary)
  const asked = process.env.SIMULATION_SUMMARY ?? ''
  if (asked !== '') writeJson(asked, summary)
  console.log(tableOf(summary))
}

function tableOf(of: ReturnType<typeof ciSummary>): string {
  const over = of.overPostgres
  const rows: readonly (readonly [string, string | number])[] = [
    ['placements of one fault that were reached', of.placementsReached],
    ['pairs of faults that were reached', of.pairsReached],
    ['histories', `${of.histories} with ${of.payouts} payouts, ${of.historiesPerCpuSecond}/s of a core`],
    ['played twice', of.historiesPlayedTwice],
    ['violations', of.violations],
    ['marks', `${of.marksExpectedReached} of ${of.marksExpected} expected, ${of.marksReached} in all`],
    ['planted bugs found', `${of.plantedFound} of ${of.plantedBugs}`],
    [
      'histories over Postgres',
      `${over.histories}, ${over.historiesPlayedTwice} twice, ${over.violations} violations`,
    ],
    ['planted bugs found over Postgres', `${over.plantedFound} of ${over.plantedBugs}`],
    ['time', `${of.wallSeconds} s, of the cores ${of.cpuSeconds} s without the planted bugs`],
  ]
  return rows.map(([name, value]) => `${name.padEnd(44)} ${value}`).join('\n')
}
