// The door's checks that need no desk, in the contract's order (section 7), because a client learns from the first one
// that fails. The door runs them, and whoever explains a refusal runs the same ones: what is told cannot drift from what
// is done.
//
//   1 body · 2 merchantNo · 3 merchant and source address · 4 sign · 5 fields
//
// Nothing but the credential is used of a request before its signature was verified over the text that was received.
import { isAllowedFrom } from '../allowed-addresses.ts'
import type { DoorCredential, DoorRequest } from '../protocol.ts'
import type { PayproRefusal } from './answer.ts'
import {
  type PayproField,
  type PayproOrder,
  type PayproRead,
  payproIsAmbiguous,
  payproReadBalance,
  payproReadOrder,
  payproReadQuery,
} from './request.ts'
import { payproCredentialSalt, payproVerify } from './sign.ts'
import { PAYPRO_PATHS, type PayproFields, payproReadFields } from './wire.ts'

export const PAYPRO_BODY_BYTES_MAX = 65_536

/** The checks by the refusal that each ends in, in the order in which they are made. */
export const PAYPRO_CHECKS = [
  'body',
  'no_merchant',
  'merchant',
  'address',
  'sign',
  'field',
] as const satisfies readonly PayproRefusal[]
export type PayproCheck = (typeof PAYPRO_CHECKS)[number]

/** What is asked, once every field of it was found right. */
export type PayproAsked =
  | { readonly call: 'create'; readonly order: PayproOrder }
  | { readonly call: 'query'; readonly tradeNo: string }
  | { readonly call: 'balance' }
export type PayproCall = PayproAsked['call']

export type PayproChecked =
  | {
      readonly ok: true
      readonly asked: PayproAsked
      readonly credential: DoorCredential
      /** What the answer echoes. */
      readonly remark: string
    }
  | {
      readonly ok: false
      readonly refusal: PayproCheck
      /** Which field, where it is one. */
      readonly field: PayproField | null
      /** Echoed only where the signature was right. */
      readonly remark: string
    }

/** The call of each documented path. */
export const PAYPRO_CALLS: ReadonlyMap<string, PayproCall> = new Map([
  [PAYPRO_PATHS.payout, 'create'],
  [PAYPRO_PATHS.payoutSibling, 'create'],
  [PAYPRO_PATHS.query, 'query'],
  [PAYPRO_PATHS.balance, 'balance'],
])

export type PayproCredentialOf = (merchantNo: string) => DoorCredential | null

/** @throws AssertionFailed where the credential's salt position is none: nothing is verified by a guess */
export function payproCheck(
  request: DoorRequest,
  call: PayproCall,
  credentialOf: PayproCredentialOf,
): PayproChecked {
  const fields = payproBodyFields(request)
  if (fields === null || (call === 'create' && payproIsAmbiguous(fields))) return refused('body')
  const merchantNo = payproMerchantNo(request)
  if (merchantNo === null) return refused('no_merchant')
  const credential = merchantNo.length > MERCHANT_NO_LENGTH_MAX ? null : credentialOf(merchantNo)
  if (credential === null || !credential.active) return refused('merchant')
  if (!isAllowedFrom(request.remoteAddress, credential.settings.addresses)) return refused('address')
  if (!payproVerify(fields, fields.get('sign'), payproCredentialSalt(credential))) return refused('sign')

  const remark = call === 'create' ? remarkOf(fields) : ''
  const read = readAsked(call, fields)
  if (!read.ok) return { ok: false, refusal: 'field', field: read.field, remark }
  return { ok: true, asked: read.value, credential, remark }
}

/** The flat object of the body, or null where it is none. */
export function payproBodyFields({ body, bodyTooLarge }: DoorRequest): PayproFields | null {
  return bodyTooLarge || body.length > PAYPRO_BODY_BYTES_MAX ? null : payproReadFields(body)
}

/** A header that comes twice names two merchants, which is as good as none. */
export function payproMerchantNo({ headers }: DoorRequest): string | null {
  const [merchantNo, ...more] = headers.get('merchantno') ?? []
  return merchantNo === undefined || merchantNo === '' || more.length > 0 ? null : merchantNo
}

/** Longer than any merchantNo; a header is not looked up beyond it. */
const MERCHANT_NO_LENGTH_MAX = 64

function refused(refusal: PayproCheck): PayproChecked {
  return { ok: false, refusal, field: null, remark: '' }
}

function readAsked(call: PayproCall, fields: PayproFields): PayproRead<PayproAsked> {
  switch (call) {
    case 'create': {
      const read = payproReadOrder(fields)
      return read.ok ? { ok: true, value: { call, order: read.value } } : read
    }
    case 'query': {
      const read = payproReadQuery(fields)
      return read.ok ? { ok: true, value: { call, tradeNo: read.value.tradeNo } } : read
    }
    case 'balance': {
      const read = payproReadBalance(fields)
      return read.ok ? { ok: true, value: { call } } : read
    }
  }
}

function remarkOf(fields: PayproFields): string {
  const remark = fields.get('remark')
  return typeof remark === 'string' ? remark : ''
}
