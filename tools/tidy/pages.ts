import { posix } from 'node:path'
import { existsIn, type Tree } from './tree.ts'

const ours = /^(?:src|test|tools|docs|bench|console|\.ci)\//

/** Every path that a Markdown page names and the tree does not hold. */
export function pageFindings(tree: Tree): readonly string[] {
  return [...tree]
    .filter(([path]) => path.endsWith('.md'))
    .flatMap(([path, text]) => [...brokenPaths(tree, path, text), ...brokenLinks(tree, path, text)])
}

// In code spans and code blocks: whatever begins like one of our folders.
function brokenPaths(tree: Tree, page: string, text: string): readonly string[] {
  return codeOf(text).flatMap(({ line, code }) =>
    code
      .split(/[\s"'()|,;]+/)
      .map(word => word.replace(/(?:#.*|:\d+(?::\d+)?|[.:])$/, ''))
      .filter(word => ours.test(word) && !isThere(tree, word))
      .map(word => `${page}:${line} names ${word}, which is not there`),
  )
}

// Links and images that are not addresses of the net: counted from the page, or from the root with a leading slash.
function brokenLinks(tree: Tree, page: string, text: string): readonly string[] {
  return linesOf(text).flatMap(({ line, text: written, fenced }) => {
    if (fenced) return []
    const inline = [...written.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)]
    const byReference = [...written.matchAll(/^\s*\[[^\]]+\]:\s*<?([^\s>]+)/g)]
    return [...inline, ...byReference]
      .map(match => (match[1] ?? '').replace(/[#?].*$/, ''))
      .filter(link => link !== '' && !/^[a-z][a-z+.-]*:/i.test(link))
      .filter(link => !existsIn(tree, fromRoot(page, link)))
      .map(link => `${page}:${line} links to ${link}, which is not there`)
  })
}

function fromRoot(page: string, link: string): string {
  return link.startsWith('/') ? link.slice(1) : posix.join(posix.dirname(page), link)
}

// `<name>` and `*` stand for any one name; at least one must be there.
function isThere(tree: Tree, word: string): boolean {
  if (!/[<*]/.test(word)) return existsIn(tree, word)
  const source = word
    .replace(/<[^>]*>|\*+/g, '\0')
    .replace(/[.+?^${}()[\]\\]/g, '\\$&')
    .replaceAll('\0', '[^/]+')
  const wanted = new RegExp(`^${source}${word.endsWith('/') ? '' : '(?:/|$)'}`)
  return [...tree.keys()].some(path => wanted.test(path))
}

function codeOf(text: string): readonly { readonly line: number; readonly code: string }[] {
  return linesOf(text).flatMap(({ line, text: written, fenced }) => {
    if (fenced) return [{ line, code: written }]
    return [...written.matchAll(/`+([^`]+)`+/g)].map(match => ({ line, code: match[1] ?? '' }))
  })
}

interface Line {
  readonly line: number
  readonly text: string
  readonly fenced: boolean
}

function linesOf(text: string): readonly Line[] {
  let fenced = false
  return text.split('\n').map((written, index) => {
    const border = /^\s*(?:```|~~~)/.test(written)
    if (border) fenced = !fenced
    return { line: index + 1, text: written, fenced: fenced || border }
  })
}
