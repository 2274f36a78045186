import type { Tree } from './tree.ts'

/**
 * A file that is written by a program. `printedBy` is the command (after `node`) whose standard output is the fresh
 * text; `comparedIn` is the test that makes it anew and compares, where that needs more than a process of its own.
 */
export interface Generated {
  readonly file: string
  readonly printedBy?: readonly [script: string, ...rest: string[]]
  readonly comparedIn?: string
}

// A row without a command and without a test waits for its generator; once the file is there, it needs one of the two.
export const generated: readonly Generated[] = [
  { file: 'docs/openapi.json', printedBy: ['tools/generate.ts', '--print'] },
  { file: 'console/src/api/types.gen.ts', printedBy: ['tools/console-types.ts'] },
  { file: 'docs/lifecycle.md', printedBy: ['tools/lifecycle.ts'] },
  { file: 'docs/safety.md', printedBy: ['tools/safety.ts'] },
  // It compares every file of that folder, and finds those that are too many.
  {
    file: 'docs/doors/quittance.postman_collection.json',
    comparedIn: 'src/protocols/documents.test.ts',
  },
]

/** Every generated file that nobody compares, or that differs from what `print` gives for its command. */
export function generatedFindings(
  tree: Tree,
  rows: readonly Generated[],
  print: (command: readonly string[]) => string,
): readonly string[] {
  return rows.flatMap(row => {
    const text = tree.get(row.file)
    if (text === undefined) return []
    if (row.comparedIn !== undefined) {
      const compares =
        tree.get(row.comparedIn)?.includes(row.file.slice(row.file.lastIndexOf('/') + 1)) ?? false
      return compares ? [] : [`${row.file} is not compared in ${row.comparedIn}`]
    }
    if (row.printedBy === undefined)
      return [`${row.file} is there, but its row in tools/tidy/generated.ts is empty`]
    return print(row.printedBy) === text ? [] : [`${row.file} is stale: node ${row.printedBy.join(' ')}`]
  })
}
