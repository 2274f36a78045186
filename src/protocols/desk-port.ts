// The desk, as a door sees it.
import type { Money } from '../money/money.ts'
import type { Beneficiary } from '../payout/beneficiary.ts'
import type { Payout, PayoutKey, PayoutState } from '../payout/payout.ts'
import type { ProofImage } from './protocol.ts'

/**
 * The port behind every door. On the real desk the door is the drop-in server; on the simulator's rail it is the fake
 * provider. A method that cannot say what became of the request throws `Unavailable` (errors.ts); the door answers it
 * in the words its contract has for a fault that is ours.
 */
export interface Desk {
  credential(door: string, publicId: string): DoorCredential | null
  submit(submission: Submission): Promise<Submitted>
  find(merchantId: string, by: PayoutKey): Promise<Payout | null>
  balances(merchantId: string): Promise<readonly MerchantBalance[]>
  /**
   * Lets a payout go that waits for its merchant's second call. `answer` is kept with it, and every later confirmation
   * gets that first answer again.
   */
  confirm(merchantId: string, number: bigint, answer: string): Promise<Confirmed>
  /**
   * Answers a request that may be made once, such as one with a nonce. The same use again gets the stored answer; the
   * same key with another fingerprint is refused. `work` may run twice where a process ended before its answer was
   * kept, so it must itself be safe to repeat.
   */
  once(use: OneTimeUse, work: () => Promise<string>): Promise<OneTimeAnswer>
  /** The pictures that prove a payout, the provider's first; of a payout that was never paid there are none. */
  proofImages(merchantId: string, number: bigint): Promise<readonly ProofImage[]>
  /** Counts one request of a credential; false where it had its share of this minute already. */
  mayAsk(credential: Pick<DoorCredential, 'door' | 'publicId'>, perMinute: number): boolean
}

export type Confirmed =
  | { readonly kind: 'confirmed'; readonly answer: string }
  | { readonly kind: 'replayed'; readonly answer: string }
  /** It never waited for a confirmation, or has been cancelled since. */
  | { readonly kind: 'not_waiting' }

export interface OneTimeUse {
  readonly door: string
  readonly publicId: string
  /** What may come once, such as a timestamp and nonce; up to 255 characters. */
  readonly key: string
  /** 32 bytes: what makes the same use the same. */
  readonly fingerprint: Uint8Array
  /** How long it is remembered. */
  readonly keepMs: number
}

export type OneTimeAnswer =
  | { readonly kind: 'answered' | 'repeated'; readonly answer: string }
  | { readonly kind: 'other' }

export interface DoorCredential {
  readonly door: string
  /** The name by which the client presents itself: `merchantNo`, `shop_id`, consumer key, pid. */
  readonly publicId: string
  readonly merchantId: string
  readonly secret: string
  readonly active: boolean
  /** Protocol-specific, such as `salt_position`; `addresses` is a comma-separated list of allowed source addresses. */
  readonly settings: Readonly<Record<string, string>>
}

/** A payout as a door or the API asks for it. */
export interface Submission {
  readonly merchantId: string
  readonly door: string
  readonly doorCredentialId: string
  /** The id of the request that asks for it. */
  readonly requestId: string | null
  readonly reference: string
  readonly idempotencyKey: string | null
  /** SHA-256 over what counts as the content: a repeat with another fingerprint is a conflict. */
  readonly fingerprint: Uint8Array
  readonly amount: Money
  readonly beneficiary: Beneficiary
  readonly description: string | null
  readonly metadata: Readonly<Record<string, string>> | null
  readonly notifyUrl: string | null
  /** True where the payout waits for the merchant's second call before it may be sent. */
  readonly needsConfirmation: boolean
  /** The answer to this request as it would be given; stored with the payout and given again to every repeat. */
  firstAnswer(payout: NewPayoutIdentity): string
}

export interface NewPayoutIdentity {
  readonly number: bigint
  readonly tag: number
  readonly createdAtMs: number
  readonly state: PayoutState
}

/** Why a submission is refused. Nothing was recorded, and the reference and key stay free. */
export type SubmissionRefusal =
  | 'insufficient_funds'
  | 'method_not_available'
  | 'amount_out_of_limits'
  | 'rate_limited'

export type Submitted =
  | { readonly kind: 'accepted'; readonly number: bigint; readonly tag: number; readonly answer: string }
  | { readonly kind: 'replayed'; readonly number: bigint; readonly tag: number; readonly answer: string }
  /** The reference or the key stands for another content; number and tag name the payout that has it. */
  | {
      readonly kind: 'conflict'
      readonly by: 'reference' | 'idempotency_key'
      readonly number: bigint
      readonly tag: number
    }
  | { readonly kind: 'refused'; readonly why: SubmissionRefusal }

/** Balances of one currency, each zero or above. */
export interface MerchantBalance {
  readonly available: Money
  readonly held: Money
  readonly inFlight: Money
}
