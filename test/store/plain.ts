// Values of both stores in one shape: text for what JSON does not know, nothing where there is nothing, and one order
// wherever the store promises none.
import pg from 'pg'
import { AssertionFailed } from '../../src/lib/assert.ts'
import type { Books, Store } from '../../src/store/store.ts'
import { ModelRefusal } from '../simulation/model/refusal.ts'

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain }

export function plain(value: unknown): Plain {
  if (value === undefined || value === null) return null
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object') return value as Plain
  const fields: Record<string, Plain> = {}
  for (const name of Object.keys(value).sort()) {
    const part = (value as Record<string, unknown>)[name]
    if (part !== undefined) fields[name] = plain(part)
  }
  return fields
}

/** These read whole sets: whoever asks them sorts for himself. */
const UNORDERED: ReadonlySet<keyof Store> = new Set<keyof Store>(['readBooks', 'readConfiguration'])

export function plainResult(name: keyof Store, value: unknown): Plain {
  const result = plain(name === 'readBooks' ? withoutFundingNumbers(value as Books) : value)
  return UNORDERED.has(name) ? sorted(result) : result
}

/** See rows.ts: what a funding's number is depends on who stands beside it. */
function withoutFundingNumbers(books: Books): Books {
  const postings = books.postings.map(one => (one.debit.startsWith('float:') ? { ...one, number: 0n } : one))
  return { ...books, postings }
}

/** Every list within, in the order of its text. */
export function sorted(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(sorted).sort(byText)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, sorted(part)]))
}

export function byText(one: Plain, other: Plain): number {
  const [left, right] = [JSON.stringify(one), JSON.stringify(other)]
  if (left === right) return 0
  return left < right ? -1 : 1
}

/** A call that threw, by the rule that refused it; anything else is not expected and passes on. */
export function plainError(error: unknown): string {
  if (error instanceof ModelRefusal) return `refused: ${error.constraint}`
  if (error instanceof AssertionFailed) return 'refused: an assertion'
  if (error instanceof pg.DatabaseError) {
    if (error.code === SERIALIZATION_FAILURE) return NOT_SERIALIZED
    if (error.code === NOT_NULL_VIOLATION) return `refused: not_null ${error.column ?? ''}`
    if (error.constraint !== undefined) return `refused: ${error.constraint}`
  }
  throw error
}

/** Postgres gave it up because of others, again and again: nothing was done. */
export const NOT_SERIALIZED = 'not serialized'

const SERIALIZATION_FAILURE = '40001'
const NOT_NULL_VIOLATION = '23502'
