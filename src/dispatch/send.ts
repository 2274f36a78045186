// Sends one attempt to a provider. The order of the three steps is the purpose of this file:
//   1. intent   the attempt is committed before any byte leaves this process;
//   2. call     one exchange on a fresh connection, bounded in time and size;
//   3. outcome  what we learned is committed together with the postings it implies.
// A crash between 1 and 3 leaves an attempt without an answer: it is in doubt, and only inquire.ts, receive.ts or an
// operator may settle it. A late payout can be explained; a second one has to be recovered.
//
// Whoever commits the intent holds the send right, once. An intent that is stale, or whose commit lost its answer,
// gives no right: nothing is sent, and if the attempt is there after all it ends as lost. The right also ends by
// itself: the last check before the first byte says no when this process stops, and when the sender's time, counted
// from before the intent, could run out during the call. No pause of this process, however long, makes a send late.
import { Unavailable } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Attempt } from '../payout/attempt.ts'
import type { DuePayout, PayoutAndAttempt, PayoutStep } from '../store/store.ts'
import type { ReadyAccount } from './accounts.ts'
import type { Alarm } from './alarm.ts'
import type { Call } from './call.ts'
import { callMoment, jitterOf } from './chance.ts'
import type { Hold } from './hold.ts'
import { type Prepared, prepareAttempt, type Unpreparable } from './order.ts'
import { type Ended, outcomeOf } from './outcome.ts'
import { type Recorded, type RecordNeeds, recordSteps } from './record.ts'
import { LOST_MARGIN_MS } from './schedule.ts'
import { intentStep, type NoticesFor, reviewStep } from './steps.ts'
import { requestHash } from './transcript.ts'

export interface SendNeeds extends RecordNeeds {
  readonly call: Pick<Call, 'callOnce'>
  readonly clock: Clock
  readonly random: Random
  readonly incarnation: bigint
  /** Where providers reach us, without a slash at the end. */
  readonly publicUrl: string
  readonly noticesFor: NoticesFor
  /** True from the moment on at which nothing more may leave. */
  readonly stopping: () => boolean
  readonly alarm: (alarm: Alarm) => void
}

/** For those who watch; what became of the payout stands in the store. */
export type Sent =
  | { readonly kind: 'not_tried'; readonly why: 'stale' | 'unavailable' | 'review' }
  | { readonly kind: 'tried'; readonly row: string; readonly recorded: Recorded }

/** `hold` hears whether the account was reached. Never rejects. */
export async function send(
  due: DuePayout,
  through: { readonly ready: ReadyAccount; readonly hold: Hold },
  needs: SendNeeds,
): Promise<Sent> {
  const { ready, hold } = through
  const prepared = prepareAttempt(due.payout, ready, needs.publicUrl, callMoment(needs))
  if (!prepared.ok) return review(due, prepared, ready, needs)

  const time = sendTime(ready, needs)
  const intent = await commitIntent(due, prepared, ready, needs)
  if (intent.kind !== 'committed') return { kind: 'not_tried', why: intent.kind }

  const result = await needs.call.callOnce(prepared.request, time.limits, time.lastCheck)
  const ended: Ended = {
    due,
    prepared,
    ready,
    result,
    afterMs: time.spentMs(),
    jitter: jitterOf(needs.random),
  }

  const outcome = outcomeOf(ended, {
    noticesFor: needs.noticesFor,
    failed: needs.failed,
    nextTryInMs: () => hold.failed(result.kind === 'answered' ? '' : result.said, time.began).nextTryInMs,
  })
  if (result.kind !== 'unsent') hold.reached()
  if (outcome.verdict.stopsAccount) hold.stop('it answered about another payout; a person has to look')
  if (outcome.incident !== null) needs.alarm(alarmOf(outcome.incident, due, prepared.attemptNo, ready))
  const recorded = await recordSteps(needs, intent.found, outcome.stepsOf)
  return { kind: 'tried', row: outcome.verdict.row, recorded }
}

