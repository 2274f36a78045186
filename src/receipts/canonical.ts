// The one spelling of a JSON value: RFC 8785 (JCS). Whoever signs and whoever verifies must print the same bytes, so
// there is a rule for every choice that JSON leaves open. Of numbers only whole ones occur, which spares us the hard
// part of that standard: amounts are text here as everywhere. Pure.
import { assert } from '../lib/assert.ts'

export type CanonicalValue =
  | null
  | boolean
  | string
  | number
  | readonly CanonicalValue[]
  | { readonly [name: string]: CanonicalValue }

/**
 * No blanks; members in the order of their names as UTF-16 code units; texts escaped no more than they have to be, which is
 * how JSON.stringify escapes them.
 *
 * @throws AssertionFailed over an unpaired surrogate, or a number that is not whole or not within 2^53 - 1
 */
export function canonicalJson(value: CanonicalValue): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return text(value)
  if (typeof value === 'number') {
    assert(Number.isSafeInteger(value) && !Object.is(value, -0), 'a canonical number is whole')
    return String(value)
  }
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`
  // Code units are what sort() compares by (RFC 8785 section 3.2.3).
  const members = Object.keys(value)
    .sort()
    .map(name => `${text(name)}:${canonicalJson(value[name] ?? null)}`)
  return `{${members.join(',')}}`
}

function text(value: string): string {
  assert(value.isWellFormed(), 'canonical text has no unpaired surrogate')
  return JSON.stringify(value)
}

function isList(value: CanonicalValue): value is readonly CanonicalValue[] {
  return Array.isArray(value)
}
