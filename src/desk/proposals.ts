// What needs two people, of whatever kind. One person proposes; another one, who has the role and the code of a second
// factor, confirms; and the effect stands in the commit of that confirmation. A further kind is a line in
// PROPOSAL_KINDS, a function in Effects, and in the database a function effect_<kind>.
//
// Here a refusal is explained; it is the database that keeps the rules (store/migrations, 0006 and 0009), so that no
// other way to a confirmation is weaker than this one.
import type { ErrorCode } from '../errors.ts'
import { assert } from '../lib/assert.ts'
import type { Clock } from '../lib/clock.ts'
import { stepOfCode } from '../lib/one-time-code.ts'
import type { Random } from '../lib/random.ts'
import type { Role } from '../payout/role.ts'
import type {
  NewProposal,
  PeopleStore,
  Proposal,
  ProposalState,
  StoredEvidence,
} from '../store/people-store.ts'
import type { PayoutStep } from '../store/store.ts'
import { type Actor, credentialOf, mayFor, merchantsOf, type PersonActor, whoIs } from './actor.ts'
import { NOTHING_THERE, type Refused, refused } from './refused.ts'

interface ProposalRule {
  readonly propose: readonly Role[]
  /** Whether the host may as well. Whoever sits at it with a key of its own would be both persons of a release. */
  readonly host: boolean
  readonly confirm: 'approver' | 'admin'
}

export const PROPOSAL_KINDS = {
  decision: { propose: ['operator'], host: true, confirm: 'approver' },
  correction: { propose: ['operator', 'admin'], host: true, confirm: 'approver' },
  person: { propose: [], host: true, confirm: 'admin' },
  release_switch: { propose: ['operator', 'admin'], host: false, confirm: 'approver' },
  release_safe_mode: { propose: ['operator', 'admin'], host: false, confirm: 'approver' },
} as const satisfies Record<string, ProposalRule>
export type ProposalKind = keyof typeof PROPOSAL_KINDS

/** What a confirmation does, or why it cannot be done. `void`: what it is about has moved on. */
export type Effect =
  | { readonly kind: 'go'; readonly steps: readonly PayoutStep[] }
  | { readonly kind: 'void'; readonly why: string }
  | Refused
/** Computed from the proposal and from what is there now; nothing happens before the database agrees. */
export type Effects = Readonly<Record<ProposalKind, (proposal: Proposal, by: PersonActor) => Promise<Effect>>>

export interface ProposalParts {
  readonly people: PeopleStore
  readonly clock: Clock
  readonly random: Random
  readonly effects: Effects
}

/** Proposals are open for so long; the database allows no more. */
export const PROPOSAL_MS = 24 * 60 * 60 * 1000

export type ProposalFound = { readonly kind: 'found'; readonly proposal: Proposal } | Refused

export interface ProposalsAsked {
  readonly state: ProposalState | null
  readonly before: bigint | null
  readonly limit: number
}

/** What of a proposal its kind decides; the rest is filled in here. */
export type ProposalGiven = Pick<
  NewProposal,
  'merchantId' | 'subject' | 'payoutNumber' | 'attemptNo' | 'content' | 'evidence'
>

export function newProposal(
  kind: ProposalKind,
  given: ProposalGiven,
  actor: Actor,
  random: Random,
): NewProposal {
  return {
    ...given,
    proposalId: `pr_${random.text(ID_ALPHABET, 16)}`,
    kind,
    confirmedByRole: PROPOSAL_KINDS[kind].confirm,
    proposedBy: whoIs(actor),
    credential: credentialOf(actor),
    expiresInMs: PROPOSAL_MS,
  }
}

export const ID_ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz'

/** Null, or why this one may not propose that kind for this merchant. */
export function proposeRefusal(kind: ProposalKind, actor: Actor, merchantId: string | null): Refused | null {
  const { propose, host } = PROPOSAL_KINDS[kind]
  if (actor.kind === 'host' && !host)
    return refused(
      'second_person_needed',
      'A person proposes this, with a key of its own; the host is nobody.',
    )
  if (mayFor(actor, propose, merchantId)) return null
  return refused('forbidden', `To propose this takes the role ${propose.join(' or ')}.`)
}