/** The sender's time begins before the intent is committed, and so ends before the attempt counts as lost. */
function sendTime({ capabilities }: ReadyAccount, { clock, stopping }: SendNeeds) {
  const { connect, headers, total } = capabilities.timeoutsMs
  const began = clock.monotonic()
  const beganAt = clock.now()
  const spentMs = () => clock.monotonic() - began
  return {
    began,
    spentMs,
    limits: {
      connectMs: connect,
      headersMs: headers,
      totalMs: total,
      maxAnswerBytes: capabilities.maxAnswerBytes,
    },
    // The whole call has to fit before the lost time. The wall clock is asked too: it may only stop a send.
    lastCheck: () => !stopping() && spentMs() < LOST_MARGIN_MS && clock.now() - beganAt < LOST_MARGIN_MS,
  }
}

type Written<Extra> =
  | ({ readonly kind: 'committed' } & Extra)
  | { readonly kind: 'stale' }
  | { readonly kind: 'unavailable' }

async function commitIntent(
  { payout, claim }: DuePayout,
  { attemptNo, order, request }: Prepared,
  ready: ReadyAccount,
  needs: SendNeeds,
): Promise<Written<{ readonly found: PayoutAndAttempt }>> {
  const providerAccountId = ready.account.id
  const { reference } = order
  const opened = {
    attemptNo,
    providerAccountId,
    reference,
    requestHash: requestHash(request),
    contract: ready.terms,
    incarnation: needs.incarnation,
    lostInMs: ready.capabilities.timeoutsMs.total + LOST_MARGIN_MS,
  }
  const step = intentStep({ payout, claim, opened, noticesFor: needs.noticesFor })
  if ('refusal' in step) return { kind: 'stale' }
  const written = await writeOnce(step, needs)
  if (written.kind !== 'committed') return written
  const attempt: Attempt = {
    ...{ attemptNo, providerAccountId, reference, state: 'sending', theirId: null, doubt: null },
    ...{ proof: null, createdAtMs: needs.clock.now(), nextInquiryAtMs: null, inquiries: 0 },
  }
  const sending = { ...payout, state: 'sending' as const, version: written.version, attempts: attemptNo }
  return {
    kind: 'committed',
    found: { payout: sending, attempt, facts: null, contract: ready.terms },
  }
}

/** S2: a person looks at the payout, because it cannot be sent as it is. Nothing was sent. */
async function review(
  due: DuePayout,
  { why, kind, detail, error }: Unpreparable,
  ready: ReadyAccount,
  needs: SendNeeds,
): Promise<Sent> {
  if (error !== null) needs.failed(error)
  const { payout, claim } = due
  const incident = { kind, detail }
  const step = reviewStep({ payout, claim, why, incident, noticesFor: needs.noticesFor })
  if ('refusal' in step) return { kind: 'not_tried', why: 'stale' }
  const written = await writeOnce(step, needs)
  if (written.kind !== 'committed') return { kind: 'not_tried', why: written.kind }
  needs.alarm(alarmOf(incident, due, payout.attempts, ready))
  return { kind: 'not_tried', why: 'review' }
}

/** Once: a commit whose answer was lost must not be followed by another intent. The claim's lease brings it back. */
async function writeOnce(step: PayoutStep, needs: SendNeeds): Promise<Written<{ readonly version: number }>> {
  try {
    const verdict = await needs.advance.step(step)
    return verdict.kind === 'done' ? { kind: 'committed', version: verdict.version } : verdict
  } catch (error) {
    if (!(error instanceof Unavailable)) needs.failed(error)
    return { kind: 'unavailable' }
  }
}

function alarmOf(
  incident: { readonly kind: string; readonly detail: string },
  { payout }: DuePayout,
  attemptNo: number,
  { account }: ReadyAccount,
): Alarm {
  return { ...incident, payout, attemptNo, providerAccountId: account.id }
}
