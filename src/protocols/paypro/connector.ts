// PayPro with us as the client: an order becomes one signed request, an answer becomes what it says. Nothing is decided
// here: whether a failure is a proof of death is for the dispatcher, by the capabilities declared below.

import { exponentOf } from '../../money/currency.ts'
import { parseDecimalLenient, printDecimal, printShortest } from '../../money/decimal.ts'
import { type Money, moneyEquals } from '../../money/money.ts'
import type { Answer, Echo } from '../../payout/outcome.ts'
import { accountFlaw, isSecretSetting, timeoutFlaw, timeoutsOf } from '../account-settings.ts'
import { type Capabilities, declareCapabilities } from '../capabilities.ts'
import type {
  CallbackReading,
  CallbackRequest,
  Connector,
  ConnectorBalance,
  ConnectorOrder,
  InquirySubject,
  ProviderAccount,
  WireAnswer,
  WireRequest,
} from '../protocol.ts'
import { type PayproSalt, payproSaltPosition, payproSign, payproVerify } from './sign.ts'
import {
  PAYPRO_SETTLED_STATUSES,
  type PayproSaying,
  type PayproStatusRules,
  payproSayingOfCreate,
  payproSayingOfQuery,
} from './status.ts'
import {
  PAYPRO_CONTENT_TYPE,
  PAYPRO_CURRENCY,
  PAYPRO_PATHS,
  type PayproAnswer,
  payproEncode,
  payproIsNotifyUrl,
  payproIsRemark,
  payproIsTradeNo,
  payproIsWalletId,
  payproIsWellFormedStatus,
  payproLooksLikeFields,
  payproReadAnswer,
  payproReadCallbackFields,
  payproReadFields,
  payproWayCode,
} from './wire.ts'

export const payproConnector: Connector = {
  checkAccount,
  capabilities,
  cannotCarry,

  pay(order, account, at) {
    const { beneficiary } = order
    return signedRequest(account, PAYPRO_PATHS.payout, [
      ['timestamp', timestampOf(at.nowMs)],
      ['tradeNo', order.reference],
      ['amount', amountText(order.amount)],
      ['notifyUrl', order.callbackUrl ?? ''],
      ['wayCode', beneficiary.kind === 'wallet' ? payproWayCode(beneficiary.operator) : ''],
      ['walletId', beneficiary.kind === 'wallet' ? beneficiary.number : ''],
      ['remark', order.description ?? ''],
    ])
  },
  readPay: (answer, order, account) => readAnswer(answer, order, account, payproSayingOfCreate),
  commit: null,

  inquire: (subject, account, at) =>
    signedRequest(account, PAYPRO_PATHS.query, [
      ['tradeNo', subject.reference],
      ['timestamp', timestampOf(at.nowMs)],
    ]),
  readInquiry: (answer, subject, account) => readAnswer(answer, subject, account, payproSayingOfQuery),

  readCallback,
  callbackTaken: () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'OK' }),
  callbackRefused: () => ({ status: 400, headers: { 'content-type': 'text/plain' }, body: 'sign error' }),
  balance: balance(),
  scrub,
}

/**
 * Contract, section 9. What the document does not settle keeps its default. Where the account has no query, a signed
 * callback is the only witness besides statements and people.
 */
function capabilities({ settings }: ProviderAccount): Capabilities {
  const isQueryable = settings.query !== 'off'
  return declareCapabilities({
    reference: { alphabet: '0123456789abcdefghijklmnopqrstuvwxyz', length: 24 },
    queryableByOurReference: isQueryable,
    // "Other codes indicate errors and can be treated as failures": the document takes none of them back.
    failedIsFinalAfterMs: 0,
    refusalConfirmedBy: 'answer',
    bodyStatuses: [200],
    // The answer to a create names neither our number nor the amount.
    echoes: { send: [], inquiry: ['reference', 'amount'] },
    callsBack: true,
    callbackSigned: true,
    callbackDecides: !isQueryable,
    timeoutsMs: timeoutsOf(settings.timeout_total_ms),
  })
}

// ---- the account ---------------------------------------------------------------------------------------------

const SETTINGS = new Set([
  'merchant_no',
  'secret',
  'salt_position',
  'query',
  'proven_refusals',
  'returned_status',
  'timeout_total_ms',
])

