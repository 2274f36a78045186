// A payout whose end nobody knows, decided by two people: the proposal and its preview, and what its confirmation does.
// Both are computed by the same function from the payout as it is at that moment, so what was shown is what is done.

import { isoTime } from '../lib/clock.ts'
import { printDecimal } from '../money/decimal.ts'
import type { AfterDecidedDeath, DecisionContent, Verdict } from '../payout/decision.ts'
import { payoutId } from '../payout/number.ts'
import type { Payout } from '../payout/payout.ts'
import type { Decidable, NewEvidence, Proposal } from '../store/people-store.ts'
import type { PayoutStep } from '../store/store.ts'
import { type Actor, merchantsOf, type PersonActor, whoIs } from './actor.ts'
import { evidenceFacts, evidenceRefusal } from './evidence.ts'
import {
  type Effect,
  MOVED_ON,
  newProposal,
  type ProposalFound,
  type ProposalParts,
  proposeRefusal,
  READERS,
  recordProposal,
} from './proposals.ts'
import { NOTHING_THERE, type Refused, refused } from './refused.ts'

export interface PayoutAsked {
  readonly number: bigint
  /** Null where the id was the bare number. */
  readonly tag: number | null
}

export interface DecisionAsked {
  readonly payout: PayoutAsked
  readonly verdict: Verdict
  /** After `dead`; failed where nothing is said. */
  readonly after: AfterDecidedDeath | null
  readonly because: string
  readonly evidence: readonly NewEvidence[]
  /** What the operator looked at, where it says so: another version is refused at once. */
  readonly seen: { readonly version: number; readonly revision: number } | null
}

/** Dispatch judges; the desk is handed it (dispatch/decision.ts). Times are the database's. */
export type JudgeDecision = (
  found: Decidable,
  content: DecisionContent,
  agreed: { readonly proposalId: string; readonly proposedBy: string; readonly confirmedBy: string | null },
  nowMs: number,
) =>
  | { readonly ok: true; readonly step: PayoutStep }
  | {
      readonly ok: false
      readonly why: 'not_in_doubt' | 'moved_on' | 'too_early' | 'statement_too_short'
      readonly opensAtMs: number | null
    }

export interface DecideParts extends ProposalParts {
  readonly judge: JudgeDecision
}

/** What would follow, for the people who decide. */
export interface Preview {
  /** Null: the payout stays as it is. */
  readonly state: Payout['state'] | null
  readonly recipe: PayoutStep['recipe']
  readonly postings: PayoutStep['postings']
  /** The cost of being wrong, in words. */
  readonly ifWrong: string
}

export type DecisionProposed =
  | { readonly kind: 'proposed'; readonly proposal: Proposal; readonly preview: Preview }
  | Refused
export type DecisionPreviewed = { readonly kind: 'preview'; readonly preview: Preview } | Refused

export async function proposeDecision(
  parts: DecideParts,
  actor: Actor,
  asked: DecisionAsked,
): Promise<DecisionProposed> {
  const prepared = await prepare(parts, actor, asked)
  if (prepared.kind === 'refused') return prepared
  const recorded: ProposalFound = await recordProposal(parts, prepared.proposal)
  return recorded.kind === 'refused'
    ? recorded
    : { kind: 'proposed', proposal: recorded.proposal, preview: prepared.preview }
}

/** The same as proposing, and nothing is recorded. */
export async function previewDecision(
  parts: DecideParts,
  actor: Actor,
  asked: DecisionAsked,
): Promise<DecisionPreviewed> {
  const prepared = await prepare(parts, actor, asked)
  return prepared.kind === 'refused' ? prepared : { kind: 'preview', preview: prepared.preview }
}

/** What the second person's word does: the step that was shown, or nothing where it is not there any more. */
export async function decisionEffect(
  { people, judge }: Pick<DecideParts, 'people' | 'judge'>,
  proposal: Proposal,
  by: PersonActor,
): Promise<Effect> {
  const number = proposal.payoutNumber
  const merchants = proposal.merchantId === null ? [] : [proposal.merchantId]
  const found = number === null ? null : await people.findDecidable({ merchants, number })
  if (found === null) return NOTHING_THERE
  if (found.maker === by.person.personId) return MAKER
  // Written by `prepare` alone, and no update of it is possible.
  const content = proposal.content as DecisionContent
  const { proposalId, proposedBy } = proposal
  const agreed = { proposalId, proposedBy, confirmedBy: by.person.personId }
  const judged = judge(found, content, agreed, found.nowMs)
  if (judged.ok) return { kind: 'go', steps: [judged.step] }
  switch (judged.why) {
    case 'moved_on':
      return { kind: 'void', why: MOVED_ON }
    case 'not_in_doubt':
      return { kind: 'void', why: `The payout is ${found.payout.state} by now. The proposal is void.` }
    default:
      return explained(judged, found.payout)
  }
}

