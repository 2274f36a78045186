// Text in a PDF. The library knows no second font to fall back on, so each text is cut into runs of one font, measured run by
// run and broken into lines here. Bengali is shaped by the library from a whole run, so a run is never cut inside a word
// unless the word alone is longer than the line.

export const PDF_SCRIPTS = ['latin', 'latin-ext', 'bengali'] as const
export type PdfScript = (typeof PDF_SCRIPTS)[number]

export interface PdfRun {
  readonly script: PdfScript
  readonly text: string
}

/** Which of the fonts has a character; the ranges are those that the font files declare. */
export function pdfRuns(text: string): readonly PdfRun[] {
  const runs: { script: PdfScript; text: string }[] = []
  for (const character of text) {
    const last = runs.at(-1)
    const script = scriptOf(character, last?.script ?? 'latin')
    if (last?.script === script) last.text += character
    else runs.push({ script, text: character })
  }
  return runs
}

/** Lines no wider than `widthMax`, at most `linesMax`; what does not fit ends in `…`. */
export function pdfLines(
  text: string,
  of: { readonly widthMax: number; readonly linesMax: number; widthOf(text: string): number },
): readonly string[] {
  const { widthMax, linesMax, widthOf } = of
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap(one => pieces(one, of))) {
    const longer = line === '' ? word : `${line} ${word}`
    if (widthOf(longer) <= widthMax) line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  if (line !== '') lines.push(line)
  if (lines.length <= linesMax) return lines
  return [...lines.slice(0, linesMax - 1), `${lines[linesMax - 1] ?? ''}…`]
}

/** A word that is wider than the line, cut between characters as people count them. */
function pieces(
  word: string,
  of: { readonly widthMax: number; widthOf(text: string): number },
): readonly string[] {
  if (of.widthOf(word) <= of.widthMax) return [word]
  const cut: string[] = []
  let piece = ''
  for (const { segment } of SEGMENTER.segment(word)) {
    if (of.widthOf(piece + segment) > of.widthMax && piece !== '') {
      cut.push(piece)
      piece = ''
    }
    piece += segment
  }
  return [...cut, piece]
}

function scriptOf(character: string, before: PdfScript): PdfScript {
  const point = character.codePointAt(0) ?? 0
  // Joiners belong to whatever they join.
  if (point === 0x200c || point === 0x200d) return before
  if (BENGALI.test(character)) return 'bengali'
  const isLatin = LATIN.some(([from, to]) => point >= from && point <= to)
  return isLatin ? 'latin' : 'latin-ext'
}

const BENGALI = /[\p{Script=Bengali}\u0951\u0952\u0964\u0965]/u
const LATIN: readonly (readonly [number, number])[] = [
  [0x0000, 0x00ff],
  [0x0131, 0x0131],
  [0x0152, 0x0153],
  [0x02bb, 0x02bc],
  [0x02c6, 0x02c6],
  [0x02da, 0x02da],
  [0x02dc, 0x02dc],
  [0x0304, 0x0304],
  [0x0308, 0x0308],
  [0x0329, 0x0329],
  [0x2000, 0x206f],
  [0x20ac, 0x20ac],
  [0x2122, 0x2122],
  [0x2212, 0x2212],
  [0xfffd, 0xfffd],
]
const SEGMENTER = new Intl.Segmenter('bn', { granularity: 'grapheme' })
