// One history again, as a log that people read.
import { plantedNumbered } from '../planted/list.ts'
import { plant } from '../planted/plant.ts'

export async function replay(
  seed: number,
  { shrinks, bug }: { readonly shrinks: boolean; readonly bug: string | null },
): Promise<number> {
  const planted = bug === null ? null : await plantedNumbered(bug)
  if (bug !== null && planted === null) throw new Error(`there is no planted bug ${bug}`)
  if (planted !== null) plant(planted)
  // Loaded behind the plant, because it loads the code under test.
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
  console.log(JSON.stringify(shrunk?.options ?? options))
  if (shrunk !== null)
    console.log(`after ${shrunk.tries} tries; left out were the clients ${[...shrunk.dropped].join(', ')}`)
  for (const { invariant, said, atMs } of result.violations)
    console.log(`${invariant} after ${atMs} ms: ${said}`)
  console.log(`seed ${seed}, ${result.payouts} payouts, ${result.events} events, trace ${result.hash}`)
  return result.violations.length === 0 ? 0 : 1
}