/** Records a proposal and gives it back as it stands. The same one again, while it is open, is the same one. */
export async function recordProposal(parts: ProposalParts, proposal: NewProposal): Promise<ProposalFound> {
  const proposed = await parts.people.propose(proposal)
  if (proposed.kind === 'too_many')
    return refused('too_many_proposals', 'At most 100 proposals are open at once.')
  const stored = await parts.people.findProposal(proposed.proposalId)
  assert(stored !== null, 'what was proposed is there')
  return { kind: 'found', proposal: stored }
}

export async function findProposal(parts: ProposalParts, actor: Actor, id: string): Promise<ProposalFound> {
  const proposal = await parts.people.findProposal(id)
  if (proposal === null || !mayFor(actor, READERS, proposal.merchantId)) return NOTHING_THERE
  return { kind: 'found', proposal }
}

/** Newest first; only those of merchants for which this one may read. */
export async function listProposals(
  parts: ProposalParts,
  actor: Actor,
  page: ProposalsAsked,
): Promise<readonly Proposal[]> {
  return parts.people.listProposals({ ...page, merchants: merchantsOf(actor, READERS) })
}

/** Who may read what is proposed, and reject it: stopping is easy. */
export const READERS: readonly Role[] = ['viewer', 'approver', 'operator', 'admin']
const REJECTERS: readonly Role[] = ['approver', 'operator', 'admin']

/**
 * The second person's word. `code` is the one that its authenticator shows now: one step of half a minute on either
 * side, so it is far younger than the five minutes that SAFETY.md section 11 allows.
 */
export async function confirmProposal(
  parts: ProposalParts,
  by: PersonActor,
  id: string,
  code: string | null,
): Promise<ProposalFound> {
  const found = await findProposal(parts, by, id)
  if (found.kind === 'refused') return found
  const { proposal } = found
  const stands = confirmRefusal(proposal, by)
  if (stands !== null) return stands
  const effect = await parts.effects[kindOf(proposal)](proposal, by)
  if (effect.kind === 'refused') return effect
  if (effect.kind === 'void') return voided(parts, by, proposal, effect.why)

  const codeStep = await useCode(parts, by, code)
  if (typeof codeStep !== 'number') return codeStep
  const confirmed = await parts.people.confirmProposal({
    proposalId: id,
    personId: by.person.personId,
    credential: by.credential,
    codeStep,
    steps: effect.steps,
  })
  switch (confirmed.kind) {
    case 'confirmed':
      return findProposal(parts, by, id)
    case 'void':
      return refused('proposal_not_open', MOVED_ON)
    case 'not_open':
      return notOpen(confirmed.state)
    case 'refused':
      return brokenRule(confirmed.rule)
  }
}

/** Ends a proposal without an effect. Whoever proposed it may take it back by the same way. */
export async function rejectProposal(
  parts: ProposalParts,
  by: PersonActor,
  id: string,
  why: string,
): Promise<ProposalFound> {
  const found = await findProposal(parts, by, id)
  if (found.kind === 'refused') return found
  if (!mayFor(by, REJECTERS, found.proposal.merchantId))
    return refused('forbidden', `To reject this takes the role ${REJECTERS.join(' or ')}.`)
  const end = { proposalId: id, to: 'rejected', by: whoIs(by), credential: by.credential, why } as const
  const state = await parts.people.endProposal(end)
  if (state === null) return NOTHING_THERE
  const after = await findProposal(parts, by, id)
  const isOurs = after.kind === 'found' && after.proposal.endedBy === end.by
  return isOurs && state === 'rejected' ? after : notOpen(state)
}

export async function readEvidence(
  parts: ProposalParts,
  actor: Actor,
  of: { readonly proposalId: string; readonly evidenceNo: number },
): Promise<{ readonly kind: 'found'; readonly evidence: StoredEvidence } | Refused> {
  const found = await findProposal(parts, actor, of.proposalId)
  if (found.kind === 'refused') return found
  const by = { who: whoIs(actor), credential: credentialOf(actor) }
  const evidence = await parts.people.readEvidence(of, by)
  return evidence === null ? NOTHING_THERE : { kind: 'found', evidence }
}

