import type { z } from 'zod'
import type { FieldError } from '../http/problem.ts'
import { fieldErrors, messageOf } from './field-errors.ts'
import { readCursor, readQuery } from './page.ts'

export type QueryGiven<Values> =
  | { readonly ok: true; readonly values: Values; readonly before: bigint | null }
  | { readonly ok: false; readonly errors: readonly FieldError[] }

/** Reads the query of a list by its schema, and the cursor in it. */
export function readListQuery<Schema extends z.ZodType<{ cursor?: string | undefined }>>(
  query: string,
  schema: Schema,
): QueryGiven<z.output<Schema>> {
  const read = readWholeQuery(query, schema)
  if (!read.ok) return read
  const { cursor } = read.values
  const before = cursor === undefined ? null : readCursor(cursor)
  if (cursor !== undefined && before === null)
    return { ok: false, errors: [{ pointer: 'cursor', message: 'is not a next_cursor of this list' }] }
  return { ok: true, values: read.values, before }
}

/** The same for a list whose cursor is called `before` and may hold more than a number. */
export function readPageQuery<Schema extends z.ZodType<{ before?: string | undefined }>, Cursor>(
  query: string,
  schema: Schema,
  cursorOf: (text: string) => Cursor | null,
):
  | { readonly ok: true; readonly values: z.output<Schema>; readonly before: Cursor | null }
  | { readonly ok: false; readonly errors: readonly FieldError[] } {
  const read = readWholeQuery(query, schema)
  if (!read.ok) return read
  const { before: text } = read.values
  const before = text === undefined ? null : cursorOf(text)
  if (text !== undefined && before === null)
    return { ok: false, errors: [{ pointer: 'before', message: 'is not a next_cursor of this list' }] }
  return { ok: true, values: read.values, before }
}

/** Reads a query without a cursor. */
export function readWholeQuery<Schema extends z.ZodType>(
  query: string,
  schema: Schema,
):
  | { readonly ok: true; readonly values: z.output<Schema> }
  | { readonly ok: false; readonly errors: readonly FieldError[] } {
  const read = readQuery(query)
  if (!read.ok) return read
  const given = Object.fromEntries([...read.values].map(([name, value]) => [name, typed(name, value)]))
  const parsed = schema.safeParse(given, { error: messageOf })
  if (!parsed.success) return { ok: false, errors: fieldErrors(parsed.error).map(named) }
  return { ok: true, values: parsed.data }
}

/** Query parameters are text; only digits become the number that the schema asks for. */
function typed(name: string, value: string): string | number {
  return NUMBERS.includes(name) && /^[0-9]{1,6}$/.test(value) ? Number.parseInt(value, 10) : value
}

const NUMBERS: readonly string[] = ['limit', 'hours']

function named(error: FieldError): FieldError {
  return { ...error, pointer: error.pointer.replace('/', '') }
}
