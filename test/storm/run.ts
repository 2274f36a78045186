// Many histories: several worlds at once on one Postgres, each plays one history after the other.
import { availableParallelism } from 'node:os'
import { makeDatabasesOn } from '../postgres.ts'
import { openCluster } from './cluster.ts'
import { steady } from './heal.ts'
import { type History, playHistory } from './history.ts'
import { planOf } from './plan.ts'
import { openWorld } from './world.ts'

/** The books of a world are read whole again and again, so it does not grow for ever. */
const HISTORIES_PER_WORLD = 50
const WORLDS_MAX = 4

export interface RunOptions {
  /** The number of the first history, and of the one behind the last. */
  readonly from: number
  readonly until: number
  readonly seed: number
  readonly told: (history: History) => void | Promise<void>
  readonly isStopped: () => boolean
}

/** Seeds of histories lie this far apart from those of another run's. */
const SEEDS_PER_RUN = 1_000_000

export function seedOf(seed: number, place: number): number {
  return seed * SEEDS_PER_RUN + place
}

export async function runHistories(options: RunOptions): Promise<void> {
  const { from, until, seed, told, isStopped } = options
  await using cluster = await openCluster()
  makeDatabasesOn(cluster.url)
  const left = places(from, until)
  const worlds = Math.min(WORLDS_MAX, 2 * availableParallelism(), until - from)

  async function live(number: number): Promise<void> {
    for (let isOver = false; !isOver; ) {
      // A program does not start while its database is away, and another world may have it restarted just now.
      await using world = await steady(() => openWorld(cluster, seedOf(seed, number), 1 + (number % 2)))
      for (let played = 0; played < HISTORIES_PER_WORLD; played += 1) {
        const next = isStopped() ? { done: true as const } : left.next()
        if (next.done === true) {
          isOver = true
          break
        }
        const history = await playHistory(world, planOf(seedOf(seed, next.value)))
        await told(history)
        // Books that do not fit stay so: whoever comes after would be judged by them.
        if (history.breaches.length > 0) break
      }
    }
  }
  await Promise.all(Array.from({ length: worlds }, (_, number) => live(number)))
}

function* places(from: number, until: number): Generator<number, void> {
  for (let place = from; place < until; place += 1) yield place
}
