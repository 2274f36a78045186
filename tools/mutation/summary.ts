// What a run of mutants comes to: figures per file, and what is wrong with them. No file is read here and none written.

export interface Place {
  readonly line: number
  readonly column: number
}

/** The part of Stryker's report that is read here; lines and columns count from 1. */
export interface Report {
  readonly files: Readonly<Record<string, ReportedFile>>
}
export interface ReportedFile {
  readonly source: string
  readonly mutants: readonly Mutant[]
}
export interface Mutant {
  readonly id: string
  readonly mutatorName: string
  readonly replacement: string
  readonly status: string
  readonly location: { readonly start: Place; readonly end: Place }
}

/** A mutant that no test noticed, with the words by which it is found again when lines move. */
export interface Unnoticed {
  readonly file: string
  readonly id: string
  readonly line: number
  /** The line that it begins in, whole. */
  readonly within: string
  readonly code: string
  readonly becomes: string
  readonly from: number
  readonly to: number
  readonly source: string
}

/** Why a mutant that no test notices may stay. */
export interface Survivor {
  readonly file: string
  readonly within: string
  readonly code: string
  readonly becomes: string
  /** `equivalent`: nothing that can be observed changes. `open`: something does, and no test says so. */
  readonly verdict: 'equivalent' | 'open'
  readonly why: string
}

export interface Figures {
  /** All that the compiler lets pass, or that a test noticed before it was asked. */
  readonly mutants: number
  /** A test failed, or the mutant ran without end. */
  readonly killed: number
  readonly survived: number
  readonly equivalent: number
  /** Noticed by no test, and refused by the compiler: counted nowhere else. */
  readonly refused: number
  /** Percent of those that are not equivalent, rounded down to a tenth. */
  readonly score: number
}

export interface Summary {
  readonly date: string
  readonly commit: string
  readonly tool: string
  readonly scoreMin: number
  readonly total: Figures
  readonly files: Readonly<Record<string, Figures>>
  readonly survivors: readonly (Survivor & { readonly line: number })[]
}

/** SAFETY.md section 7; held by every file, not only by all together. */
export const SCORE_MIN = 90

const KILLED = new Set(['Killed', 'Timeout'])
const UNNOTICED = new Set(['Survived', 'NoCoverage'])

export function unnoticed(report: Report): readonly Unnoticed[] {
  return Object.entries(report.files).flatMap(([file, { source, mutants }]) =>
    mutants
      .filter(({ status }) => UNNOTICED.has(status))
      .map(({ id, location, replacement }) => {
        const from = offsetOf(source, location.start)
        const to = offsetOf(source, location.end)
        const within = source.split('\n')[location.start.line - 1]?.trim() ?? ''
        const code = source.slice(from, to)
        return { file, id, line: location.start.line, within, code, becomes: replacement, from, to, source }
      }),
  )
}

/** `refused` holds the ids of those that the compiler refuses. */
export function summaryOf(
  report: Report,
  refused: ReadonlySet<string>,
  reasons: readonly Survivor[],
  about: Pick<Summary, 'date' | 'commit' | 'tool'>,
): Summary {
  const left = unnoticed(report).filter(({ id }) => !refused.has(id))
  const files: Record<string, Figures> = {}
  for (const [file, { mutants }] of Object.entries(report.files)) {
    if (mutants.length === 0) continue
    const here = left.filter(one => one.file === file)
    files[file] = figures({
      killed: mutants.filter(({ status }) => KILLED.has(status)).length,
      refused: mutants.filter(({ id }) => refused.has(id)).length,
      equivalent: here.filter(one => reasonOf(one, reasons)?.verdict === 'equivalent').length,
      left: here.length,
    })
  }
  const sum = (of: (one: Figures) => number): number =>
    Object.values(files).reduce((all, one) => all + of(one), 0)
  const total = figures({
    killed: sum(one => one.killed),
    refused: sum(one => one.refused),
    equivalent: sum(one => one.equivalent),
    left: sum(one => one.survived + one.equivalent),
  })
  const survivors = left.flatMap(one => {
    const reason = reasonOf(one, reasons)
    return reason === undefined ? [] : [{ ...reason, line: one.line }]
  })
  return { ...about, scoreMin: SCORE_MIN, total, files, survivors }
}

/** A sentence for each thing that is wrong; an empty list is a run that holds. */
export function findings(
  { files }: Summary,
  report: Report,
  refused: ReadonlySet<string>,
  reasons: readonly Survivor[],
): readonly string[] {
  const left = unnoticed(report).filter(({ id }) => !refused.has(id))
  const mutants = Object.values(report.files).flatMap(file => file.mutants)
  return [
    ...(mutants.length === 0 ? ['no mutant was made'] : []),
    ...mutants
      .filter(({ status }) => !KILLED.has(status) && !UNNOTICED.has(status))
      .map(({ id, status }) => `mutant ${id} was not judged: ${status}`),
    ...Object.entries(files)
      .filter(([, { score }]) => score < SCORE_MIN)
      .map(([file, { score }]) => `${file} has a score of ${score} %, at least ${SCORE_MIN} is promised`),
    ...left
      .filter(one => reasonOf(one, reasons) === undefined)
      .map(
        one =>
          `${one.file}:${one.line} no test notices, and no reason is given: ${one.code} → ${one.becomes}`,
      ),
    ...reasons
      .filter(({ file }) => report.files[file] !== undefined)
      .filter(reason => !left.some(one => reasonOf(one, [reason]) !== undefined))
      .map(
        ({ file, code, becomes }) => `${file}: a reason for what no longer survives: ${code} → ${becomes}`,
      ),
  ]
}

function reasonOf(one: Unnoticed, reasons: readonly Survivor[]): Survivor | undefined {
  return reasons.find(
    ({ file, within, code, becomes }) =>
      file === one.file && within === one.within && code === one.code && becomes === one.becomes,
  )
}

function figures(of: { killed: number; refused: number; equivalent: number; left: number }): Figures {
  const survived = of.left - of.equivalent
  const counted = of.killed + survived
  const score = counted === 0 ? 100 : Math.floor((of.killed * 1_000) / counted) / 10
  return {
    mutants: counted + of.equivalent,
    killed: of.killed,
    survived,
    equivalent: of.equivalent,
    refused: of.refused,
    score,
  }
}

function offsetOf(source: string, { line, column }: Place): number {
  const before = source.split('\n').slice(0, line - 1)
  return before.reduce((length, text) => length + text.length + 1, 0) + column - 1
}
