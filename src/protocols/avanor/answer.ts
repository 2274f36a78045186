// The door's answers as bytes: compact JSON with members in alphabetical order (contract, section 5). Every decided answer
// is HTTP 200, because a client library of the platform throws on anything else before it reads the body.
import { JsonNumber, type JsonObject, type JsonValue } from '../../lib/json.ts'
import type { CurrencyCode } from '../../money/currency.ts'
import { printShortest } from '../../money/decimal.ts'
import { type Money, money, moneyAdd, moneyCompare, moneySubtract } from '../../money/money.ts'
import { numericOf } from '../../money/numeric.ts'
import type { Payout } from '../../payout/payout.ts'
import type { DoorAnswer, MerchantBalance, NewPayoutIdentity } from '../protocol.ts'
import { avanorStatusFromState } from './status.ts'
import {
  AVANOR_CONTENT_TYPE,
  type AvanorPayway,
  avanorAmount,
  avanorCurrency,
  avanorEncode,
  avanorInteger,
  avanorKind,
  avanorObject,
} from './wire.ts'

/** Why the door turns a request away: the codes of section 7. */
export interface AvanorRefusal {
  readonly code: number
  readonly message: string
}

export const avanorRefusals = {
  body: (): AvanorRefusal => ({ code: 10, message: 'Incorrect request body' }),
  param: (name: string): AvanorRefusal => ({ code: 10, message: `Incorrect request param: ${name}` }),
  shop: (): AvanorRefusal => ({ code: 11, message: 'Shop not found' }),
  inactive: (): AvanorRefusal => ({ code: 12, message: 'Shop is not active' }),
  address: (address: string): AvanorRefusal => ({ code: 15, message: `Shop ip ${address} denied` }),
  /** The text is the client's own, and the secret was never part of it. */
  sign: (stringToSign: string): AvanorRefusal => ({
    code: 10,
    message: `Invalid sign, string_to_sign: ${stringToSign}`,
  }),
  notFound: (name: 'id' | 'shop_payment_id', value: string): AvanorRefusal => ({
    code: 7,
    message: `Withdraw (${name}=${value}) wasn't found`,
  }),
  notUnique: (reference: string): AvanorRefusal => ({
    code: 6,
    message: `Operation not unique (shop_payment_id=${reference})`,
  }),
  /** Not known in that currency, switched off, or not available now. */
  payway: (why: 'unknown' | 'inactive' | 'unavailable', alias: string): AvanorRefusal => ({
    code: { unknown: 1, inactive: 2, unavailable: 3 }[why],
    message: `Payway (alias = ${alias}) is not available for shop`,
  }),
  tooSmall: (): AvanorRefusal => ({ code: 4, message: 'Payer price amount is too small' }),
  tooLarge: (): AvanorRefusal => ({ code: 5, message: 'Payer price amount is too large' }),
  balance: (currency: CurrencyCode): AvanorRefusal => ({
    code: 9,
    message: `Insufficient balance(currency=${numericOf(currency)})`,
  }),
} as const

export function avanorRefused({ code, message }: AvanorRefusal): DoorAnswer {
  return avanorAnswered(envelope({ data: null, code, message, result: false }))
}

/**
 * A fault of ours: nobody can say what became of the request. No envelope, so that no client reads a refusal and pays a
 * second time.
 */
export function avanorFault(): DoorAnswer {
  return { status: 500, headers: { 'content-type': 'text/plain' }, body: 'Internal Server Error' }
}

/** A body that stands already, as HTTP. */
export function avanorAnswered(body: string): DoorAnswer {
  return { status: 200, headers: { 'content-type': AVANOR_CONTENT_TYPE }, body }
}

