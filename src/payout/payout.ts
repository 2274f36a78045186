import type { Money } from '../money/money.ts'
import type { Beneficiary, Method } from './beneficiary.ts'

/** Every state a payout can be in. `accepted` lasts only inside the transaction that records the payout. */
export const PAYOUT_STATES = [
  'accepted',
  'waiting',
  'queued',
  'sending',
  'pending',
  'in_doubt',
  'paid',
  'failed',
  'cancelled',
  'returned',
] as const
export type PayoutState = (typeof PAYOUT_STATES)[number]

/** Why a payout waits. A reason is what somebody or something can do about it. */
export const WAIT_REASONS = ['approval', 'confirmation', 'schedule', 'funds', 'review'] as const
export type WaitReason = (typeof WAIT_REASONS)[number]

/** States that nothing leaves, save `paid`, which a return may follow. */
export const FINAL_STATES = ['paid', 'failed', 'cancelled', 'returned'] as const

export function isFinal(state: PayoutState): boolean {
  return (FINAL_STATES as readonly string[]).includes(state)
}

/** Where a state's money stands in the ledger. */
export type MoneyPlace = 'nowhere' | 'held' | 'in_flight' | 'available' | 'gone'

export const MONEY_PLACE: Record<PayoutState, MoneyPlace> = {
  accepted: 'nowhere',
  waiting: 'held',
  queued: 'held',
  sending: 'in_flight',
  pending: 'in_flight',
  in_doubt: 'in_flight',
  paid: 'gone',
  failed: 'available',
  cancelled: 'available',
  returned: 'available',
}

/** One payout as it stands. Times are milliseconds since the epoch. */
export interface Payout {
  readonly merchantId: string
  /** Above 0, below 2^53; every id form is made of it and `tag` (number.ts). */
  readonly number: bigint
  readonly tag: number
  /** The merchant's own reference, unique per merchant for ever. */
  readonly reference: string
  readonly amount: Money
  /** What the merchant is charged beside the amount, in the same currency; absent: nothing. */
  readonly fee?: Money | null
  readonly beneficiary: Beneficiary
  readonly method: Method
  /** Free text of the merchant that travels with the payout; PayPro's `remark`. */
  readonly description: string | null
  readonly metadata: Readonly<Record<string, string>> | null
  /** The way in: `api`, or the protocol whose door took it. */
  readonly door: string
  /** The credential of that door, which also signs the door's notices. */
  readonly doorCredentialId: string
  /** The id of the request that created it, sent along with every call about it, so that logs can be joined. */
  readonly requestId: string | null
  /** Where the door's own notices go; null where the door sends none or none was asked for. */
  readonly notifyUrl: string | null
  readonly state: PayoutState
  readonly waitReason: WaitReason | null
  /** In words fit for the merchant: why the payout is where it is. Null where the state says all. */
  readonly why: string | null
  /** It ended unpaid, and something speaks for a payment all the same: a second payout is not safe. Absent: no. */
  readonly disputed?: boolean
  readonly createdAtMs: number
  readonly stateSinceMs: number
  /** When it was paid, kept when it returns later. */
  readonly paidAtMs: number | null
  /** Grows by one with each step; a step is applied only to the version it was computed from. */
  readonly version: number
  /** How many attempts there have been; the last one has this number. */
  readonly attempts: number
}

/** The ways by which one payout of a merchant is found. */
export type PayoutKey =
  | { readonly by: 'number'; readonly number: bigint }
  | { readonly by: 'code'; readonly number: bigint; readonly tag: number }
  | { readonly by: 'reference'; readonly reference: string }