/** The kinds of stored proposals are those that are proposed here. */
export function kindOf({ kind }: Pick<Proposal, 'kind'>): ProposalKind {
  assert(Object.hasOwn(PROPOSAL_KINDS, kind), 'the kind of a proposal is known')
  return kind as ProposalKind
}

/** What stands against this person's confirmation, as far as it can be told without its code. */
function confirmRefusal(proposal: Proposal, by: PersonActor): Refused | null {
  if (proposal.state !== 'open') return notOpen(proposal.state)
  if (!mayFor(by, [proposal.confirmedByRole], proposal.merchantId))
    return refused('forbidden', `To confirm this takes the role ${proposal.confirmedByRole}.`)
  if (proposal.proposedBy === by.person.personId)
    return refused('second_person_needed', 'Who proposed it cannot confirm it, by whichever key.')
  return null
}

async function useCode(
  { people, clock }: ProposalParts,
  { person, credential }: PersonActor,
  code: string | null,
): Promise<number | Refused> {
  if (code === null) return refused('one_time_code_refused', 'The header Quittance-One-Time-Code is missing.')
  const factor = await people.findFactor(person.personId)
  const step = factor === null ? null : stepOfCode(factor, code, clock.now())
  switch (await people.useCode(person.personId, credential, step)) {
    case 'ok':
      assert(step !== null, 'a code that was used is one')
      return step
    case 'wrong':
      return refused('one_time_code_refused', 'The code is not the one that is shown now.')
    case 'used':
      return refused(
        'one_time_code_refused',
        'The code was used before; the next one follows within 30 seconds.',
      )
    case 'locked':
      return refused('rate_limited', 'Too many wrong codes; wait 15 minutes.')
  }
}

async function voided(
  { people }: ProposalParts,
  by: PersonActor,
  { proposalId }: Proposal,
  why: string,
): Promise<Refused> {
  await people.endProposal({ proposalId, to: 'void', by: whoIs(by), credential: by.credential, why })
  return refused('proposal_not_open', why)
}

export const MOVED_ON =
  'What this is about moved on since it was proposed: what was shown is not there any more. The proposal is void.'

function notOpen(state: ProposalState | 'unknown'): Refused {
  return refused('proposal_not_open', `The proposal is ${state}.`)
}

/** The database's own rules in words; they were told before, unless something changed in between. */
function brokenRule(rule: string): Refused {
  const known = Object.hasOwn(RULES, rule) ? RULES[rule] : undefined
  assert(known !== undefined, `a rule that stands against a confirmation is known: ${rule}`)
  return refused(...known)
}

const RULES: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  agreement_is_of_two: ['second_person_needed', 'Who proposed it cannot confirm it.'],
  agreement_is_not_its_makers: [
    'second_person_needed',
    'Who made the payout has no part in what is decided of it.',
  ],
  agreement_needs_the_role: ['forbidden', 'To confirm this takes another role.'],
  agreement_is_of_people_let_in: ['forbidden', 'One of the two is not active.'],
  agreement_rests_on_evidence: ['evidence_missing', 'There is no evidence.'],
  agreement_needs_the_statement: ['evidence_missing', 'There is no statement.'],
  agreement_is_not_too_early: ['decision_too_early', 'The payout may still be paid.'],
  agreement_is_on_an_open_proposal: ['proposal_not_open', 'The proposal has ended.'],
  agreement_confirmed_by_code_step_key: ['one_time_code_refused', 'The code was used before.'],
  agreement_release_is_of_two_persons: [
    'second_person_needed',
    'A release is proposed by a person who is active, with a role for every merchant.',
  ],
  kill_switch_release_is_agreed: ['proposal_not_open', 'It was stopped once more just now. Look again.'],
  safe_mode_sweep_goes_on: ['release_too_early', 'The sweep goes on.'],
  safe_mode_needs_an_audit: ['release_too_early', 'The auditor has not passed over everything since.'],
  safe_mode_needs_clean_books: ['release_too_early', 'The books are not clean.'],
  balance_not_negative: ['insufficient_funds', 'The account that is debited holds less than that.'],
}
