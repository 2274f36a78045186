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
  const read = readQuery(query)
  if (!read.ok) return read
  const given = Object.fromEntries([...read.values].map(([name, value]) => [name, typed(name, value)]))
  const parsed = schema.safeParse(given, { error: messageOf })
  if (!parsed.success) return { ok: false, errors: fieldErrors(parsed.error).map(named) }
  const { cursor } = parsed.data
  const before = cursor === undefined ? null : readCursor(cursor)
  if (cursor !== undefined && before === null)
    return { ok: false, errors: [{ pointer: 'cursor', message: 'is not a next_cursor of this list' }] }
  return { ok: true, values: parsed.data, before }
}

/** Query parameters are text; only digits become the number that the schema asks for. */
function typed(name: string, value: string): string | number {
  return name === 'limit' && /^[0-9]{1,6}$/.test(value) ? Number.parseInt(value, 10) : value
}

function named(error: FieldError): FieldError {
  return { ...error, pointer: error.pointer.replace('/', '') }
}
