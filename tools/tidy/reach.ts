import { sourcesOf } from './source.ts'
import type { Tree } from './tree.ts'

const start = 'src/main.ts'

/** Files of `src/` that no import of ours leads to, and why they stay. */
export const unreached: readonly { readonly paths: RegExp; readonly why: string }[] = [
  { paths: /\.test\.ts$/, why: 'the test runner finds it' },
  { paths: /^src\/store\/migrations\//, why: 'the migrator reads the folder' },
  { paths: /^src\/protocols\/[^/]+\/vectors\//, why: 'recorded bytes, read by the tests beside them' },
  { paths: /\.fixture\.ts$/, why: 'what tests of one kind share' },
  { paths: /^src\/api\/verify\.html$/, why: 'a page: read when it is mounted' },
  { paths: /\/README\.md$/, why: 'read by people' },
]

/**
 * Every file of `src/` that the program never loads and that the table above does not excuse. Before there is a
 * `src/main.ts` nothing can be said, and nothing is.
 */
export function reachFindings(tree: Tree): readonly string[] {
  if (!tree.has(start)) return []
  const reached = reachedFrom(tree, start)
  return [...tree.keys()]
    .filter(path => path.startsWith('src/') && !reached.has(path))
    .filter(path => !unreached.some(excuse => excuse.paths.test(path)))
    .map(path => `${path} is reached neither from ${start} nor by a row of tools/tidy/reach.ts`)
}

function reachedFrom(tree: Tree, first: string): ReadonlySet<string> {
  const edges = new Map(sourcesOf(tree).map(source => [source.path, source.imports]))
  const reached = new Set([first])
  for (const path of reached) {
    for (const one of edges.get(path) ?? []) {
      // A set that is walked also gives what is added on the way.
      if (one.target !== null && tree.has(one.target)) reached.add(one.target)
    }
  }
  return reached
}
