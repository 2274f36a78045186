// The file of a long run: what it has so far, written while it plays, so that a run that was stopped goes on where it was
// and people can read how far it is.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { commitOf, today } from '../../provenance.ts'
import { emptyTally, type Tally } from './tally.ts'

export interface Results {
  readonly kind: string
  /** That of the first part; `date` is that of the last writing. */
  readonly begun: string
  readonly date: string
  readonly commit: string
  readonly node: string
  readonly machine: string
  readonly firstSeed: number
  /** Every seed from the first one up to, not including, this one was played. */
  readonly nextSeed: number
  readonly histories: number
  readonly payouts: number
  readonly events: number
  readonly violations: number
  readonly violationsBySeed: readonly {
    readonly seed: number
    readonly invariant: string
    readonly said: string
  }[]
  /** Three divided by the histories, where none broke an invariant; else null. */
  readonly violationRateBelow: number | null
  readonly means: string
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly historiesPerCpuSecond: number
  /** Of the largest worker at the end of this part of the run, and of all parts. */
  readonly workerMiBMax: number
  readonly marksReached: number
  readonly faults: Readonly<Record<string, number>>
  readonly marks: Readonly<Record<string, number>>
}

export const MEANS = 'a bound of 95 % for the modelled mix, not for production'

export interface RunOf {
  readonly kind: string
  readonly firstSeed: number
  readonly commit: string
}

export function resultsOf(run: RunOf, begun: string, tally: Tally, wallSeconds: number): Results {
  const { played, violations, cpuMs } = tally
  return {
    ...{ kind: run.kind, begun, date: today(), commit: run.commit },
    ...machine(),
    firstSeed: run.firstSeed,
    nextSeed: tally.nextSeed,
    histories: played,
    payouts: tally.payouts,
    events: tally.events,
    violations,
    violationsBySeed: tally.found.map(({ seed, violations: [first] }) => ({
      seed,
      invariant: first?.invariant ?? '',
      said: first?.said ?? '',
    })),
    violationRateBelow: violations === 0 && played > 0 ? 3 / played : null,
    means: MEANS,
    cpuSeconds: Math.round(cpuMs / 1_000),
    wallSeconds: Math.round(wallSeconds),
    historiesPerCpuSecond: cpuMs === 0 ? 0 : Math.round((played / cpuMs) * 10_000) / 10,
    workerMiBMax: tally.rssMb,
    marksReached: tally.marks.size,
    faults: sorted(tally.faults),
    marks: sorted(tally.marks),
  }
}

export class OtherRun extends Error {
  override readonly name = 'OtherRun'
}

/** Null where there is no such file. @throws OtherRun where it is of another run: another commit, first seed or kind */
export function readResults(path: string, run: RunOf): Results | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return null
  }
  // Written below by an earlier part of the same run, or refused.
  const known = JSON.parse(text) as Results
  for (const [name, own, other] of [
    ['kind', run.kind, known.kind],
    ['commit', run.commit, known.commit],
    ['first seed', run.firstSeed, known.firstSeed],
  ] as const)
    if (own !== other) throw new OtherRun(`${path} is of another ${name}: ${other}, not ${own}`)
  if (run.commit.includes(' '))
    throw new OtherRun(`${path} cannot be gone on from: the commit is "${run.commit}"`)
  return known
}

export function tallyOf(known: Results): Tally {
  return {
    ...emptyTally(known.nextSeed),
    played: known.histories,
    violations: known.violations,
    found: known.violationsBySeed.map(({ seed, invariant, said }) => ({
      seed,
      violations: [{ invariant, said, atMs: 0 }],
    })),
    events: known.events,
    payouts: known.payouts,
    cpuMs: known.cpuSeconds * 1_000,
    rssMb: known.workerMiBMax,
    marks: new Map(Object.entries(known.marks)),
    faults: new Map(Object.entries(known.faults)),
  }
}

/** Whole or not at all: a reader, and a run that goes on, never see half a file. */
export function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.part`, `${JSON.stringify(value, null, 2)}\n`)
  renameSync(`${path}.part`, path)
}

export function machine(): { readonly node: string; readonly machine: string } {
  const [first] = cpus()
  const gib = Math.round(totalmem() / 1_073_741_824)
  return {
    node: process.version,
    machine: `${availableParallelism()} cores (${first?.model.trim() ?? 'unknown'}), ${gib} GiB`,
  }
}

/** What the histories were played of. */
export function commitOfTree(): string {
  return commitOf(undefined, ['src', 'test/simulation'])
}

export function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
