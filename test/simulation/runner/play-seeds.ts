// Many histories over all cores, with their figures while they run.

import { today } from '../../provenance.ts'
import { type PoolOptions, runPool } from './pool.ts'
import { commitOfTree, type RunOf, readResults, resultsOf, tallyOf, writeJson } from './results.ts'
import { createTallier, emptyTally, type Tally } from './tally.ts'
import type { Task } from './task.ts'

export type SeedsResult = Readonly<Tally>

/** Where nobody watches a screen, a line now and then says that it goes on. */
const LINE_MS = 20_000
const KEEP_MS = 30_000
/** Seeds of one range: small enough that all workers end together. */
const RANGE = 50
const RANGE_OVER_POSTGRES = 5

const KINDS = {
  L0: 'placements of one payout',
  L1: 'histories',
  'L1.5': 'histories over Postgres',
} satisfies Record<Task['kind'], string>
const FLAGS = { L0: '--l0 ', L1: '', 'L1.5': '--postgres ' } satisfies Record<Task['kind'], string>

export async function runSeeds(
  asked: {
    readonly kind?: Task['kind']
    readonly seeds: number
    readonly seed: number
    readonly jobs: number
    readonly twice: boolean
    readonly range?: number
    readonly createDatabase?: PoolOptions['createDatabase']
    /** Played in any case, and no further ones after this moment of `performance.now`. */
    readonly least?: number
    readonly untilMs?: number
    /** What an earlier part of the run has played already. */
    readonly from?: Tally
  },
  progress: (so: SeedsResult) => void = () => {},
): Promise<SeedsResult> {
  const so = asked.from ?? emptyTally(asked.seed)
  const tallier = createTallier(so)
  const range = asked.range ?? (asked.kind === 'L1.5' ? RANGE_OVER_POSTGRES : RANGE)
  const endsAt = asked.seed + asked.seeds
  let nextSeed = so.nextSeed
  await runPool({
    jobs: asked.jobs,
    planted: null,
    createDatabase: asked.createDatabase,
    next() {
      const isLate = asked.untilMs !== undefined && performance.now() > asked.untilMs
      const isOver = nextSeed >= endsAt || (isLate && nextSeed - asked.seed >= (asked.least ?? 0))
      if (isOver) return null
      const count = Math.min(range, endsAt - nextSeed)
      const task: Task = {
        ...{ kind: asked.kind ?? 'L1', from: nextSeed, count, twice: asked.twice },
        ...{ untilFound: false, direct: '' },
      }
      nextSeed += count
      return task
    },
    done(result) {
      tallier.add(result)
      progress(so)
    },
  })
  return so
}

export async function playSeeds(asked: {
  readonly kind: Task['kind']
  readonly seeds: number
  readonly seed: number
  readonly jobs: number
  readonly twice: boolean
  readonly lists: boolean
  readonly createDatabase?: PoolOptions['createDatabase']
  /** A file that keeps what was played, and from which the same run goes on; null: none. */
  readonly results: string | null
}): Promise<number> {
  const began = performance.now()
  const run: RunOf = {
    kind: `${KINDS[asked.kind]}${asked.twice ? ', twice' : ''}`,
    firstSeed: asked.seed,
    commit: commitOfTree(),
  }
  const known = asked.results === null ? null : readResults(asked.results, run)
  const from = known === null ? emptyTally(asked.seed) : tallyOf(known)
  const atFirst = from.nextSeed
  const secondsBefore = known?.wallSeconds ?? 0
  const seconds = (): number => (performance.now() - began) / 1_000
  const keep = (so: SeedsResult): void => {
    if (asked.results !== null)
      writeJson(asked.results, resultsOf(run, known?.begun ?? today(), so, secondsBefore + seconds()))
  }
  const line = (so: SeedsResult): string => {
    const perSecond = (so.nextSeed - atFirst) / seconds()
    const left =
      perSecond === 0 ? '' : `, ${lasting((asked.seed + asked.seeds - so.nextSeed) / perSecond)} left`
    return `${so.played} histories, ${Math.round(perSecond)}/s${left}, ${so.violations} with violations, ${so.marks.size} marks`
  }

  const isScreen = process.stderr.isTTY === true
  let printedAt = began
  let keptAt = began
  const end = await runSeeds({ ...asked, from }, so => {
    const now = performance.now()
    if (now - keptAt > KEEP_MS) {
      keptAt = now
      keep(so)
    }
    if (isScreen) process.stderr.write(`\r${line(so)}\u001b[K`)
    else if (now - printedAt > LINE_MS) {
      printedAt = now
      process.stderr.write(`${line(so)}\n`)
    }
  })
  keep(end)
  if (isScreen) process.stderr.write('\n')
  console.log(line(end))
  console.log(
    `per core ${Math.round((end.played / end.cpuMs) * 1_000)}/s; of a history ${of(end.payouts, end)} payouts, ${of(end.events, end)} events; workers hold ${end.rssMb} MiB at most`,
  )
  if (asked.lists) {
    list('marks', end.marks)
    list('faults', end.faults)
  }
  for (const { seed, violations } of end.found.slice(0, 10)) {
    for (const { invariant, said } of violations) console.log(`seed ${seed}: ${invariant}: ${said}`)
    console.log(`  npm run simulate -- ${FLAGS[asked.kind]}--replay ${seed} --shrink`)
  }
  if (end.violations > 10) console.log(`and ${end.violations - 10} more`)
  return end.violations === 0 ? 0 : 1
}

function of(sum: number, { played }: SeedsResult): string {
  return (sum / Math.max(1, played)).toFixed(1)
}

function lasting(seconds: number): string {
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function list(name: string, counts: ReadonlyMap<string, number>): void {
  console.log(`${name}:`)
  for (const [one, times] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`  ${String(times).padStart(8)}  ${one}`)
}