function checkAccount(account: ProviderAccount): string | null {
  const { settings } = account
  const flaw = accountFlaw(account, SETTINGS)
  if (flaw !== null) return flaw
  if (!/^[!-~]{1,64}$/.test(settings.merchant_no ?? ''))
    return 'merchant_no is missing or not 1 to 64 printable characters'
  if (!isSecretSetting(settings.secret ?? '')) return 'secret is missing or begins or ends with a blank'
  if (payproSaltPosition(settings.salt_position) === null) return 'salt_position is append or prepend'
  if (!['', 'on', 'off'].includes(settings.query ?? '')) return 'query is on or off'
  if (!codesOf(settings.proven_refusals).every(code => /^[0-9A-Za-z_]{1,32}$/.test(code)))
    return 'proven_refusals is a comma-separated list of outer codes'
  if (codesOf(settings.proven_refusals).some(code => PAYPRO_SETTLED_STATUSES.has(code)))
    return 'proven_refusals holds a code that has another meaning'
  const returned = settings.returned_status ?? ''
  if (returned !== '' && (!payproIsWellFormedStatus(returned) || PAYPRO_SETTLED_STATUSES.has(returned)))
    return 'returned_status is 4 to 10 digits without another meaning'
  return timeoutFlaw(settings.timeout_total_ms)
}

function saltOf({ settings }: ProviderAccount): PayproSalt {
  return { secret: settings.secret ?? '', position: payproSaltPosition(settings.salt_position) ?? 'append' }
}

function rulesOf({ settings }: ProviderAccount): PayproStatusRules {
  return {
    provenRefusals: new Set(codesOf(settings.proven_refusals)),
    returnedStatus: settings.returned_status || null,
  }
}

function codesOf(list: string | undefined): readonly string[] {
  if (list === undefined || list.trim() === '') return []
  return list.split(',').map(code => code.trim())
}

// ---- the order -----------------------------------------------------------------------------------------------

/** The door's own grammar, which is the only one known, and nothing that a separator-free signature could confuse. */
function cannotCarry(order: ConnectorOrder): string | null {
  const { amount, beneficiary, description, callbackUrl } = order
  if (!payproIsTradeNo(order.reference)) return 'the reference is no tradeNo of this protocol'
  if (amount.currency !== PAYPRO_CURRENCY) return 'only BDT can be paid'
  if (amount.minor <= 0n || amount.minor >= AMOUNT_MINOR_END)
    return 'the amount is not above zero with at most twelve digits before the point'
  if (beneficiary.kind !== 'wallet') return 'only a wallet of bKash, Rocket or Nagad can be paid'
  if (!payproIsWalletId(beneficiary.number)) return 'the wallet is not 6 to 20 digits'
  if (callbackUrl === null || !payproIsNotifyUrl(callbackUrl))
    return 'a callback address is required, of http or https, printable, without the text remark='
  if (description !== null && !payproIsRemark(description))
    return 'the description is longer than 255 characters or holds control characters'
  if (description !== null && payproLooksLikeFields(description))
    return 'the description could be taken for fields of the signed text'
  return null
}

const AMOUNT_MINOR_END = 10n ** BigInt(12 + exponentOf(PAYPRO_CURRENCY))

/** Whole amounts without decimals, which the document does not recommend; others with both. */
function amountText(amount: Money): string {
  const shortest = printShortest(amount)
  return shortest.includes('.') ? printDecimal(amount) : shortest
}

function timestampOf(nowMs: number): string {
  return String(Math.trunc(nowMs))
}

/** Every value is a string and empty ones are left out: the signature is the same under each reading of the rule. */
function signedRequest(
  account: ProviderAccount,
  path: string,
  members: readonly (readonly [string, string])[],
): WireRequest {
  const written = members.filter(([, value]) => value !== '')
  const sign = payproSign(new Map(written), saltOf(account))
  return {
    method: 'POST',
    url: account.baseUrl + path,
    headers: { 'content-type': PAYPRO_CONTENT_TYPE, merchantNo: account.settings.merchant_no ?? '' },
    body: payproEncode([['sign', sign], ...written]),
  }
}

// ---- the answers ---------------------------------------------------------------------------------------------

function readAnswer(
  { status, body }: WireAnswer,
  subject: Pick<InquirySubject, 'reference' | 'amount'>,
  account: ProviderAccount,
  sayingOf: (answer: PayproAnswer, rules: PayproStatusRules) => PayproSaying,
): Answer {
  if (status !== 200) return { kind: 'unread' }
  const answer = payproReadAnswer(body)
  if (answer === null) return { kind: 'unreadable' }
  return read(answer, sayingOf(answer, rulesOf(account)), {
    reference: answer.tradeNo === null ? 'absent' : answer.tradeNo === subject.reference ? 'same' : 'other',
    amount: answer.amount === null ? 'absent' : isAmount(answer.amount, subject.amount) ? 'same' : 'other',
  })
}

