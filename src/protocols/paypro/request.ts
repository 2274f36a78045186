// What a client asks at the door, field by field (contract, section 4). The first field that is wrong, in the order of
// that section, is the one that is named.
import { sha256 } from '../../lib/digest.ts'
import { parseDecimal } from '../../money/decimal.ts'
import type { Money } from '../../money/money.ts'
import type { WalletOperator } from '../../payout/beneficiary.ts'
import {
  PAYPRO_CURRENCY,
  type PayproFields,
  type PayproScalar,
  payproIsNotifyUrl,
  payproIsRemark,
  payproIsTradeNo,
  payproIsWalletId,
  payproLiteral,
  payproLooksLikeFields,
  payproOperator,
  payproText,
  payproWayCode,
} from './wire.ts'

export interface PayproOrder {
  readonly tradeNo: string
  readonly amount: Money
  readonly walletId: string
  readonly operator: WalletOperator
  readonly notifyUrl: string
  readonly remark: string | null
}

export type PayproField = 'timestamp' | 'tradeNo' | 'amount' | 'walletId' | 'wayCode' | 'notifyUrl' | 'remark'

export type PayproRead<What> =
  | { readonly ok: true; readonly value: What }
  | { readonly ok: false; readonly field: PayproField }

export function payproReadOrder(fields: PayproFields): PayproRead<PayproOrder> {
  if (!isTimestamp(fields.get('timestamp'))) return { ok: false, field: 'timestamp' }
  const tradeNo = fields.get('tradeNo')
  if (typeof tradeNo !== 'string' || !payproIsTradeNo(tradeNo)) return { ok: false, field: 'tradeNo' }
  const amount = amountOf(fields.get('amount'))
  if (amount === null) return { ok: false, field: 'amount' }
  // A wallet written as a JSON number has lost its leading zeros; nobody can tell how many.
  const walletId = fields.get('walletId')
  if (typeof walletId !== 'string' || !payproIsWalletId(walletId)) return { ok: false, field: 'walletId' }
  const wayCode = fields.get('wayCode')
  const operator = typeof wayCode === 'string' ? payproOperator(wayCode) : null
  if (operator === null) return { ok: false, field: 'wayCode' }
  const notifyUrl = fields.get('notifyUrl')
  if (typeof notifyUrl !== 'string' || !payproIsNotifyUrl(notifyUrl)) return { ok: false, field: 'notifyUrl' }
  const remark = fields.get('remark')
  if (!isAbsentOrText(remark) || !payproIsRemark(remark ?? '')) return { ok: false, field: 'remark' }
  return { ok: true, value: { tradeNo, amount, walletId, operator, notifyUrl, remark: payproText(remark) } }
}

/** A query asks about one tradeNo. */
export function payproReadQuery(fields: PayproFields): PayproRead<{ readonly tradeNo: string }> {
  if (!isTimestamp(fields.get('timestamp'))) return { ok: false, field: 'timestamp' }
  const tradeNo = fields.get('tradeNo')
  if (typeof tradeNo !== 'string' || !payproIsTradeNo(tradeNo)) return { ok: false, field: 'tradeNo' }
  return { ok: true, value: { tradeNo } }
}

export function payproReadBalance(fields: PayproFields): PayproRead<null> {
  return isTimestamp(fields.get('timestamp')) ? { ok: true, value: null } : { ok: false, field: 'timestamp' }
}

/**
 * Whether the signature of this create fits a second body too. Unknown fields are signed, and nothing separates one
 * field from the next; so beside an unknown field no free text may hold what could be taken for a known one. Without
 * unknown fields the grammar of each field keeps the canonical string unambiguous.
 */
export function payproIsAmbiguous(fields: PayproFields): boolean {
  const unknown = [...fields.keys()].filter(name => !KNOWN.has(name))
  if (unknown.length === 0) return false
  return [...unknown, 'notifyUrl', 'remark'].some(name =>
    payproLooksLikeFields(payproLiteral(fields.get(name) ?? '')),
  )
}

/** SHA-256 over the content of an order: what a repeat has to match (section 9). */
export function payproFingerprint(order: PayproOrder): Uint8Array {
  return sha256(
    JSON.stringify([
      'paypro',
      order.amount.minor.toString(),
      order.walletId,
      payproWayCode(order.operator),
      order.notifyUrl,
      order.remark ?? '',
    ]),
  )
}

const KNOWN: ReadonlySet<string> = new Set([
  'sign',
  'timestamp',
  'tradeNo',
  'amount',
  'walletId',
  'wayCode',
  'notifyUrl',
  'remark',
])

/** 10 to 16 digits, as text or as a number; no clock is judged, the tradeNo guards against replay. */
function isTimestamp(value: PayproScalar | undefined): boolean {
  if (value === undefined || value === null || typeof value === 'boolean') return false
  return /^[0-9]{10,16}$/.test(payproLiteral(value))
}

/** Above zero, with at most twelve digits and two decimals; a JSON number counts by its literal text. */
function amountOf(value: PayproScalar | undefined): Money | null {
  if (value === undefined || value === null || typeof value === 'boolean') return null
  const text = payproLiteral(value)
  if (!/^[0-9]{1,12}(?:\.[0-9]{1,2})?$/.test(text)) return null
  const parsed = parseDecimal(text.replace(/^0+(?=[0-9])/, ''), PAYPRO_CURRENCY)
  return parsed.ok && parsed.money.minor > 0n ? parsed.money : null
}

function isAbsentOrText(value: PayproScalar | undefined): value is string | null | undefined {
  return value === undefined || value === null || typeof value === 'string'
}
