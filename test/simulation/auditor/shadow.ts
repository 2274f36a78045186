// What the auditor knows: a second set of books, written from what was committed and from nothing else. It never asks the
// store what it should believe; at the end it asks whether the store believes the same.
import type { PayoutState } from '../../../src/payout/payout.ts'

/** The permission to send the bytes of one step once, as it was committed. */
export interface Right {
  readonly attempt: ShadowAttempt
  readonly step: 1 | 2
  /** The same bytes once more, under the right of a repeat. */
  readonly isRepeat: boolean
  readonly givenAtMs: number
  /** From then on the send counts as lost. */
  readonly lostAtMs: number
  usedAtMs: number | null
}

export interface Seen {
  readonly row: string
  readonly kind: string
  readonly verdict: string
  readonly atMs: number
}

export interface ShadowAttempt {
  readonly payout: ShadowPayout
  readonly attemptNo: number
  readonly account: string
  readonly reference: string
  readonly contract: Contract
  readonly openedAtMs: number
  readonly rights: Right[]
  readonly seen: Seen[]
  state: string
  proof: string | null
  deadAtMs: number | null
  /** When its provider last called about it, genuinely. */
  calledAtMs: number | null
  /** When two people last agreed on something about it. */
  agreedAtMs: number | null
  /** What they decided, and whether the books of the provider said so then. */
  decided: { readonly verdict: 'paid' | 'dead'; readonly wasRight: boolean; readonly atMs: number } | null
}

/** What somebody proposed, and what was known then. */
export interface ShadowProposal {
  readonly proposedBy: string
  readonly payoutKey: string
  readonly attemptNo: number
  readonly verdict: 'paid' | 'dead' | 'keep_waiting'
  readonly version: number
  /** How much of its exchanges. */
  readonly wordsSeen: number
  readonly atMs: number
}

/** The fields of the stored contract that the auditor reads by itself. */
export interface Contract {
  readonly notFoundIsFinalAfterMs: number | 'never'
  readonly notFoundAnswersNeeded: number
  readonly failedIsFinalAfterMs: number
  readonly maxProcessingMs: number
  readonly queryLagMs: number
  readonly idempotentOnOurReference: boolean
  readonly idempotencyWindowMs: number
  readonly errorsRemembered: boolean
  readonly repeatForm: string
  readonly twoStep: boolean
  readonly createAloneNeverPays: boolean
  readonly queryableByOurReference: boolean
  readonly queryableByTheirId: boolean
  readonly callbackDecides: boolean
  readonly reference: { readonly alphabet: string; readonly length: number }
  readonly inquiryTimesMs: { readonly afterwardsEveryMs: number }
}

export interface ShadowNotice {
  readonly sequence: number
  readonly state: PayoutState
  result: 'due' | 'acknowledged' | 'parked'
}

export interface ShadowPayout {
  readonly merchantId: string
  readonly number: bigint
  readonly reference: string
  readonly key: string | null
  readonly fingerprint: string
  readonly firstAnswer: string
  readonly minor: bigint
  readonly currency: string
  readonly door: string
  readonly notifyUrl: string | null
  readonly acceptedAtMs: number
  readonly attempts: ShadowAttempt[]
  readonly events: PayoutState[]
  readonly movements: string[]
  readonly notices: ShadowNotice[]
  readonly incidents: string[]
  state: PayoutState
  waitReason: string | null
  version: number
  claim: bigint | null
  stateSinceMs: number
}

export interface Shadow {
  readonly payouts: Map<string, ShadowPayout>
  readonly byReference: Map<string, ShadowPayout>
  readonly byKey: Map<string, ShadowPayout>
  /** By provider account and our reference. */
  readonly attempts: Map<string, ShadowAttempt>
  /** By the hash of the bytes, in hex, and of a repeat also by its number. */
  readonly rights: Map<string, Right>
  /** Credits minus debits by `merchant account currency`. */
  readonly balances: Map<string, bigint>
  /** Hashes of the callbacks that were stored, in hex. */
  readonly callbacks: Set<string>
  readonly proposals: Map<string, ShadowProposal>
}

export function createShadow(): Shadow {
  return {
    payouts: new Map(),
    byReference: new Map(),
    byKey: new Map(),
    attempts: new Map(),
    rights: new Map(),
    balances: new Map(),
    callbacks: new Set(),
    proposals: new Map(),
  }
}

export function payoutKey(merchantId: string, number: bigint): string {
  return `${merchantId}/${number}`
}

export function lastAttempt(payout: ShadowPayout): ShadowAttempt | null {
  return payout.attempts.at(-1) ?? null
}

export function move(
  shadow: Shadow,
  merchantId: string,
  movement: string,
  minor: bigint,
  currency: string,
): void {
  const [from = '', to = ''] = movement.split('>')
  add(shadow.balances, `${merchantId} ${from} ${currency}`, -minor)
  add(shadow.balances, `${merchantId} ${to} ${currency}`, minor)
}

function add(sums: Map<string, bigint>, key: string, minor: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + minor)
}
