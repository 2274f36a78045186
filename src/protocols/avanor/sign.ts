// The signature of Avanor: the values of the method's listed fields, ordered by the fields' names and joined with colons,
// the secret behind them without a colon, SHA-256, lowercase hex (document; contract, section 3). Fields that the method
// does not list may be sent and are not covered.
import { assert } from '../../lib/assert.ts'
import { equalConstantTime, sha256Hex } from '../../lib/digest.ts'
import { JsonNumber, type JsonValue } from '../../lib/json.ts'
import { type AvanorFields, avanorShortest, avanorText } from './wire.ts'

/** The signed fields of each method, by name. `invoice/create` is the document's worked example and nothing we serve. */
export const AVANOR_SIGNED = {
  'withdraw/status': ['now', 'shop_id', 'withdraw_id'],
  'withdraw/shop_payment_status': ['now', 'shop_id', 'shop_payment_id'],
  'withdraw/create': [
    'account',
    'amount',
    'amount_type',
    'payway',
    'shop_currency',
    'shop_id',
    'shop_payment_id',
  ],
  'withdraw/try': ['amount', 'amount_type', 'payway', 'shop_currency', 'shop_id'],
  check_account: ['account', 'amount', 'payway', 'shop_id'],
  'shop_output_config/shop': ['now', 'shop_id'],
  shop_balance: ['now', 'shop_id'],
  'invoice/create': ['amount', 'currency', 'payway', 'shop_id', 'shop_order_id'],
} as const satisfies Record<string, readonly string[]>

export type AvanorSignedMethod = keyof typeof AVANOR_SIGNED

/**
 * What may stand before the secret. A number is signed by its digits as they stand in the body; or all numbers by their
 * shortest decimals, as a client signs that writes its body from floating point. Both describe the same values, and there
 * is no third. Text is signed as it stands, and an empty value keeps its place.
 */
export function avanorStringsToSign(fields: AvanorFields, names: readonly string[]): readonly string[] {
  const literal = joined(fields, names, textOf)
  const shortest = joined(fields, names, value =>
    value instanceof JsonNumber ? avanorShortest(value.literal) : textOf(value),
  )
  return literal === shortest ? [literal] : [literal, shortest]
}

/** The first of the two, which is the one that is written and shown. */
export function avanorStringToSign(fields: AvanorFields, names: readonly string[]): string {
  return joined(fields, names, textOf)
}

/** @throws AssertionFailed without a secret */
export function avanorSign(stringToSign: string, secret: string): string {
  assert(secret !== '', 'nothing is signed with an empty secret')
  return sha256Hex(stringToSign + secret)
}

/**
 * Whether `sign` is the signature of the listed fields as received: 64 lowercase hex characters. Compared in constant
 * time; anything but such a text is false, and so is everything without a secret.
 */
export function avanorVerify(
  fields: AvanorFields,
  names: readonly string[],
  sign: JsonValue | undefined,
  secret: string,
): boolean {
  if (typeof sign !== 'string' || !/^[0-9a-f]{64}$/.test(sign) || secret === '') return false
  return avanorStringsToSign(fields, names).some(text => equalConstantTime(avanorSign(text, secret), sign))
}

function joined(
  fields: AvanorFields,
  names: readonly string[],
  write: (value: JsonValue | undefined) => string,
): string {
  return [...names]
    .sort()
    .map(name => write(fields.get(name)))
    .join(':')
}

function textOf(value: JsonValue | undefined): string {
  return avanorText(value) ?? ''
}
