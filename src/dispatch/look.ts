// What one look at an attempt makes of what was asked and what callbacks told; no effects. Computed again from the
// payout as it is whenever it moved on between the look and its record.
import type { Attempt } from '../payout/attempt.ts'
import type { Death } from '../payout/death.ts'
import type { Answer, Line } from '../payout/outcome.ts'
import type { InquirySubject, WireRequest } from '../protocols/protocol.ts'
import type { DueAttempt, NewIncident, PayoutAndAttempt, PayoutStep } from '../store/store.ts'
import type { ReadyAccount, StoredTerms } from './accounts.ts'
import type { CallResult } from './call.ts'
import { judgeCallback } from './certainty-callback.ts'
import { type InquiryVerdict, judgeInquiry } from './certainty-inquiry.ts'
import {
  attemptFacts,
  factsAfter,
  parseFacts,
  type StoredFacts,
  senderMayWork,
  stepOf,
  withAlarms,
} from './facts.ts'
import { looksOf } from './looks.ts'
import { believed } from './outcome.ts'
import { ALARM_AGES_MS, alarmsReached, LOOK_APART_MS } from './schedule.ts'
import { type AfterDeath, type NoticesFor, stepsFor } from './steps.ts'
import { exchangeRow, lineText } from './transcript.ts'

/** One look. `asked` is null where the provider cannot be asked. */
export interface Look {
  readonly due: DueAttempt
  readonly terms: StoredTerms
  readonly ready: ReadyAccount
  readonly asked: Asked | null
  readonly told: readonly Answer[]
  /** Of the attempt when the look ended, by the database's clock: at least so much, and at most `claimTookMs` more. */
  readonly ageMs: number
  readonly claimTookMs: number
  /** 0 up to, not including, 1. */
  readonly jitter: number
}

export interface Asked {
  readonly line: Line
  readonly result: CallResult
  readonly request: WireRequest
  /** The last step that had its send right when it was asked. */
  readonly step: InquirySubject['step']
}

export interface LookOutcome {
  readonly row: string
  readonly steps: readonly PayoutStep[]
  readonly alarms: readonly string[]
  readonly stopsAccount: boolean
}

export function lookOutcome(
  look: Look,
  found: PayoutAndAttempt,
  again: boolean,
  noticesFor: NoticesFor,
): LookOutcome {
  const { due, asked } = look
  const { attempt, facts: before, live, succeeded } = whereItIs(due, found)
  const verdict = verdictOf(look, attempt, before)
  const reached = agesReached(attempt.state, before, look.ageMs)
  const { facts, raised } = withAlarms(
    factsOf(before, verdict, attempt, look),
    verdict.alarm ? [...alarmNames(verdict, attempt), ...reached] : reached,
  )
  const recall = verdict.recall && !before.recalled && !succeeded
  const steps = stepsFor(
    found.payout,
    {
      attemptNo: attempt.attemptNo,
      providerAccountId: attempt.providerAccountId,
      live,
      certainty: believed(verdict.certainty, stepOf(look.terms.capabilities, before)),
      returned: verdict.returned,
      afterDeath: verdict.certainty.kind === 'dead' ? AFTER_DEATH[verdict.certainty.proof] : FAILED,
      premises: {
        row: verdict.row,
        seen: asked === null ? 'callback' : lineText(asked.line),
        before: before.observations,
        ageMs: look.ageMs,
      },
      why: null,
      said: null,
      theirId: verdict.theirId,
      revision: live ? attempt.revision : null,
      facts: succeeded ? null : recall ? { ...facts, recalled: true } : facts,
      nextLookInMs: state =>
        succeeded && verdict.recall ? LOOK_APART_MS : nextLook(state, look, attempt, verdict, found),
      inquired: asked !== null && !again,
      exchange: asked === null || again ? null : exchangeOf(look, asked, verdict),
      incident: again ? null : incidentOf(verdict, raised, attempt),
      paidAfterDeath: verdict.incident !== null,
      recall,
    },
    noticesFor,
  )
  return { row: verdict.row, steps, alarms: raised, stopsAccount: verdict.stopsAccount }
}

/**
 * A doubt is told early and again; what is merely pending, or waits for its second step, once it has lasted longer than
 * people expect.
 */
function agesReached(state: Attempt['state'], facts: StoredFacts, ageMs: number): readonly string[] {
  const ages = alarmsReached(ageMs)
  if (state === 'in_doubt') return ages.map(age => `doubt for ${age}`)
  const isOpen = state === 'pending' || (state === 'sending' && !senderMayWork(facts))
  return isOpen ? ages.slice(ALARM_AGES_MS.length - 1).map(age => `pending for ${age}`) : []
}

