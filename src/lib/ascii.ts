/** The bytes of ASCII that have a meaning in JSON (RFC 8259 sections 2, 6 and 7), by their names. */
export const TABULATOR = 0x09
export const LINE_FEED = 0x0a
export const RETURN = 0x0d
export const BLANK = 0x20
export const FIRST_PRINTABLE = 0x20
export const QUOTE = 0x22
export const PLUS = 0x2b
export const COMMA = 0x2c
export const MINUS = 0x2d
export const POINT = 0x2e
export const ZERO = 0x30
export const NINE = 0x39
export const COLON = 0x3a
export const UPPER_E = 0x45
export const BRACKET_OPEN = 0x5b
export const BACKSLASH = 0x5c
export const BRACKET_CLOSE = 0x5d
export const LOWER_A = 0x61
export const LOWER_E = 0x65
export const LOWER_F = 0x66
export const LOWER_N = 0x6e
export const LOWER_T = 0x74
export const LOWER_U = 0x75
export const BRACE_OPEN = 0x7b
export const BRACE_CLOSE = 0x7d
export const FIRST_NOT_ASCII = 0x80

export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}
