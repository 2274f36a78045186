// Plants a bug in this process: from here on, whoever imports a patched file gets the copy. To be called before any code
// under test is loaded.
import { registerHooks } from 'node:module'
import type { Planted } from './planted.ts'

/** @throws where a patch does not fit its file exactly once */
export function plant({ number, patches = [] }: Planted): void {
  const root = new URL('../../../', import.meta.url).href
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      const mine = patches.filter(({ file }) => url === root + file)
      if (mine.length === 0) return loaded
      let source =
        typeof loaded.source === 'string'
          ? loaded.source
          : new TextDecoder().decode(loaded.source ?? undefined)
      for (const { file, from, to } of mine) {
        if (source.split(from).length !== 2) throw new Error(`planted ${number} does not fit ${file}`)
        source = source.replace(from, () => to)
      }
      return { ...loaded, source }
    },
  })
}
