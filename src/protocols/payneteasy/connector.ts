// Payneteasy with us as the client: payout-check creates the order, payout-pay releases it, a status says what became of
// it. Nothing is decided here: whether a failure is a proof of death is for the dispatcher, by the capabilities below.
//
// Codes are never interpreted: nobody has published what they mean, so that "order not found" is not known here either.

import { parseDecimalLenient, printDecimal } from '../../money/decimal.ts'
import { type Money, moneyEquals } from '../../money/money.ts'
import type { Answer, Echo } from '../../payout/outcome.ts'
import { isSecretSetting, timeoutFlaw, timeoutsOf } from '../account-settings.ts'
import { type Capabilities, declareCapabilities } from '../capabilities.ts'
import type {
  CallbackReading,
  CallbackRequest,
  CallMoment,
  Connector,
  ConnectorOrder,
  InquirySubject,
  ProviderAccount,
  WireAnswer,
  WireRequest,
} from '../protocol.ts'
import {
  payneteasyAuthorization,
  payneteasyBaseString,
  payneteasyBaseUrl,
  payneteasyCallbackText,
  payneteasyControlHolds,
  payneteasyOauth,
  payneteasySign,
} from './sign.ts'
import {
  type PayneteasyAbout,
  type PayneteasySaying,
  payneteasyOutcomeFromStatus,
  payneteasySayingOfStatus,
} from './status.ts'
import {
  PAYNETEASY_AMOUNT_LENGTH_MAX,
  PAYNETEASY_FORM_TYPE,
  PAYNETEASY_ORDER_DESC_LENGTH_MAX,
  PAYNETEASY_PATHS,
  type PayneteasyCall,
  type PayneteasyParameters,
  payneteasyCannotPay,
  payneteasyDestination,
  payneteasyEndpoints,
  payneteasyIsCallbackUrl,
  payneteasyIsClientOrderId,
  payneteasyIsLogin,
  payneteasyIsOrderDesc,
  payneteasyIsOrderId,
  payneteasyIsSerialNumber,
  payneteasyReadAnswer,
  payneteasyReadForm,
  payneteasyScrub,
  payneteasyWriteForm,
} from './wire.ts'

export const payneteasyConnector: Connector = {
  checkAccount,
  capabilities,
  cannotCarry,

  pay: (order, account, at) =>
    signedRequest(account, 'payout-check', order.amount, at, [
      ['client_orderid', order.reference],
      ['amount', printDecimal(order.amount)],
      ['currency', order.amount.currency],
      ['order_desc', orderDescOf(order)],
      ...payneteasyDestination(order.beneficiary),
      ['server_callback_url', callbackUrlOf(order)],
    ]),
  readPay: (answer, order, account) => readStep(answer, { ...order, theirId: null }, account),
  commit: {
    request: (order, account, at) =>
      signedRequest(account, 'payout-pay', order.amount, at, [
        ['client_orderid', order.reference],
        ['orderid', order.theirId],
      ]),
    read: (answer, order, account) => readStep(answer, order, account),
  },

  inquire: (subject, account, at) =>
    signedRequest(account, 'status', subject.amount, at, [
      ['client_orderid', subject.reference],
      ['orderid', subject.theirId ?? ''],
      ['by-request-sn', subject.step === 'second' ? (subject.payRequestId ?? '') : ''],
    ]),
  readInquiry: readStatus,

  readCallback,
  callbackTaken: () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'OK' }),
  callbackRefused: () => ({ status: 400, headers: { 'content-type': 'text/plain' }, body: 'wrong control' }),
  // No page names a call for it.
  balance: null,
  scrub: payneteasyScrub,
}

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS

