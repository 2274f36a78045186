// The messages of PayPro as bytes and text: flat JSON objects, read leniently where a provider writes them, strictly
// where they ask us to pay, and written in exactly one way. Numbers keep their digits, because the signature is made
// over them.
import { assert } from '../../lib/assert.ts'
import { isJsonObject, JsonNumber, type JsonValue, parseJson } from '../../lib/json.ts'
import { type CurrencyCode, currencyOf } from '../../money/currency.ts'
import type { WalletOperator } from '../../payout/beneficiary.ts'

/** A value of a flat body, as it was written. */
export type PayproScalar = null | boolean | string | JsonNumber

/** One flat body by name. Every name is a letter followed by letters, digits and underscores. */
export type PayproFields = ReadonlyMap<string, PayproScalar>

/** Paths below the base URL. The second spelling of create is that of two sibling countries. */
export const PAYPRO_PATHS = {
  payout: '/v1/paypro/payout',
  payoutSibling: '/v1/paypro/payOut',
  query: '/v1/paypro/queryPayOutResult',
  balance: '/v1/paypro/queryBalance',
} as const

export const PAYPRO_CONTENT_TYPE = 'application/json;charset=utf-8'

/** The currency is not on the wire; for these wallets it is BDT (contract, section 1). */
export const PAYPRO_CURRENCY: CurrencyCode = bdt()

/** One flat JSON object with scalar members (contract, section 4), or null. The caller bounds the size. */
export function payproReadFields(body: Uint8Array): PayproFields | null {
  const result = parseJson(body, { maxDepth: 1 })
  if (!result.ok || !isJsonObject(result.value)) return null
  for (const [name, value] of result.value) {
    if (!FIELD_NAME.test(name) || !isScalar(value)) return null
  }
  // The loop above has looked at every member; the compiler does not carry that over to the map.
  return result.value as PayproFields
}

/** What a field means: its text, or null where it is absent, null or empty, which are the same (section 3). */
export function payproText(value: PayproScalar | undefined): string | null {
  return value === undefined || value === null || value === '' ? null : payproLiteral(value)
}

/** A value as it stands in the body: the digits of a number, `true`, `null`. */
export function payproLiteral(value: PayproScalar): string {
  return typeof value === 'string' ? value : value instanceof JsonNumber ? value.literal : String(value)
}

/** One answer of a provider, every field as far as it can be read. */
export interface PayproAnswer {
  /** The outer word: `code` "0000" with `success` true or "true". It says only that the request was taken. */
  readonly accepted: boolean
  readonly code: string | null
  /** `data.status` where it is 4 to 10 digits in a string, else null. */
  readonly status: string | null
  /** True where there is no `data.status` at all, or an empty one. */
  readonly statusAbsent: boolean
  readonly platFormTradeNo: string | null
  readonly tradeNo: string | null
  readonly amount: string | null
  readonly availableAmount: string | null
  /** What the provider says in words, for reading, never for deciding that something failed. */
  readonly words: string
}

/** Reads an answer, or gives null where the body is no message of this protocol. */
export function payproReadAnswer(body: Uint8Array): PayproAnswer | null {
  const result = parseJson(body)
  if (!result.ok || !isJsonObject(result.value)) return null
  const outer = result.value
  const inner = outer.get('data')
  if (typeof outer.get('code') !== 'string' && !isJsonObject(inner)) return null

  const data = isJsonObject(inner) ? inner : new Map<string, JsonValue>()
  const code = stringOrNull(outer.get('code'))
  const success = outer.get('success')
  return {
    ...payproReadData(data),
    accepted: code === PAYPRO_OUTER_ACCEPTED && (success === true || success === 'true'),
    code,
    words: wordsOf(outer.get('msg'), data.get('desc'), data.get('message')),
  }
}

/** The body of a callback stands by itself, without an envelope around it. */
export function payproReadCallbackFields(fields: PayproFields): PayproAnswer {
  return { ...payproReadData(fields), accepted: true, code: null, words: wordsOf(fields.get('message')) }
}

export const PAYPRO_OUTER_ACCEPTED = '0000'

/** Exactly the values that stand for a status; codes differ in length and are never numbers (section 10). */
export function payproIsWellFormedStatus(text: string): boolean {
  return /^[0-9]{4,10}$/.test(text)
}

/** A body with members in the order given, compact. */
export function payproEncode(members: readonly (readonly [string, string])[]): string {
  return JSON.stringify(Object.fromEntries(members))
}

