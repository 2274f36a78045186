// Step 3 of a send: what the line and the provider did becomes a verdict of the certainty table, and the verdict
// becomes steps. The verdict is computed once; the steps are computed again whenever the payout moved on meanwhile.
import type { Answer, Line } from '../payout/outcome.ts'
import type { WireAnswer, WireRequest } from '../protocols/protocol.ts'
import type { NewIncident, PayoutAndAttempt, PayoutStep } from '../store/store.ts'
import type { ReadyAccount } from './accounts.ts'
import type { CallResult } from './call.ts'
import type { Certainty } from './certainty.ts'
import { judgeSend, type SendFacts, type SendVerdict } from './certainty-send.ts'
import {
  FACTS_AT_INTENT,
  factsAfter,
  parseFacts,
  type StoredFacts,
  withAlarms,
  withoutPayment,
} from './facts.ts'
import { type Late, lateVerdict } from './late.ts'
import { looksOf } from './looks.ts'
import { backOffMs } from './schedule.ts'
import { type AfterDeath, type NoticesFor, stepsFor } from './steps.ts'
import { exchangeRow, lineText } from './transcript.ts'
import { unreachableWords } from './words.ts'

/** One send that ended. */
export interface Ended {
  readonly attemptNo: number
  readonly request: WireRequest
  readonly ready: ReadyAccount
  readonly result: CallResult
  /** Which step it was, what was known of the attempt before, and how the answer is read. */
  readonly step: SendFacts['step']
  /** Which send of this step it was, from 1; above 1 it was a repeat. */
  readonly sends: number
  readonly theirIdBefore: string | null
  readonly atIntent: Pick<StoredFacts, 'acceptanceSeen'>
  read(answer: WireAnswer): Answer
  /** How often the payout was claimed and put back before. */
  readonly tries: number
  /** From before the intent to the end of the call: never less than the attempt's age at that moment. */
  readonly afterMs: number
  /** 0 up to, not including, 1. */
  readonly jitter: number
}

export interface SendOutcome {
  readonly verdict: SendVerdict
  readonly incident: NewIncident | null
  /** `dueInMs`: when a payout that did not leave is sent again. */
  stepsOf(found: PayoutAndAttempt, again: boolean): readonly PayoutStep[]
}

/**
 * `nextTryInMs` is asked where the account could not be reached: when it is tried again at the earliest. `failed` hears
 * of our own mistakes.
 */
export function outcomeOf(
  ended: Ended,
  needs: {
    readonly noticesFor: NoticesFor
    readonly nextTryInMs: () => number
    readonly failed: (error: unknown) => void
  },
): SendOutcome {
  const { ready, attemptNo, step, theirIdBefore, atIntent, jitter, afterMs } = ended
  const line = lineOf(ended, needs.failed)
  const verdict = judgeSend(line, { step, sends: ended.sends, theirIdBefore }, ready.capabilities)
  const after = afterDeath(verdict, ended, needs.nextTryInMs)
  const incident = verdict.alarm ? { kind: `send_${verdict.row}`, detail: detailOf(ended) } : null
  const looks = looksOf(ready.capabilities, { ageMs: afterMs, sincePaidMs: 0, jitter })

  const stepsOf = (found: PayoutAndAttempt, again: boolean) => {
    // What is remembered of another attempt says nothing of this one, and must not be written to it.
    const isOwn = found.attempt?.attemptNo === attemptNo
    const before = isOwn ? parseFacts(found.facts) : FACTS_AT_INTENT
    const isRepeated = repeatedSince(ended, before)
    const sends = isRepeated ? before.repeats + 1 : ended.sends
    const judged = isRepeated ? judgeSend(line, { step, sends, theirIdBefore }, ready.capabilities) : verdict
    const late = overtaken(step, before)
      ? overtakenBy(judged)
      : lateVerdict(judged.certainty, attemptNo, found, before, atIntent)
    return stepsFor(
      found.payout,
      {
        attemptNo,
        providerAccountId: ready.account.id,
        live: late.live,
        certainty: believed(late.certainty, step),
        returned: false,
        afterDeath: after.next,
        premises: { row: judged.row, seen: lineText(line), step, sends },
        why: after.why,
        said: null,
        theirId: theirIdOf(line, judged),
        revision: late.live ? (found.attempt?.revision ?? null) : null,
        facts: isOwn ? factsOf(before, { verdict: judged, late, ended, line, isRepeated }) : null,
        nextLookInMs: state => {
          if (late.ask || (late.live && isPayable(ended, line, judged))) return 0
          return judged.next === 'inquire_when_final' ? looks.whenFinal(state) : looks.next(state)
        },
        inquired: false,
        exchange: again ? null : exchangeOf(ended, judged),
        incident: again ? null : (late.incident ?? incident),
        paidAfterDeath: late.paidAfterDeath,
        recall: false,
      },
      needs.noticesFor,
    )
  }
  return { verdict, incident, stepsOf }
}

/** Before the step that pays, an acceptance moves nothing: the provider has the order, and no more. */
export function believed(certainty: Certainty, step: SendFacts['step']): Certainty {
  const isAccepted = certainty.kind === 'accepted' && certainty.as === 'pending'
  return isAccepted && step === 'first' ? { kind: 'unchanged' } : certainty
}

