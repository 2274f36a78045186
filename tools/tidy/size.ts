import ts from 'typescript'
import { generated } from './generated.ts'
import { isTest, lineAt, type Source, sourcesOf, walk } from './source.ts'
import type { Tree } from './tree.ts'

// 50 to 150 lines is usual, and a longer file is a question for its reader, not for this test. These two bounds are
// far beyond: past them nobody reads the file in one sitting.
const fileLinesMax = 400
const functionLinesMax = 120

interface Measured {
  readonly place: string
  readonly lines: number
}

/** Every source file and every function that is far too long. Tests are lists and may be. */
export function sizeFindings(tree: Tree): readonly string[] {
  const measured = measure(tree)
  return [
    ...measured.files.filter(file => file.lines > fileLinesMax),
    ...measured.functions.filter(one => one.lines > functionLinesMax),
  ].map(one => `${one.place} has ${one.lines} lines`)
}

/** The five longest of each, for information. */
export function longest(tree: Tree): string {
  const { files, functions } = measure(tree)
  const top = (all: readonly Measured[]): string =>
    [...all]
      .sort((one, other) => other.lines - one.lines)
      .slice(0, 5)
      .map(one => `${one.place} ${one.lines}`)
      .join(', ')
  return `longest files: ${top(files)}\nlongest functions: ${top(functions)}`
}

function measure(tree: Tree): {
  readonly files: readonly Measured[]
  readonly functions: readonly Measured[]
} {
  const sources = sourcesOf(tree).filter(
    source =>
      /^(?:src|tools|bench|console)\//.test(source.path) && !isTest(source.path) && !isGenerated(source.path),
  )
  return {
    files: sources.map(source => ({ place: source.path, lines: linesOf(source.text) })),
    functions: sources.flatMap(functionsOf),
  }
}

function isGenerated(path: string): boolean {
  return generated.some(({ file }) => file === path)
}

function linesOf(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

function functionsOf(source: Source): readonly Measured[] {
  const found: Measured[] = []
  walk(source, node => {
    if (!ts.isFunctionLike(node)) return
    const first = lineAt(source, node.getStart(source.file))
    found.push({ place: `${source.path}:${first}`, lines: lineAt(source, node.getEnd()) - first + 1 })
  })
  return found
}
