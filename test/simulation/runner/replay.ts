// One history again, as a log that people read.
import { plantedNumbered } from '../planted/list.ts'
import { plant } from '../planted/plant.ts'

export async function replay(
  seed: number,
  { shrinks, bug, l0 }: { readonly shrinks: boolean; readonly bug: string | null; readonly l0: boolean },
): Promise<number> {
  const planted = bug === null ? null : await plantedNumbered(bug)
  if (bug !== null && planted === null) throw new Error(`there is no planted bug ${bug}`)
  plant(planted)
  // Loaded behind the plant, because it loads the code under test.
  if (l0) return replayPlacement(seed, await import('../l0/play.ts'), await import('../model/model-store.ts'))
  const { playHistory } = await import('./history.ts')
  const { shrink } = await import('./shrink.ts')
  const { drawOptions } = await import('../options.ts')
  const { createModelStore } = await import('../model/model-store.ts')
  const options = planted?.direct?.(drawOptions(seed)) ?? drawOptions(seed)
  const play: Parameters<typeof shrink>[1] = (of, dropped, told) =>
    playHistory({
      ...{ options: of, dropped, told, stopEarly: true, createStore: clock => createModelStore({ clock }) },
      ...(planted?.wrap === undefined ? {} : { wrap: planted.wrap }),
    })
  const shrunk = shrinks ? await shrink(options, play) : null
  const result = shrunk?.result ?? (await play(options, new Set(), true))
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
