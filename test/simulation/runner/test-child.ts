// Runs one test file with a bug planted, or without, and tells whoever forked this which of its tests failed. The patch is
// made while a file is loaded; the tree stays as it is.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startVitest } from 'vitest/node'
import { plantedNumbered } from '../planted/list.ts'
import { patched, patchesOf } from '../planted/patched.ts'

const [file = '', number = ''] = process.argv.slice(2)
const root = fileURLToPath(new URL('../../../', import.meta.url))
const planted = number === '' ? null : await plantedNumbered(number)
const patches = planted === null ? [] : patchesOf(planted)

const needsDatabase = /postgres\.ts'|-kit\.ts'/.test(readFileSync(`${root}${file}`, 'utf8'))

const vitest = await startVitest(
  'test',
  [file],
  {
    ...{ root, config: false, watch: false, include: [file], reporters: [{}], fsModuleCache: false },
    ...{ pool: 'forks', maxWorkers: 1, testTimeout: 60_000, hookTimeout: 60_000 },
    ...(needsDatabase ? { globalSetup: ['./test/postgres.ts'] } : {}),
  },
  {
    plugins: [
      {
        name: 'planted bug',
        enforce: 'pre',
        transform: (source: string, id: string) => patched(source, id.split('?')[0] ?? '', root, patches),
      },
    ],
  },
)
const modules = vitest.state.getTestModules()
const failed = modules.flatMap(module =>
  [...module.children.allTests()].flatMap(test => (test.result().state === 'failed' ? [test.name] : [])),
)
const ran = modules.reduce((sum, module) => sum + [...module.children.allTests()].length, 0)
await vitest.close()
process.send?.({ ran, failed })
process.disconnect?.()