/** Contract, section 9. What the document does not settle keeps its default. */
function capabilities({ settings }: ProviderAccount): Capabilities {
  return declareCapabilities({
    reference: { alphabet: '0123456789abcdefghijklmnopqrstuvwxyz', length: 24 },
    // By client_orderid alone only where it is unique; ours are.
    queryableByOurReference: true,
    // "declined" and "filtered" are final values of the family; nothing takes them back.
    failedIsFinalAfterMs: 0,
    refusalConfirmedBy: 'answer',
    bodyStatuses: [200],
    // No status refuses by itself: the page of a 403 does not say what became of a request that was sent before.
    refusalStatuses: [],
    echoes: { send: ['reference'], inquiry: ['reference', 'amount', 'currency'] },
    twoStep: true,
    createAloneNeverPays: true,
    callsBack: true,
    callbackSigned: true,
    // It covers no amount and never expires.
    callbackDecides: false,
    // The first look comes early, because a checked order waits for it to be paid. Section 9 goes on hourly after an
    // hour; there is no third step here, and asking more often costs only questions.
    inquiryTimesMs: {
      first: [SECOND_MS, 4 * SECOND_MS],
      thenEveryMs: 4 * SECOND_MS,
      untilMs: 5 * MINUTE_MS,
      afterwardsEveryMs: 10 * MINUTE_MS,
    },
    timeoutsMs: timeoutsOf(settings.timeout_total_ms),
    maxAnswerBytes: 65_536,
  })
}

// ---- the account ---------------------------------------------------------------------------------------------

const SETTINGS = new Set([
  'consumer_key',
  'login',
  'private_key',
  'merchant_control',
  'endpoints',
  'pay_at_once',
  'timeout_total_ms',
])

