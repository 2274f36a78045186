// Many scripts, some at a time, each group of them on a database of its own.
import { countAnswer } from './answers.ts'
import { drawnScript } from './draw.ts'
import type { Pair } from './pair.ts'
import { type Run, runScript } from './run.ts'
import { printed } from './script.ts'
import { shrunk } from './shrink.ts'

export interface Tier {
  readonly runs: readonly Run[]
  readonly calls: number
  /** By function and kind of answer, how often. */
  readonly answers: ReadonlyMap<string, number>
  /** Null: the stores agreed in every script. Otherwise the seed, and the smallest script that still fails, as a log. */
  readonly failure: string | null
}

/** Runs `count` seeds from `seed` on, until one fails. `keep`: whether the runs are given back. */
export async function runTier(
  pairs: readonly Pair[],
  of: { readonly seed: bigint; readonly count: number; readonly keep: boolean },
): Promise<Tier> {
  const runs: Run[] = []
  const answers = new Map<string, number>()
  let calls = 0
  let failure: string | null = null
  let next = 0

  async function work(pair: Pair): Promise<void> {
    while (failure === null && next < of.count) {
      const seed = of.seed + BigInt(next)
      next += 1
      const run = await runScript(pair, drawnScript(seed))
      for (const given of run.given)
        for (const answer of given) {
          calls += 1
          countAnswer(answers, answer)
        }
      if (of.keep) runs.push(run)
      if (run.mismatch !== null) failure ??= await described(pair, seed, run)
    }
  }
  await Promise.all(pairs.map(work))
  return { runs, calls, answers, failure }
}

async function described(pair: Pair, seed: bigint, run: Run): Promise<string> {
  const small = await shrunk(pair, run)
  return [
    `seed ${seed}, ${pair.isolation}: model and Postgres part`,
    `again: npm run store-scripts -- --count 1 --seed ${seed} --isolation '${pair.isolation}'`,
    'first seen as',
    run.mismatch ?? '',
    'smallest script that fails',
    printed(small.script),
    small.mismatch ?? '',
  ].join('\n')
}
