import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { Attempt } from '../payout/attempt.ts'
import type { Payout, PayoutKey } from '../payout/payout.ts'
import type {
  DoorCredential,
  MerchantBalance,
  ProofImage,
  Protocol,
  SandboxKeys,
  Submission,
  Submitted,
} from '../protocols/protocol.ts'
import type {
  ApiKey,
  ExchangeRow,
  NoticeRow,
  PayoutEventRow,
  PayoutPage,
  PostingRow,
} from '../store/store.ts'
import type { ApiConsole } from './console-needs.ts'
import type { ApiPeople } from './people-needs.ts'
import type { ApiReceipts } from './receipts-needs.ts'
import type { ApiSessions } from './session-needs.ts'

/** What the API is handed. Everything in it may throw Unavailable, which is answered 503. */
export interface ApiNeeds {
  readonly desk: ApiDesk
  readonly directory: {
    apiKey(keyId: string): ApiKey | null
    credential(door: string, publicId: string): DoorCredential | null
  }
  readonly clock: Clock
  readonly log: Log
  /** An installation is live or test; keys of the other kind are unknown to it. */
  readonly livemode: boolean
  /** Who comes with a person's key, and what people decide; absent where nobody does, as in some tests: then 404. */
  readonly people?: ApiPeople
  /** Who comes with a session; absent where nobody signs in, as in some tests: then 404. */
  readonly sessions?: ApiSessions
  /** What people look at over all of their merchants; absent as the one before. */
  readonly console?: ApiConsole
  /** Receipts and their log; absent where none are issued, as in some tests: then 404. */
  readonly receipts?: ApiReceipts
  /** What requests are tried with by hand; absent where none are, as in every live installation. */
  readonly byHand?: ApiByHand
}

export interface ApiByHand {
  readonly protocols: readonly Protocol[]
  readonly random: Random
  /** Under which clients reach the doors, each without a slash at the end; the first is the one that is signed for. */
  publicUrls(): readonly string[]
  /** The keys of the sandbox merchant at this protocol; null where it has none. */
  sandboxKeys(protocol: string): SandboxKeys | null
}

export interface ApiDesk {
  submit(submission: Submission): Promise<Submitted>
  find(merchantId: string, by: PayoutKey): Promise<Payout | null>
  findWithAttempt(
    merchantId: string,
    by: PayoutKey,
  ): Promise<{ readonly payout: Payout; readonly attempt: Attempt | null } | null>
  list(merchantId: string, page: PayoutPage): Promise<readonly Payout[]>
  cancel(merchantId: string, number: bigint): Promise<ApiCancelled>
  events(merchantId: string, number: bigint): Promise<readonly PayoutEventRow[]>
  postings(merchantId: string, number: bigint): Promise<readonly PostingRow[]>
  attempts(merchantId: string, number: bigint): Promise<readonly Attempt[]>
  exchanges(merchantId: string, number: bigint): Promise<readonly ExchangeRow[]>
  notices(merchantId: string, number: bigint): Promise<readonly NoticeRow[]>
  balances(merchantId: string): Promise<readonly MerchantBalance[]>
  proofImages(merchantId: string, number: bigint): Promise<readonly ApiProofImage[]>
}

export interface ApiProofImage extends ProofImage {
  readonly source: 'provider' | 'own'
}

export type ApiCancelled =
  | { readonly kind: 'cancelled'; readonly payout: Payout }
  | { readonly kind: 'refused'; readonly why: string; readonly payout: Payout }
  | { readonly kind: 'not_found' }
