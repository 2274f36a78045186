// The door's checks that need no desk, in the contract's order (section 7), because a client learns from the first one
// that fails. The door runs them, and whoever explains a refusal runs the same ones: what is told cannot drift from what
// is done.
//
//   1 body · 2 shop_id · 3 shop · 4 source address · 5 what is signed is there · 6 sign · 7 fields
//   (8 and 9, whether the payout stands, are for the desk) · 10 payway · 11 amount
//
// Nothing but the credential is used of a request before its signature was verified over the text that was received.

import { assert } from '../../lib/assert.ts'
import { parseDecimal } from '../../money/decimal.ts'
import { type Money, moneyCompare } from '../../money/money.ts'
import { isAllowedFrom, plainAddress } from '../allowed-addresses.ts'
import type { DoorCredential, DoorRequest } from '../protocol.ts'
import { type AvanorRefusal, avanorRefusals } from './answer.ts'
import { AVANOR_METHODS, type AvanorAsked, type AvanorMethod, avanorReadAsked } from './request.ts'
import { AVANOR_SIGNED, avanorStringToSign, avanorVerify } from './sign.ts'
import {
  AVANOR_PREFIX,
  type AvanorFields,
  type AvanorPayway,
  avanorIsAccountOf,
  avanorPayways,
  avanorReadFields,
  avanorText,
} from './wire.ts'

export const AVANOR_BODY_BYTES_MAX = 65_536

/** The method of each path, with the prefix and without. */
export const AVANOR_PATHS: ReadonlyMap<string, AvanorMethod> = new Map(
  AVANOR_METHODS.flatMap(method => [
    [`${AVANOR_PREFIX}/${method}`, method] as const,
    [`/${method}`, method] as const,
  ]),
)

/** In the order in which they are made. */
export const AVANOR_CHECKS = [
  'body',
  'shop_id',
  'shop',
  'active',
  'address',
  'present',
  'sign',
  'field',
] as const
export type AvanorCheck = (typeof AVANOR_CHECKS)[number]

export type AvanorChecked =
  | { readonly ok: true; readonly asked: AvanorAsked; readonly credential: DoorCredential }
  | {
      readonly ok: false
      readonly check: AvanorCheck
      readonly refusal: AvanorRefusal
      /** Which field, where it is one. */
      readonly field: string | null
    }

export type AvanorCredentialOf = (shopId: string) => DoorCredential | null

export function avanorCheck(
  request: DoorRequest,
  method: AvanorMethod,
  credentialOf: AvanorCredentialOf,
): AvanorChecked {
  const fields = avanorBodyFields(request)
  if (fields === null) return refused('body', avanorRefusals.body())
  const shopId = avanorShopId(fields)
  if (shopId === null) return refusedField('shop_id', 'shop_id')
  const credential = credentialOf(shopId)
  if (credential === null) return refused('shop', avanorRefusals.shop())
  if (!credential.active) return refused('active', avanorRefusals.inactive())
  const address = plainAddress(request.remoteAddress)
  if (!isAllowedFrom(address, credential.settings.addresses))
    return refused('address', avanorRefusals.address(address))

  const names = AVANOR_SIGNED[method]
  const missing = names.find(name => !avanorText(fields.get(name)))
  if (missing !== undefined) return refusedField('present', missing)
  const sign = fields.get('sign')
  if (typeof sign !== 'string' || sign === '') return refusedField('present', 'sign')
  if (!avanorVerify(fields, names, sign, credential.secret))
    return refused('sign', avanorRefusals.sign(avanorStringToSign(fields, names)))

  const read = avanorReadAsked(method, fields)
  return read.ok ? { ok: true, asked: read.asked, credential } : refusedField('field', read.field)
}

/** The object of the body, or null where it is none. */
export function avanorBodyFields({ body, bodyTooLarge }: DoorRequest): AvanorFields | null {
  return bodyTooLarge || body.length > AVANOR_BODY_BYTES_MAX ? null : avanorReadFields(body)
}

/** 1 to 18 digits, as a number or as text, else null. */
export function avanorShopId(fields: AvanorFields): string | null {
  const text = avanorText(fields.get('shop_id'))
  return text !== null && /^[0-9]{1,18}$/.test(text) ? text : null
}

/** In the order in which they are made, after those above and after the desk was asked whether the reference stands. */
export const AVANOR_PAYWAY_CHECKS = ['payway', 'destination', 'amount'] as const
export type AvanorPaywayCheck = (typeof AVANOR_PAYWAY_CHECKS)[number]

export type AvanorPaywayChecked =
  | { readonly ok: true; readonly payway: AvanorPayway }
  | { readonly ok: false; readonly check: AvanorPaywayCheck; readonly refusal: AvanorRefusal }

export interface AvanorWanted {
  readonly alias: string
  readonly amount: Money
  /** Null where no destination was named. */
  readonly account: string | null
}

/**
 * Whether the shop has this payway for this amount and destination. An amount in another currency than the payway's is
 * the same to the client as an unknown payway: nothing is converted here.
 */
export function avanorCheckPayway(
  { alias, amount, account }: AvanorWanted,
  credential: DoorCredential,
): AvanorPaywayChecked {
  const payway = avanorPaywayOf(alias, credential)
  const refuse = (check: AvanorPaywayCheck, refusal: AvanorRefusal): AvanorPaywayChecked => ({
    ok: false,
    check,
    refusal,
  })
  if (payway === null || payway.currency !== amount.currency)
    return refuse('payway', avanorRefusals.payway('unknown', alias))
  if (!payway.active) return refuse('payway', avanorRefusals.payway('inactive', alias))
  if (account !== null && !avanorIsAccountOf(account, payway.method))
    return refuse('destination', avanorRefusals.param('account'))
  if (moneyCompare(amount, payway.min) < 0) return refuse('amount', avanorRefusals.tooSmall())
  if (moneyCompare(amount, payway.max) > 0) return refuse('amount', avanorRefusals.tooLarge())
  return { ok: true, payway }
}

/** Whether a destination is one of its payway, for a client that only asks. */
export function avanorCheckAccount(
  { alias, account, amount }: Extract<AvanorAsked, { method: 'check_account' }>,
  credential: DoorCredential,
): { readonly result: boolean; readonly providerStatus: 1 | 2 | 3 } {
  const payway = avanorPaywayOf(alias, credential)
  if (payway === null) return { result: false, providerStatus: 3 }
  if (!payway.active) return { result: false, providerStatus: 2 }
  const parsed = parseDecimal(amount, payway.currency)
  if (!parsed.ok) return { result: false, providerStatus: 1 }
  const checked = avanorCheckPayway({ alias, amount: parsed.money, account }, credential)
  return { result: checked.ok, providerStatus: 1 }
}

/** @throws AssertionFailed where the setting of a credential cannot be read: no payway is guessed */
export function avanorCredentialPayways({ settings }: DoorCredential): readonly AvanorPayway[] {
  if (settings.payways === undefined || settings.payways.trim() === '') return []
  const payways = avanorPayways(settings.payways)
  assert(payways.ok, 'the payways of a door credential can be read')
  return payways.payways
}

function avanorPaywayOf(alias: string, credential: DoorCredential): AvanorPayway | null {
  return avanorCredentialPayways(credential).find(payway => payway.alias === alias) ?? null
}

function refused(check: AvanorCheck, refusal: AvanorRefusal): AvanorChecked {
  return { ok: false, check, refusal, field: null }
}

function refusedField(check: AvanorCheck, field: string): AvanorChecked {
  return { ok: false, check, refusal: avanorRefusals.param(field), field }
}
