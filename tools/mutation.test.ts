// The counting behind `npm run mutation`, and the figures that were committed last.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { refusedByCompiler } from './mutation/compiler.ts'
import {
  findings,
  type Mutant,
  type Report,
  SCORE_MIN,
  type Summary,
  type Survivor,
  summaryOf,
  unnoticed,
} from './mutation/summary.ts'
import { SURVIVORS } from './mutation/survivors.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = 'export const limit = 2\n  export const isLow = (x: number) => x < limit\n'
const about = { date: '2026-01-31', commit: 'abc', tool: 'none' }

/** A mutant of `x < limit` in the source above. */
function mutant(id: string, status: string, replacement = 'x <= limit'): Mutant {
  const location = { start: { line: 2, column: 39 }, end: { line: 2, column: 48 } }
  return { id, status, replacement, mutatorName: 'EqualityOperator', location }
}

function report(...mutants: readonly Mutant[]): Report {
  return { files: { 'src/a.ts': { source, mutants } } }
}

const reason: Survivor = {
  file: 'src/a.ts',
  within: 'export const isLow = (x: number) => x < limit',
  code: 'x < limit',
  becomes: 'x <= limit',
  verdict: 'equivalent',
  why: 'a reason',
}
const noneRefused: ReadonlySet<string> = new Set()

function judge(of: Report, refused = noneRefused, reasons: readonly Survivor[] = []) {
  const summary = summaryOf(of, refused, reasons, about)
  return {
    total: summary.total,
    survivors: summary.survivors,
    wrong: findings(summary, of, refused, reasons),
  }
}

test('a mutant that no test noticed is known by its words, not by its number', () => {
  expect(
    unnoticed(report(mutant('7', 'Survived'), mutant('8', 'NoCoverage'), mutant('9', 'Killed'))),
  ).toMatchObject([
    { ...withoutVerdict(reason), id: '7', line: 2 },
    { ...withoutVerdict(reason), id: '8', line: 2 },
  ])
})

function withoutVerdict({ file, within, code, becomes }: Survivor) {
  return { file, within, code, becomes }
}

test('a time-out is a kill, an equivalent mutant is left out, and a score is never rounded up', () => {
  const killed = Array.from({ length: 1_998 }, (_, index) => mutant(`k${index}`, 'Killed', 'false'))
  const of = report(...killed, mutant('t', 'Timeout', 'true'), mutant('s', 'Survived'))
  expect(judge(of, noneRefused, [{ ...reason, verdict: 'open' }]).total).toEqual({
    mutants: 2_000,
    killed: 1_999,
    survived: 1,
    equivalent: 0,
    refused: 0,
    score: 99.9,
  })
  expect(judge(of, noneRefused, [reason]).total).toMatchObject({ mutants: 2_000, equivalent: 1, score: 100 })
})

test('what the compiler refuses is counted apart and not as killed', () => {
  const of = report(mutant('1', 'Killed', 'true'), mutant('2', 'Survived'))
  expect(judge(of, new Set(['2'])).total).toMatchObject({ mutants: 1, killed: 1, survived: 0, refused: 1 })
})

test('a survivor without a reason, and a reason without a survivor, are wrong', () => {
  const of = report(
    ...Array.from({ length: 20 }, (_, index) => mutant(`k${index}`, 'Killed')),
    mutant('1', 'Survived'),
  )
  expect(judge(of, noneRefused, [reason])).toMatchObject({ wrong: [], survivors: [{ ...reason, line: 2 }] })
  expect(judge(of).wrong).toHaveLength(1)
  expect(judge(of, noneRefused, [reason, { ...reason, code: 'x > limit' }]).wrong).toHaveLength(1)
  // Of a file that did not run nothing is said.
  expect(judge(of, noneRefused, [reason, { ...reason, file: 'src/b.ts' }]).wrong).toEqual([])
})

test('a score below the promise, a mutant that was not judged, and a run without any are wrong', () => {
  const open = { ...reason, verdict: 'open' } as const
  const of = (killed: number) =>
    report(
      ...Array.from({ length: killed }, (_, index) => mutant(`k${index}`, 'Killed')),
      mutant('1', 'Survived'),
    )
  expect(judge(of(9), noneRefused, [open]).wrong).toEqual([])
  expect(judge(of(8), noneRefused, [open]).wrong).toHaveLength(1)
  expect(judge(report(mutant('1', 'RuntimeError'))).wrong).toHaveLength(1)
  expect(judge({ files: {} }).wrong).toHaveLength(1)
})

test('the compiler refuses what is no program, and nothing else', { timeout: 60_000 }, () => {
  const file = 'src/ledger/accounts.ts'
  const text = readFileSync(root + file, 'utf8')
  const code = `'available'`
  const from = text.indexOf(code)
  const one = { file, line: 1, within: '', code, source: text, from, to: from + code.length }
  const mutants = [
    { ...one, id: 'number', becomes: 'accountOf(1)' },
    { ...one, id: 'other text', becomes: `'elsewhere'` },
    { ...one, id: 'broken', becomes: '(' },
  ]
  expect([...refusedByCompiler(root, mutants)]).toEqual(['number', 'broken'])
})

test('the figures that were committed hold the promise, file by file, and give each survivor its reason', () => {
  const committed: Summary = JSON.parse(readFileSync(`${root}docs/safety/mutation.json`, 'utf8')) // as tools/mutation.ts wrote it
  const { files, survivors, total } = committed
  for (const [file, { score }] of Object.entries(files))
    expect([file, score >= SCORE_MIN]).toEqual([file, true])
  expect(total.score).toBeGreaterThanOrEqual(SCORE_MIN)
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining([
      'src/payout/lifecycle.ts',
      'src/ledger/audit.ts',
      'src/dispatch/certainty-send.ts',
    ]),
  )
  expect(survivors.length).toBe(total.survived + total.equivalent)
  expect(survivors.map(({ line: _, ...survivor }) => survivor)).toEqual(
    expect.arrayContaining(SURVIVORS.filter(({ file }) => files[file] !== undefined)),
  )
})
