import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The repository as the checks see it: path from the root, with `/`, to text. Every check is a function over such a
 * tree, so that its test can plant a violation in three lines instead of in a folder on disk.
 */
export type Tree = ReadonlyMap<string, string>

const binaryEnding = /\.(?:gif|ico|jpe?g|pdf|png|webp|woff2?|zip|gz|bin)$/

/** Reads every file below `root` that .gitignore leaves in. A binary file has its path and an empty text. */
export function readTree(root: string): Tree {
  const isIgnored = ignoredBy(readFileSync(join(root, '.gitignore'), 'utf8'))
  const tree = new Map<string, string>()
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (isIgnored(path)) continue
      if (entry.isDirectory()) folders.push(path)
      else if (entry.isFile()) tree.set(path, textOf(join(root, path)))
    }
  }
  return tree
}

/**
 * What a .gitignore leaves out, as far as ours goes: names, `*`, and a slash in front or within for "from the root".
 * Throws on the rest of that language rather than reading it wrongly.
 */
export function ignoredBy(text: string): (path: string) => boolean {
  const lines = text.split('\n').filter(line => line.trim() !== '' && !line.startsWith('#'))
  const patterns = lines.map(line => {
    if (/^!|\*\*|[?[\]\\]/.test(line))
      throw new Error(`.gitignore says ${line}, which the tree reader does not know`)
    const name = line.replace(/\/$/, '')
    const body = name.replace(/^\//, '').replaceAll('.', '\\.').replaceAll('*', '[^/]*')
    return new RegExp(name.includes('/') ? `^${body}$` : `(?:^|/)${body}$`)
  })
  return path => path === '.git' || patterns.some(pattern => pattern.test(path))
}

/** A tree out of literals, for the tests of the checks. */
export function plantTree(files: Readonly<Record<string, string>>): Tree {
  return new Map(Object.entries(files))
}

/** Whether the path is a file of the tree or a folder that holds one. */
export function existsIn(tree: Tree, path: string): boolean {
  const folder = path.endsWith('/') ? path : `${path}/`
  if (tree.has(path)) return true
  for (const known of tree.keys()) if (known.startsWith(folder)) return true
  return false
}

function textOf(path: string): string {
  return binaryEnding.test(path) ? '' : readFileSync(path, 'utf8')
}