function lineOf({ read, result }: Ended, failed: (error: unknown) => void): Line {
  if (result.kind !== 'answered') return result
  const { status } = result
  return { kind: 'answered', status, answer: answerOf() }

  function answerOf(): Answer {
    if (result.kind !== 'answered') return { kind: 'unread' }
    try {
      return read(result.answer)
    } catch (error) {
      // Our own mistake while reading: the answer is there, and it says nothing to us.
      failed(error)
      return { kind: 'unreadable' }
    }
  }
}

/** What follows if the attempt is dead, and what people are told where the usual words do not do. */
function afterDeath(
  verdict: SendVerdict,
  { tries, ready, result, jitter }: Ended,
  nextTryInMs: () => number,
): { readonly next: AfterDeath; readonly why: string | null } {
  switch (verdict.next) {
    case 'requeue':
      return { next: { next: 'queued', dueInMs: backOffMs(0, jitter), counted: false }, why: null }
    case 'review':
      return { next: { next: 'review' }, why: null }
    case 'backoff': {
      const dueInMs = Math.max(nextTryInMs(), backOffMs(tries, jitter))
      const said = result.kind === 'answered' ? '' : result.said
      const why = unreachableWords(ready.account.id, said, dueInMs)
      return { next: { next: 'queued', dueInMs, counted: true }, why }
    }
    default:
      return { next: { next: 'failed' }, why: null }
  }
}

function factsOf(
  before: StoredFacts,
  of: {
    readonly verdict: SendVerdict
    readonly late: Late
    readonly ended: Ended
    readonly line: Line
    readonly isRepeated: boolean
  },
): StoredFacts {
  const { certainty, observed, alarm, row } = of.verdict
  const { step, sends, afterMs } = of.ended
  const seen = withAlarms(factsAfter(before, observed, afterMs), alarm ? [row] : []).facts
  const refused = certainty.kind === 'in_doubt' && certainty.why === 'refused'
  const unpaid = step === 'second' && of.line.kind === 'unsent' && of.late.certainty.kind === 'dead'
  return {
    ...(unpaid ? withoutPayment(seen) : seen),
    created: before.created || isPayable(of.ended, of.line, of.verdict),
    payRequestId:
      step === 'first' ? before.payRequestId : (theirRequestIdOf(of.line, of.verdict) ?? before.payRequestId),
    refusedOnOnlySend: step === 'only' && sends === 1 && !of.isRepeated && refused,
    contradicted: before.contradicted || of.late.contradicted,
    lastPossibleByteAfterMs: lastPossibleByte(before, of.ended, of.isRepeated),
  }
}

/** Of two steps the first was accepted, and its order is known by name: the one that pays may follow. */
function isPayable({ theirIdBefore }: Ended, line: Line, verdict: SendVerdict): boolean {
  return verdict.next === 'second_step' && (theirIdOf(line, verdict) ?? theirIdBefore) !== null
}

/**
 * The end of the first step says nothing of the second, which has its own; nor does the end of a send say when the last
 * byte of its repeat may leave.
 */
function lastPossibleByte(before: StoredFacts, { step, afterMs }: Ended, isRepeated: boolean): number | null {
  const known = before.lastPossibleByteAfterMs
  if (overtaken(step, before)) return known
  if (!isRepeated) return afterMs
  return known === null ? null : Math.max(known, afterMs)
}

/**
 * Its sender was away for longer than its time, and somebody else has been given the right to repeat it. That this send
 * never left then says nothing of the repeat: it is judged as one of several.
 */
function repeatedSince({ sends }: Ended, before: StoredFacts): boolean {
  return before.repeats >= sends
}

/** The verdict on the first of two steps comes when the second has its send right already. */
function overtaken(step: SendFacts['step'], { stepsSent }: StoredFacts): boolean {
  return step === 'first' && stepsSent === 2
}

/** It is noted, and a death that it would prove is a contradiction: the order was found and is being paid. */
function overtakenBy({ certainty }: SendVerdict): Late {
  const noted = { live: true, certainty: { kind: 'unchanged' }, paidAfterDeath: false } as const
  if (certainty.kind !== 'dead') return { ...noted, incident: null, ask: false, contradicted: false }
  const detail = 'the answer to the first step proves it dead, and the second was sent'
  return { ...noted, incident: { kind: 'contradiction', detail }, ask: true, contradicted: true }
}

function theirRequestIdOf(line: Line, { certainty }: SendVerdict): string | null {
  if (certainty.kind !== 'accepted' || line.kind !== 'answered' || line.answer.kind !== 'read') return null
  return line.answer.theirRequestId ?? null
}

/** An answer about something else names an id that is not ours to keep. */
function theirIdOf(line: Line, { certainty }: SendVerdict): string | null {
  const isOther = certainty.kind === 'in_doubt' && certainty.why === 'mismatch'
  if (isOther || line.kind !== 'answered' || line.answer.kind !== 'read') return null
  return line.answer.theirId
}

function exchangeOf({ attemptNo, request, result, ready }: Ended, { row, certainty }: SendVerdict) {
  return exchangeRow({
    attemptNo,
    kind: 'send',
    request,
    result,
    row,
    certainty,
    connector: ready.connector,
  })
}

function detailOf({ result, ready }: Ended): string {
  const seen = result.kind === 'answered' ? `answered ${result.status}` : `${result.kind}, ${result.said}`
  return `${ready.account.id}: ${seen}`
}
