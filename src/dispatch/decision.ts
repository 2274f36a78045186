// Table C, W6 and W7: what two people decide about an attempt whose end nobody knows. The decision comes as a value, with
// the evidence that was stored; this file says whether it may be decided now, and makes the step that it means. Like every
// other witness it goes through the lifecycle and its recipes, and moves nothing that an answer could not have moved.
import type { Attempt, AttemptState } from '../payout/attempt.ts'
import type { CoveredDays, DecisionContent } from '../payout/decision.ts'
import { isQueryable } from '../protocols/capabilities.ts'
import type { PayoutAndAttempt, PayoutStep } from '../store/store.ts'
import { storedTerms } from './accounts.ts'
import type { Certainty } from './certainty.ts'
import { parseFacts, type StoredFacts } from './facts.ts'
import { looksOf } from './looks.ts'
import { LOST_MARGIN_MS } from './schedule.ts'
import { type NoticesFor, stepsFor } from './steps.ts'

/** Why nothing can be decided. A closed list; each is about the payout as it is now. */
export const DECISION_REFUSALS = ['not_in_doubt', 'moved_on', 'too_early', 'statement_too_short'] as const
export type DecisionRefusal = (typeof DECISION_REFUSALS)[number]

export type DecisionOutcome =
  | { readonly ok: true; readonly row: 'W6' | 'W7'; readonly step: PayoutStep }
  | { readonly ok: false; readonly why: DecisionRefusal; readonly opensAtMs: number | null }

/** Who agreed, for the proof. */
export interface Agreed {
  readonly proposalId: string
  readonly proposedBy: string
  /** Null in a preview: nobody has confirmed yet. */
  readonly confirmedBy: string | null
}

/** `learned`: the revision with which something new was last known of the attempt. */
export type Decided = PayoutAndAttempt & { readonly learned: number }

/** `nowMs` is the database's, like every time of an attempt. */
export function decisionOutcome(
  found: Decided,
  content: DecisionContent,
  agreed: Agreed,
  nowMs: number,
  noticesFor: NoticesFor,
): DecisionOutcome {
  const { payout, attempt } = found
  if (attempt === null || !isOpen(payout.state, attempt.state)) return refused('not_in_doubt')
  // An inquiry that learned nothing new is a later revision of the same.
  const isAsShown = content.revision >= found.learned && content.revision <= attempt.revision
  if (payout.version !== content.version || !isAsShown) return refused('moved_on')
  const row = content.proof === 'by_statement' ? 'W6' : 'W7'
  if (content.verdict === 'dead') {
    const why = deathRefusal(found, attempt, content, nowMs)
    if (why !== null) return refused(why, deathOpensAtMs(found))
  }
  const facts = parseFacts(found.facts)
  const terms = storedTerms(found.contract)
  const ageMs = Math.max(0, nowMs - attempt.createdAtMs)
  const [step] = stepsFor(
    payout,
    {
      attemptNo: attempt.attemptNo,
      providerAccountId: attempt.providerAccountId,
      live: true,
      certainty: certaintyOf(content),
      returned: false,
      afterDeath: { next: content.after ?? 'failed' },
      premises: premisesOf(row, content, agreed, nowMs),
      why: null,
      said: null,
      theirId: null,
      revision: attempt.revision,
      facts,
      nextLookInMs: state => {
        if (content.verdict === 'keep_waiting') return remainingMs(attempt, nowMs)
        // Its provider is asked later whether the money came back, like that of any paid payout.
        if (terms === null || !isQueryable(terms.capabilities)) return null
        return looksOf(terms.capabilities, { ageMs, sincePaidMs: 0, jitter: 0 }).next(state)
      },
      inquired: false,
      exchange: null,
      incident: null,
      paidAfterDeath: false,
      recall: false,
    },
    noticesFor,
  )
  return step === undefined ? refused('not_in_doubt') : { ok: true, row, step }
}

/** States in which people may decide: the bytes have left, no end is known, and nobody is sending. */
function isOpen(payout: string, attempt: AttemptState): boolean {
  return (payout === 'in_doubt' && attempt === 'in_doubt') || (payout === 'pending' && attempt === 'pending')
}

/**
 * When the attempt may be called dead without a statement: `maxProcessing + queryLag` of the contract it was sent under
 * after its last possible byte, or after the time of its sender where no end of the send is recorded. Null: never,
 * because its contract cannot be read.
 */
