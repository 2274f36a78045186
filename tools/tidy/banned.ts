import { isTest, sourcesOf } from './source.ts'
import type { Tree } from './tree.ts'

/** A spelling that has one home, or none. */
export interface Banned {
  readonly what: string
  readonly pattern: RegExp
  /** Where it is looked for: beginnings of paths. */
  readonly within: readonly string[]
  /** Where it is at home: exact paths. */
  readonly home: readonly string[]
  readonly tests: 'refused' | 'allowed' | 'only'
  readonly why: string
}

const code = ['src/', 'test/', 'tools/', 'bench/', 'console/']
const clock = 'src/lib/clock.ts'
// It takes the clock away from others, and so has to name it.
const bareLoad = 'tools/tidy/bare-load.ts'

export const banned: readonly Banned[] = [
  {
    what: 'the clock',
    pattern:
      /\bDate\s*\.\s*now\b|\bnew\s+Date\b\s*(?:\(\s*\)|(?![\s(]))|(?<!new\s)\bDate\s*\(|\bperformance\s*\.|\.hrtime\b/,
    within: ['src/'],
    home: [clock],
    tests: 'refused',
    why: 'time comes in as an argument or a Clock, or no run can be replayed',
  },
  {
    what: 'a timer',
    pattern: /(?<![.\w])(?:globalThis\s*\.\s*)?(?:setTimeout|setInterval)\b/,
    within: ['src/'],
    home: [clock],
    tests: 'allowed',
    why: 'a Clock waits, so that a simulation can wait faster',
  },
  {
    what: 'chance',
    pattern: /\bMath\s*\.\s*random\b/,
    within: code,
    home: ['src/lib/random.ts', bareLoad],
    tests: 'refused',
    why: 'chance comes in as a Random; a seed must replay',
  },
  {
    what: 'the environment',
    pattern:
      /\bprocess\s*(?:\?\.\s*|\.\s*)env\b|\bprocess\s*(?:\?\.)?\s*\[|\{[^{}]*\benv\b[^{}]*\}\s*=\s*process\b/,
    within: ['src/'],
    home: ['src/config.ts'],
    tests: 'allowed',
    why: 'config.ts reads the environment once and freezes it',
  },
  {
    what: 'parseFloat',
    pattern: /\bparseFloat\b/,
    within: code,
    home: [],
    tests: 'refused',
    why: 'an amount is decimal text or bigint minor units; nothing here wants a double',
  },
  {
    what: 'a test left alone, left out or meant to fail',
    pattern: /\.\s*(?:only|skip|todo)\b|\b(?:test|it)\.fails\b/,
    within: code,
    home: [],
    tests: 'only',
    why: 'every guarantee is tested in every run',
  },
]

const leftForLater = ['FIX', 'ME'].join('')

/** Every banned spelling outside its home. Comments and the contents of strings do not count, but for the last row. */
export function bannedFindings(tree: Tree): readonly string[] {
  const spelled = sourcesOf(tree).flatMap(source => {
    const rows = banned.filter(row => applies(row, source.path))
    return source.code.split('\n').flatMap((line, index) => {
      const broken = rows.filter(row => row.pattern.test(line))
      return broken.map(row => `${source.path}:${index + 1} uses ${row.what}: ${row.why}`)
    })
  })
  const postponed = [...tree].flatMap(([path, text]) =>
    text.includes(leftForLater)
      ? [`${path} holds a ${leftForLater}: mend it, or say plainly what is not done`]
      : [],
  )
  return [...spelled, ...postponed]
}

function applies(row: Banned, path: string): boolean {
  if (row.home.includes(path) || !row.within.some(place => path.startsWith(place))) return false
  if (row.tests === 'only') return isTest(path)
  return row.tests === 'refused' || !isTest(path)
}
