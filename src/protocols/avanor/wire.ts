// The messages of Avanor as bytes and text. JSON keeps its number literals, because signatures and amounts are read from
// them; what we write is compact, with the members of every object in alphabetical order, and amounts are printed from
// exact values, never through a double.
import { isJsonObject, JsonNumber, type JsonObject, type JsonValue, parseJson } from '../../lib/json.ts'
import { type CurrencyCode, currencyOf } from '../../money/currency.ts'
import { parseDecimal, printShortest } from '../../money/decimal.ts'
import { type Money, money, moneyCompare } from '../../money/money.ts'
import { currencyOfNumeric, numericOf } from '../../money/numeric.ts'
import { type Method, WALLET_OPERATORS } from '../../payout/beneficiary.ts'

export const AVANOR_CONTENT_TYPE = 'application/json'

/** One brand of the platform puts this before every path, another nothing; the door serves both (contract, section 2). */
export const AVANOR_PREFIX = '/gateway/v1'

/** One JSON object, every value as it was written. */
export type AvanorFields = JsonObject

/** The object of a body, or null where it is none. The caller bounds the size. */
export function avanorReadFields(body: Uint8Array): AvanorFields | null {
  const result = parseJson(body)
  return result.ok && isJsonObject(result.value) ? result.value : null
}

/** Compact JSON; the members of every object by name, in the order of UTF-16 code units. */
export function avanorEncode(value: JsonValue): string {
  if (value instanceof JsonNumber) return value.literal
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (!isJsonObject(value)) return `[${value.map(avanorEncode).join(',')}]`
  const names = [...value.keys()].sort()
  return `{${names.map(name => `${JSON.stringify(name)}:${avanorEncode(value.get(name) ?? null)}`).join(',')}}`
}

export function avanorObject(members: Readonly<Record<string, JsonValue>>): JsonObject {
  return new Map(Object.entries(members))
}

/** An amount as a JSON number, in its shortest decimals: 160.50 is `160.5`. */
export function avanorAmount(amount: Money): JsonNumber {
  return new JsonNumber(printShortest(amount))
}

/** A whole number, as JSON. */
export function avanorInteger(value: bigint | number): JsonNumber {
  return new JsonNumber(value.toString())
}

/** The number of a currency, as JSON: BDT is 50. */
export function avanorCurrency(currency: CurrencyCode): JsonNumber {
  return avanorInteger(numericOf(currency))
}

/** The digits of a whole number from 0 on, as a number or as text, else null. `05`, `5.0` and `5e0` are none. */
export function avanorDigits(value: JsonValue | undefined): string | null {
  const text = avanorText(value)
  return text !== null && /^(?:0|[1-9][0-9]{0,17})$/.test(text) ? text : null
}

/** Text as it stands, or the digits of a number as they stand; null for everything else. */
export function avanorText(value: JsonValue | undefined): string | null {
  if (value instanceof JsonNumber) return value.literal
  return typeof value === 'string' ? value : null
}

/** A plain decimal without the zeros at its end: `150.00` is `150`. Every other text stays as it is. */
export function avanorShortest(decimal: string): string {
  return /^-?[0-9]+\.[0-9]+$/.test(decimal) ? decimal.replace(/\.?0+$/, '') : decimal
}

/** The currency of its number, as a number or as up to three digits, else null. */
export function avanorCurrencyOf(value: JsonValue | undefined): CurrencyCode | null {
  const text = avanorText(value)
  return text !== null && /^[0-9]{1,3}$/.test(text) ? currencyOfNumeric(Number.parseInt(text, 10)) : null
}

/** A moment as the family writes it, `2026-05-24T16:35:42`, in UTC. */
export function avanorTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19)
}

// ---- answers of a provider -----------------------------------------------------------------------------------------

export interface AvanorEnvelope {
  readonly result: boolean | null
  /** Null where there is none, or none that is a whole number. */
  readonly errorCode: number | null
  readonly data: JsonObject | null
  /** True where there is no `data`, or null: an error says nothing else. */
  readonly dataAbsent: boolean
}

/** Reads the envelope of section 5, or gives null where the body is no message of this protocol. */
export function avanorReadEnvelope(body: Uint8Array): AvanorEnvelope | null {
  const outer = avanorReadFields(body)
  if (outer === null) return null
  const result = outer.get('result')
  const code = avanorDigits(outer.get('error_code'))
  if (typeof result !== 'boolean' && code === null) return null
  const data = outer.get('data')
  return {
    result: typeof result === 'boolean' ? result : null,
    // Codes are small; a longer one is unknown whatever it is.
    errorCode: code === null ? null : Number.parseInt(code, 10),
    data: isJsonObject(data) ? data : null,
    dataAbsent: data === undefined || data === null,
  }
}

// ---- payways -------------------------------------------------------------------------------------------------------

