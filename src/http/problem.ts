import { ERRORS, type ErrorCode, Unavailable } from '../errors.ts'
import type { HttpAnswer } from './answer.ts'

/** A refusal in the words of RFC 9457. */
export interface Problem {
  readonly code: ErrorCode
  /** What is wrong with this request in particular. */
  readonly detail?: string
  readonly errors?: readonly FieldError[]
  /** Members of our own beside those of the standard, such as the id of the payout that stands in the way. */
  readonly more?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

/** `pointer` is a JSON pointer (RFC 6901) into the body, or the name of a header or query parameter. */
export interface FieldError {
  readonly pointer: string
  readonly message: string
}

/** The address that stands for a code, and where the page about it is served. */
export function problemType(code: ErrorCode): string {
  return `/docs/errors#${code}`
}

export function problemAnswer(problem: Problem, requestId: string): HttpAnswer {
  const { status, title, retryable } = ERRORS[problem.code]
  return {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...(retryable ? RETRY_AFTER : {}),
      ...problem.headers,
    },
    body: JSON.stringify({
      type: problemType(problem.code),
      title,
      status,
      detail: problem.detail ?? title,
      code: problem.code,
      retryable,
      request_id: requestId,
      ...(problem.errors === undefined ? {} : { errors: problem.errors }),
      ...problem.more,
    }),
  }
}

/** What an error that nobody foresaw may tell: nothing but whether to come again. */
export function problemOf(error: unknown): Problem {
  return { code: error instanceof Unavailable ? error.code : 'internal' }
}

/** Seconds. What is refused for load or for a database that is away is worth asking again soon. */
const RETRY_AFTER = { 'Retry-After': '1' }
