// Step 3 of a send: what the line and the provider did becomes a verdict of the certainty table, and the verdict
// becomes steps. The verdict is computed once; the steps are computed again whenever the payout moved on meanwhile.
import type { Answer, Line } from '../payout/outcome.ts'
import type { DuePayout, NewIncident, PayoutAndAttempt, PayoutStep } from '../store/store.ts'
import type { ReadyAccount } from './accounts.ts'
import type { CallResult } from './call.ts'
import { judgeSend, type SendVerdict } from './certainty-send.ts'
import { factsAfter, parseFacts, type StoredFacts, withAlarms } from './facts.ts'
import { type Late, lateVerdict } from './late.ts'
import { looksOf } from './looks.ts'
import type { Prepared } from './order.ts'
import { backOffMs } from './schedule.ts'
import { type AfterDeath, type NoticesFor, stepsFor } from './steps.ts'
import { exchangeRow, lineText } from './transcript.ts'
import { unreachableWords } from './words.ts'

/** One send that ended. */
export interface Ended {
  readonly due: DuePayout
  readonly prepared: Prepared
  readonly ready: ReadyAccount
  readonly result: CallResult
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
  const { ready, prepared, jitter, afterMs } = ended
  const line = lineOf(ended, needs.failed)
  const verdict = judgeSend(line, { step: 'only', sends: 1, theirIdBefore: null }, ready.capabilities)
  const after = afterDeath(verdict, ended, needs.nextTryInMs)
  const incident = verdict.alarm ? { kind: `send_${verdict.row}`, detail: detailOf(ended) } : null
  const looks = looksOf(ready.capabilities, { ageMs: afterMs, sincePaidMs: 0, jitter })

  const stepsOf = (found: PayoutAndAttempt, again: boolean) => {
    const before = parseFacts(found.facts)
    const late = lateVerdict(verdict.certainty, prepared.attemptNo, found, before)
    return stepsFor(
      found.payout,
      {
        attemptNo: prepared.attemptNo,
        providerAccountId: ready.account.id,
        live: late.live,
        certainty: late.certainty,
        returned: false,
        afterDeath: after.next,
        premises: { row: verdict.row, seen: lineText(line), sends: 1 },
        why: after.why,
        said: null,
        theirId: theirIdOf(line, verdict),
        facts: factsOf(before, verdict, late, afterMs),
        nextLookInMs: state => {
          if (late.ask) return 0
          return verdict.next === 'inquire_when_final' ? looks.whenFinal(state) : looks.next(state)
        },
        inquired: false,
        exchange: again ? null : exchangeOf(ended, verdict),
        incident: again ? null : (late.incident ?? incident),
        paidAfterDeath: late.paidAfterDeath,
        recall: false,
      },
      needs.noticesFor,
    )
  }
  return { verdict, incident, stepsOf }
}

function lineOf({ prepared, ready, result }: Ended, failed: (error: unknown) => void): Line {
  if (result.kind !== 'answered') return result
  const { status } = result
  return { kind: 'answered', status, answer: answerOf() }

  function answerOf(): Answer {
    if (result.kind !== 'answered') return { kind: 'unread' }
    try {
      return ready.connector.readPay(result.answer, prepared.order, ready.account)
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
  { due, ready, result, jitter }: Ended,
  nextTryInMs: () => number,
): { readonly next: AfterDeath; readonly why: string | null } {
  switch (verdict.next) {
    case 'requeue':
      return { next: { next: 'queued', dueInMs: backOffMs(0, jitter), counted: false }, why: null }
    case 'review':
      return { next: { next: 'review' }, why: null }
    case 'backoff': {
      const dueInMs = Math.max(nextTryInMs(), backOffMs(due.tries, jitter))
      const said = result.kind === 'answered' ? '' : result.said
      const why = unreachableWords(ready.account.id, said, dueInMs)
      return { next: { next: 'queued', dueInMs, counted: true }, why }
    }
    default:
      return { next: { next: 'failed' }, why: null }
  }
}

function factsOf(before: StoredFacts, verdict: SendVerdict, late: Late, afterMs: number): StoredFacts {
  const { certainty, observed, alarm, row } = verdict
  const seen = withAlarms(factsAfter(before, observed, afterMs), alarm ? [row] : []).facts
  return {
    ...seen,
    refusedOnOnlySend: certainty.kind === 'in_doubt' && certainty.why === 'refused',
    contradicted: before.contradicted || late.contradicted,
    lastPossibleByteAfterMs: afterMs,
  }
}

/** An answer about something else names an id that is not ours to keep. */
function theirIdOf(line: Line, { certainty }: SendVerdict): string | null {
  const isOther = certainty.kind === 'in_doubt' && certainty.why === 'mismatch'
  if (isOther || line.kind !== 'answered' || line.answer.kind !== 'read') return null
  return line.answer.theirId
}

function exchangeOf({ prepared, result, ready }: Ended, { row, certainty }: SendVerdict) {
  const { attemptNo, request } = prepared
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
