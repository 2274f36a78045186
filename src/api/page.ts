import type { FieldError } from '../http/problem.ts'
import { PAYOUT_NUMBER_LIMIT } from '../payout/number.ts'

/** A page of a list: newest first, and where the next one begins. */
export interface Page<Item> {
  readonly object: 'list'
  readonly data: readonly Item[]
  readonly has_more: boolean
  readonly next_cursor: string | null
}

export function wholeList<Item>(data: readonly Item[]): Page<Item> {
  return { object: 'list', data, has_more: false, next_cursor: null }
}

/** Cuts what was read, one more than the limit, to a page. */
export function pageOf<Row extends { readonly number: bigint }, Item>(
  rows: readonly Row[],
  limit: number,
  show: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const more = rows.length > limit && last !== undefined
  return {
    object: 'list',
    data: shown.map(show),
    has_more: more,
    next_cursor: more ? writeCursor(last.number) : null,
  }
}

/** A page as it was found, whose cursor says more than whether it is full. */
export function listPage<Row, Item, Cursor>(
  { items, next }: { readonly items: readonly Row[]; readonly next: Cursor | null },
  show: (row: Row) => Item,
  write: (cursor: Cursor) => string,
): Page<Item> {
  return {
    object: 'list',
    data: items.map(show),
    has_more: next !== null,
    next_cursor: next === null ? null : write(next),
  }
}

/** Opaque to clients, so that what it holds can change. */
export function writeCursor(number: bigint): string {
  return Buffer.from(`1:${number}`).toString('base64url')
}

/** The number in a cursor, or null where it is none of ours. */
export function readCursor(cursor: string): bigint | null {
  const text = /^1:([1-9][0-9]{0,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1]
  if (text === undefined) return null
  const number = BigInt(text)
  // One number has one cursor: other spellings of the same bytes are refused.
  return number < PAYOUT_NUMBER_LIMIT && writeCursor(number) === cursor ? number : null
}

export type QueryRead =
  | { readonly ok: true; readonly values: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly errors: readonly FieldError[] }

/** Reads a query string. A name twice is refused: there is one source for each parameter. */
export function readQuery(query: string): QueryRead {
  const values = new Map<string, string>()
  for (const part of query.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = decoded(equals < 0 ? part : part.slice(0, equals))
    const value = decoded(equals < 0 ? '' : part.slice(equals + 1))
    if (name === null || value === null) return wrong('', 'the query string is not percent-encoded UTF-8')
    if (values.has(name)) return wrong(name, 'came twice')
    values.set(name, value)
  }
  return { ok: true, values }
}

function wrong(name: string, message: string): QueryRead {
  return { ok: false, errors: [{ pointer: name.slice(0, 64), message }] }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    // The only thing that can be wrong with a text here is its encoding.
    return null
  }
}
