// What a long tier has so far, as the file that it goes on from and that a person reads.
import type { CrashRun } from './run.ts'

export interface PointFigures {
  readonly runs: number
  /** Runs in which the process was at the point so often. */
  readonly killed: number
  /** Payouts left in doubt for a person. */
  readonly forPerson: number
  readonly breaches: number
}

export interface Summary {
  readonly seed: number
  readonly runs: number
  readonly msInAll: number
  readonly points: Readonly<Record<string, PointFigures>>
  readonly breaches: readonly { readonly run: string; readonly what: string }[]
}

export function emptySummary(seed: number): Summary {
  return { seed, runs: 0, msInAll: 0, points: {}, breaches: [] }
}

/** Null where there is none. @throws where the file is no JSON: a summary that was cut short is not gone on from */
export function readSummary(text: string | null): Summary | null {
  // Written by this harness into a folder of its own.
  return text === null ? null : (JSON.parse(text) as Summary)
}

export function addRun(summary: Summary, run: CrashRun): Summary {
  const before = summary.points[run.point] ?? { runs: 0, killed: 0, forPerson: 0, breaches: 0 }
  const figures = {
    runs: before.runs + 1,
    killed: before.killed + (run.killed ? 1 : 0),
    forPerson: before.forPerson + run.neverArrived,
    breaches: before.breaches + run.breaches.length,
  }
  const named = run.breaches.map(what => ({ run: `${run.name} ${run.point}/${run.nth}`, what }))
  return {
    seed: summary.seed,
    runs: summary.runs + 1,
    msInAll: summary.msInAll + run.durationMs,
    points: { ...summary.points, [run.point]: figures },
    breaches: [...summary.breaches, ...named],
  }
}