async function prepare(parts: DecideParts, actor: Actor, asked: DecisionAsked) {
  const found = await findAsked(parts, actor, asked.payout)
  if (found === null) return NOTHING_THERE
  const { payout, attempt } = found
  const may = proposeRefusal('decision', actor, payout.merchantId)
  if (may !== null) return may
  if (found.maker === whoIs(actor)) return MAKER
  const evidence = evidenceRefusal(asked.evidence) ?? missingEvidence(asked)
  if (evidence !== null) return evidence
  const { seen } = asked
  if (seen !== null && (seen.version !== payout.version || seen.revision !== attempt?.revision))
    return refused('proposal_not_open', MOVED_ON)

  const judged = judgedBy(parts, actor, asked, found)
  if (!judged.outcome.ok) return explained(judged.outcome, payout)
  const proposal = newProposal(
    'decision',
    {
      merchantId: payout.merchantId,
      subject: payoutId(payout.number, payout.tag),
      payoutNumber: payout.number,
      attemptNo: attempt?.attemptNo ?? null,
      content: judged.content,
      evidence: asked.evidence,
    },
    actor,
    parts.random,
  )
  return { kind: 'prepared', proposal, preview: previewOf(judged.outcome.step, asked, payout) } as const
}

/** By statement where there is one that suffices; else by what people have seen, where that is late enough. */
function judgedBy(parts: DecideParts, actor: Actor, asked: DecisionAsked, found: Decidable) {
  const hasStatement = asked.evidence.some(({ kind }) => kind === 'statement')
  const first = judgedAs(hasStatement ? 'by_statement' : 'by_people', parts, actor, asked, found)
  if (first.outcome.ok || asked.verdict !== 'dead' || !hasStatement) return first
  const second = judgedAs('by_people', parts, actor, asked, found)
  return second.outcome.ok ? second : first
}

function judgedAs(
  proof: 'by_statement' | 'by_people',
  { judge }: DecideParts,
  actor: Actor,
  asked: DecisionAsked,
  found: Decidable,
) {
  const isDead = asked.verdict === 'dead'
  const content: DecisionContent = {
    verdict: asked.verdict,
    after: isDead ? (asked.after ?? 'failed') : null,
    proof: isDead ? proof : null,
    because: asked.because,
    version: found.payout.version,
    revision: found.attempt?.revision ?? 0,
    evidence: asked.evidence.map(evidenceFacts),
  }
  const agreed = { proposalId: '', proposedBy: whoIs(actor), confirmedBy: null }
  return { content, outcome: judge(found, content, agreed, found.nowMs) }
}

/** The payout by whichever form of its id: the number under a wrong tag is nobody's to decide. */
export async function findAsked(
  { people }: Pick<ProposalParts, 'people'>,
  actor: Actor,
  { number, tag }: PayoutAsked,
): Promise<Decidable | null> {
  const found = await people.findDecidable({ merchants: merchantsOf(actor, READERS), number })
  return found === null || (tag !== null && found.payout.tag !== tag) ? null : found
}

function missingEvidence({ verdict, evidence }: DecisionAsked): Refused | null {
  if (verdict === 'keep_waiting' || evidence.length > 0) return null
  return refused('evidence_missing', 'Attach at least one file: an answer, a statement or a picture.')
}

const MAKER = refused(
  'second_person_needed',
  'Who made the payout, by whichever key, has no part in what is decided of it.',
)

type Unjudged = Extract<ReturnType<JudgeDecision>, { ok: false }>

function explained({ why, opensAtMs }: Unjudged, payout: Payout): Refused {
  switch (why) {
    case 'not_in_doubt':
      return refused('payout_not_in_doubt', `The payout is ${payout.state}.`)
    case 'moved_on':
      return refused('proposal_not_open', MOVED_ON)
    case 'too_early':
      return opensAtMs === null
        ? refused(
            'decision_too_early',
            'Its contract cannot be read, so only statements can prove that it is dead.',
          )
        : refused('decision_too_early', `It may still be paid until ${isoTime(opensAtMs)}.`, {
            opens_at: isoTime(opensAtMs),
          })
    case 'statement_too_short':
      return refused(
        'evidence_missing',
        'The statements do not cover every day from the send to the day after it, or that day is not over.',
      )
  }
}

function previewOf(step: PayoutStep, { verdict, after }: DecisionAsked, { amount }: Payout): Preview {
  return {
    state: step.to,
    recipe: step.recipe,
    postings: step.postings,
    ifWrong: wrongWords(verdict, after ?? 'failed', `${printDecimal(amount)} ${amount.currency}`),
  }
}

function wrongWords(verdict: Verdict, after: AfterDecidedDeath, amount: string): string {
  switch (verdict) {
    case 'paid':
      return `if it was not paid, the beneficiary never gets ${amount}, and the books say that it was paid`
    case 'dead':
      return after === 'failed'
        ? `if it was paid, ${amount} leave twice as soon as anybody pays again`
        : `if it was paid and is sent again after the review, ${amount} leave twice`
    case 'keep_waiting':
      return `nothing moves: ${amount} stay in flight until somebody knows`
  }
}
