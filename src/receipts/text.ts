// Text as the fonts of the picture can show it. They have Latin and Bengali; of anything else a box would appear, which
// could be taken for the text itself, so each run of such characters becomes one mark that says: not shown here.

/** In NFC, on one line, at most `lengthMax` characters long, with `…` where it was cut. */
export function receiptText(text: string, lengthMax: number): string {
  // Bounded before it is worked on, whatever somebody wrote; no character needs more than eight code units here.
  const bounded = text.slice(0, 8 * lengthMax).toWellFormed()
  const oneLine = bounded.normalize('NFC').replace(INVISIBLE, '').replace(/\s+/gu, ' ').trim()
  return cut(oneLine.replace(NOT_SHOWN, '\ufffd'), lengthMax, bounded.length < text.length)
}

/** The one text that is put where characters cannot be shown. */
export const RECEIPT_NOT_SHOWN = '\ufffd'

/** Letters, marks and signs that the fonts have; a test draws every one of them. */
const SHOWN =
  ' -~\\u00a1-\\u02cc\\u02ce-\\u02d7\\u02da\\u02dc-\\u02ff\\u0304\\u0308\\u0329\\u0951\\u0952\\u0964\\u0965\\p{Script=Bengali}\\u1e00-\\u1e9f' +
  '\\u1ef2-\\u1eff\\u200c\\u200d\\u2013\\u2014\\u2018-\\u201a\\u201c-\\u201e\\u2020\\u2022\\u2026\\u2032\\u2033\\u2039' +
  '\\u203a\\u2044\\u20a0-\\u20c0\\u2113\\u2122\\u2212\\ufffd'
export const RECEIPT_SHOWN = new RegExp(`^[${SHOWN}]$`, 'u')
const NOT_SHOWN = new RegExp(`[^${SHOWN}]+`, 'gu')

/** Overrides of the writing direction could turn digits around; these and soft hyphens have no look of their own. */
const INVISIBLE = /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu

function cut(text: string, lengthMax: number, wasLonger: boolean): string {
  const characters = [...SEGMENTER.segment(text)].map(({ segment }) => segment)
  if (characters.length <= lengthMax && !wasLonger) return text
  return `${characters.slice(0, lengthMax - 1).join('')}…`
}

/** A Bengali letter with its signs is one character, and is not cut in two. */
const SEGMENTER = new Intl.Segmenter('bn', { granularity: 'grapheme' })