function read(
  answer: PayproAnswer,
  { said, failure }: PayproSaying,
  echo: Pick<Echo, 'reference' | 'amount'>,
): Answer {
  // Where they cannot tell, or speak of a duplicate, the number may be another order's.
  const isAboutOurs = said !== 'unknown' && failure !== 'duplicate'
  return {
    kind: 'read',
    said,
    failure,
    theirId: isAboutOurs ? answer.platFormTradeNo : null,
    echo: { ...echo, currency: 'absent', beneficiary: 'absent' },
  }
}

/** Equal by value: `300.0000` is 300. */
function isAmount(text: string, amount: Money): boolean {
  const parsed = parseDecimalLenient(text, amount.currency)
  return parsed.ok && moneyEquals(parsed.money, amount)
}

/**
 * Verified first, over what was received. Nothing is compared with the order here: the callback names our reference,
 * and whoever finds the attempt by it asks the provider.
 */
function readCallback(request: CallbackRequest, account: ProviderAccount): CallbackReading {
  if (request.method !== 'POST') return { kind: 'refused', why: 'not a POST' }
  const fields = payproReadFields(request.body)
  if (fields === null) return { kind: 'refused', why: 'not one flat JSON object' }
  const sign = fields.get('sign')
  const received = typeof sign === 'string' ? sign.toLowerCase() : undefined
  if (!payproVerify(fields, received, saltOf(account))) return { kind: 'refused', why: 'wrong signature' }

  const answer = payproReadCallbackFields(fields)
  if (answer.tradeNo === null) return { kind: 'refused', why: 'no tradeNo' }
  const saying = payproSayingOfQuery(answer, rulesOf(account))
  const reading = read(answer, saying, { reference: 'absent', amount: 'absent' })
  return {
    kind: 'verified',
    reference: answer.tradeNo,
    theirId: answer.platFormTradeNo,
    amount: answer.amount,
    said: saying.said,
    answer: reading,
  }
}

function balance(): ConnectorBalance {
  return {
    request: (account, at) =>
      signedRequest(account, PAYPRO_PATHS.balance, [['timestamp', timestampOf(at.nowMs)]]),
    read({ status, body }) {
      const answer = status === 200 ? payproReadAnswer(body) : null
      const text = answer?.accepted === true ? answer.availableAmount : null
      return text !== null && /^-?[0-9]{1,18}(?:\.[0-9]{1,8})?$/.test(text) ? text : null
    },
  }
}

// ---- what a transcript keeps ---------------------------------------------------------------------------------

/**
 * Signatures, secrets and whatever else has 32 or more hex digits go, in JSON with or without escaped quotes and in
 * canonical text; a wallet keeps its first two and last three characters, also where the text repeats it elsewhere.
 */
function scrub(text: string): string {
  const wallets = new Set([...text.matchAll(WALLET)].map(match => (match[2] ?? '').replace('+', '')))
  let scrubbed = text.replace(WALLET, (_, before: string, wallet: string) => before + masked(wallet))
  for (const wallet of [...wallets].slice(0, REPEATED_WALLETS_MAX)) {
    if (wallet.length >= 6) scrubbed = scrubbed.replaceAll(wallet, masked(wallet))
  }
  return scrubbed.replace(PHONE, masked).replace(SECRET_FIELD, '$1[removed]').replace(HEX, '[removed]')
}

/** A transcript speaks of one wallet; a hostile answer with thousands of them costs no more than this many passes. */
const REPEATED_WALLETS_MAX = 16
const WALLET = /(walletId\\*"?\s*[:=]\s*\\*"?)(\+?[0-9]+)(?![0-9•])/gi
/** A mobile number of Bangladesh, with or without the country code. */
const PHONE = /(?<![0-9A-Za-z])(?:\+?88)?01[0-9]{9}(?![0-9A-Za-z])/g
const SECRET_FIELD =
  /((?:sign|secret|password|token|authorization|api_?key)\\*"?\s*[:=]\s*\\*"?)([^"\\\s,;}]+)/gi
const HEX = /(?<![0-9A-Za-z])[0-9A-Fa-f]{32,}(?![0-9A-Za-z])/g

function masked(wallet: string): string {
  if (wallet.length <= 6) return '•'.repeat(wallet.length)
  return `${wallet.slice(0, 2)}${'•'.repeat(wallet.length - 5)}${wallet.slice(-3)}`
}
