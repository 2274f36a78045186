// What a long tier has so far: the file that it goes on from, and the flat figures that a person reads.
import type { Kind } from './draw.ts'
import type { FailoverRun } from './run.ts'

/** `commit` and `seed` say of what; a start with others begins anew. Several at once end in any order. */
export interface Runs {
  readonly commit: string
  readonly seed: number
  readonly runs: readonly PlacedRun[]
}

export type PlacedRun = FailoverRun & { readonly place: number }

/** Every so many runs the standby is asynchronous. */
const ASYNCHRONOUS_EVERY = 6

export function kindOf(place: number): Kind {
  return place % ASYNCHRONOUS_EVERY === ASYNCHRONOUS_EVERY - 1 ? 'asynchronous' : 'synchronous'
}

/** What was done before by the same start; nothing where the code or the seed is another. @throws where the text is no JSON */
export function goOn(text: string | null, of: { commit: string; seed: number }): Runs {
  // Written by this harness into a folder of its own.
  const before = text === null ? null : (JSON.parse(text) as Runs)
  return before !== null && before.commit === of.commit && before.seed === of.seed
    ? before
    : { ...of, runs: [] }
}

/** Times are milliseconds. `found`: from the promotion's end to the first acknowledgement behind it. */
export function figures(
  { commit, seed, runs }: Runs,
  made: { date: string; node: string; postgres: string },
) {
  const ofKind = (kind: Kind) => runs.filter(({ draw }) => draw.kind === kind)
  const sum = (some: readonly FailoverRun[], read: (run: FailoverRun) => number) =>
    some.reduce((total, run) => total + read(run), 0)
  const [synchronous, asynchronous] = [ofKind('synchronous'), ofKind('asynchronous')]
  // Where all were acknowledged before the kill, nobody saw it.
  const seen = runs.filter(({ outageMs }) => outageMs > 0)
  const restarted = seen.filter(({ draw }) => draw.restarts)
  const reconnected = seen.filter(({ draw }) => !draw.restarts)
  const foundMs = ({ outageMs, promotionMs, draw }: FailoverRun) =>
    Math.max(0, outageMs - promotionMs - draw.noticedAfterMs)
  return {
    kind: 'failover',
    ...{ commit, ...made, seed },
    runs: runs.length,
    synchronousRuns: synchronous.length,
    asynchronousRuns: asynchronous.length,
    reconnectedRuns: runs.filter(({ draw }) => !draw.restarts).length,
    restartedRuns: runs.filter(({ draw }) => draw.restarts).length,
    acknowledged: sum(runs, run => run.acknowledged),
    synchronousLost: sum(synchronous, run => run.lost),
    asynchronousLost: sum(asynchronous, run => run.lost),
    phantomsFound: sum(runs, run => run.phantoms),
    double: sum(runs, run => run.double),
    forPerson: sum(runs, run => run.forPerson),
    breaches: sum(runs, run => run.breaches.length),
    withoutSafeMode: runs.filter(({ sign }) => sign === null).length,
    promotionMsMedian: median(runs.map(run => run.promotionMs)),
    promotionMsMax: most(runs.map(run => run.promotionMs)),
    noticedMsMedian: median(runs.map(({ draw }) => draw.noticedAfterMs)),
    reconnectedFoundMsMedian: median(reconnected.map(foundMs)),
    reconnectedFoundMsMax: most(reconnected.map(foundMs)),
    restartedFoundMsMedian: median(restarted.map(foundMs)),
    restartedFoundMsMax: most(restarted.map(foundMs)),
    outageMsMedian: median(seen.map(run => run.outageMs)),
    outageMsMax: most(seen.map(run => run.outageMs)),
    clientWaitedMsMax: most(runs.map(run => run.waitedMs)),
    refusedAnswers: sum(runs, run => run.refused),
    brokenTries: sum(runs, run => run.broken),
    secondsInAll: Math.round(sum(runs, run => run.durationMs) / 1000),
  }
}

function most(values: readonly number[]): number {
  return Math.round(Math.max(0, ...values))
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)
}
