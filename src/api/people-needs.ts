// What the API is handed for people, as a type of its own. Everything in it may throw Unavailable.
import type { ErrorCode } from '../errors.ts'
import type { Money } from '../money/money.ts'
import type { AfterDecidedDeath, Verdict } from '../payout/decision.ts'
import type { SwitchKey } from '../payout/stop.ts'
import type {
  DoubtTotal,
  NewEvidence,
  Person,
  Proposal,
  ProposalState,
  StoppedAccount,
  StoppedSwitch,
  StoredDoubt,
  StoredEvidence,
} from '../store/people-store.ts'
import type { PayoutStep } from '../store/store.ts'

/** A person who has been recognised by one of its keys. */
export interface ApiPerson {
  readonly kind: 'person'
  readonly person: Person
  readonly credential: string
}

export interface ApiRefused {
  readonly kind: 'refused'
  readonly code: ErrorCode
  readonly detail: string
  readonly more?: Readonly<Record<string, string>>
  /** How long to wait before the same may succeed, where that is known. */
  readonly waitMs?: number
}

export interface ApiPayoutAsked {
  readonly number: bigint
  readonly tag: number | null
}

export interface ApiDecisionAsked {
  readonly payout: ApiPayoutAsked
  readonly verdict: Verdict
  readonly after: AfterDecidedDeath | null
  readonly because: string
  readonly evidence: readonly NewEvidence[]
  readonly seen: { readonly version: number; readonly revision: number } | null
}

export interface ApiCorrectionAsked {
  readonly payout: ApiPayoutAsked
  readonly debit: string
  readonly credit: string
  readonly amount: Money
  readonly because: string
  readonly evidence: readonly NewEvidence[]
}

export interface ApiPreview {
  readonly state: PayoutStep['to']
  readonly recipe: PayoutStep['recipe']
  readonly postings: PayoutStep['postings']
  readonly ifWrong: string
}

export interface ApiDoubt extends StoredDoubt {
  readonly ageMs: number
  readonly decidable: boolean
  readonly deadMayBeDecided: boolean
  readonly deathOpensAtMs: number | null
  readonly observations: readonly { readonly said: string; readonly atMs: number }[]
}

export type ApiProposalFound = { readonly kind: 'found'; readonly proposal: Proposal } | ApiRefused

export interface ApiPeople {
  /** Null: nobody. `live`: the kind of this installation. */
  authenticate(key: string, live: boolean): Promise<ApiPerson | null>
  doubts(
    by: ApiPerson,
    asked: { readonly merchantId: string | null; readonly before: bigint | null; readonly limit: number },
  ): Promise<
    | {
        readonly kind: 'found'
        readonly totals: readonly DoubtTotal[]
        readonly doubts: readonly ApiDoubt[]
      }
    | ApiRefused
  >
  proposeDecision(
    by: ApiPerson,
    asked: ApiDecisionAsked,
  ): Promise<
    { readonly kind: 'proposed'; readonly proposal: Proposal; readonly preview: ApiPreview } | ApiRefused
  >
  /** The same as proposing, and nothing is recorded. */
  previewDecision(
    by: ApiPerson,
    asked: ApiDecisionAsked,
  ): Promise<{ readonly kind: 'preview'; readonly preview: ApiPreview } | ApiRefused>
  proposeCorrection(by: ApiPerson, asked: ApiCorrectionAsked): Promise<ApiProposalFound>
  stops(by: ApiPerson): Promise<
    | {
        readonly kind: 'found'
        readonly switches: readonly StoppedSwitch[]
        readonly accounts: readonly StoppedAccount[]
      }
    | ApiRefused
  >
  proposeSwitchRelease(
    by: ApiPerson,
    asked: SwitchKey & { readonly because: string },
  ): Promise<ApiProposalFound>
  proposeSafeModeRelease(
    by: ApiPerson,
    asked: { readonly providerAccountId: string; readonly because: string },
  ): Promise<ApiProposalFound>
  proposals(
    by: ApiPerson,
    asked: { readonly state: ProposalState | null; readonly before: bigint | null; readonly limit: number },
  ): Promise<readonly Proposal[]>
  proposal(by: ApiPerson, id: string): Promise<ApiProposalFound>
  confirm(by: ApiPerson, id: string, code: string | null): Promise<ApiProposalFound>
  reject(by: ApiPerson, id: string, why: string): Promise<ApiProposalFound>
  evidence(
    by: ApiPerson,
    of: { readonly proposalId: string; readonly evidenceNo: number },
  ): Promise<{ readonly kind: 'found'; readonly evidence: StoredEvidence } | ApiRefused>
}
