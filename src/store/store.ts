// The store as everyone else sees it. Each function is one whole transaction: a batch of plain values in, plain
// values out. Nobody outside holds a transaction open, so no provider call can stand inside one, and the simulation
// can put a model in its place. Times that decide something are the database's own; `…InMs` is counted from its now.
//
// Every function may throw `Unavailable` (errors.ts): the work is then done or not done, and the same natural keys
// (reference, idempotency key, version, claim) tell which when it is asked again.
import type { BalanceLine, PayoutLine, PostingLine } from '../ledger/audit.ts'
import type { Posting } from '../ledger/posting.ts'
import type { Recipe } from '../ledger/recipes.ts'
import type { CurrencyCode } from '../money/currency.ts'
import type { Money } from '../money/money.ts'
import type { Attempt, AttemptState } from '../payout/attempt.ts'
import type { Beneficiary } from '../payout/beneficiary.ts'
import type { Death } from '../payout/death.ts'
import type { Doubt } from '../payout/outcome.ts'
import type { Payout, PayoutKey, PayoutState, WaitReason } from '../payout/payout.ts'
import type { AuditorStore } from './auditor.ts'
import type { CallbackVerdict, NewCallback } from './callbacks.ts'
import type { OneTimeUse, OneTimeUsed } from './doors.ts'
import type { RunStore } from './installation.ts'
import type {
  DueProofSearch,
  ProofImage,
  ProofSearchResult,
  ProofSearchRow,
  StoredProofImage,
} from './proofs.ts'
import type { SafeModeStore } from './safe-mode.ts'
import type {
  ApiKey,
  Configuration,
  Funding,
  Merchant,
  Route,
  StoredCredential,
  StoredProviderAccount,
} from './set-up.ts'
import type { KillSwitches } from './switches.ts'

export type { CallbackVerdict, NewCallback } from './callbacks.ts'
export type { OneTimeUse, OneTimeUsed } from './doors.ts'
export type { RunStore, StoredIncarnation } from './installation.ts'
export type {
  DueProofSearch,
  ProofImage,
  ProofSearchResult,
  ProofSearchRow,
  StoredProofImage,
} from './proofs.ts'
export type * from './safe-mode.ts'
export type * from './set-up.ts'
export type * from './switches.ts'

export interface Store extends AuditorStore, RunStore, SafeModeStore, KillSwitches {
  // intake
  /** A block of payout numbers, never given twice: `first` to `first + count - 1`. */
  takeNumbers(count: number): Promise<{ readonly first: bigint }>
  /** Records payouts, one verdict for each in the same order. No two of one batch share a reference or a key. */
  acceptPayouts(batch: readonly NewPayout[]): Promise<readonly AcceptVerdict[]>

  // dispatch
  /**
   * Claims queued payouts whose time has come, oldest first, none that a kill switch stops; others skip them for
   * `leaseMs`. Gives nothing in safe mode, nor where the server is not the one it was, or is behind `noted`, a position
   * in its log.
   */
  claimDue(claim: { limit: number; leaseMs: number; noted?: string | null }): Promise<readonly DuePayout[]>
  /** Applies steps computed by payout/lifecycle.ts; each only to the version it was computed from. */
  advancePayouts(batch: readonly PayoutStep[]): Promise<readonly StepVerdict[]>
  /** Claims live attempts whose next look is due: lost sends, and inquiries. */
  claimAttempts(claim: { limit: number; leaseMs: number }): Promise<readonly DueAttempt[]>
  /** Keeps callbacks, each once, and makes the inquiry about their attempt due at once. */
  recordCallbacks(batch: readonly NewCallback[]): Promise<readonly CallbackVerdict[]>

  // notices
  claimNotices(claim: { limit: number; leaseMs: number }): Promise<readonly DueNotice[]>
  recordNotices(batch: readonly NoticeResult[]): Promise<void>

  // doors
  /** The answer to the merchant's second call, where it was made. */
  findConfirmation(merchantId: string, number: bigint): Promise<string | null>
  /** `answer` is null while the first use is not answered. */
  beginOneTimeUse(use: OneTimeUse): Promise<OneTimeUsed>
  /** Keeps the first answer, and says which one stands. */
  answerOneTimeUse(use: OneTimeUse, answer: string): Promise<string>
  /** Lets go of uses that have expired. */
  forgetOneTimeUses(): Promise<void>

  // proof
  /** Claims searches whose time has come, for `leaseMs`. */
  claimProofSearches(claim: { limit: number; leaseMs: number }): Promise<readonly DueProofSearch[]>
  /** Keeps the pictures, each once by its content, and says when to ask again. */
  recordProofSearch(result: ProofSearchResult): Promise<void>
  /** A picture that we made ourselves of the payout at this version, kept once by its content; false: it moved on. */
  keepOwnProofImage(merchantId: string, number: bigint, version: number, image: ProofImage): Promise<boolean>
  proofImages(merchantId: string, number: bigint): Promise<readonly StoredProofImage[]>
  proofSearches(merchantId: string, number: bigint): Promise<readonly ProofSearchRow[]>

