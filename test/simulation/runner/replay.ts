// One history again, as a log that people read.

import type { TestDatabase } from '../../postgres.ts'
import { plantedNumbered } from '../planted/list.ts'
import { plant } from '../planted/plant.ts'
import type { Planted } from '../planted/planted.ts'
import type { PlayOne } from './shrink.ts'

export async function replay(
  seed: number,
  {
    shrinks,
    bug,
    l0,
    createDatabase,
  }: {
    readonly shrinks: boolean
    readonly bug: string | null
    readonly l0: boolean
    /** Over Postgres. */
    readonly createDatabase: (() => Promise<TestDatabase>) | undefined
  },
): Promise<number> {
  const planted = bug === null ? null : await plantedNumbered(bug)
  if (bug !== null && planted === null) throw new Error(`there is no planted bug ${bug}`)
  plant(planted)
  // Loaded behind the plant, because it loads the code under test.
  if (l0) return replayPlacement(seed, await import('../l0/play.ts'), await import('../model/model-store.ts'))
  const { shrink } = await import('./shrink.ts')
  const { drawOptions } = await import('../options.ts')
  const over = await playerOf(planted, createDatabase)
  const options = planted?.direct?.(drawOptions(seed)) ?? drawOptions(seed)
  const shrunk = shrinks ? await shrink(options, over.play) : null
  const result = shrunk?.result ?? (await over.play(options, new Set(), true))
  await over.close()
  for (const line of result.lines) console.log(line)
  console.log(
    JSON.stringify(shrunk?.options ?? options, (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    ),
  )
  if (shrunk !== null)
    console.log(`after ${shrunk.tries} tries; left out were the clients ${[...shrunk.dropped].join(', ')}`)
  for (const { invariant, said, atMs } of result.violations)
    console.log(`${invariant} after ${atMs} ms: ${said}`)
  console.log(`seed ${seed}, ${result.payouts} payouts, ${result.events} events, trace ${result.hash}`)
  return result.violations.length === 0 ? 0 : 1
}

interface Player {
  readonly play: PlayOne
  close(): Promise<void>
}

/** Loaded behind the plant, because it loads the code under test. */
async function playerOf(
  planted: Planted | null,
  createDatabase: (() => Promise<TestDatabase>) | undefined,
): Promise<Player> {
  const wrap = planted?.wrap === undefined ? {} : { wrap: planted.wrap }
  if (createDatabase === undefined) {
    const { playHistory } = await import('./history.ts')
    const { createModelStore } = await import('../model/model-store.ts')
    const createStore = (clock: { now(): number }) => createModelStore({ clock })
    return {
      play: (options, dropped, told) =>
        playHistory({ options, dropped, told, stopEarly: true, createStore, ...wrap }),
      close: async () => {},
    }
  }
  const { openWorldDatabase } = await import('../postgres/database.ts')
  const { playOverPostgres } = await import('../postgres/play.ts')
  const made = await createDatabase()
  const database = await openWorldDatabase(made.url)
  const besideModel = planted === null
  return {
    play: (options, dropped, told) =>
      playOverPostgres(database, { options, dropped, told, stopEarly: true, besideModel, ...wrap }),
    async close() {
      await database.close()
      await made.drop()
    },
  }
}

async function replayPlacement(
  number: number,
  { playPlacement }: typeof import('../l0/play.ts'),
  { createModelStore }: typeof import('../model/model-store.ts'),
): Promise<number> {
  const createStore = (clock: { now(): number }) => createModelStore({ clock })
  const result = await playPlacement(number, { createStore, told: true, stopEarly: true })
  for (const line of result.lines) console.log(line)
  for (const { invariant, said, atMs } of result.violations)
    console.log(`${invariant} after ${atMs} ms: ${said}`)
  console.log(`placement ${number}, reached ${result.reached}, trace ${result.hash}`)
  return result.violations.length === 0 ? 0 : 1
}
