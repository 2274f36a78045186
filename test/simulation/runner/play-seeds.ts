// Many histories over all cores, with their figures while they run.
import { addMarks } from '../marks.ts'
import { runPool } from './pool.ts'
import type { Found, Task } from './task.ts'

export interface SeedsResult {
  readonly played: number
  readonly found: readonly Found[]
  readonly marks: ReadonlyMap<string, number>
  readonly faults: ReadonlyMap<string, number>
  readonly events: number
  readonly payouts: number
  /** Of all workers together: what it took of a core. */
  readonly cpuMs: number
}

/** Where nobody watches a screen, a line now and then says that it goes on. */
const LINE_MS = 20_000
/** Seeds of one range: small enough that all workers end together. */
const RANGE = 25

export async function runSeeds(
  asked: {
    readonly kind?: Task['kind']
    readonly seeds: number
    readonly seed: number
    readonly jobs: number
    readonly twice: boolean
    readonly range?: number
    /** Played in any case, and no further ones after this moment of `performance.now`. */
    readonly least?: number
    readonly untilMs?: number
  },
  progress: (so: SeedsResult) => void = () => {},
): Promise<SeedsResult> {
  const so = {
    played: 0,
    found: [] as Found[],
    marks: new Map<string, number>(),
    faults: new Map<string, number>(),
    events: 0,
    payouts: 0,
    cpuMs: 0,
  }
  const range = asked.range ?? RANGE
  const endsAt = asked.seed + asked.seeds
  let nextSeed = asked.seed
  await runPool({
    jobs: asked.jobs,
    planted: null,
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
      so.played += result.played
      so.found.push(...result.found)
      so.events += result.events
      so.payouts += result.payouts
      so.cpuMs += result.cpuMs
      addMarks(so.marks, result.marks)
      addMarks(so.faults, result.faults)
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
}): Promise<number> {
  const began = performance.now()
  const isScreen = process.stderr.isTTY === true
  let printedAt = began
  const end = await runSeeds(asked, so => {
    if (isScreen) process.stderr.write(`\r${lineOf(so, began)}\u001b[K`)
    else if (performance.now() - printedAt > LINE_MS) {
      printedAt = performance.now()
      process.stderr.write(`${lineOf(so, began)}\n`)
    }
  })
  if (isScreen) process.stderr.write('\n')
  console.log(lineOf(end, began))
  console.log(
    `per core ${Math.round((end.played / end.cpuMs) * 1_000)}/s, ${end.events} events, ${end.payouts} payouts`,
  )
  if (asked.lists) {
    list('marks', end.marks)
    list('faults', end.faults)
  }
  for (const { seed, violations } of end.found.slice(0, 10)) {
    for (const { invariant, said } of violations) console.log(`seed ${seed}: ${invariant}: ${said}`)
    console.log(`  npm run simulate -- ${asked.kind === 'L0' ? '--l0 ' : ''}--replay ${seed} --shrink`)
  }
  if (end.found.length > 10) console.log(`and ${end.found.length - 10} more`)
  return end.found.length === 0 ? 0 : 1
}

function lineOf(so: SeedsResult, began: number): string {
  const seconds = (performance.now() - began) / 1_000
  return `${so.played} histories, ${Math.round(so.played / seconds)}/s, ${so.found.length} with violations, ${so.marks.size} marks`
}

function list(name: string, counts: ReadonlyMap<string, number>): void {
  console.log(`${name}:`)
  for (const [one, times] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`  ${String(times).padStart(8)}  ${one}`)
}
