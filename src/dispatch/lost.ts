// S5: the attempt is committed, its sender's time is over, and no end of the call is recorded. Bytes may have left, so
// it is in doubt, and the first inquiry follows soon. Its sender may even be alive and paused; what it still says then
// is judged by late.ts.
import type { DueAttempt, PayoutAndAttempt, PayoutStep } from '../store/store.ts'
import type { StoredTerms } from './accounts.ts'
import { judgeSend } from './certainty-send.ts'
import { parseFacts, type StoredFacts, stepOf } from './facts.ts'
import { looksOf } from './looks.ts'
import { LOST_MARGIN_MS } from './schedule.ts'
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

/** The steps of an attempt that is lost; a note and nothing more where it is not in `sending` any more. */
export function lostSteps(
  due: DueAttempt,
  terms: StoredTerms,
  at: { readonly ageMs: number; readonly jitter: number },
  found: PayoutAndAttempt,
  noticesFor: NoticesFor,
): readonly PayoutStep[] {
  const { attemptNo, providerAccountId, createdAtMs } = due.attempt
  // Its sender or somebody else was faster, and wrote when it is looked at next.
  if (found.attempt?.attemptNo !== attemptNo || found.attempt.state !== 'sending') return []
  const facts = parseFacts(found.facts)
  // The one that was lost had an end after all, and the step that pays has a sender of its own.
  if (lostInMs(terms, facts, at.ageMs) > ROUNDING_MS) return []
  const step = stepOf(terms.capabilities, facts)
  const { certainty, row } = judgeSend(
    { kind: 'cut', why: 'lost' },
    { step, sends: 1, theirIdBefore: found.attempt.theirId },
    terms.capabilities,
  )
  // The doubt begins now, whatever the attempt's age: it is asked about as a young one.
  const looks = looksOf(terms.capabilities, { ageMs: 0, sincePaidMs: 0, jitter: at.jitter })
  return stepsFor(
    found.payout,
    {
      attemptNo,
      providerAccountId,
      live: true,
      certainty,
      returned: false,
      afterDeath: { next: 'review' },
      premises: null,
      why: null,
      said: null,
      theirId: null,
      revision: found.attempt.revision,
      facts,
      nextLookInMs: looks.next,
      inquired: false,
      exchange: {
        attemptNo,
        kind: 'send',
        startedAtMs: createdAtMs,
        durationMs: at.ageMs,
        status: null,
        row,
        verdict: verdictText(certainty),
        request: null,
        answer: 'no end of the call was recorded',
      },
      incident: null,
      paidAfterDeath: false,
      recall: false,
    },
    noticesFor,
  )
}
