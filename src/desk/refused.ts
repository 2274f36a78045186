import type { ErrorCode } from '../errors.ts'

/** A refusal of something that people asked for, in the words of the API. */
export interface Refused {
  readonly kind: 'refused'
  readonly code: ErrorCode
  readonly detail: string
  readonly more?: Readonly<Record<string, string>>
  /** How long to wait before the same may succeed, where that is known. */
  readonly waitMs?: number
}

export function refused(code: ErrorCode, detail: string, more?: Refused['more']): Refused {
  return { kind: 'refused', code, detail, ...(more === undefined ? {} : { more }) }
}

/** One answer for what is not there and for what is another merchant's. */
export const NOTHING_THERE = refused('not_found', 'There is no such thing.')
