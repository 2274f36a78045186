// Plays each planted bug until it is found, and the same histories without it, which must be clean.
import { plantedNumbered } from '../planted/list.ts'
import { playTest } from './play-test.ts'
import { type PoolOptions, runPool } from './pool.ts'
import type { Found, Task } from './task.ts'

export interface PlantedResult {
  readonly number: string
  readonly says: string
  /** The check that had to find it; null: any. */
  readonly by: string | null
  /** How many seeds it took; null: it was not found. */
  readonly seeds: number | null
  readonly found: Found | null
  /** What the clean code showed over the same seeds. */
  readonly clean: readonly Found[]
  readonly ms: number
}

const RANGE = 10

interface Asked {
  readonly seeds: number
  readonly seed: number
  readonly jobs: number
  /** Over Postgres. */
  readonly createDatabase?: PoolOptions['createDatabase']
}

export async function runPlanted(number: string, asked: Asked): Promise<PlantedResult> {
  const { seed, seeds } = asked
  const began = performance.now()
  const planted = await plantedNumbered(number)
  if (planted === null) throw new Error(`there is no planted bug ${number}`)
  if (planted.test !== undefined)
    return { ...(await runTest(number, planted.test)), says: planted.says, ms: performance.now() - began }
  const found = await play(number, '', asked)
  const first = found.toSorted((one, other) => one.seed - other.seed)[0] ?? null
  const count = first === null ? seeds : first.seed - seed + 1
  // Undirected, they are histories like all others, which the clean code plays anyway.
  const clean = planted.direct === undefined ? [] : await play(null, number, { ...asked, seeds: count })
  return {
    ...{ number, says: planted.says, by: planted.by ?? null, found: first, clean },
    seeds: first === null ? null : count,
    ms: performance.now() - began,
  }
}

/** The titles that fail are what was found; without the bug none may. */
async function runTest(number: string, file: string): Promise<Omit<PlantedResult, 'says' | 'ms'>> {
  const { failed } = await playTest(file, number)
  const clean = await playTest(file, null)
  const asFound = (titles: readonly string[]): readonly Found[] =>
    titles.length === 0
      ? []
      : [{ seed: 0, violations: titles.map(said => ({ invariant: file, said, atMs: 0 })) }]
  const [found = null] = asFound(failed)
  return { number, by: null, seeds: found === null ? null : 1, found, clean: asFound(clean.failed) }
}

async function play(
  planted: string | null,
  direct: string,
  { seed, seeds, jobs, createDatabase }: Asked,
): Promise<readonly Found[]> {
  const found: Found[] = []
  let nextSeed = seed
  await runPool({
    ...{ jobs, planted, createDatabase },
    next() {
      if (nextSeed >= seed + seeds || (planted !== null && found.length > 0)) return null
      const count = Math.min(RANGE, seed + seeds - nextSeed)
      const task: Task = {
        kind: createDatabase === undefined ? 'L1' : 'L1.5',
        from: nextSeed,
        count,
        twice: false,
        untilFound: planted !== null,
        direct,
      }
      nextSeed += count
      return task
    },
    done: result => void found.push(...result.found),
  })
  return found
}

export async function playPlanted(asked: Asked & { readonly numbers: readonly string[] }): Promise<number> {
  let missed = 0
  for (const number of asked.numbers) {
    const result = await runPlanted(number, asked)
    const [violation] = result.found?.violations ?? []
    const how =
      violation === undefined
        ? 'NOT FOUND'
        : `seed ${result.seeds}, ${violation.invariant}: ${violation.said}`
    console.log(
      `${number.padEnd(4)} ${result.says}\n     ${how.split('\n')[0]} (${Math.round(result.ms)} ms)`,
    )
    if (result.clean.length > 0) console.log(`     the clean code breaks ${JSON.stringify(result.clean[0])}`)
    const isOther = result.by !== null && violation !== undefined && violation.invariant !== result.by
    if (isOther) console.log(`     ${result.by} had to find it`)
    if (violation === undefined || isOther || result.clean.length > 0) missed += 1
  }
  return missed === 0 ? 0 : 1
}