export function deathOpensAtMs(
  found: Pick<PayoutAndAttempt, 'attempt' | 'facts' | 'contract'>,
): number | null {
  const terms = storedTerms(found.contract)
  if (found.attempt === null || terms === null) return null
  const { maxProcessingMs, queryLagMs } = terms.capabilities
  return (
    lastByteAtMs(found.attempt, parseFacts(found.facts), terms.capabilities.timeoutsMs.total) +
    maxProcessingMs +
    queryLagMs
  )
}

function lastByteAtMs(attempt: Attempt, facts: StoredFacts, totalMs: number): number {
  const lostAfterMs =
    totalMs + LOST_MARGIN_MS + Math.max(facts.payIntentAfterMs ?? 0, facts.repeatedAfterMs ?? 0)
  return attempt.createdAtMs + (facts.lastPossibleByteAfterMs ?? lostAfterMs)
}

function deathRefusal(
  found: PayoutAndAttempt,
  attempt: Attempt,
  content: DecisionContent,
  nowMs: number,
): DecisionRefusal | null {
  if (content.proof !== 'by_statement') {
    const opensAtMs = deathOpensAtMs(found)
    return opensAtMs === null || nowMs < opensAtMs ? 'too_early' : null
  }
  // W6: closed statements of the value date and of the day after. A day is closed when it is over.
  const terms = storedTerms(found.contract)
  if (terms === null) return 'too_early'
  const lastAtMs = lastByteAtMs(attempt, parseFacts(found.facts), terms.capabilities.timeoutsMs.total)
  const covered = content.evidence.flatMap(({ covers }) => covers ?? [])
  const isCovered = daysBetween(attempt.createdAtMs, lastAtMs + DAY_MS).every(day => covered.some(holds(day)))
  return isCovered && dayOf(nowMs) > dayOf(lastAtMs + DAY_MS) ? null : 'statement_too_short'
}

const DAY_MS = 24 * 60 * 60 * 1000
/** A send takes minutes; a doubt that spans more days than this is not read from statements. */
const DAYS_MAX = 40

function daysBetween(fromMs: number, throughMs: number): readonly string[] {
  const days: string[] = []
  for (let at = fromMs; days.length < DAYS_MAX && dayOf(at) <= dayOf(throughMs); at += DAY_MS)
    days.push(dayOf(at))
  return days
}

function holds(day: string): (covers: CoveredDays) => boolean {
  return ({ from, through }) => from <= day && day <= through
}

/** The day in UTC, `2026-11-21`. */
function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

function certaintyOf({ verdict, proof }: DecisionContent): Certainty {
  switch (verdict) {
    case 'paid':
      return { kind: 'accepted', as: 'paid' }
    case 'dead':
      return { kind: 'dead', proof: proof ?? 'by_people' }
    case 'keep_waiting':
      return { kind: 'unchanged' }
  }
}

function premisesOf(row: string, content: DecisionContent, agreed: Agreed, nowMs: number) {
  return {
    row,
    proposal: agreed.proposalId,
    proposedBy: agreed.proposedBy,
    confirmedBy: agreed.confirmedBy,
    because: content.because,
    evidence: content.evidence.map(({ kind, sha256, covers }) => ({ kind, sha256, covers })),
    at: new Date(nowMs).toISOString(),
  }
}

function remainingMs({ nextInquiryAtMs }: Attempt, nowMs: number): number | null {
  return nextInquiryAtMs === null ? null : Math.max(0, nextInquiryAtMs - nowMs)
}

function refused(why: DecisionRefusal, opensAtMs: number | null = null): DecisionOutcome {
  return { ok: false, why, opensAtMs }
}

/** What is remembered of an attempt, for the people who decide about it. */
export function knownOfAttempt(found: Pick<PayoutAndAttempt, 'attempt' | 'facts' | 'contract'>): {
  readonly deathOpensAtMs: number | null
  readonly observations: readonly { readonly said: string; readonly atMs: number }[]
} {
  const createdAtMs = found.attempt?.createdAtMs ?? 0
  const { observations } = parseFacts(found.facts)
  return {
    deathOpensAtMs: deathOpensAtMs(found),
    observations: observations.map(({ said, afterMs }) => ({ said, atMs: createdAtMs + afterMs })),
  }
}
