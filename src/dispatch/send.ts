// Sends one attempt to a provider. The order of the three steps is the purpose of this file:
//   1. intent   the attempt is committed before any byte leaves this process;
//   2. call     the send is written down in this process's journal, then one exchange on a fresh connection;
//   3. outcome  what we learned is committed together with the postings it implies.
// A crash between 1 and 3 leaves an attempt without an answer: it is in doubt, and only inquire.ts, receive.ts or an
// operator may settle it. A late payout can be explained; a second one has to be recovered.
//
// Whoever commits the intent holds the send right, once. An intent that is stale, or whose commit lost its answer,
// gives no right: nothing is sent, and if the attempt is there after all it ends as lost. The right also ends by
// itself: the last check before the first byte says no when this process stops, when a kill switch stops the payout or
// cannot be read, and when the sender's time, counted from before the intent, could run out during the call. No pause of
// this process, however long, makes a send late.
import type { Attempt } from '../payout/attempt.ts'
import type { DuePayout, PayoutAndAttempt } from '../store/store.ts'
import type { ReadyAccount } from './accounts.ts'
import type { Alarm } from './alarm.ts'
import { callMoment, jitterOf } from './chance.ts'
import { FACTS_AT_INTENT } from './facts.ts'
import type { Hold } from './hold.ts'
import { type Prepared, prepareAttempt, type Unpreparable } from './order.ts'
import type { Ended } from './outcome.ts'
import { LOST_MARGIN_MS } from './schedule.ts'
import {
  callJournaled,
  type SendNeeds,
  type Sent,
  sendTime,
  settle,
  type Written,
  writeOnce,
} from './send-right.ts'
import { intentStep, reviewStep } from './steps.ts'
import { requestHash } from './transcript.ts'

/** `hold` hears whether the account was reached. Never rejects. */
export async function send(
  due: DuePayout,
  through: { readonly ready: ReadyAccount; readonly hold: Hold },
  needs: SendNeeds,
): Promise<Sent> {
  const { ready, hold } = through
  const prepared = prepareAttempt(
    due.payout,
    due.payout.attempts + 1,
    ready,
    needs.publicUrl,
    callMoment(needs),
  )
  if (!prepared.ok) return review(due, prepared, ready, needs)

  const time = sendTime(due.payout, ready, needs)
  const incarnation = needs.journal.incarnation()
  if (incarnation === null) return { kind: 'not_tried', why: 'closed' }
  const intent = await commitIntent(due, prepared, { ready, incarnation }, needs)
  if (intent.kind !== 'committed') return { kind: 'not_tried', why: intent.kind }

  const step = ready.capabilities.twoStep ? 'first' : 'only'
  const { merchantId, number } = due.payout
  const { attemptNo, order } = prepared
  const entry = {
    ...({ merchantId, number, attemptNo, step, incarnation } as const),
    providerAccountId: ready.account.id,
    reference: order.reference,
    requestHash: Buffer.from(requestHash(prepared.request)).toString('hex'),
  }
  const result = await callJournaled(entry, prepared.request, time, needs)
  const ended: Ended = {
    attemptNo: prepared.attemptNo,
    request: prepared.request,
    ready,
    result,
    step,
    sends: 1,
    theirIdBefore: null,
    atIntent: FACTS_AT_INTENT,
    read: answer => ready.connector.readPay(answer, prepared.order, ready.account),
    tries: due.tries,
    afterMs: time.spentMs(),
    jitter: jitterOf(needs.random),
  }
  return settle(ended, { hold, began: time.began, from: intent.found }, needs)
}

async function commitIntent(
  { payout, claim }: DuePayout,
  { attemptNo, order, request }: Prepared,
  { ready, incarnation }: { readonly ready: ReadyAccount; readonly incarnation: bigint },
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
    incarnation,
    lostInMs: ready.capabilities.timeoutsMs.total + LOST_MARGIN_MS,
  }
  const step = intentStep({ payout, claim, opened, noticesFor: needs.noticesFor })
  if ('refusal' in step) return { kind: 'stale' }
  const written = await writeOnce(step, needs)
  if (written.kind !== 'committed') return written
  const attempt: Attempt = {
    ...{ attemptNo, providerAccountId, reference, state: 'sending', theirId: null, doubt: null },
    ...{ proof: null, createdAtMs: needs.clock.now(), nextInquiryAtMs: null, inquiries: 0, revision: 0 },
  }
  const sending = { ...payout, state: 'sending' as const, version: written.version, attempts: attemptNo }
  return {
    kind: 'committed',
    found: { payout: sending, attempt, facts: null, incarnation, contract: ready.terms },
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

function alarmOf(
  incident: { readonly kind: string; readonly detail: string },
  { payout }: DuePayout,
  attemptNo: number,
  { account }: ReadyAccount,
): Alarm {
  return { ...incident, payout, attemptNo, providerAccountId: account.id }
}
