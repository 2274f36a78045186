// The messages of Payneteasy as text: forms both ways, and answers whose every value is followed by a line feed, also
// the last one. The example of the document has 137 bytes, and only that framing gives them.
import { unreachable } from '../../lib/assert.ts'
import { type CurrencyCode, currencyOf } from '../../money/currency.ts'
import { parseDecimal } from '../../money/decimal.ts'
import type { Money } from '../../money/money.ts'
import { type Beneficiary, WALLET_OPERATORS, type WalletOperator } from '../../payout/beneficiary.ts'

/** Parameters in the order received; a name may come twice. */
export type PayneteasyParameters = readonly (readonly [name: string, value: string])[]

/** Paths below the base URL, each followed by an endpoint or by `group/` and an endpoint group (contract, section 2). */
export const PAYNETEASY_PATHS = {
  'payout-pay': '/paynet/api/v4/payout-pay',
  'payout-check': '/paynet/api/v4/payout-check',
  payout: '/paynet/api/v4/payout',
  status: '/paynet/api/v4/status',
  'status-v2': '/paynet/api/v2/status',
} as const
export type PayneteasyCall = keyof typeof PAYNETEASY_PATHS

export const PAYNETEASY_FORM_TYPE = 'application/x-www-form-urlencoded'
export const PAYNETEASY_ANSWER_TYPE = 'text/html;charset=utf-8'
export const PAYNETEASY_JSON_TYPE = 'application/vnd.pay+json'

// ---- forms -----------------------------------------------------------------------------------------------------

/**
 * Decodes a form: `+` is a blank, escapes are UTF-8, empty values stay. Null where it cannot be decoded; what would be
 * guessed could be signed as something else. Null also beyond its limits: 64 fields, names of 64 bytes, no NUL. The
 * caller bounds the size.
 */
export function payneteasyReadForm(form: Uint8Array | string): PayneteasyParameters | null {
  const text = typeof form === 'string' ? form : utf8(form)
  if (text === null || !text.isWellFormed()) return null
  const parameters: [string, string][] = []
  for (const part of text.split('&')) {
    if (part === '') continue
    const parameter = parameters.length < FORM_FIELDS_MAX ? decodePart(part) : null
    if (parameter === null || Buffer.byteLength(parameter[0]) > FORM_NAME_BYTES_MAX) return null
    if (parameter[0].includes('\0') || parameter[1].includes('\0')) return null
    parameters.push(parameter)
  }
  return parameters
}

const FORM_FIELDS_MAX = 64
const FORM_NAME_BYTES_MAX = 64

/** Encodes a form: a blank is `+`, escapes are UTF-8 in upper-case hex. */
export function payneteasyWriteForm(parameters: PayneteasyParameters): string {
  return parameters.map(([name, value]) => `${formEncode(name)}=${formEncode(value)}`).join('&')
}

