// What a client asks at the door, field by field (contract, section 4): the signed fields of its method by name, then
// those that are sent along. The first one that is wrong is the one that is named.
import { assert } from '../../lib/assert.ts'
import { sha256 } from '../../lib/digest.ts'
import { isJsonObject, type JsonValue } from '../../lib/json.ts'
import type { CurrencyCode } from '../../money/currency.ts'
import { parseDecimal } from '../../money/decimal.ts'
import type { Money } from '../../money/money.ts'
import { AVANOR_SIGNED } from './sign.ts'
import {
  type AvanorFields,
  avanorCurrencyOf,
  avanorDigits,
  avanorEncode,
  avanorIsAccount,
  avanorIsAlias,
  avanorIsDescription,
  avanorIsNow,
  avanorIsReference,
  avanorShortest,
  avanorText,
} from './wire.ts'

/** The methods that the door serves, by their paths below the base. */
export const AVANOR_METHODS = [
  'withdraw/status',
  'withdraw/shop_payment_status',
  'withdraw/create',
  'withdraw/try',
  'check_account',
  'shop_output_config/shop',
  'shop_balance',
] as const
export type AvanorMethod = (typeof AVANOR_METHODS)[number]

export interface AvanorOrder {
  readonly reference: string
  readonly alias: string
  readonly account: string
  readonly amount: Money
  readonly description: string | null
  readonly bank: string | null
  readonly holder: string | null
}

export type AvanorAsked =
  | { readonly method: 'withdraw/status'; readonly withdrawId: string }
  | { readonly method: 'withdraw/shop_payment_status'; readonly reference: string }
  | { readonly method: 'withdraw/create'; readonly order: AvanorOrder; readonly fingerprint: Uint8Array }
  | { readonly method: 'withdraw/try'; readonly alias: string; readonly amount: Money }
  | {
      readonly method: 'check_account'
      readonly alias: string
      readonly account: string
      /** Decimal text; its currency is that of the payway. */
      readonly amount: string
    }
  | { readonly method: 'shop_output_config/shop' }
  | { readonly method: 'shop_balance' }

export type AvanorRead =
  | { readonly ok: true; readonly asked: AvanorAsked }
  | { readonly ok: false; readonly field: string }

/** The fields were found present before; here they are judged. */
export function avanorReadAsked(method: AvanorMethod, fields: AvanorFields): AvanorRead {
  const sentAlong = method === 'withdraw/create' ? ['account_details', 'description'] : []
  const names: readonly string[] = AVANOR_SIGNED[method]
  const currency = names.includes('shop_currency') ? avanorCurrencyOf(fields.get('shop_currency')) : null
  const wrong = [...names, ...sentAlong].find(name => !isRight(name, fields, currency))
  if (wrong !== undefined) return { ok: false, field: wrong }
  return { ok: true, asked: askedOf(method, fields) }
}

/**
 * SHA-256 over the content of a create: all fields but `sign`, the signed ones by their text, the amount by value
 * (section 9). A number and the same number as text are one content, because they have one signature.
 */
export function avanorFingerprint(fields: AvanorFields): Uint8Array {
  const content = new Map<string, JsonValue>(fields)
  content.delete('sign')
  for (const name of AVANOR_SIGNED['withdraw/create']) content.set(name, textOf(fields, name))
  content.set('amount', avanorShortest(textOf(fields, 'amount')))
  return sha256(avanorEncode(['avanor', content]))
}

/** What holds for each field, in words for people. */
export const AVANOR_RULES: Readonly<Record<string, string>> = {
  account: 'it is 1 to 64 characters without colons, quotes and backslashes, text or a number',
  account_details: 'it is an object; bank_name and account_holder in it are text of up to 255 characters',
  amount: 'it is above zero, with a point and the decimals of the currency at most, text or a number',
  amount_type: 'it is ps_amount or shop_amount',
  description: 'it is text of up to 255 characters without control characters',
  now: 'it is 1 to 64 characters; no clock is judged',
  payway: 'it is an alias such as card_usd',
  shop_currency: 'it is the number of a currency in ISO 4217, such as 840',
  shop_id: 'it is 1 to 18 digits',
  shop_payment_id: 'it is 1 to 64 characters without control characters',
  withdraw_id: 'it is a whole number from 1 on, of up to 18 digits',
}

