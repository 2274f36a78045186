import { isDigit, LOWER_E, MINUS, PLUS, POINT, UPPER_E, ZERO } from './ascii.ts'

/** Where the number literal ends that begins at `start` (RFC 8259 section 6), or -1 when there is none. */
export function jsonNumberEnd(bytes: Uint8Array, start: number): number {
  let at = bytes[start] === MINUS ? start + 1 : start
  // A zero stands alone: the digit after it is then refused by whoever expects a comma or the end.
  const integerEnd = bytes[at] === ZERO ? at + 1 : digitsEnd(bytes, at)
  if (integerEnd === at) return -1
  at = integerEnd
  if (bytes[at] === POINT) {
    const fractionEnd = digitsEnd(bytes, at + 1)
    if (fractionEnd === at + 1) return -1
    at = fractionEnd
  }
  if (bytes[at] === LOWER_E || bytes[at] === UPPER_E) {
    const digits = bytes[at + 1] === PLUS || bytes[at + 1] === MINUS ? at + 2 : at + 1
    at = digitsEnd(bytes, digits)
    if (at === digits) return -1
  }
  return at
}

function digitsEnd(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length && isDigit(bytes[at] ?? 0)) at++
  return at
}
