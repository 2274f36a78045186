import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** What a browser loads before the first page is drawn, and the heaviest page beyond that, in packed kB. */
const FIRST_LOAD_KB_MAX = 240
const ONE_CHUNK_KB_MAX = 140

/** Prints what the console weighs, and fails the build where it has become too heavy. Fonts and pictures are not counted. */
export function sizeBudget(): Plugin {
  return {
    name: 'size-budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      const packed = new Map<string, number>()
      const first = new Set<string>()
      for (const [name, file] of Object.entries(bundle)) {
        if (file.type === 'asset' && !name.endsWith('.css')) continue
        packed.set(name, gzipSync(file.type === 'chunk' ? file.code : file.source).length / 1000)
        if (file.type === 'chunk' && file.isEntry) for (const one of [name, ...file.imports]) first.add(one)
        if (/^assets\/index-.*\.css$/.test(name)) first.add(name)
      }
      const firstKb = [...first].reduce((sum, name) => sum + (packed.get(name) ?? 0), 0)
      const [heaviest = '', heaviestKb = 0] =
        [...packed].filter(([name]) => !first.has(name)).sort((one, other) => other[1] - one[1])[0] ?? []
      const line = `packed: first load ${firstKb.toFixed(0)} kB of ${FIRST_LOAD_KB_MAX}, then at most ${heaviestKb.toFixed(0)} kB of ${ONE_CHUNK_KB_MAX} (${heaviest})`
      if (firstKb > FIRST_LOAD_KB_MAX || heaviestKb > ONE_CHUNK_KB_MAX)
        this.error(`the console is too heavy; ${line}`)
      this.info(line)
    },
  }
}