/** `currency` is that of the amount, where the method has one. */
function isRight(name: string, fields: AvanorFields, currency: CurrencyCode | null): boolean {
  const value = fields.get(name)
  const text = textOf(fields, name)
  switch (name) {
    case 'now':
      return avanorIsNow(text)
    case 'shop_id':
      return /^[0-9]{1,18}$/.test(text)
    case 'withdraw_id':
      return /^[1-9][0-9]{0,17}$/.test(text)
    case 'shop_payment_id':
      return typeof value === 'string' ? avanorIsReference(text) : avanorDigits(value) !== null
    case 'account':
      return typeof value === 'string' ? avanorIsAccount(text) : /^[0-9]{1,64}$/.test(text)
    case 'amount':
      return isAmount(text, currency)
    case 'amount_type':
      return text === 'ps_amount' || text === 'shop_amount'
    case 'payway':
      return avanorIsAlias(text)
    case 'shop_currency':
      return avanorCurrencyOf(value) !== null
    case 'description':
      return isAbsent(value) || (typeof value === 'string' && avanorIsDescription(value))
    case 'account_details':
      return isAbsent(value) || (isJsonObject(value) && areDetails(value))
    default:
      return false
  }
}

/** Without a currency the form alone is judged. */
function isAmount(text: string, currency: CurrencyCode | null): boolean {
  if (!/^(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?$/.test(text) || !/[1-9]/.test(text)) return false
  return currency === null || parseDecimal(text, currency).ok
}

function areDetails(details: AvanorFields): boolean {
  return ['bank_name', 'account_holder'].every(name => {
    const value = details.get(name)
    return isAbsent(value) || (typeof value === 'string' && avanorIsDescription(value))
  })
}

function askedOf(method: AvanorMethod, fields: AvanorFields): AvanorAsked {
  const text = (name: string): string => textOf(fields, name)
  switch (method) {
    case 'withdraw/status':
      return { method, withdrawId: text('withdraw_id') }
    case 'withdraw/shop_payment_status':
      return { method, reference: text('shop_payment_id') }
    case 'withdraw/create':
      return { method, order: orderOf(fields), fingerprint: avanorFingerprint(fields) }
    case 'withdraw/try':
      return { method, alias: text('payway'), amount: amountOf(fields) }
    case 'check_account':
      return { method, alias: text('payway'), account: text('account'), amount: text('amount') }
    case 'shop_output_config/shop':
    case 'shop_balance':
      return { method }
  }
}

function orderOf(fields: AvanorFields): AvanorOrder {
  const details = fields.get('account_details')
  const detail = (name: string): string | null =>
    isJsonObject(details) ? avanorText(details.get(name)) || null : null
  return {
    reference: textOf(fields, 'shop_payment_id'),
    alias: textOf(fields, 'payway'),
    account: textOf(fields, 'account'),
    amount: amountOf(fields),
    description: avanorText(fields.get('description')) || null,
    bank: detail('bank_name'),
    holder: detail('account_holder'),
  }
}

function amountOf(fields: AvanorFields): Money {
  const currency = avanorCurrencyOf(fields.get('shop_currency'))
  assert(currency !== null, 'the currency was judged before the amount is read')
  const parsed = parseDecimal(textOf(fields, 'amount'), currency)
  assert(parsed.ok, 'the amount was judged before it is read')
  return parsed.money
}

function textOf(fields: AvanorFields, name: string): string {
  return avanorText(fields.get(name)) ?? ''
}

function isAbsent(value: JsonValue | undefined): boolean {
  return value === undefined || value === null
}
