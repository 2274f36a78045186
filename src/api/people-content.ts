// Bodies that people send, read and judged.

import type { z } from 'zod'
import type { FieldError, Problem } from '../http/problem.ts'
import { isJsonObject, parseJson, toPlain } from '../lib/json.ts'
import { currencyOf } from '../money/currency.ts'
import { parseDecimal } from '../money/decimal.ts'
import type { Money } from '../money/money.ts'
import type { NewEvidence } from '../store/people-store.ts'
import { type ApiAnswer, refusal } from './call.ts'
import { fieldErrors, messageOf } from './field-errors.ts'
import { payoutKey } from './payouts-read.ts'
import type { ApiPayoutAsked, ApiRefused } from './people-needs.ts'
import type { decisionGiven } from './schema-people.ts'

/** Two files of five MiB do not fit, one and its letter do. */
export const EVIDENCE_BODY_BYTES_MAX = 8 * 1024 * 1024

export type BodyRead<Content> =
  | { readonly ok: true; readonly content: Content }
  | { readonly ok: false; readonly problem: Problem }

export function readContent<Schema extends z.ZodType>(
  body: Uint8Array,
  schema: Schema,
): BodyRead<z.output<Schema>> {
  const parsed = parseJson(body)
  if (!parsed.ok)
    return { ok: false, problem: { code: 'malformed_json', detail: `The body is refused: ${parsed.why}.` } }
  if (!isJsonObject(parsed.value)) return { ok: false, problem: { code: 'malformed_json' } }
  const read = schema.safeParse(toPlain(parsed.value), { error: messageOf })
  return read.success ? { ok: true, content: read.data } : invalid(fieldErrors(read.error))
}

export type EvidenceGiven = z.output<typeof decisionGiven>['evidence']

export function readEvidence(given: EvidenceGiven): BodyRead<readonly NewEvidence[]> {
  const files: NewEvidence[] = []
  for (const [place, { kind, name, media_type: mediaType, data, covers }] of given.entries()) {
    const bytes = Buffer.from(data, 'base64')
    // The decoder looks through what does not belong there.
    if (bytes.toString('base64') !== data)
      return invalid([{ pointer: `/evidence/${place}/data`, message: 'must be base64 with padding' }])
    files.push({ kind, name, mediaType, bytes, covers: covers ?? null })
  }
  return { ok: true, content: files }
}

export function readMoney(amount: string, currency: string): BodyRead<Money> {
  const code = currencyOf(currency)
  if (code === null) return invalid([{ pointer: '/currency', message: 'must be a currency of ISO 4217' }])
  const read = parseDecimal(amount, code)
  if (!read.ok || read.money.minor === 0n)
    return invalid([{ pointer: '/amount', message: 'must be above zero, with the decimals of its currency' }])
  return { ok: true, content: read.money }
}

/** The payout that a path names, or null. */
export function readPayout(id: string | undefined): ApiPayoutAsked | null {
  const key = payoutKey(id)
  if (key === null || key.by === 'reference') return null
  return { number: key.number, tag: key.by === 'code' ? key.tag : null }
}

export function refusedAnswer({ code, detail, more, waitMs }: ApiRefused): ApiAnswer {
  const waits = waitMs === undefined ? null : { 'Retry-After': String(Math.max(1, Math.ceil(waitMs / 1000))) }
  const headers = waits === null ? (code === 'rate_limited' ? { headers: GUESSED } : {}) : { headers: waits }
  return refusal({ code, detail, ...headers, ...(more === undefined ? {} : { more }) })
}

/** Seconds: wrong codes are counted over a quarter of an hour. */
const GUESSED = { 'Retry-After': '900' }

function invalid(errors: readonly FieldError[]): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: { code: 'invalid_request', errors } }
}