  // reads
  findPayout(merchantId: string, by: PayoutKey): Promise<Payout | null>
  /** The payout and its live or last attempt, for those who compute the next step from it. */
  findForStep(merchantId: string, number: bigint): Promise<PayoutAndAttempt | null>
  /** Newest first; `before` is the number of the last payout of the page before. */
  listPayouts(merchantId: string, page: PayoutPage): Promise<readonly Payout[]>
  payoutEvents(merchantId: string, number: bigint): Promise<readonly PayoutEventRow[]>
  payoutPostings(merchantId: string, number: bigint): Promise<readonly PostingRow[]>
  payoutAttempts(merchantId: string, number: bigint): Promise<readonly Attempt[]>
  payoutExchanges(merchantId: string, number: bigint): Promise<readonly ExchangeRow[]>
  payoutNotices(merchantId: string, number: bigint): Promise<readonly NoticeRow[]>
  merchantBalances(merchantId: string): Promise<readonly AccountBalance[]>
  /** Everything that ledger/audit.ts judges, of one merchant, in one snapshot. Reads whole tables. */
  readBooks(merchantId: string): Promise<Books>
  /** Counts and money by state over all merchants; what waits, what is in doubt. For metrics and the demo. */
  backlog(): Promise<readonly BacklogLine[]>

  // set-up
  putMerchant(merchant: Merchant): Promise<void>
  putApiKey(key: ApiKey): Promise<void>
  putDoorCredential(credential: StoredCredential): Promise<void>
  putProviderAccount(account: StoredProviderAccount): Promise<void>
  putRoute(route: Route): Promise<void>
  /** Money that arrived for a merchant at a provider account; once per `reference`. */
  fundMerchant(funding: Funding): Promise<'funded' | 'known'>
  /** Everything that is configured, in one snapshot. */
  readConfiguration(): Promise<Configuration>
  /** Grows with every change of configuration; cheap, for polling. */
  configurationVersion(): Promise<bigint>

  // processes
  /** Resolves when the database answers and its migrations are current; otherwise says why not. */
  ready(): Promise<{ readonly ok: true } | { readonly ok: false; readonly why: string }>
  close(): Promise<void>
}

// ---- intake ----------------------------------------------------------------------------------------------------

export interface NewPayout {
  readonly merchantId: string
  readonly number: bigint
  readonly tag: number
  readonly reference: string
  readonly idempotencyKey: string | null
  /** 32 bytes. */
  readonly fingerprint: Uint8Array
  readonly amount: Money
  readonly beneficiary: Beneficiary
  readonly description: string | null
  readonly metadata: Readonly<Record<string, string>> | null
  readonly door: string
  readonly doorCredentialId: string
  readonly requestId: string | null
  readonly notifyUrl: string | null
  readonly createdAtMs: number
  readonly to: 'queued' | 'waiting'
  readonly waitReason: WaitReason | null
  readonly firstAnswer: string
  /** Decided before the store was asked, but a repeat of a recorded payout still gets its first answer. */
  readonly refuse: string | null
}

export type AcceptVerdict =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'replayed'; readonly number: bigint; readonly tag: number; readonly answer: string }
  | {
      readonly kind: 'conflict'
      readonly by: 'reference' | 'idempotency_key'
      readonly number: bigint
      readonly tag: number
    }
  | { readonly kind: 'insufficient' }
  | { readonly kind: 'refused'; readonly why: string }
  /** Another process is recording the same reference or key at this moment: ask again. */
  | { readonly kind: 'again' }

// ---- dispatch --------------------------------------------------------------------------------------------------

export interface DuePayout {
  readonly payout: Payout
  /** The fence: the intent is recorded only while the queue still holds this claim. */
  readonly claim: bigint
  /** How often this payout was claimed and put back before. */
  readonly tries: number
}

/** One step of one payout. `to: null` leaves the payout as it is and only records what the attempt showed. */
export interface PayoutStep {
  readonly merchantId: string
  readonly number: bigint
  /** The version this step was computed from; checked, also where `to` is null. */
  readonly version: number
  readonly to: PayoutState | null
  readonly waitReason: WaitReason | null
  readonly why: string | null
  /** Needed where the step takes the payout out of a claimed queue entry; null elsewhere. */
  readonly claim: bigint | null
  readonly attempt: AttemptOpened | AttemptChanged | null
  readonly recipe: Recipe | null
  readonly postings: readonly Posting[]
  readonly queue: QueueChange
  /** The answer to the merchant's second call, kept with the step that it allows; null where there is none. */
  readonly confirmation: string | null
  readonly notices: readonly NewNotice[]
  readonly exchange: NewExchange | null
  readonly incident: NewIncident | null
}

export type QueueChange =
  | { readonly kind: 'keep' }
  | { readonly kind: 'drop' }
  /** `counted`: whether this round counts as a try. `why`: shown while the payout is queued; null shows its own. */
  | {
      readonly kind: 'put'
      readonly dueInMs: number
      readonly counted: boolean
      readonly why: string | null
    }

