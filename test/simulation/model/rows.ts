// The rows of the model. A row is never changed, only replaced, so whoever has one in hand (a caller, the auditor, a
// snapshot) keeps what it was. All that belongs to one payout lies in its dossier.
import type { CurrencyCode } from '../../../src/money/currency.ts'
import type { Attempt } from '../../../src/payout/attempt.ts'
import type { Death } from '../../../src/payout/death.ts'
import type { Payout } from '../../../src/payout/payout.ts'
import type { NewProposal, ProposalState } from '../../../src/store/people-store.ts'
import type {
  ExchangeRow,
  NoticeRow,
  OneTimeUse,
  PayoutEventRow,
  PostingRow,
  ProofSearchRow,
  StoredProofImage,
} from '../../../src/store/store.ts'

export interface Dossier {
  readonly key: string
  /** As its own row says it: `why` without the queue's words, never disputed. */
  readonly payout: Payout
  readonly intake: {
    readonly idempotencyKey: string | null
    readonly fingerprint: string
    readonly firstAnswer: string
  }
  readonly queue: QueueRow | null
  readonly events: readonly PayoutEventRow[]
  readonly postings: readonly StoredPosting[]
  readonly attempts: readonly AttemptRow[]
  readonly proofs: readonly ProofRow[]
  readonly exchanges: readonly ExchangeRow[]
  readonly notices: readonly StoredNotice[]
  readonly callbacks: readonly CallbackRow[]
  readonly confirmation: { readonly answer: string; readonly atMs: number } | null
  readonly searches: readonly SearchRow[]
  readonly images: readonly ImageRow[]
  /** Whether an incident speaks for a payment of it. */
  readonly isDisputable: boolean
}

export interface QueueRow {
  readonly dueAtMs: number
  readonly claim: bigint | null
  readonly tries: number
  readonly why: string | null
}

export interface StoredPosting extends PostingRow {
  readonly leg: number
}

export interface AttemptRow {
  /** `nextInquiryAtMs` is the column next_look_at. */
  readonly attempt: Attempt
  readonly facts: unknown
  readonly contractId: string
  /** In hexadecimal digits. */
  readonly requestHash: string
  readonly incarnation: bigint
  /** The revision with which something new was last known of it (learned.ts). */
  readonly learned: number
}

export interface ProofRow {
  readonly attemptNo: number
  readonly kind: Death
  readonly premises: unknown
  readonly atMs: number
}

export interface StoredNotice extends NoticeRow {
  readonly dueAtMs: number | null
}

export interface CallbackRow {
  readonly attemptNo: number
  readonly hash: string
  readonly raw: string
  readonly verified: boolean
  readonly said: string
  readonly receivedAtMs: number
}

export interface SearchRow extends ProofSearchRow {
  readonly reference: string
  readonly paidAtMs: number
}

export interface ImageRow extends StoredProofImage {
  readonly hashHex: string
  readonly place: number
}

export interface IncidentRow {
  readonly merchantId: string
  readonly number: bigint
  readonly attemptNo: number | null
  readonly kind: string
  readonly detail: string
  readonly atMs: number
}

export interface BalanceRow {
  readonly merchantId: string
  readonly account: string
  readonly currency: CurrencyCode
  readonly minor: bigint
}

export interface FundingRow {
  readonly merchantId: string
  readonly reference: string
  readonly providerAccountId: string
  readonly note: string
  readonly atMs: number
  readonly posting: StoredPosting
}

export interface OneTimeUseRow extends Omit<OneTimeUse, 'fingerprint' | 'keepMs'> {
  readonly fingerprint: string
  readonly answer: string | null
  readonly expiresAtMs: number
}

export interface IncarnationRow {
  readonly kind: string
  readonly host: string
  readonly pid: number
  readonly startedAtMs: number
  readonly seenAtMs: number
  readonly endedAtMs: number | null
  /** The one journal that is its own, and how much of it was on the disk when its owner last said so. */
  readonly journalId: string
  readonly journalBytes: number
}

/** What tells one database cluster from another, and one life of it from the next. */
export interface KnownServer {
  readonly systemIdentifier: number
  readonly timeline: number
}

/** Whether a provider account knows the next reference of a payout. */
export interface QuestionRow {
  readonly payoutKey: string
  readonly attemptNo: number
  readonly providerAccountId: string
  /** Null: it is not asked any more. */
  readonly nextAtMs: number | null
  readonly notFound: number
  readonly said: 'found' | 'not_found' | 'unclear' | 'unaskable' | null
}

/** What one person proposed, and what became of it. */
export interface ProposalRow {
  readonly asked: NewProposal
  readonly number: bigint
  /** Of the content, in hexadecimal digits. */
  readonly hash: string
  readonly state: ProposalState
  readonly proposedAtMs: number
  readonly expiresAtMs: number
  readonly endedAtMs: number | null
  readonly endedBy: string | null
  readonly endedWhy: string | null
}

export function payoutKey(merchantId: string, number: bigint): string {
  return `${merchantId} ${number}`
}