/** RFC 3986, which is what is signed: `A-Z a-z 0-9 - . _ ~` stay, everything else is `%XX` in upper-case hex. */
export function payneteasyPercentEncode(text: string): string {
  // Most names and values stay as they are.
  if (UNRESERVED.test(text)) return text
  return encodeURIComponent(text).replace(/[!'()*]/g, character => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  })
}

const UNRESERVED = /^[A-Za-z0-9._~-]*$/

/** The text of percent escapes, or null where they are not well-formed UTF-8. `+` is a plus. */
export function payneteasyPercentDecode(text: string): string | null {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone `%` or bytes that are no UTF-8: nobody can tell which text was meant.
    return null
  }
}

// ---- answers ---------------------------------------------------------------------------------------------------

/** An answer in the order given, a line feed after every value. */
export function payneteasyWriteAnswer(fields: PayneteasyParameters): string {
  return fields.map(([name, value]) => `${formEncode(name)}=${formEncode(value)}\n`).join('&')
}

/**
 * Reads an answer (contract, section 5): one line end after each value is framing, an encoded one is data. Null where
 * a field comes twice, where there is no `type`, where a name is none of a field, and where it cannot be decoded: such
 * an answer is not understood. A page with `&type=` somewhere in a link of it is none.
 */
export function payneteasyReadAnswer(body: Uint8Array | string): ReadonlyMap<string, string> | null {
  const text = typeof body === 'string' ? body : utf8(body)
  if (text === null || !text.isWellFormed()) return null
  const fields = new Map<string, string>()
  for (const framed of text.split('&')) {
    const part = framed.replace(/\r?\n$/, '')
    if (part === '') continue
    const field = decodePart(part)
    if (field === null || !FIELD_NAME.test(field[0]) || fields.has(field[0])) return null
    fields.set(...field)
  }
  return fields.has('type') ? fields : null
}

const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/

function decodePart(part: string): [string, string] | null {
  const split = part.indexOf('=')
  const name = payneteasyPercentDecode((split < 0 ? part : part.slice(0, split)).replaceAll('+', ' '))
  const value = payneteasyPercentDecode(split < 0 ? '' : part.slice(split + 1).replaceAll('+', ' '))
  return name === null || value === null ? null : [name, value]
}

function formEncode(text: string): string {
  return payneteasyPercentEncode(text).replaceAll('%20', '+')
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8(bytes: Uint8Array): string | null {
  try {
    return UTF8.decode(bytes)
  } catch {
    // Other encodings are not declared by any page of this protocol.
    return null
  }
}

// ---- settings --------------------------------------------------------------------------------------------------

/** Endpoints and the currency of each: `39915=EUR,39916=USD`. Null where it is not that, or names one twice. */
export function payneteasyEndpoints(setting: string | undefined): ReadonlyMap<string, CurrencyCode> | null {
  const endpoints = new Map<string, CurrencyCode>()
  for (const part of listOf(setting)) {
    const [, id, code] = /^([1-9][0-9]{0,17})=([A-Z]{3})$/.exec(part) ?? []
    const currency = currencyOf(code ?? '')
    if (id === undefined || currency === null || endpoints.has(id)) return null
    endpoints.set(id, currency)
  }
  return endpoints
}

/** Endpoint groups and the endpoints in each: `1=39915+39916,2=39917`. Null where it is not that. */
export function payneteasyGroups(setting: string | undefined): ReadonlyMap<string, readonly string[]> | null {
  const groups = new Map<string, readonly string[]>()
  for (const part of listOf(setting)) {
    const [, id, members] = /^([1-9][0-9]{0,17})=([0-9]{1,18}(?:\+[0-9]{1,18})*)$/.exec(part) ?? []
    if (id === undefined || members === undefined || groups.has(id)) return null
    groups.set(id, members.split('+'))
  }
  return groups
}

function listOf(setting: string | undefined): readonly string[] {
  if (setting === undefined || setting.trim() === '') return []
  return setting.split(',').map(part => part.trim())
}

// ---- the grammar of each field (contract, section 4) --------------------------------------------------------------

/** The merchant's own identifier: 1 to 128 characters. */
export function payneteasyIsClientOrderId(text: string): boolean {
  return isPlainText(text, 128)
}

/** Decimal digits, kept as text: 18 of them are more than a double can count. */
export function payneteasyIsOrderId(text: string): boolean {
  return /^[1-9][0-9]{0,17}$/.test(text)
}

/** The serial number of a request, theirs or ours. */
export function payneteasyIsSerialNumber(text: string): boolean {
  return /^[!-~]{1,64}$/.test(text)
}

/** A name such as a login or a consumer key. */
export function payneteasyIsLogin(text: string): boolean {
  return /^[ -~]{1,128}$/.test(text)
}

/** Major units with a point, at most ten characters, above zero; else null. */
export function payneteasyAmount(text: string, currency: CurrencyCode): Money | null {
  if (text.length > PAYNETEASY_AMOUNT_LENGTH_MAX) return null
  const parsed = parseDecimal(text, currency)
  return parsed.ok && parsed.money.minor > 0n ? parsed.money : null
}

export const PAYNETEASY_AMOUNT_LENGTH_MAX = 10

export const PAYNETEASY_ORDER_DESC_LENGTH_MAX = 64

export function payneteasyIsOrderDesc(text: string): boolean {
  return isPlainText(text, PAYNETEASY_ORDER_DESC_LENGTH_MAX)
}

export function payneteasyIsPurpose(text: string): boolean {
  return isPlainText(text, 128)
}

// ---- who is paid: a wallet as an account at its operator, a bank account, or a card -------------------------------------

export function payneteasyDestination(beneficiary: Beneficiary): PayneteasyParameters {
  switch (beneficiary.kind) {
    case 'wallet':
      return [
        ['account_number', beneficiary.number],
        ['bank_name', beneficiary.operator],
      ]
    case 'bank_account':
      return [
        ['account_number', beneficiary.account],
        ['bank_name', beneficiary.bank ?? ''],
        ['account_name', beneficiary.holder ?? ''],
      ]
    case 'card':
      return [['credit_card_number', beneficiary.number]]
    default:
      return unreachable(beneficiary)
  }
}

/** Null, or why these parameters cannot name the beneficiary. */
export function payneteasyCannotPay(beneficiary: Beneficiary): string | null {
  if (beneficiary.kind === 'wallet')
    return payneteasyIsWalletNumber(beneficiary.number) ? null : 'the wallet is not 6 to 20 digits'
  if (beneficiary.kind === 'card')
    return payneteasyIsCardNumber(beneficiary.number) ? null : 'the card is not 12 to 19 digits'
  const { account, bank, holder } = beneficiary
  if (!payneteasyIsAccountNumber(account)) return 'the account is not 4 to 34 letters and digits'
  if (bank !== null && (!payneteasyIsBankName(bank) || payneteasyOperator(bank) !== null))
    return 'the bank is a wallet operator or not 1 to 128 plain characters'
  if (holder !== null && !payneteasyIsAccountName(holder))
    return 'the holder is not 1 to 140 plain characters'
  return null
}

export function payneteasyIsWalletNumber(text: string): boolean {
  return /^\+?[0-9]{6,20}$/.test(text)
}

export function payneteasyIsAccountNumber(text: string): boolean {
  return /^[A-Za-z0-9-]{4,34}$/.test(text)
}

export function payneteasyIsBankName(text: string): boolean {
  return isPlainText(text, 128)
}

export function payneteasyIsAccountName(text: string): boolean {
  return isPlainText(text, 140)
}

export function payneteasyIsCardNumber(text: string): boolean {
  return /^[0-9]{12,19}$/.test(text)
}

/** The wallet operator that a `bank_name` stands for, in any letter case, else null. */
export function payneteasyOperator(bankName: string): WalletOperator | null {
  return WALLET_OPERATORS.find(operator => operator === bankName.toLowerCase()) ?? null
}

/**
 * Absolute http or https on one of the four ports that are called (contract, section 8), at most 1024 printable
 * characters. User info, fragments and backslashes are refused as everywhere where others give us addresses.
 */
export function payneteasyIsCallbackUrl(text: string): boolean {
  if (text.length > CALLBACK_URL_LENGTH_MAX || !CALLBACK_URL.test(text)) return false
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || url.hostname === '') return false
  // The default ports, 80 and 443, are an empty text here.
  return ['', '80', '8080', '443', '8443'].includes(url.port)
}

const CALLBACK_URL_LENGTH_MAX = 1024
/** Printable ASCII without `#` and the backslash; a host follows the two slashes at once. */
const CALLBACK_URL = /^https?:\/\/(?![/?])[!"$-[\]-~]+$/i
const NOT_PLAIN = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u

/** 1 to so many characters without control characters and overrides of the writing direction. */
function isPlainText(text: string, lengthMax: number): boolean {
  if (text === '' || text.length > 2 * lengthMax || !text.isWellFormed() || NOT_PLAIN.test(text)) return false
  return text.length <= lengthMax || [...text].length <= lengthMax
}

// ---- what a transcript keeps --------------------------------------------------------------------------------------------

/**
 * Private keys, signatures, controls and holders go, and whatever else is 32 or more hex digits; numbers of wallets,
 * accounts and cards keep their first two and last three characters, also where the text repeats them elsewhere. In
 * forms, in base strings, in headers and in JSON with or without escaped quotes.
 */
export function payneteasyScrub(text: string): string {
  const numbers = new Set([...text.matchAll(NUMBER)].map(match => match[3] ?? ''))
  let scrubbed = text
    .replace(PRIVATE_KEY, REMOVED)
    .replace(NUMBER, (_, before: string, plus = '', number) => {
      return before + plus + masked(String(number))
    })
  for (const number of [...numbers].slice(0, REPEATED_NUMBERS_MAX)) {
    if (number.length >= 6) scrubbed = scrubbed.replaceAll(number, masked(number))
  }
  return scrubbed
    .replace(PHONE, masked)
    .replace(SECRET_FIELD, `$1${REMOVED}`)
    .replace(HEX, REMOVED)
    .replace(BASE64, REMOVED)
}

const REMOVED = '[removed]'
/** A transcript speaks of one beneficiary; a hostile answer with thousands costs no more than this many passes. */
const REPEATED_NUMBERS_MAX = 16
const PRIVATE_KEY =
  /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,20}PRIVATE KEY-----(?:\\+n|\s)*|$)/gs
const NUMBER =
  /((?:account_number|credit_card_number)\\*"?\s*(?:[:=]|%3D)\s*\\*"?)(\+|%2B|%252B)?([0-9A-Za-z-]+)(?![0-9A-Za-z•-])/gi
/** A mobile number of Bangladesh, with or without the country code. */
const PHONE = /(?<![0-9A-Za-z])(?:\+?88)?01[0-9]{9}(?![0-9A-Za-z])/g
const SECRET_FIELD =
  /((?:oauth_signature(?!_)|control|account_name|secret|password|private_key)\\*"?\s*(?:[:=]|%3D)\s*\\*"?)(?!\[removed\])((?:[^"\\\s,;&}%]|%(?!26))+)/gi
const HEX = /(?<![0-9A-Za-z])[0-9A-Fa-f]{32,}(?![0-9A-Za-z])/g
/** Longer than any address or name, and shorter than any RSA signature that is taken here. */
const BASE64 = /(?:[A-Za-z0-9+/]|%2[BF]|%3D){300,}={0,2}/gi

function masked(number: string): string {
  if (number.length <= 6) return '•'.repeat(number.length)
  return `${number.slice(0, 2)}${'•'.repeat(number.length - 5)}${number.slice(-3)}`
}