/** Section 5: what both status methods tell. Our fees are in the payout's own currency, so both sides have one. */
export function avanorFound(payout: Payout): string {
  const { amount, fee } = payout
  return ok(
    avanorObject({
      bank_transaction_id: '',
      error_code: avanorInteger(0),
      id: avanorInteger(payout.number),
      payee_receive: avanorAmount(amount),
      ps_currency: avanorCurrency(amount.currency),
      rrn: '',
      shop_currency: avanorCurrency(amount.currency),
      shop_payment_id: payout.reference,
      shop_write_off: avanorAmount(fee === undefined || fee === null ? amount : moneyAdd(amount, fee)),
      status: avanorInteger(avanorStatusFromState(payout.state)),
    }),
  )
}

export interface AvanorCreated {
  readonly payout: NewPayoutIdentity
  readonly reference: string
  readonly amount: Money
  /** What could be spent before it. */
  readonly available: Money
}

/** The body of the answer to a create, given again to every repeat. The balance is what was left, as far as it was known. */
export function avanorCreated({ payout, reference, amount, available }: AvanorCreated): string {
  const isCovered = moneyCompare(available, amount) >= 0
  const left = isCovered ? moneySubtract(available, amount) : money(0n, amount.currency)
  return ok(
    avanorObject({
      balance: avanorAmount(left),
      id: avanorInteger(payout.number),
      payee_receive: avanorAmount(amount),
      ps_currency: avanorCurrency(amount.currency),
      shop_currency: avanorCurrency(amount.currency),
      shop_payment_id: reference,
      shop_write_off: avanorAmount(amount),
      status: avanorInteger(avanorStatusFromState(payout.state)),
    }),
  )
}

/** Beforehand no fee is known. The platform writes the last amount as text here, and as a number everywhere else. */
export function avanorTried(amount: Money): string {
  return ok(
    avanorObject({
      account_info_config: avanorObject({}),
      payee_receive: avanorAmount(amount),
      ps_currency: avanorCurrency(amount.currency),
      shop_currency: avanorCurrency(amount.currency),
      shop_write_off: printShortest(amount),
    }),
  )
}

/** Whether a destination can be one of its payway: 1 we know, 2 the payway is switched off, 3 we know no such payway. */
export function avanorAccountChecked(result: boolean, providerStatus: 1 | 2 | 3): string {
  return ok(
    avanorObject({
      account_info: avanorObject({}),
      provider_status: avanorInteger(providerStatus),
      result,
    }),
  )
}

/** The payways in use, under one heading for each method. */
export function avanorOutputConfig(payways: readonly AvanorPayway[]): string {
  const used = payways.filter(({ active }) => active)
  const methods = [...new Set(used.map(({ method }) => method))]
  return ok(
    methods.map((method, place) =>
      avanorObject({
        id: avanorInteger(place + 1),
        name: avanorKind(method),
        payways: used.filter(payway => payway.method === method).map(paywayShown),
        rating: avanorInteger(0),
      }),
    ),
  )
}

export function avanorBalances(balances: readonly MerchantBalance[]): string {
  return ok(
    avanorObject({
      balances: balances.map(({ available, held, inFlight }) =>
        avanorObject({
          available: avanorAmount(available),
          currency: avanorCurrency(available.currency),
          frozen: avanorAmount(inFlight),
          hold: avanorAmount(held),
        }),
      ),
    }),
  )
}

function paywayShown({ alias, currency, min, max }: AvanorPayway): JsonObject {
  return avanorObject({
    account_info_config: avanorObject({}),
    alias,
    currency: avanorCurrency(currency),
    fee_config: avanorObject({ fix: avanorInteger(0), percent: avanorInteger(0) }),
    max_amount: avanorAmount(max),
    min_amount: avanorAmount(min),
    paysystem_data: avanorObject({}),
  })
}

function ok(data: JsonValue): string {
  return envelope({ data, code: 0, message: 'Ok', result: true })
}

interface Envelope {
  readonly data: JsonValue
  readonly code: number
  readonly message: string
  readonly result: boolean
}

function envelope({ data, code, message, result }: Envelope): string {
  return avanorEncode(avanorObject({ data, error_code: new JsonNumber(String(code)), message, result }))
}
