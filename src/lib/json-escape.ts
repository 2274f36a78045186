import { isDigit, LOWER_A, LOWER_F, LOWER_U, ZERO } from './ascii.ts'

/** One escape of a string: the UTF-16 unit it stands for, and its length in bytes with the backslash. */
export interface JsonEscape {
  readonly text: string
  readonly length: number
}

/** The escape whose backslash is at `at` (RFC 8259 section 7), or `undefined` when there is no such escape. */
export function jsonEscape(bytes: Uint8Array, at: number): JsonEscape | undefined {
  const letter = bytes[at + 1]
  if (letter !== LOWER_U) return letter === undefined ? undefined : SHORT.get(letter)
  let unit = 0
  for (let index = at + 2; index < at + 6; index++) {
    const digit = hexDigit(bytes[index] ?? 0)
    if (digit < 0) return undefined
    unit = unit * 16 + digit
  }
  return { text: String.fromCharCode(unit), length: 6 }
}

const LETTERS = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

const SHORT: ReadonlyMap<number, JsonEscape> = new Map(
  Object.entries(LETTERS).map(([letter, text]) => [letter.charCodeAt(0), { text, length: 2 }]),
)

/** Digit by digit, because the built-in parsers accept blanks, signs and fewer digits. */
function hexDigit(byte: number): number {
  if (isDigit(byte)) return byte - ZERO
  const lower = byte | 0x20
  return lower >= LOWER_A && lower <= LOWER_F ? lower - LOWER_A + 10 : -1
}