function checkAccount({ baseUrl, settings }: ProviderAccount): string | null {
  const unknown = Object.keys(settings).find(name => !SETTINGS.has(name))
  if (unknown !== undefined) return 'settings has a name that this protocol does not know'
  if (payneteasyBaseUrl(baseUrl) === null || !URL.canParse(baseUrl) || /[/?#]$|[?#]/.test(baseUrl))
    return 'baseUrl is an absolute http or https address without a slash at the end, query or fragment'
  if (!payneteasyIsLogin(settings.consumer_key ?? ''))
    return 'consumer_key is missing or not 1 to 128 printable characters'
  if (!payneteasyIsLogin(settings.login ?? '')) return 'login is missing or not 1 to 128 printable characters'
  const signed = payneteasySign(settings.private_key ?? '', 'POST')
  if (!signed.ok) return `private_key: ${signed.why}`
  if (!isSecretSetting(settings.merchant_control ?? ''))
    return 'merchant_control is missing or begins or ends with a blank'
  const endpoints = payneteasyEndpoints(settings.endpoints)
  if (endpoints === null || endpoints.size === 0) return 'endpoints is a list such as 39915=EUR,39916=USD'
  if (new Set(endpoints.values()).size < endpoints.size)
    return 'endpoints names two endpoints of one currency'
  if (!['', 'yes', 'no'].includes(settings.pay_at_once ?? '')) return 'pay_at_once is yes or no'
  return timeoutFlaw(settings.timeout_total_ms)
}

/** The endpoint that pays in this currency, or null. */
function endpointOf({ settings }: ProviderAccount, currency: string): string | null {
  for (const [id, own] of payneteasyEndpoints(settings.endpoints) ?? []) if (own === currency) return id
  return null
}

// ---- the order -----------------------------------------------------------------------------------------------

/** The door's own grammar, which is the only one known. */
function cannotCarry(order: ConnectorOrder, account: ProviderAccount): string | null {
  const { amount, beneficiary, description } = order
  if (!payneteasyIsClientOrderId(order.reference))
    return 'the reference is no client_orderid of this protocol'
  if (endpointOf(account, amount.currency) === null) return 'the account has no endpoint of this currency'
  if (amount.minor <= 0n || printDecimal(amount).length > PAYNETEASY_AMOUNT_LENGTH_MAX)
    return `the amount is not above zero in at most ${PAYNETEASY_AMOUNT_LENGTH_MAX} characters`
  if (description !== null && description !== '' && !payneteasyIsOrderDesc(cut(description)))
    return 'the description holds control characters'
  return payneteasyCannotPay(beneficiary)
}

/** A longer description is cut: it is for people, and no reason not to pay. */
function orderDescOf({ description, reference }: ConnectorOrder): string {
  return description === null || description === '' ? reference : cut(description)
}

function cut(description: string): string {
  return [...description].slice(0, PAYNETEASY_ORDER_DESC_LENGTH_MAX).join('')
}

/** An address on a port that they would not call is not sent; the status is asked for in any case. */
function callbackUrlOf({ callbackUrl }: ConnectorOrder): string {
  return callbackUrl !== null && payneteasyIsCallbackUrl(callbackUrl) ? callbackUrl : ''
}

/** Parameters without a value are left out. */
function signedRequest(
  account: ProviderAccount,
  call: PayneteasyCall,
  { currency }: Pick<Money, 'currency'>,
  at: CallMoment,
  parameters: PayneteasyParameters,
): WireRequest {
  const { consumer_key = '', login = '', private_key = '' } = account.settings
  const written = [['login', login] as const, ...parameters].filter(([, value]) => value !== '')
  const url = `${account.baseUrl}${PAYNETEASY_PATHS[call]}/${endpointOf(account, currency) ?? ''}`
  const oauth = payneteasyOauth(consumer_key, at)
  const signed = payneteasySign(
    private_key,
    payneteasyBaseString(payneteasyBaseUrl(url) ?? url, [...written, ...oauth]),
  )
  // An account whose key cannot be read never gets here; unsigned, the request is denied.
  const signature = signed.ok ? Buffer.from(signed.signature).toString('base64') : ''
  return {
    method: 'POST',
    url,
    headers: {
      authorization: payneteasyAuthorization([...oauth, ['oauth_signature', signature]]),
      'content-type': PAYNETEASY_FORM_TYPE,
    },
    body: payneteasyWriteForm(written),
  }
}

// ---- the answers ---------------------------------------------------------------------------------------------

/** Answers to payout-check (no id of theirs is known yet) and payout-pay. Contract, section 6. */
function readStep(
  { status, body }: WireAnswer,
  order: { readonly reference: string; readonly theirId: string | null },
  { settings }: ProviderAccount,
): Answer {
  if (status !== 200) return { kind: 'unread' }
  const fields = payneteasyReadAnswer(body)
  if (fields === null) return { kind: 'unreadable' }
  const theirId = orderIdOf(fields)
  const isSecond = order.theirId !== null
  const created = settings.pay_at_once === 'yes' && !isSecond ? 'created' : 'pending'
  const answer = answerOf(fields, sayingOfStep(fields, created), order.reference)
  const serial = fields.get('serial-number') ?? ''
  return isSecond && payneteasyIsSerialNumber(serial) && theirId !== null
    ? { ...answer, theirRequestId: serial }
    : answer
}

/**
 * An acceptance names both orders; a refusal may have come before theirs was known. A refusal is a proof, so only a
 * whole message of theirs is one: each has the serial number of its request.
 */
function sayingOfStep(fields: ReadonlyMap<string, string>, created: 'created' | 'pending'): PayneteasySaying {
  const type = fields.get('type')
  if (type === 'async-response' && orderIdOf(fields) !== null) return { said: created, failure: null }
  if (type === 'validation-error' && payneteasyIsSerialNumber(fields.get('serial-number') ?? ''))
    return { said: 'failed', failure: 'refused' }
  return { said: 'unknown', failure: null }
}

function readStatus(
  { status, body }: WireAnswer,
  subject: InquirySubject,
  { settings }: ProviderAccount,
): Answer {
  if (status !== 200) return { kind: 'unread' }
  const fields = payneteasyReadAnswer(body)
  if (fields === null) return { kind: 'unreadable' }
  const isStatus = fields.get('type') === 'status-response'
  const value = isStatus ? (fields.get('status') ?? null) : null
  const paysAtOnce = settings.pay_at_once === 'yes'
  const answer = answerOf(
    fields,
    payneteasySayingOfStatus(value, aboutOf(subject), { paysAtOnce }),
    subject.reference,
  )
  const { amount } = subject
  const currency = fields.get('currency')
  const echo: Echo = {
    ...answer.echo,
    amount: echoOf(fields.get('amount'), text => isAmount(text, amount)),
    currency: echoOf(currency, text => text === amount.currency),
  }
  return { ...answer, echo }
}

function aboutOf({ step, payRequestId }: InquirySubject): PayneteasyAbout {
  if (step === 'first') return 'check'
  return step === 'second' && payRequestId === null ? 'untied' : 'payment'
}

type ReadAnswer = Extract<Answer, { kind: 'read' }>

function answerOf(
  fields: ReadonlyMap<string, string>,
  { said, failure }: PayneteasySaying,
  reference: string,
): ReadAnswer {
  return {
    kind: 'read',
    said,
    failure,
    theirId: orderIdOf(fields),
    echo: {
      reference: isOtherOrder(fields)
        ? 'other'
        : echoOf(fields.get('merchant-order-id'), text => text === reference),
      amount: 'absent',
      currency: 'absent',
      beneficiary: 'absent',
    },
  }
}

function orderIdOf(fields: ReadonlyMap<string, string>): string | null {
  const id = fields.get('paynet-order-id') ?? ''
  return payneteasyIsOrderId(id) ? id : null
}

/** Whatever stands where their order id belongs and is none: it is not the order that is asked about. */
function isOtherOrder(fields: ReadonlyMap<string, string>): boolean {
  return (fields.get('paynet-order-id') ?? '') !== '' && orderIdOf(fields) === null
}

function echoOf(text: string | undefined, isSame: (text: string) => boolean): Echo['reference'] {
  if (text === undefined || text === '') return 'absent'
  return isSame(text) ? 'same' : 'other'
}

/** Equal by value: `300.0` is 300.00. */
function isAmount(text: string, amount: Money): boolean {
  const parsed = parseDecimalLenient(text, amount.currency)
  return parsed.ok && moneyEquals(parsed.money, amount)
}

/** Verified first, over the values as received. It covers no amount: whoever finds the attempt by it asks the provider. */
function readCallback(request: CallbackRequest, { settings }: ProviderAccount): CallbackReading {
  if (request.method !== 'GET') return { kind: 'refused', why: 'not a GET' }
  const parameters = payneteasyReadForm(request.query)
  const fields = new Map(parameters ?? [])
  if (parameters === null || fields.size !== parameters.length)
    return { kind: 'refused', why: 'not one query with each field once' }
  const status = fields.get('status') ?? ''
  const orderid = fields.get('orderid') ?? ''
  const clientOrderid = fields.get('client_orderid') ?? ''
  if (status === '' || !payneteasyIsOrderId(orderid) || !payneteasyIsClientOrderId(clientOrderid))
    return { kind: 'refused', why: 'status, orderid or client_orderid is missing or malformed' }
  const text = payneteasyCallbackText({ status, orderid, clientOrderid })
  if (!payneteasyControlHolds(text, settings.merchant_control ?? '', fields.get('control') ?? ''))
    return { kind: 'refused', why: 'wrong control' }

  // `type` is not looked at: the control does not cover it, and what anybody can write says nothing.
  const said = payneteasyOutcomeFromStatus(status)
  const nothing = {
    reference: 'absent',
    amount: 'absent',
    currency: 'absent',
    beneficiary: 'absent',
  } as const
  const failure = said === 'failed' ? 'failed' : null
  return {
    kind: 'verified',
    reference: clientOrderid,
    theirId: orderid,
    amount: amountTextOf(fields.get('amount')),
    said,
    answer: { kind: 'read', said, failure, theirId: orderid, echo: nothing },
  }
}

function amountTextOf(text: string | undefined): string | null {
  return text !== undefined && /^[0-9]{1,18}(?:\.[0-9]{1,8})?$/.test(text) ? text : null
}