/** What was odd while nobody knew is old news: that an answer speaks against a payment is told by a name of its own. */
function alarmNames({ row, by }: LookVerdict, { state }: Attempt): readonly string[] {
  const isAgainst = state === 'paid' && (row === 'Q8' || by === 'Q8')
  return [...(isAgainst && row === 'Q8' ? [] : [row]), ...(isAgainst ? ['Q8 since it was paid'] : [])]
}

interface LookVerdict extends Omit<InquiryVerdict, 'row'> {
  readonly row: string
  /** Of a callback the row by which the answer beside it was read. */
  readonly by: string | null
  readonly contradicted: boolean
  /** A callback told an end that the provider does not confirm yet. */
  readonly soon: boolean
  readonly callbacksJudged: number
  readonly theirId: string | null
}

/**
 * The attempt and what is remembered of it: as the store has it now, where it is still the payout's last one. `succeeded`:
 * it died and got a successor during this look, so that what is remembered of it now is not at hand.
 */
function whereItIs(due: DueAttempt, found: PayoutAndAttempt) {
  const isLast = found.attempt !== null && found.attempt.attemptNo === due.attempt.attemptNo
  const hasSuccessor = found.attempt !== null && found.attempt.attemptNo > due.attempt.attemptNo
  const succeeded = hasSuccessor && due.attempt.state !== 'dead'
  // No attempt is followed by another one before it is proven dead.
  const before: Attempt = succeeded ? { ...due.attempt, state: 'dead' } : due.attempt
  const attempt = isLast && found.attempt !== null ? found.attempt : before
  const facts = parseFacts(isLast ? found.facts : due.facts)
  const live = attempt.state !== 'dead' && found.payout.attempts === attempt.attemptNo
  return { attempt, facts, live, succeeded }
}

function verdictOf(look: Look, attempt: Attempt, facts: StoredFacts): LookVerdict {
  const { terms, ready, asked, told } = look
  const contract = terms.capabilities
  const sameScope = terms.endpoint === ready.account.baseUrl
  const known = {
    ...attemptFacts(facts, attempt, { sameAccount: true, sameScope }),
    // An answer confirms what was recorded before its question. A refusal that came during it may be of a request that was
    // still on its way when the provider did not know it.
    refusedOnOnlySend: facts.refusedOnOnlySend && parseFacts(look.due.facts).refusedOnOnlySend,
  }
  const at = { nowMs: attempt.createdAtMs + look.ageMs }
  const signature = contract.callbackSigned ? 'good' : 'unsigned'
  const { callbacksJudged } = facts
  const base = { by: null, contradicted: false, soon: false, callbacksJudged, theirId: null }

  if (asked === null) {
    const answer = told[callbacksJudged]
    if (answer === undefined) return { ...base, ...NOTHING_SEEN }
    const judged = judgeCallback(answer, { signature, inquiry: null }, known, contract, at)
    const alarm = judged.alarm || judged.next === 'person'
    const theirId = accepted(judged) ? theirIdOf(answer) : null
    return { ...base, ...judged, alarm, theirId, callbacksJudged: callbacksJudged + 1 }
  }

  // An answer about the order says nothing of the payment that was sent after the question.
  const isOvertaken = asked.step !== stepOf(contract, facts) || mayPrecedeItsEnd(look, attempt)
  const line = isOvertaken ? OVERTAKEN : asked.line
  const judged = judgeInquiry(line, known, contract, at)
  const beside = told.map(answer => judgeCallback(answer, { signature, inquiry: line }, known, contract, at))
  const contradiction = beside.find(({ next }) => next === 'person')
  if (contradiction !== undefined) return { ...base, ...contradiction, contradicted: true }
  const soon = beside.some(({ next }) => next === 'ask_again_soon')
  const theirId = accepted(judged) && line.kind === 'answered' ? theirIdOf(line.answer) : null
  const alarm = judged.alarm || beside.some(callback => callback.alarm)
  return { ...base, ...judged, alarm, soon, theirId }
}

const OVERTAKEN: Line = { kind: 'cut', why: 'lost' }

/**
 * "Pending", asked while the attempt lived, of one that has failed by now: another look was faster, such as one that a
 * callback woke. What was said before an end does not contradict it. That it was said before nobody knows, so it is asked
 * once more. Not where a failure is final only because nothing else was said for a time: there it may be what was said.
 */
function mayPrecedeItsEnd({ due, terms, asked }: Look, { state, proof }: Attempt): boolean {
  if (due.attempt.state === 'dead' || state !== 'dead' || proof !== 'failed_final') return false
  if (terms.capabilities.failedIsFinalAfterMs !== 0 || asked?.line.kind !== 'answered') return false
  return asked.line.answer.kind === 'read' && asked.line.answer.said === 'pending'
}

