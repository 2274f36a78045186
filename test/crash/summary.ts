// What a long tier has so far, as the file that it goes on from and that a person reads.
import { commitOf, today } from '../provenance.ts'
import { POINTS, type PointName } from './points.ts'
import type { CrashRun } from './run.ts'
import { ROOT } from './spares.ts'

export interface PointFigures {
  readonly what: string
  readonly runs: number
  /** Runs in which the process was at the point so often, and died there. */
  readonly killed: number
  /** Runs in which it was not, and was killed at rest. */
  readonly lived: number
  /** Payouts left in doubt for a person. */
  readonly person: number
  readonly breaches: number
}

export interface Summary {
  readonly kind: 'kill_points' | 'mixed_versions'
  readonly commit: string
  /** The commit of the other version; null where there is none. */
  readonly old: string | null
  /** Of the last run. */
  readonly date: string
  readonly node: string
  readonly seed: number
  readonly runs: number
  readonly killed: number
  /** Of those that were killed, the ones that ran the old version. */
  readonly killedOld: number
  readonly lived: number
  /** Runs that the harness could not carry to their end; they show nothing, and are among those that lived. */
  readonly unjudged: number
  readonly payouts: number
  readonly person: number
  /** Acknowledged payouts that were gone, or had neither an end nor a person. */
  readonly lost: number
  /** Orders that arrived or were paid more than once. */
  readonly double: number
  /** Guarantees that did not hold, those of `lost` and `double` included. */
  readonly breaches: number
  readonly msPerRun: number
  readonly points: Readonly<Partial<Record<PointName, PointFigures>>>
  readonly broken: readonly { readonly run: string; readonly what: string }[]
}

/** `oldRoot`: the checkout of the other version. */
export function emptySummary(seed: number, oldRoot: string | null): Summary {
  const old = oldRoot === null ? null : commitOf(oldRoot)
  return {
    ...{ kind: old === null ? 'kill_points' : 'mixed_versions', commit: commitOf(ROOT), old },
    ...{ date: today(), node: process.version, seed },
    ...{
      runs: 0,
      killed: 0,
      killedOld: 0,
      lived: 0,
      unjudged: 0,
      payouts: 0,
      person: 0,
      lost: 0,
      double: 0,
      breaches: 0,
      msPerRun: 0,
    },
    ...{ points: {}, broken: [] },
  }
}

/** Null where there is none. @throws where the file is no JSON: a summary that was cut short is not gone on from */
export function readSummary(text: string | null): Summary | null {
  // Written by this harness into a folder of its own.
  return text === null ? null : (JSON.parse(text) as Summary)
}

export function addRun(summary: Summary, run: CrashRun): Summary {
  const killed = run.killed ? 1 : 0
  const before = summary.points[run.point] ?? { runs: 0, killed: 0, lived: 0, person: 0, breaches: 0 }
  const figures: PointFigures = {
    what: POINTS[run.point],
    runs: before.runs + 1,
    killed: before.killed + killed,
    lived: before.lived + 1 - killed,
    person: before.person + run.forPerson,
    breaches: before.breaches + run.breaches.length,
  }
  const payouts = Object.values(run.states).reduce((sum, count) => sum + count, 0)
  const wrong = run.unjudged === null ? run.breaches : [`unjudged: ${run.unjudged}`]
  const named = wrong.map(what => ({ run: `${run.name} ${run.point}/${run.nth}`, what }))
  return {
    ...summary,
    date: today(),
    runs: summary.runs + 1,
    killed: summary.killed + killed,
    killedOld: summary.killedOld + (run.version === 'old' ? killed : 0),
    lived: summary.lived + 1 - killed,
    unjudged: summary.unjudged + (run.unjudged === null ? 0 : 1),
    payouts: summary.payouts + payouts,
    person: summary.person + run.forPerson,
    lost: summary.lost + run.lost,
    double: summary.double + run.double,
    breaches: summary.breaches + run.breaches.length,
    msPerRun: Math.round((summary.msPerRun * summary.runs + run.durationMs) / (summary.runs + 1)),
    points: { ...summary.points, [run.point]: figures },
    broken: [...summary.broken, ...named],
  }
}
