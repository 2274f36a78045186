// A payment that the provider or a send journal knows of and this database does not: the attempt that was lost with the
// tail of a log is recorded again, under the number and reference it had. It is in doubt from the first moment, because
// nobody here knows what became of it, and like every doubt it is settled by asking. No send right is given with it.
import type { Payout } from '../payout/payout.ts'
import type { PayoutAndAttempt } from '../store/store.ts'
import type { ReadyAccount } from './accounts.ts'
import { FACTS_AT_INTENT } from './facts.ts'
import { looksOf } from './looks.ts'
import { type RecordNeeds, recordSteps } from './record.ts'
import { LOST_MARGIN_MS } from './schedule.ts'
import { intentStep, type NoticesFor, stepsFor } from './steps.ts'

/** The run that was given its right was lost with its attempt. No process ever has this number. */
export const LOST_INCARNATION = 0n

export interface Found {
  readonly attemptNo: number
  readonly reference: string
  /** 32 bytes; zeros where nobody knows which bytes were sent. */
  readonly requestHash: Uint8Array
  /** In a few words, for people. */
  readonly by: string
}

/** `moved`: the payout is not queued before that attempt any more, so that nothing was recorded. */
export async function recordFound(
  payout: Payout,
  found: Found,
  ready: ReadyAccount,
  needs: RecordNeeds & { readonly noticesFor: NoticesFor },
): Promise<'recorded' | 'moved'> {
  const { attemptNo, reference, requestHash } = found
  if (payout.attempts + 1 !== attemptNo) return 'moved'
  const providerAccountId = ready.account.id
  const step = intentStep({
    payout,
    claim: null,
    opened: {
      ...{ attemptNo, providerAccountId, reference, requestHash, contract: ready.terms },
      // Nobody looks at it before its doubt is recorded below; if that never happens, it is found as lost then.
      ...{ incarnation: LOST_INCARNATION, lostInMs: ready.capabilities.timeoutsMs.total + LOST_MARGIN_MS },
    },
    noticesFor: needs.noticesFor,
  })
  if ('refusal' in step) return 'moved'
  const verdict = await needs.advance.step(step)
  if (verdict.kind === 'stale') return 'moved'
  const opened = await needs.store.findForStep(payout.merchantId, payout.number)
  if (opened !== null)
    await recordSteps(needs, opened, now => doubtSteps(now, found, ready, needs.noticesFor))
  return 'recorded'
}

function doubtSteps(
  now: PayoutAndAttempt,
  { attemptNo, by }: Found,
  ready: ReadyAccount,
  noticesFor: NoticesFor,
) {
  if (now.attempt?.attemptNo !== attemptNo || now.attempt.state !== 'sending') return []
  const looks = looksOf(ready.capabilities, { ageMs: 0, sincePaidMs: 0, jitter: 0 })
  return stepsFor(
    now.payout,
    {
      attemptNo,
      providerAccountId: ready.account.id,
      live: true,
      certainty: { kind: 'in_doubt', why: 'lost' },
      returned: false,
      afterDeath: { next: 'review' },
      premises: null,
      why: null,
      said: null,
      theirId: null,
      revision: now.attempt.revision,
      facts: FACTS_AT_INTENT,
      nextLookInMs: looks.next,
      inquired: false,
      exchange: null,
      incident: {
        kind: 'found',
        detail: `${ready.account.id}: attempt ${attemptNo} was lost here and ${by}`,
      },
      paidAfterDeath: false,
      recall: false,
    },
    noticesFor,
  )
}
