// Runs side by side, each lane with a provider of its own: a run tells what is its own in the provider's books by what
// stood there before. What the next run needs is made while the one before waits.
import type { House } from '../house.ts'
import { startRail } from '../rail.ts'
import type { Bench, CrashRun, Draw } from './run.ts'

/** A rail's books grow with every run and are read whole each time. */
const RUNS_PER_RAIL = 50

/** Runs all that is drawn. `onRun` hears each end; after `signal` nothing new begins. */
export async function runLanes(
  draws: readonly Draw[],
  options: {
    readonly lanes: number
    readonly openBench: () => Bench
    readonly seed: number
    readonly onRun: (run: CrashRun) => Promise<void> | void
    readonly signal?: AbortSignal
  },
): Promise<void> {
  const queue = draws.values()
  const lanes = Array.from({ length: Math.min(options.lanes, draws.length) }, async (_, lane) => {
    await using bench = options.openBench()
    for (let round = 0; ; round += 1) {
      await using rail = await startRail({ seed: options.seed + lane + round * options.lanes })
      let next: Promise<House> = bench.house(rail)
      for (let runs = 0; ; runs += 1) {
        const house = await next
        const draw = runs === RUNS_PER_RAIL || options.signal?.aborted === true ? null : queue.next()
        if (draw === null || draw.done === true) {
          await house[Symbol.asyncDispose]()
          if (draw === null && options.signal?.aborted !== true) break
          return
        }
        next = bench.house(rail)
        // Whoever awaits it hears of its failure.
        next.catch(() => {})
        const run = await orUnjudged(draw.value, () => bench.run(draw.value, { rail, house }))
        await house[Symbol.asyncDispose]()
        await options.onRun(run)
      }
    }
  })
  await Promise.all(lanes)
}

/** A run that could not be carried through shows nothing, and what shows nothing is no pass. */
async function orUnjudged(draw: Draw, run: () => Promise<CrashRun>): Promise<CrashRun> {
  const startedMs = Date.now()
  try {
    return await run()
  } catch (error) {
    return {
      ...draw,
      ...{ killed: false, passings: 0, states: {}, forPerson: 0, lost: 0, double: 0 },
      breaches: [],
      unjudged: error instanceof Error ? error.message : String(error),
      durationMs: Date.now() - startedMs,
    }
  }
}
