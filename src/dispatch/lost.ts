// The attempt is committed, and no end of its send is recorded. Where the sender's own journal proves that it never wrote
// this send down, nothing left and nothing will (S0). In every other case bytes may have left, so it is in doubt (S5), and
// the first inquiry follows soon. Its sender may even be alive and paused; what it still says then is judged by late.ts.
import type { DueAttempt, PayoutAndAttempt, PayoutStep } from '../store/store.ts'
import type { StoredTerms } from './accounts.ts'
import { judgeSend } from './certainty-send.ts'
import { isPayingNow, parseFacts, type StoredFacts, senderMayWork, stepOf, withoutPayment } from './facts.ts'
import { type JournalProof, rightKey, type SendRight } from './journal.ts'
import { looksOf } from './looks.ts'
import { backOffMs, LOST_MARGIN_MS } from './schedule.ts'
import { type NoticesFor, stepsFor } from './steps.ts'
import { verdictText } from './transcript.ts'

/**
 * Milliseconds until the attempt counts as lost, by the terms it was sent under; zero or less: it does. Of two steps the
 * second has a time of its own.
 */
export function lostInMs(
  { capabilities }: StoredTerms,
  { payIntentAfterMs }: Pick<StoredFacts, 'payIntentAfterMs'>,
  ageMs: number,
): number {
  return capabilities.timeoutsMs.total + LOST_MARGIN_MS + (payIntentAfterMs ?? 0) - ageMs
}

/** The database's own rounding of times may make an attempt look this much younger than it is. */
export const ROUNDING_MS = 5

/** The send right whose end is not recorded, and who holds it; null where there is none, or nobody knows who. */
export function openRight(
  of: Pick<PayoutAndAttempt, 'payout' | 'attempt' | 'incarnation'>,
  facts: StoredFacts,
  { capabilities }: StoredTerms,
): SendRight | null {
  const { payout, attempt } = of
  if (attempt === null || !senderMayWork(facts)) return null
  const step = stepOf(capabilities, facts)
  const paying = facts.payIncarnation === null ? null : BigInt(facts.payIncarnation)
  const incarnation = step === 'second' ? paying : of.incarnation
  if (incarnation === null) return null
  const { merchantId, number } = payout
  return { merchantId, number, attemptNo: attempt.attemptNo, step, incarnation }
}

/** One send without an end, looked at. */
export interface Lost {
  readonly ageMs: number
  /** 0 up to, not including, 1. */
  readonly jitter: number
  /** That nothing left, of exactly this right; null where that is not proven. */
  readonly proven: { readonly right: SendRight; readonly proof: JournalProof } | null
  /** Its sender is known to be gone, so that its time need not be waited for. */
  readonly isGone: boolean
}

/** The steps of an attempt that is lost; none where somebody recorded an end meanwhile. */
export function lostSteps(
  due: DueAttempt,
  terms: StoredTerms,
  lost: Lost,
  found: PayoutAndAttempt,
  noticesFor: NoticesFor,
): readonly PayoutStep[] {
  const { attemptNo, providerAccountId, createdAtMs } = due.attempt
  const { ageMs, proven } = lost
  // Its sender or somebody else was faster, and wrote when it is looked at next.
  if (found.attempt?.attemptNo !== attemptNo) return []
  const facts = parseFacts(found.facts)
  if (proven === null ? found.attempt.state !== 'sending' : !mayBeUnsent(found, facts, proven.right, terms))
    return []
  // The one that was lost had an end after all, and the step that pays has a sender of its own.
  if (!senderMayWork(facts)) return []
  if (!lost.isGone && lostInMs(terms, facts, ageMs) > ROUNDING_MS) return []
  const step = stepOf(terms.capabilities, facts)
  const { certainty, row } = judgeSend(
    proven === null ? { kind: 'cut', why: 'lost' } : { kind: 'unsent', why: 'unjournaled' },
    { step, sends: 1, theirIdBefore: found.attempt.theirId },
    terms.capabilities,
  )
  const unsent = step === 'second' && certainty.kind === 'dead' ? withoutPayment(facts) : facts
  // The doubt begins now, whatever the attempt's age: it is asked about as a young one.
  const looks = looksOf(terms.capabilities, { ageMs: 0, sincePaidMs: 0, jitter: lost.jitter })
  return stepsFor(
    found.payout,
    {
      attemptNo,
      providerAccountId,
      live: true,
      certainty,
      returned: false,
      afterDeath: { next: 'queued', dueInMs: backOffMs(0, lost.jitter), counted: false },
      premises:
        proven === null ? null : { row, seen: 'unsent unjournaled', step, sends: 1, journal: proven.proof },
      why: null,
      said: null,
      theirId: null,
      revision: found.attempt.revision,
      // Where nothing left, the end of the send is known.
      facts: proven === null ? facts : { ...unsent, lastPossibleByteAfterMs: ageMs },
      nextLookInMs: looks.next,
      inquired: false,
      exchange: {
        attemptNo,
        kind: 'send',
        startedAtMs: createdAtMs,
        durationMs: ageMs,
        status: null,
        row,
        verdict: verdictText(certainty),
        request: null,
        answer:
          proven === null
            ? 'no end of the call was recorded'
            : `no end of the call was recorded, and the sealed send journal ${proven.proof.name} holds no entry of it`,
      },
      incident: null,
      paidAfterDeath: false,
      recall: false,
    },
    noticesFor,
  )
}

/** The right that was judged is still the one without an end, and nothing was seen that speaks against the journal. */
function mayBeUnsent(
  found: PayoutAndAttempt,
  facts: StoredFacts,
  judged: SendRight,
  terms: StoredTerms,
): boolean {
  const { attempt } = found
  const right = openRight(found, facts, terms)
  if (attempt === null || right === null || facts.contradicted) return false
  if (right.incarnation !== judged.incarnation || rightKey(right) !== rightKey(judged)) return false
  return attempt.state === 'sending' || (attempt.state === 'in_doubt' && isPayingNow(facts))
}
