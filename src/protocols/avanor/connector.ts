// Avanor with us as the client: an order becomes one signed request, an answer becomes what it says. One create per
// reference, then only questions by that reference (contract, section 9). Nothing is decided here: whether a failure is
// a proof of death is for the dispatcher, by the capabilities declared below.

import { assert } from '../../lib/assert.ts'
import { JsonNumber, type JsonObject, type JsonValue } from '../../lib/json.ts'
import { parseDecimalLenient, printDecimal } from '../../money/decimal.ts'
import { type Money, moneyCompare, moneyEquals } from '../../money/money.ts'
import { type Beneficiary, beneficiaryMethod } from '../../payout/beneficiary.ts'
import type { Answer, Echo } from '../../payout/outcome.ts'
import { accountFlaw, isSecretSetting, timeoutFlaw, timeoutsOf } from '../account-settings.ts'
import { type Capabilities, declareCapabilities } from '../capabilities.ts'
import type {
  Connector,
  ConnectorBalance,
  ConnectorOrder,
  InquirySubject,
  ProviderAccount,
  WireAnswer,
  WireRequest,
} from '../protocol.ts'
import { AVANOR_SIGNED, type AvanorSignedMethod, avanorSign, avanorStringToSign } from './sign.ts'
import { type AvanorSaying, avanorIsSuccess, avanorSayingOfCreate, avanorSayingOfInquiry } from './status.ts'
import {
  AVANOR_CONTENT_TYPE,
  type AvanorEnvelope,
  type AvanorPayway,
  avanorCurrency,
  avanorCurrencyOf,
  avanorDigits,
  avanorEncode,
  avanorIsAccountOf,
  avanorIsDescription,
  avanorIsReference,
  avanorObject,
  avanorPayways,
  avanorReadEnvelope,
  avanorText,
  avanorTime,
} from './wire.ts'

export const avanorConnector: Connector = {
  checkAccount,
  capabilities,
  cannotCarry,

  pay: (order, account) => signedRequest(account, 'withdraw/create', createMembers(order, account)),
  readPay: (answer, order) => readAnswer(answer, order, avanorSayingOfCreate),
  commit: null,

  inquire: (subject, account, at) =>
    signedRequest(account, 'withdraw/shop_payment_status', {
      now: avanorTime(at.nowMs),
      shop_payment_id: subject.reference,
    }),
  readInquiry: (answer, subject) => readAnswer(answer, subject, avanorSayingOfInquiry),

  // No payout callback is documented on this platform (section 8): whatever comes is nobody's.
  readCallback: () => ({ kind: 'refused', why: 'this protocol has no callbacks' }),
  callbackTaken: () => NO_CALLBACKS,
  callbackRefused: () => NO_CALLBACKS,
  balance: balance(),
  scrub,
}

const NO_CALLBACKS = { status: 404, headers: { 'content-type': 'text/plain' }, body: 'no callbacks' }

/** Errors are read under statuses that are not 2xx too, because one brand sends them so; under 409 and 5xx nothing counts. */
const BODY_STATUSES: readonly number[] = [
  200, 201, 202, 400, 401, 402, 403, 404, 405, 406, 410, 415, 422, 429,
]

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS

/** Contract, section 9. What the document does not settle keeps its default. */
function capabilities({ settings }: ProviderAccount): Capabilities {
  return declareCapabilities({
    reference: { alphabet: '0123456789abcdefghijklmnopqrstuvwxyz', length: 24 },
    queryableByOurReference: true,
    // "Not found" alone proves nothing; it only confirms a refusal of the one send.
    notFoundIsFinalAfterMs: 'never',
    refusalConfirmedBy: 'inquiry',
    // 5 and 6 are the final values of the family's list.
    failedIsFinalAfterMs: 0,
    bodyStatuses: BODY_STATUSES,
    // An error carries no `data` to echo anything; an acceptance without our reference is read as unknown below.
    echoes: { send: [], inquiry: ['reference', 'amount', 'currency'] },
    inquiryTimesMs: {
      first: [2 * SECOND_MS, 5 * SECOND_MS, 10 * SECOND_MS, 30 * SECOND_MS],
      thenEveryMs: 30 * SECOND_MS,
      untilMs: 120 * MINUTE_MS,
      afterwardsEveryMs: 10 * MINUTE_MS,
    },
    timeoutsMs: timeoutsOf(settings.timeout_total_ms),
  })
}

// ---- the account ---------------------------------------------------------------------------------------------

const SETTINGS = new Set(['shop_id', 'secret', 'payways', 'timeout_total_ms'])

function checkAccount(account: ProviderAccount): string | null {
  const { settings } = account
  const flaw = accountFlaw(account, SETTINGS)
  if (flaw !== null) return flaw
  if (!/^(?:0|[1-9][0-9]{0,17})$/.test(settings.shop_id ?? ''))
    return 'shop_id is missing or not 1 to 18 digits'
  if (!isSecretSetting(settings.secret ?? '')) return 'secret is missing or begins or ends with a blank'
  const payways = avanorPayways(settings.payways)
  if (!payways.ok) return payways.why
  return timeoutFlaw(settings.timeout_total_ms)
}