const NOTHING_SEEN = {
  row: 'none',
  certainty: { kind: 'unchanged' },
  alarm: false,
  incident: null,
  stopsAccount: false,
  recall: false,
  returned: false,
  observed: null,
} as const

/** Of two steps the first was accepted, and its order is known by name: the one that pays may follow. */
function isCreated({ certainty, theirId }: LookVerdict, attempt: Attempt): boolean {
  const isNamed = (theirId ?? attempt.theirId) !== null
  return certainty.kind === 'accepted' && certainty.as === 'created' && isNamed
}

/** Only an answer that was believed names an id that is kept. */
function accepted({ certainty }: Pick<InquiryVerdict, 'certainty'>): boolean {
  return certainty.kind === 'accepted'
}

function theirIdOf(answer: Answer): string | null {
  return answer.kind === 'read' ? answer.theirId : null
}

/**
 * What is judged now is judged as early as it may be, and what is remembered is remembered as late as it may have been: a
 * failure that looks older than it is would be final before its time.
 */
function factsOf(before: StoredFacts, verdict: LookVerdict, attempt: Attempt, look: Look): StoredFacts {
  return {
    ...factsAfter(before, verdict.observed, look.ageMs + look.claimTookMs),
    created: before.created || isCreated(verdict, attempt),
    contradicted: before.contradicted || verdict.contradicted,
    callbacksJudged: verdict.callbacksJudged,
  }
}

/**
 * Policy after a death that an inquiry proved. A refusal or a failure is the merchant's to hear; what was silent for
 * days may not be wanted any more, so a person decides whether it is sent again.
 */
const AFTER_DEATH: Readonly<Record<Death, AfterDeath>> = {
  not_sent: { next: 'review' },
  refused: { next: 'failed' },
  failed_final: { next: 'failed' },
  never_arrived: { next: 'review' },
  not_committed: { next: 'failed' },
  cancelled: { next: 'failed' },
  by_statement: { next: 'review' },
  by_people: { next: 'review' },
}
const FAILED: AfterDeath = { next: 'failed' }

function nextLook(
  state: Attempt['state'],
  look: Look,
  attempt: Attempt,
  verdict: LookVerdict,
  { payout, facts }: PayoutAndAttempt,
): number | null {
  // A callback about a dead attempt is followed up until its provider has said something, but not for ever.
  if (attempt.state === 'dead') {
    if (mayPrecedeItsEnd(look, attempt)) return LOOK_APART_MS
    const unanswered = verdict.row === 'Q1' && attempt.inquiries < DEAD_LOOKS_MAX
    return unanswered ? DEAD_LOOK_MS * (attempt.inquiries + 1) : null
  }
  if (verdict.returned && state === 'paid') return LOOK_APART_MS
  // Once: whoever may not pay it now asks again on the usual schedule.
  if (isCreated(verdict, attempt) && !parseFacts(facts).created) return 0
  if (look.asked === null && verdict.callbacksJudged < look.told.length) return LOOK_APART_MS
  const paidAtMs = payout.paidAtMs ?? attempt.createdAtMs + look.ageMs
  const sincePaidMs = Math.max(0, attempt.createdAtMs + look.ageMs - paidAtMs)
  const usual = looksOf(look.terms.capabilities, { ...look, sincePaidMs }).next(state)
  // Sooner, but ever less so: the provider may take as long as it likes to show what its callback told.
  return verdict.soon && usual !== null ? Math.min(usual, Math.max(SOON_MS, look.ageMs / 10)) : usual
}

const SOON_MS = 2_000
const DEAD_LOOK_MS = 60_000
const DEAD_LOOKS_MAX = 20

function exchangeOf(look: Look, asked: NonNullable<Look['asked']>, { row, certainty }: LookVerdict) {
  const { connector } = look.ready
  const { attemptNo } = look.due.attempt
  const { request, result } = asked
  return exchangeRow({ attemptNo, kind: 'inquiry', request, result, row, certainty, connector })
}

function incidentOf(
  verdict: LookVerdict,
  raised: readonly string[],
  { providerAccountId }: Attempt,
): NewIncident | null {
  const detail = `${providerAccountId}: ${[verdict.row, ...raised].join(', ')}`
  if (verdict.incident !== null) return { kind: verdict.incident, detail }
  // As long as it lasts every look finds it again: it is one incident, and an alarm of the ages like every other doubt.
  if (verdict.contradicted && raised.includes(verdict.row)) return { kind: 'contradiction', detail }
  return raised.length === 0 ? null : { kind: 'look', detail }
}