const WAY_CODES = {
  bkash: 'EWALLET_BKASH',
  rocket: 'EWALLET_ROCKET',
  nagad: 'EWALLET_NAGAD',
} as const satisfies Record<WalletOperator, string>

export function payproWayCode(operator: WalletOperator): string {
  return WAY_CODES[operator]
}

/** The operator of a wayCode in its documented form or in the short one of sibling pages, else null. */
export function payproOperator(wayCode: string): WalletOperator | null {
  return OPERATORS.get(wayCode) ?? null
}

export function payproIsTradeNo(text: string): boolean {
  return /^[A-Za-z0-9_.:-]{1,64}$/.test(text)
}

export function payproIsWalletId(text: string): boolean {
  return /^\+?[0-9]{6,20}$/.test(text)
}

/**
 * Absolute http or https, at most 1024 printable ASCII characters, without the text `remark=`: the canonical string
 * has no separators, so a URL that ends in `remark=x` would sign like a shorter one beside a remark (section 10).
 * User info, fragments and backslashes are refused as everywhere where others give us addresses.
 */
export function payproIsNotifyUrl(text: string): boolean {
  if (text.length > NOTIFY_URL_LENGTH_MAX || !NOTIFY_URL.test(text) || text.includes('remark=')) return false
  const url = URL.parse(text)
  return url !== null && url.username === '' && url.password === '' && url.hostname !== ''
}

/** At most 255 characters without control characters and overrides of the writing direction. */
export function payproIsRemark(text: string): boolean {
  if (text.length > 2 * REMARK_LENGTH_MAX || !text.isWellFormed() || REMARK_REFUSED.test(text)) return false
  return text.length <= REMARK_LENGTH_MAX || [...text].length <= REMARK_LENGTH_MAX
}

/**
 * Whether a text could be taken for fields of a payout inside the canonical string, which has no separators: a
 * signature made over such a text may fit a second body, whose fields begin or end inside it.
 */
export function payproLooksLikeFields(text: string): boolean {
  return /(?:amount|notifyUrl|remark|timestamp|tradeNo|walletId|wayCode)=/.test(text)
}

/** A moment as the wallets' country writes it, `YYYY-MM-DD HH:MM:SS` in Asia/Dhaka: UTC+6, without summer time. */
export function payproLocalTime(ms: number): string {
  return new Date(ms + DHAKA_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ')
}

const DHAKA_OFFSET_MS = 6 * 3_600_000
const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_]*$/
/** Printable ASCII without `#` and the backslash; a host follows the two slashes at once. */
const NOTIFY_URL = /^https?:\/\/(?![/?])[!"$-[\]-~]+$/i
const NOTIFY_URL_LENGTH_MAX = 1024
const REMARK_LENGTH_MAX = 255
const REMARK_REFUSED = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u
/** An id longer than this, or with blanks, is nobody's order number. */
const PLATFORM_NUMBER = /^[!-~]{1,64}$/

const OPERATORS: ReadonlyMap<string, WalletOperator> = new Map([
  ['EWALLET_BKASH', 'bkash'],
  ['BKASH', 'bkash'],
  ['EWALLET_ROCKET', 'rocket'],
  ['ROCKET', 'rocket'],
  ['EWALLET_NAGAD', 'nagad'],
  ['NAGAD', 'nagad'],
])

function payproReadData(
  data: ReadonlyMap<string, JsonValue>,
): Omit<PayproAnswer, 'accepted' | 'code' | 'words'> {
  const status = data.get('status')
  const platFormTradeNo = data.get('platFormTradeNo')
  return {
    status: typeof status === 'string' && payproIsWellFormedStatus(status) ? status : null,
    statusAbsent: status === undefined || status === null || status === '',
    platFormTradeNo:
      typeof platFormTradeNo === 'string' && PLATFORM_NUMBER.test(platFormTradeNo) ? platFormTradeNo : null,
    tradeNo: scalarText(data.get('tradeNo')),
    amount: scalarText(data.get('amount')),
    availableAmount: scalarText(data.get('availableAmount')),
  }
}

function scalarText(value: JsonValue | undefined): string | null {
  if (value instanceof JsonNumber) return value.literal
  return typeof value === 'string' && value !== '' ? value : null
}

function stringOrNull(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}

function isScalar(value: JsonValue): value is PayproScalar {
  return value === null || typeof value !== 'object' || value instanceof JsonNumber
}

function wordsOf(...values: readonly (JsonValue | undefined)[]): string {
  return values.filter(value => typeof value === 'string').join(' ')
}

function bdt(): CurrencyCode {
  const currency = currencyOf('BDT')
  assert(currency !== null, 'BDT is a currency')
  return currency
}