export interface AttemptOpened {
  readonly kind: 'opened'
  readonly attemptNo: number
  readonly providerAccountId: string
  readonly reference: string
  /** SHA-256 of the exact bytes that will be sent, 32 bytes. */
  readonly requestHash: Uint8Array
  /** The capabilities that will judge this attempt, as they stood. */
  readonly contract: unknown
  readonly incarnation: bigint
  /** When the sender's time is over: from then on the send counts as lost. */
  readonly lostInMs: number
}

export interface AttemptChanged {
  readonly kind: 'changed'
  readonly attemptNo: number
  /** Null keeps the state. */
  readonly state: AttemptState | null
  /** Null keeps what is known. */
  readonly theirId: string | null
  readonly doubt: Doubt | null
  /** Needed exactly where the state becomes dead. */
  readonly proof: { readonly kind: Death; readonly premises: unknown } | null
  /** When to look at the attempt again; null: never by itself. */
  readonly nextLookInMs: number | null
  /** True where this was an inquiry, to be counted. */
  readonly inquired: boolean
  /** What the certainty tables remember of this attempt, whole; null keeps it. */
  readonly facts: unknown
  /** The revision of the attempt that this was computed from; null: it depends on none. */
  readonly revision: number | null
}

export interface NewNotice {
  /** `door`, later also the merchant's own endpoints. */
  readonly target: string
  readonly url: string
  readonly dueInMs: number
}

export interface NewExchange {
  readonly attemptNo: number
  readonly kind: 'send' | 'inquiry' | 'callback'
  readonly startedAtMs: number
  readonly durationMs: number
  /** HTTP status, or null where no whole answer came. */
  readonly status: number | null
  /** The row of the certainty table that judged it, and its verdict. */
  readonly row: string
  readonly verdict: string
  /** Scrubbed by the protocol. */
  readonly request: string | null
  readonly answer: string | null
}

export interface NewIncident {
  readonly kind: string
  readonly detail: string
}

export type StepVerdict =
  | { readonly kind: 'done'; readonly version: number }
  /**
   * The payout moved on since it was read, the claim is not held any more, or the step would give a send right that a
   * kill switch stops. Nothing was written for this step.
   */
  | { readonly kind: 'stale' }

export interface DueAttempt {
  readonly payout: Payout
  readonly attempt: Attempt
  /** As last given in AttemptChanged.facts, null before. */
  readonly facts: unknown
  /** Which run of which process was given the send right of the first step. */
  readonly incarnation: bigint | null
  readonly contract: unknown
}

export interface PayoutAndAttempt {
  readonly payout: Payout
  readonly attempt: Attempt | null
  readonly facts: unknown
  readonly incarnation: bigint | null
  readonly contract: unknown
}

// ---- notices ---------------------------------------------------------------------------------------------------

export interface DueNotice {
  readonly payout: Payout
  /** The step's number in the payout's life, from 1. */
  readonly sequence: number
  readonly state: PayoutState
  readonly atMs: number
  readonly target: string
  readonly url: string
  /** Tries made before this one. */
  readonly tries: number
}

export interface NoticeResult {
  readonly merchantId: string
  readonly number: bigint
  readonly sequence: number
  readonly target: string
  readonly status: number | null
  /** In a few words, for the delivery log. */
  readonly said: string
  readonly next:
    | { readonly kind: 'acknowledged' }
    | { readonly kind: 'again'; readonly dueInMs: number }
    | { readonly kind: 'parked' }
    /** It was not tried: it comes again, and nothing is counted. */
    | { readonly kind: 'later'; readonly dueInMs: number }
}

// ---- reads -----------------------------------------------------------------------------------------------------

export interface PayoutPage {
  readonly limit: number
  readonly before: bigint | null
  readonly state: PayoutState | null
  readonly reference: string | null
}

export interface PayoutEventRow {
  readonly sequence: number
  readonly atMs: number
  readonly state: PayoutState
  readonly waitReason: WaitReason | null
  readonly why: string | null
  readonly attemptNo: number | null
}

export interface PostingRow extends Posting {
  readonly merchantId: string
  readonly number: bigint
  readonly sequence: number
  readonly recipe: Recipe
  readonly atMs: number
}

export interface ExchangeRow extends NewExchange {
  readonly exchangeNo: number
}

export interface NoticeRow {
  readonly sequence: number
  readonly target: string
  readonly url: string
  readonly state: 'due' | 'acknowledged' | 'parked'
  readonly tries: number
  readonly lastStatus: number | null
  readonly lastSaid: string | null
  readonly acknowledgedAtMs: number | null
}

/** Credits minus debits of one account (ledger/accounts.ts). */
export interface AccountBalance {
  readonly merchantId: string
  readonly account: string
  readonly balance: Money
}

/** The input of ledger/audit.ts. */
export interface Books {
  readonly balances: readonly BalanceLine[]
  readonly payouts: readonly PayoutLine[]
  readonly postings: readonly PostingLine[]
}

export interface BacklogLine {
  readonly state: PayoutState
  readonly currency: CurrencyCode
  readonly count: number
  readonly minor: bigint
  readonly oldestMs: number | null
}
