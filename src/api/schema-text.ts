import { z } from 'zod'

/**
 * Text that people read: no control characters, no marks that turn the direction of what stands beside it. Counted in
 * characters as people count them, up to `max`.
 */
export function plainText(max: number) {
  return z
    .string()
    .refine(text => text.length > 0 && characters(text, max), `must have 1 to ${max} characters`)
    .refine(text => !UNPRINTABLE.test(text), 'must not hold control characters or direction marks')
    .meta({ minLength: 1, maxLength: max })
}

/** Up to the limit only: a character is one or two units, so most texts need no counting. */
function characters(text: string, max: number): boolean {
  if (text.length <= max) return true
  return text.length <= max * 2 && [...text].length <= max
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is control characters that are looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/
