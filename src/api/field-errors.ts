import type { z } from 'zod'
import type { FieldError } from '../http/problem.ts'

/** What is wrong with each field, by JSON pointer (RFC 6901). Values are never repeated, and the list is bounded. */
export function fieldErrors(error: z.core.$ZodError): readonly FieldError[] {
  return error.issues.flatMap(errorsOf).slice(0, ERRORS_MAX)
}

/** Our words for the two mistakes that are made most; for the others the schema or the library has words. */
export const messageOf: z.core.$ZodErrorMap = issue => {
  if (issue.code === 'invalid_type')
    return issue.input === undefined ? 'is required' : `must be ${named(issue.expected)}`
  if (issue.code === 'invalid_union') return 'must have a kind that is known here'
  return undefined
}

const ERRORS_MAX = 20
const POINTER_LENGTH_MAX = 200

function errorsOf(issue: z.core.$ZodIssue): readonly FieldError[] {
  if (issue.code !== 'unrecognized_keys') return [{ pointer: pointerTo(issue.path), message: issue.message }]
  return issue.keys
    .slice(0, ERRORS_MAX)
    .map(key => ({ pointer: pointerTo([...issue.path, key]), message: 'is not a field of this request' }))
}

function pointerTo(path: readonly PropertyKey[]): string {
  return path
    .map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
    .slice(0, POINTER_LENGTH_MAX)
}

function named(expected: string): string {
  if (expected === 'object' || expected === 'record') return 'a JSON object'
  return expected === 'int' ? 'a whole number' : `a JSON ${expected}`
}
