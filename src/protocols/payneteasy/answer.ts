// The door's answers as bytes (contract, sections 5 and 7): form framing under HTTP 200, or JSON where a client accepts
// that, a page for everybody who is denied, and nothing at all under a fault of ours.
import { assert } from '../../lib/assert.ts'
import type { DoorAnswer } from '../protocol.ts'
import {
  PAYNETEASY_ANSWER_TYPE,
  PAYNETEASY_JSON_TYPE,
  type PayneteasyParameters,
  payneteasyReadAnswer,
  payneteasyWriteAnswer,
} from './wire.ts'

/** Why a request is turned away after it was verified. The codes are our own, and opaque. */
export interface PayneteasyProblem {
  readonly type: 'validation-error' | 'error'
  readonly code: string
  readonly message: string
}

const validation = (code: string, message: string): PayneteasyProblem => ({
  type: 'validation-error',
  code,
  message,
})
const error = (code: string, message: string): PayneteasyProblem => ({ type: 'error', code, message })

export const PAYNETEASY_PROBLEMS = {
  missing: (name: string) => validation('101', `Missing parameter: ${name}`),
  invalid: (name: string) => validation('102', `Invalid parameter: ${name}`),
  duplicate: (name: string) => validation('103', `Duplicate parameter: ${name}`),
  login: validation('104', 'Login does not match'),
  notFound: validation('105', 'Order not found'),
  otherOrder: validation('106', 'client_orderid does not match the order'),
  otherContent: validation('107', 'client_orderid already used with different parameters'),
  notPayable: error('201', 'Order is not payable in its present state'),
  funds: error('202', 'Insufficient balance'),
  limits: error('203', 'Limit exceeded'),
} as const

/** What an answer says of the order, as far as it is known. */
export interface PayneteasyAbout {
  readonly serialNumber: string
  readonly merchantOrderId: string | null
  readonly paynetOrderId: string | null
  readonly endPointId: string | null
}

/** The text of the answer that accepts a step; kept with the order and given again to every repeat. */
export function payneteasyAccepted(about: PayneteasyAbout): string {
  return payneteasyWriteAnswer([['type', 'async-response'], ...aboutFields(about)])
}

/** An answer that stands already as text in form framing. */
export function payneteasyKept(text: string, isJson: boolean): DoorAnswer {
  const fields = payneteasyReadAnswer(text)
  assert(fields !== null, 'a kept answer is one that was written here')
  return isJson ? json(200, [...fields]) : form(text)
}

export function payneteasyFields(fields: PayneteasyParameters, isJson: boolean): DoorAnswer {
  return isJson ? json(200, fields) : form(payneteasyWriteAnswer(fields))
}

export function payneteasyRefused(
  { type, code, message }: PayneteasyProblem,
  about: PayneteasyAbout,
  isJson: boolean,
): DoorAnswer {
  const fields: PayneteasyParameters = [
    ['type', type],
    ...aboutFields(about),
    ['error-message', message],
    ['error-code', code],
  ]
  return isJson ? json(400, fields) : form(payneteasyWriteAnswer(fields))
}

/** Everybody who is not let in gets this, whatever they accept: nothing about why. */
export function payneteasyDenied(): DoorAnswer {
  return { status: 403, headers: { 'Content-Type': 'text/html', ...HEADERS }, body: DENIED }
}

export function payneteasyTooLarge(): DoorAnswer {
  return { status: 413, headers: HEADERS, body: '' }
}

/** A fault of ours never has a `type`: a client must not read a refusal where the order may stand. */
export function payneteasyFault(): DoorAnswer {
  return { status: 500, headers: HEADERS, body: '' }
}

/** An answer as text that can be kept, and back. */
export function payneteasyStoreAnswer(answer: DoorAnswer): string {
  return JSON.stringify(answer)
}

/** @throws AssertionFailed where the text was not made by `payneteasyStoreAnswer` */
export function payneteasyStoredAnswer(text: string): DoorAnswer {
  const stored: unknown = JSON.parse(text)
  assert(isDoorAnswer(stored), 'a stored answer is one that was stored here')
  return stored
}

const HEADERS: Readonly<Record<string, string>> = {
  Connection: 'close',
  'X-Content-Type-Options': 'nosniff',
  'Strict-Transport-Security': 'max-age=31536000',
}

const DENIED =
  '<!DOCTYPE html>\n<html>\n<head><title>403</title></head>\n<body><p>Access is denied</p></body>\n</html>\n'

function form(body: string): DoorAnswer {
  const headers = { 'Content-Type': PAYNETEASY_ANSWER_TYPE, 'Content-Language': 'en-US', ...HEADERS }
  return { status: 200, headers, body }
}

function json(status: number, fields: PayneteasyParameters): DoorAnswer {
  const headers = { 'Content-Type': PAYNETEASY_JSON_TYPE, ...HEADERS }
  return { status, headers, body: JSON.stringify(Object.fromEntries(fields)) }
}

function aboutFields(about: PayneteasyAbout): PayneteasyParameters {
  const fields: readonly (readonly [string, string | null])[] = [
    ['serial-number', about.serialNumber],
    ['merchant-order-id', about.merchantOrderId],
    ['paynet-order-id', about.paynetOrderId],
    ['end-point-id', about.endPointId],
  ]
  return fields.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
}

function isDoorAnswer(stored: unknown): stored is DoorAnswer {
  if (typeof stored !== 'object' || stored === null) return false
  const { status, headers, body } = stored as { status?: unknown; headers?: unknown; body?: unknown }
  if (typeof status !== 'number' || typeof body !== 'string') return false
  if (typeof headers !== 'object' || headers === null) return false
  return Object.values(headers).every(value => typeof value === 'string')
}