function paywaysOf({ settings }: ProviderAccount): readonly AvanorPayway[] {
  const payways = avanorPayways(settings.payways)
  return payways.ok ? payways.payways : []
}

// ---- the order -----------------------------------------------------------------------------------------------

function cannotCarry(order: ConnectorOrder, account: ProviderAccount): string | null {
  const { reference, amount, beneficiary, description } = order
  if (!avanorIsReference(reference)) return 'the reference is no shop_payment_id of this protocol'
  const method = beneficiaryMethod(beneficiary)
  const fitting = paywaysFor(order, account)
  if (fitting.length === 0) return `no payway of this account pays ${method} in ${amount.currency}`
  if (!fitting.some(payway => isWithin(amount, payway)))
    return `the amount is outside the limits of every payway that pays ${method} in ${amount.currency}`
  if (!avanorIsAccountOf(accountOf(beneficiary), method))
    return 'the account is not 12 to 19 digits of a card, 6 to 20 of a wallet, or 1 to 64 characters without a colon'
  if (!avanorIsDescription(description ?? ''))
    return 'the description is longer than 255 characters or holds control characters'
  if (![...detailsOf(beneficiary).values()].every(text => avanorIsDescription(text)))
    return 'the bank or the holder is longer than 255 characters or holds control characters'
  return null
}

/** What pays this order but for its amount, in the order of the settings. */
function paywaysFor(
  { amount, beneficiary }: ConnectorOrder,
  account: ProviderAccount,
): readonly AvanorPayway[] {
  const method = beneficiaryMethod(beneficiary)
  return paywaysOf(account).filter(
    payway => payway.active && payway.method === method && payway.currency === amount.currency,
  )
}

function isWithin(amount: Money, { min, max }: AvanorPayway): boolean {
  return moneyCompare(amount, min) >= 0 && moneyCompare(amount, max) <= 0
}

/** Strict, as section 3 says: the amount as text with the decimals of its currency, numbers for what is a number. */
function createMembers(order: ConnectorOrder, account: ProviderAccount): Readonly<Record<string, JsonValue>> {
  const { amount, beneficiary, description, reference } = order
  const details = detailsOf(beneficiary)
  const payway = paywaysFor(order, account).find(one => isWithin(amount, one))
  assert(payway !== undefined, 'an order that is sent has a payway that carries it')
  return {
    account: accountOf(beneficiary),
    amount: printDecimal(amount),
    amount_type: 'ps_amount',
    payway: payway.alias,
    shop_currency: avanorCurrency(amount.currency),
    shop_payment_id: reference,
    ...(details.size === 0 ? {} : { account_details: details }),
    ...(description === null || description === '' ? {} : { description }),
  }
}

function accountOf(beneficiary: Beneficiary): string {
  return beneficiary.kind === 'bank_account' ? beneficiary.account : beneficiary.number
}

/** No document names these members; our own door reads them back. */
function detailsOf(beneficiary: Beneficiary): ReadonlyMap<string, string> {
  if (beneficiary.kind !== 'bank_account') return new Map()
  const { bank, holder } = beneficiary
  return new Map([
    ...(holder === null ? [] : [['account_holder', holder] as const]),
    ...(bank === null ? [] : [['bank_name', bank] as const]),
  ])
}

function signedRequest(
  account: ProviderAccount,
  method: AvanorSignedMethod,
  members: Readonly<Record<string, JsonValue>>,
): WireRequest {
  const fields = avanorObject({ ...members, shop_id: new JsonNumber(account.settings.shop_id ?? '') })
  const sign = avanorSign(avanorStringToSign(fields, AVANOR_SIGNED[method]), account.settings.secret ?? '')
  return {
    method: 'POST',
    url: `${account.baseUrl}/${method}`,
    headers: { 'content-type': AVANOR_CONTENT_TYPE },
    body: avanorEncode(new Map([...fields, ['sign', sign]])),
  }
}

// ---- the answers ---------------------------------------------------------------------------------------------

function readAnswer(
  { status, body }: WireAnswer,
  subject: Pick<InquirySubject, 'reference' | 'amount'>,
  sayingOf: (envelope: AvanorEnvelope, httpStatus: number) => AvanorSaying,
): Answer {
  if (!BODY_STATUSES.includes(status)) return { kind: 'unread' }
  const envelope = avanorReadEnvelope(body)
  if (envelope === null) return { kind: 'unreadable' }
  const echo = echoOf(envelope.data ?? new Map(), subject)
  const saying = sayingOf(envelope, status)
  // What `data` says counts for us only where it names our reference (section 6).
  if (envelope.data !== null && echo.reference !== 'same')
    return { kind: 'read', said: 'unknown', failure: null, theirId: null, echo }
  // Where they cannot tell, the number may be another payout's.
  const theirId = saying.said === 'unknown' ? null : avanorDigits(envelope.data?.get('id'))
  return { kind: 'read', ...saying, theirId, echo }
}