/** What an alias such as `card_usd` stands for. */
export interface AvanorPayway {
  readonly alias: string
  readonly method: Method
  readonly currency: CurrencyCode
  readonly min: Money
  readonly max: Money
  readonly active: boolean
}

export type AvanorPayways =
  | { readonly ok: true; readonly payways: readonly AvanorPayway[] }
  /** A sentence that holds nothing of the setting. */
  | { readonly ok: false; readonly why: string }

/**
 * The setting `payways`: `card_usd=card:USD,bkash_bdt=wallet/bkash:BDT:10-25000.50,old_eur=bank_account:EUR:off`. The
 * limits belong to the allowed amounts, and either may be left out (`10-`, `-500`); `off` keeps the alias without use.
 */
export function avanorPayways(setting: string | undefined): AvanorPayways {
  const rows = (setting ?? '').split(',').map(row => row.trim())
  if (rows.length > PAYWAYS_MAX) return { ok: false, why: `payways has more than ${PAYWAYS_MAX} rows` }
  const payways: AvanorPayway[] = []
  for (const [place, row] of rows.entries()) {
    const payway = paywayOf(row)
    if (payway === null) return { ok: false, why: `payways row ${place + 1} is not alias=kind:CURRENCY` }
    if (payways.some(({ alias }) => alias === payway.alias))
      return { ok: false, why: `payways row ${place + 1} names an alias again` }
    payways.push(payway)
  }
  return { ok: true, payways }
}

export function avanorIsAlias(text: string): boolean {
  return ALIAS.test(text)
}

/** How the settings write a method: wallets by their operator. */
export function avanorKind(method: Method): string {
  return isOperator(method) ? `wallet/${method}` : method
}

const PAYWAYS_MAX = 64
const ALIAS = /^[A-Za-z0-9_.-]{1,64}$/
const ROW = /^([^=]+)=(card|bank_account|wallet\/[a-z]+):([A-Z]{3})(?::([0-9.]*)-([0-9.]*))?(:off)?$/
/** Where nothing else is set, an amount has at most twelve digits before the point. */
const WHOLE_DIGITS_MAX = 12

function paywayOf(row: string): AvanorPayway | null {
  const parts = ROW.exec(row)
  const [, alias = '', kind = '', code = '', least = '', most = '', off] = parts ?? []
  const method = kind.startsWith('wallet/') ? kind.slice('wallet/'.length) : kind
  const currency = currencyOf(code)
  if (parts === null || !avanorIsAlias(alias) || currency === null || !isMethod(method)) return null
  const min = least === '' ? money(1n, currency) : limitOf(least, currency)
  const max = limitOf(most === '' ? '9'.repeat(WHOLE_DIGITS_MAX) : most, currency)
  if (min === null || max === null || min.minor <= 0n || moneyCompare(min, max) > 0) return null
  return { alias, method, currency, min, max, active: off === undefined }
}

function limitOf(text: string, currency: CurrencyCode): Money | null {
  const parsed = parseDecimal(text, currency)
  return parsed.ok ? parsed.money : null
}

function isOperator(text: string): boolean {
  return (WALLET_OPERATORS as readonly string[]).includes(text)
}

function isMethod(text: string): text is Method {
  return text === 'card' || text === 'bank_account' || isOperator(text)
}

// ---- grammars ------------------------------------------------------------------------------------------------------

/** 1 to 64 characters without control characters and overrides of the writing direction. */
export function avanorIsReference(text: string): boolean {
  return isLine(text, 64) && text !== ''
}

/** As long as a reference; nothing else is asked of `now` (section 4). */
export function avanorIsNow(text: string): boolean {
  return avanorIsReference(text)
}

/**
 * Any destination: 1 to 64 characters without quotes and backslashes. A colon is refused: the signed values are joined
 * with colons and not escaped, so that an account with colons could take the places of the amount and of all that follows.
 */
export function avanorIsAccount(text: string): boolean {
  return avanorIsReference(text) && !/[:"\\]/.test(text)
}

/** A destination of this method: 12 to 19 digits of a card, 6 to 20 of a wallet, any account of a bank. */
export function avanorIsAccountOf(text: string, method: Method): boolean {
  if (method === 'card') return /^[0-9]{12,19}$/.test(text)
  return method === 'bank_account' ? avanorIsAccount(text) : /^\+?[0-9]{6,20}$/.test(text)
}

/** Up to 255 characters of one line; also for the bank and the holder of an account. */
export function avanorIsDescription(text: string): boolean {
  return isLine(text, 255)
}

const REFUSED_CHARACTERS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

function isLine(text: string, charactersMax: number): boolean {
  if (text.length > 2 * charactersMax || !text.isWellFormed() || REFUSED_CHARACTERS.test(text)) return false
  return text.length <= charactersMax || [...text].length <= charactersMax
}
