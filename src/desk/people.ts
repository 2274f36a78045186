// The desk for people: who they are, what is in doubt or stopped, and what two of them decide. The same for the API, the command line
// and, later, the console.
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Role } from '../payout/role.ts'
import type {
  Decidable,
  DoubtTotal,
  PeopleStore,
  Person,
  Proposal,
  StoredDoubt,
  StoredEvidence,
} from '../store/people-store.ts'
import { type Actor, type HostActor, merchantsOf, type PersonActor, whoIs } from './actor.ts'
import { type CorrectionAsked, proposeCorrection } from './correct.ts'
import {
  type DecisionAsked,
  type DecisionPreviewed,
  type DecisionProposed,
  decisionEffect,
  type JudgeDecision,
  previewDecision,
  proposeDecision,
} from './decide.ts'
import { addPerson, authenticatePerson, type PersonGiven, type PersonMade } from './persons.ts'
import {
  confirmProposal,
  type Effects,
  findProposal,
  listProposals,
  type ProposalFound,
  type ProposalsAsked,
  readEvidence,
  rejectProposal,
} from './proposals.ts'
import { NOTHING_THERE, type Refused } from './refused.ts'
import {
  findStops,
  proposeSafeModeRelease,
  proposeSwitchRelease,
  releaseEffect,
  type SafeModeReleaseAsked,
  type StopsFound,
  type SwitchReleaseAsked,
} from './release.ts'

export interface PeopleDesk {
  /** By the whole key; `live`: the kind of this installation. Null: nobody. */
  authenticate(key: string, live: boolean): Promise<PersonActor | null>
  doubts(actor: Actor, asked: DoubtsAsked): Promise<DoubtsFound>
  proposeDecision(actor: Actor, asked: DecisionAsked): Promise<DecisionProposed>
  previewDecision(actor: Actor, asked: DecisionAsked): Promise<DecisionPreviewed>
  proposeCorrection(actor: Actor, asked: CorrectionAsked): Promise<ProposalFound>
  stops(actor: Actor): Promise<StopsFound>
  proposeSwitchRelease(actor: Actor, asked: SwitchReleaseAsked): Promise<ProposalFound>
  proposeSafeModeRelease(actor: Actor, asked: SafeModeReleaseAsked): Promise<ProposalFound>
  proposals(actor: Actor, asked: ProposalsAsked): Promise<readonly Proposal[]>
  proposal(actor: Actor, id: string): Promise<ProposalFound>
  confirm(by: PersonActor, id: string, code: string | null): Promise<ProposalFound>
  reject(by: PersonActor, id: string, why: string): Promise<ProposalFound>
  evidence(
    actor: Actor,
    of: { readonly proposalId: string; readonly evidenceNo: number },
  ): Promise<{ readonly kind: 'found'; readonly evidence: StoredEvidence } | Refused>
  addPerson(host: HostActor, given: PersonGiven): Promise<PersonMade>
  stopPerson(host: HostActor, personId: string): Promise<boolean>
  persons(): Promise<readonly Person[]>
}

export interface PeopleDeskOptions {
  readonly people: PeopleStore
  readonly clock: Clock
  readonly random: Random
  /** Dispatch knows the contracts and the facts of attempts; these are its words about them. */
  readonly judge: JudgeDecision
  readonly known: (found: Pick<Decidable, 'attempt' | 'facts' | 'contract'>) => KnownOfAttempt
}

/** What is remembered of an attempt, for people. */
export interface KnownOfAttempt {
  /** When it may be called dead without a statement; null: never. */
  readonly deathOpensAtMs: number | null
  readonly observations: readonly { readonly said: string; readonly atMs: number }[]
}

/** `merchantId` null: every merchant of this person. */
export interface DoubtsAsked {
  readonly merchantId: string | null
  readonly before: bigint | null
  readonly limit: number
}

export interface Doubt extends StoredDoubt, KnownOfAttempt {
  /** Since the payout is in its state. */
  readonly ageMs: number
  /** Whether two people may decide it. */
  readonly decidable: boolean
  readonly deadMayBeDecided: boolean
}

export type DoubtsFound =
  | {
      readonly kind: 'found'
      readonly nowMs: number
      readonly totals: readonly DoubtTotal[]
      readonly doubts: readonly Doubt[]
    }
  | Refused

export function createPeopleDesk(options: PeopleDeskOptions): PeopleDesk {
  const { people } = options
  // The kinds of proposals.ts, and what each does when it is confirmed.
  const effects: Effects = {
    decision: (proposal, by) => decisionEffect(options, proposal, by),
    correction: async () => ({ kind: 'go', steps: [] }),
    person: async () => ({ kind: 'go', steps: [] }),
    release_switch: releaseEffect,
    release_safe_mode: releaseEffect,
  }
  const parts = { ...options, effects }
  return {
    authenticate: (key, live) => authenticatePerson(people, key, live),
    doubts: (actor, asked) => findDoubts(options, actor, asked),
    proposeDecision: (actor, asked) => proposeDecision(parts, actor, asked),
    previewDecision: (actor, asked) => previewDecision(parts, actor, asked),
    proposeCorrection: (actor, asked) => proposeCorrection(parts, actor, asked),
    stops: actor => findStops(parts, actor),
    proposeSwitchRelease: (actor, asked) => proposeSwitchRelease(parts, actor, asked),
    proposeSafeModeRelease: (actor, asked) => proposeSafeModeRelease(parts, actor, asked),
    proposals: (actor, asked) => listProposals(parts, actor, asked),
    proposal: (actor, id) => findProposal(parts, actor, id),
    confirm: (by, id, code) => confirmProposal(parts, by, id, code),
    reject: (by, id, why) => rejectProposal(parts, by, id, why),
    evidence: (actor, of) => readEvidence(parts, actor, of),
    addPerson: (host, given) => addPerson(options, host, given),
    stopPerson: (host, personId) => people.stopPerson(personId, whoIs(host)),
    persons: () => people.listPersons(),
  }
}

const DOUBT_READERS: readonly Role[] = ['viewer', 'approver', 'operator', 'admin']

async function findDoubts(
  { people, known }: PeopleDeskOptions,
  actor: Actor,
  { merchantId, before, limit }: DoubtsAsked,
): Promise<DoubtsFound> {
  const theirs = merchantsOf(actor, DOUBT_READERS)
  if (merchantId !== null && theirs !== null && !theirs.includes(merchantId)) return NOTHING_THERE
  const merchants = merchantId === null ? theirs : [merchantId]
  const { nowMs, totals, doubts } = await people.listDoubts({ merchants, before, limit })
  return { kind: 'found', nowMs, totals, doubts: doubts.map(doubt => doubtOf(doubt, known(doubt), nowMs)) }
}

function doubtOf(doubt: StoredDoubt, known: KnownOfAttempt, nowMs: number): Doubt {
  const { state, stateSinceMs } = doubt.payout
  const decidable = state === 'in_doubt' || state === 'pending'
  return {
    ...doubt,
    ...known,
    ageMs: Math.max(0, nowMs - stateSinceMs),
    decidable,
    deadMayBeDecided: decidable && known.deathOpensAtMs !== null && nowMs >= known.deathOpensAtMs,
  }
}