function echoOf(data: JsonObject, { reference, amount }: Pick<InquirySubject, 'reference' | 'amount'>): Echo {
  const theirReference = data.get('shop_payment_id')
  const received = data.get('payee_receive')
  const currencies = [data.get('ps_currency'), data.get('shop_currency')].filter(value => !isAbsent(value))
  return {
    reference: same(theirReference, value => avanorText(value) === reference),
    amount: same(received, value => isAmount(avanorText(value) ?? '', amount)),
    // We ask for one currency on both sides, so either one that differs speaks of something else.
    currency: currencies.some(value => avanorCurrencyOf(value) !== amount.currency)
      ? 'other'
      : same(data.get('ps_currency'), () => true),
    beneficiary: 'absent',
  }
}

function same(value: JsonValue | undefined, isSame: (value: JsonValue | undefined) => boolean) {
  if (isAbsent(value)) return 'absent'
  return isSame(value) ? 'same' : 'other'
}

function isAbsent(value: JsonValue | undefined): boolean {
  return value === undefined || value === null
}

/** Equal by value: `150`, `150.0` and "150.00" are one amount. */
function isAmount(text: string, amount: Money): boolean {
  const parsed = parseDecimalLenient(text, amount.currency)
  return parsed.ok && moneyEquals(parsed.money, amount)
}

// ---- the balance ---------------------------------------------------------------------------------------------

function balance(): ConnectorBalance {
  return {
    request: (account, at) => signedRequest(account, 'shop_balance', { now: avanorTime(at.nowMs) }),
    read(answer, account) {
      const envelope = avanorReadEnvelope(answer.body)
      if (envelope === null || !avanorIsSuccess(envelope, answer.status)) return null
      return availableOf(envelope.data?.get('balances'), account)
    },
  }
}

/** One figure needs one currency: that of the account's payways, or the only one of the answer; of several, none. */
function availableOf(balances: JsonValue | undefined, account: ProviderAccount): string | null {
  if (!Array.isArray(balances)) return null
  const rows: readonly JsonValue[] = balances
  const paid = new Set(paywaysOf(account).map(({ currency }) => currency))
  const ours = rows.flatMap(row => {
    if (!(row instanceof Map)) return []
    const currency = avanorCurrencyOf(row.get('currency'))
    return currency !== null && paid.has(currency) ? [avanorText(row.get('available')) ?? ''] : []
  })
  const [only] = ours
  if (only === undefined || ours.length > 1) return null
  return /^-?[0-9]{1,18}(?:\.[0-9]{1,8})?$/.test(only) ? only : null
}

// ---- what a transcript keeps ---------------------------------------------------------------------------------

/**
 * Signatures, secrets and whatever else has 32 or more hex digits go, in JSON with or without escaped quotes; so do the
 * bank, the holder and the text that a provider says it hashed. An account keeps its first two and last three characters,
 * also where the text repeats it elsewhere.
 */
function scrub(text: string): string {
  const accounts = new Set(
    [...text.matchAll(ACCOUNT_TEXT), ...text.matchAll(ACCOUNT_NUMBER)].map(([, , account]) => account ?? ''),
  )
  const mask = (_: string, before: string, account: string): string => before + masked(account)
  let scrubbed = text.replace(ACCOUNT_TEXT, mask).replace(ACCOUNT_NUMBER, mask)
  for (const account of [...accounts].slice(0, REPEATED_ACCOUNTS_MAX)) {
    if (account.length >= 6) scrubbed = scrubbed.replaceAll(account, masked(account))
  }
  return scrubbed
    .replace(HASHED_TEXT, '$1[removed]')
    .replace(REMOVED_FIELD, '$1[removed]')
    .replace(LONG_NUMBER, masked)
    .replace(HEX, '[removed]')
}

/** A transcript speaks of one account; a hostile answer with thousands of them costs no more than this many passes. */
const REPEATED_ACCOUNTS_MAX = 16
const ACCOUNT_TEXT = /((?<![0-9A-Za-z_])account\\*"\s*:\s*\\*")([^"\\]+)/g
const ACCOUNT_NUMBER = /((?<![0-9A-Za-z_])account\\*"?\s*[:=]\s*)(\+?[0-9]+)(?![0-9•])/g
const HASHED_TEXT = /(string_to_sign:\s*)([^"\\]+)/g
const REMOVED_FIELD =
  /((?:sign|secret|password|token|authorization|api_?key|account_holder|bank_name)\\*"?\s*[:=]\s*\\*")([^"\\]+)/gi
/** A card, or a wallet of Bangladesh with or without its country code; the ids of payouts are numbers too, and stay. */
const LONG_NUMBER =
  /(?<!id\\*"?\s*:\s*\\*"?)(?<![0-9A-Za-z•.])(?:\+?(?:88)?01[0-9]{9}|[0-9]{12,19})(?![0-9A-Za-z•])/g
const HEX = /(?<![0-9A-Za-z])[0-9A-Fa-f]{32,}(?![0-9A-Za-z])/g

function masked(account: string): string {
  if (account.includes('•')) return account
  if (account.length <= 6) return '•'.repeat(account.length)
  return `${account.slice(0, 2)}${'•'.repeat(account.length - 5)}${account.slice(-3)}`
}
