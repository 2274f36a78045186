import { matches, type PureRoom, pureRooms } from './house.ts'
import { type Import, isTest, type Source, sourcesOf } from './source.ts'
import type { Tree } from './tree.ts'

// Words a pure file has no use for. What it needs of time and chance it is given as a value: a number, a nonce.
const effects =
  /\b(?:clock|random|process|fetch|setTimeout|setInterval|setImmediate|performance|globalThis|crypto|console|Date\s*\.\s*now)\b|\bnew\s+Date\b\s*(?:\(\s*\)|(?![\s(]))|(?<!new\s)\bDate\s*\(/g

/** The paths of the pure files in the tree, tests left out. */
export function purePaths(tree: Tree): readonly string[] {
  return sourcesOf(tree)
    .map(source => source.path)
    .filter(path => pureRoomOf(path) !== undefined)
}

/** Every word and every import that would let the world into a pure file. */
export function purityFindings(tree: Tree): readonly string[] {
  return sourcesOf(tree).flatMap(source => {
    const room = pureRoomOf(source.path)
    if (room === undefined) return []
    const imports = source.imports.flatMap(one => {
      const why = impureImport(room, one)
      return why === null ? [] : [`${source.path}:${one.line} is pure and ${why}`]
    })
    return [...imports, ...effectWords(source)]
  })
}

function effectWords(source: Source): readonly string[] {
  return source.code.split('\n').flatMap((line, index) => {
    const words = [...line.matchAll(effects)].map(match => match[0].trim())
    return words.map(word => `${source.path}:${index + 1} is pure and says ${word}`)
  })
}

function impureImport(room: PureRoom, one: Import): string | null {
  if (one.target === null) {
    const known = one.specifier !== null && room.packages.includes(one.specifier)
    return known ? null : `imports ${one.specifier ?? 'something computed'}`
  }
  if (one.typeOnly || pureRoomOf(one.target) !== undefined || one.target === 'src/errors.ts') return null
  return room.lib.some(file => one.target === `src/lib/${file}`) ? null : `loads ${one.target}`
}

function pureRoomOf(path: string): PureRoom | undefined {
  if (!path.startsWith('src/') || isTest(path)) return undefined
  return pureRooms.find(room => matches(room.files, path.slice('src/'.length)))
}
