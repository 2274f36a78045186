// Sends an attempt in doubt once more: the same reference and content to the same place, within half of the time in
// which its provider takes both for one. May it be: may-repeat.ts. Each repeat has a send right of its own, committed
// before any byte and fenced by the revision of the attempt, so that of two processes one repeats. Whatever the answer
// says of a death, it may speak of the repeat alone: nothing that comes of a repeat proves that the first send is dead.
import type { DueAttempt, PayoutAndAttempt, PayoutStep } from '../store/store.ts'
import type { ReadyAccount, StoredTerms } from './accounts.ts'
import { storedTerms } from './accounts.ts'
import { callMoment, jitterOf } from './chance.ts'
import { parseFacts, type StoredFacts } from './facts.ts'
import type { Hold } from './hold.ts'
import { mayRepeat, repeatUntilMs } from './may-repeat.ts'
import { type Prepared, prepareAttempt } from './order.ts'
import type { Ended } from './outcome.ts'
import { LOST_MARGIN_MS } from './schedule.ts'
import { callJournaled, type SendNeeds, type Sent, sendTime, settle, writeOnce } from './send-right.ts'
import { rememberStep } from './steps.ts'
import { requestHash } from './transcript.ts'

/** Null where it may not be repeated: then it is asked about. `ageMs`: of the attempt, by the database's clock. */
export function repeatable(
  due: DueAttempt,
  ready: ReadyAccount,
  ageMs: number,
  needs: Pick<SendNeeds, 'clock' | 'random' | 'publicUrl' | 'failed'>,
): Repeatable | null {
  const terms = storedTerms(due.contract)
  if (terms === null || !isSamePlace(terms, ready) || !mayRepeat(due, terms.capabilities, ageMs)) return null
  const pinned = { ...ready, capabilities: terms.capabilities }
  const build = () =>
    prepareAttempt(due.payout, due.attempt.attemptNo, pinned, needs.publicUrl, callMoment(needs))
  const prepared = build()
  if (!prepared.ok) return null
  // The reference is derived; one that came out differently would be another payout over there.
  if (prepared.order.reference !== due.attempt.reference) return null
  if (terms.capabilities.repeatForm === 'same_bytes' && !isSameRequest(prepared, build())) return null
  return { ready: pinned, prepared }
}

export interface Repeatable {
  /** The account under the contract of the first send. */
  readonly ready: ReadyAccount
  readonly prepared: Prepared
}

/** `ageMs`: of the attempt at this moment; `windowAgeMs`: the same at its greatest, by which its window ends. Never rejects. */
export async function repeat(
  due: DueAttempt,
  { ready, prepared }: Repeatable,
  through: { readonly hold: Hold; readonly ageMs: () => number; readonly windowAgeMs: () => number },
  needs: SendNeeds,
): Promise<Sent> {
  const { hold, ageMs, windowAgeMs } = through
  const incarnation = needs.journal.incarnation()
  if (incarnation === null) return { kind: 'not_tried', why: 'closed' }
  const time = sendTime(due.payout, ready, needs)
  const before = parseFacts(due.facts)
  const facts: StoredFacts = {
    ...before,
    repeats: before.repeats + 1,
    repeatedAfterMs: ageMs(),
    // The first send may have left nothing to ask about; from here on there is another one under way.
    refusedOnOnlySend: false,
    lastPossibleByteAfterMs: null,
  }
  const written = await writeOnce(intentOf(due, facts, ready), needs)
  if (written.kind !== 'committed') return { kind: 'not_tried', why: written.kind }

  const untilMs = repeatUntilMs(ready.capabilities)
  const { merchantId, number } = due.payout
  const { attemptNo, reference } = due.attempt
  const entry = {
    ...({ merchantId, number, attemptNo, step: 'only', incarnation, reference } as const),
    providerAccountId: ready.account.id,
    requestHash: Buffer.from(requestHash(prepared.request)).toString('hex'),
  }
  const inWindow = { ...time, lastCheck: () => time.lastCheck() && windowAgeMs() < untilMs }
  const result = await callJournaled(entry, prepared.request, inWindow, needs)
  const ended: Ended = {
    attemptNo: due.attempt.attemptNo,
    request: prepared.request,
    ready,
    result,
    step: 'only',
    sends: facts.repeats + 1,
    theirIdBefore: due.attempt.theirId,
    atIntent: before,
    read: answer => ready.connector.readPay(answer, prepared.order, ready.account),
    tries: 0,
    afterMs: ageMs(),
    jitter: jitterOf(needs.random),
  }
  const from: PayoutAndAttempt = {
    ...{ contract: due.contract, facts, incarnation: due.incarnation },
    attempt: { ...due.attempt, revision: due.attempt.revision + 1 },
    payout: { ...due.payout, version: written.version },
  }
  return settle(ended, { hold, began: time.began, from }, needs)
}

function intentOf(
  { payout, attempt }: DueAttempt,
  facts: StoredFacts,
  { capabilities }: ReadyAccount,
): PayoutStep {
  const lostInMs = capabilities.timeoutsMs.total + LOST_MARGIN_MS
  return rememberStep(payout, attempt, { facts, nextLookInMs: lostInMs, incident: null })
}

/** A reference is unique where it was sent. The endpoint is the narrowest of the scopes, and always kept. */
function isSamePlace(terms: StoredTerms, { account, unusable }: ReadyAccount): boolean {
  return unusable === null && terms.endpoint === account.baseUrl
}

/** Built twice and equal: nothing of time or chance is in the bytes, so they are those of the first send. */
function isSameRequest(first: Prepared, second: ReturnType<typeof prepareAttempt>): boolean {
  return second.ok && JSON.stringify(first.request) === JSON.stringify(second.request)
}
