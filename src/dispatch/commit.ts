// Sends the second of two steps: the one that pays an order which the first only created. It has a send right of its
// own, committed before any byte and given once. A crash after that leaves an attempt whose paying step may have left:
// it is asked about like any other, and never sent again.
//
// The version of the payout is the fence: of two processes that both found the order created, one commits the right and
// the other one's step is stale.
import { transition } from '../payout/lifecycle.ts'
import type { CommitOrder, ConnectorCommit, WireRequest } from '../protocols/protocol.ts'
import type { DueAttempt, PayoutAndAttempt, PayoutStep } from '../store/store.ts'
import { type ReadyAccount, storedTerms } from './accounts.ts'
import { callMoment, jitterOf } from './chance.ts'
import { parseFacts, type StoredFacts, withAlarms } from './facts.ts'
import type { Hold } from './hold.ts'
import { withRequestId } from './order.ts'
import type { Ended } from './outcome.ts'
import { LOST_MARGIN_MS } from './schedule.ts'
import { callJournaled, type SendNeeds, type Sent, sendTime, settle, writeOnce } from './send-right.ts'
import { commitStep, rememberStep } from './steps.ts'
import { requestHash } from './transcript.ts'

/** Whether the step that pays is what this attempt waits for. */
export function waitsForCommit({ attempt, facts: stored }: Pick<DueAttempt, 'attempt' | 'facts'>): boolean {
  const facts = parseFacts(stored)
  const isOpen = attempt.state === 'sending' || attempt.state === 'in_doubt'
  // Where callbacks and inquiries contradict each other nothing more is sent before people have looked.
  return isOpen && facts.created && facts.stepsSent === 1 && !facts.contradicted
}

/** `ageMs`: of the attempt at this moment, by the database's clock. Never rejects. */
export async function commit(
  due: DueAttempt,
  through: { readonly ready: ReadyAccount; readonly hold: Hold },
  ageMs: () => number,
  needs: SendNeeds,
): Promise<Sent> {
  const { hold } = through
  const ready = pinned(due, through.ready)
  if (ready === null) return postpone(due, 'its provider account points elsewhere now', through.ready, needs)
  const prepared = prepare(due, ready, needs)
  if (typeof prepared === 'string') return postpone(due, prepared, ready, needs)

  const time = sendTime(due.payout, ready, needs)
  const incarnation = needs.journal.incarnation()
  if (incarnation === null) return { kind: 'not_tried', why: 'closed' }
  const before = parseFacts(due.facts)
  const payRequestHash = Buffer.from(requestHash(prepared.request)).toString('hex')
  const facts: StoredFacts = {
    ...before,
    stepsSent: 2,
    payIntentAfterMs: ageMs(),
    payRequestHash,
    payIncarnation: `${incarnation}`,
    lastPossibleByteAfterMs: null,
  }
  const intent = intentOf(due, facts, ready, needs)
  if (intent === null) return { kind: 'not_tried', why: 'stale' }
  const written = await writeOnce(intent, needs)
  if (written.kind !== 'committed') return { kind: 'not_tried', why: written.kind }

  const { merchantId, number } = due.payout
  const { attemptNo, reference } = due.attempt
  const entry = {
    ...({ merchantId, number, attemptNo, step: 'second', incarnation } as const),
    ...{ providerAccountId: ready.account.id, reference, requestHash: payRequestHash },
  }
  const result = await callJournaled(entry, prepared.request, time, needs)
  const ended: Ended = {
    attemptNo: due.attempt.attemptNo,
    request: prepared.request,
    ready,
    result,
    step: 'second',
    sends: 1,
    theirIdBefore: due.attempt.theirId,
    atIntent: before,
    read: answer => prepared.second.read(answer, prepared.order, ready.account),
    tries: 0,
    afterMs: ageMs(),
    jitter: jitterOf(needs.random),
  }
  const from: PayoutAndAttempt = {
    ...{ contract: due.contract, incarnation: due.incarnation, facts },
    attempt: { ...due.attempt, revision: due.attempt.revision + 1 },
    payout: { ...due.payout, version: written.version },
  }
  return settle(ended, { hold, began: time.began, from }, needs)
}

/** The account under the contract of the first step; null where the two steps would not go to the same place. */
function pinned({ contract }: DueAttempt, ready: ReadyAccount): ReadyAccount | null {
  const terms = storedTerms(contract)
  if (terms === null || terms.endpoint !== ready.account.baseUrl) return null
  return { ...ready, capabilities: terms.capabilities }
}

interface Prepared {
  readonly second: ConnectorCommit
  readonly order: CommitOrder
  /** Built once: what is hashed into the intent is what is sent. */
  readonly request: WireRequest
}

/** The request, or why there is none. */
function prepare(due: DueAttempt, { connector, account }: ReadyAccount, needs: SendNeeds): Prepared | string {
  const { payout, attempt } = due
  const { reference, theirId } = attempt
  if (connector.commit === null) return 'its protocol has no second step any more'
  if (theirId === null) return 'the provider never named the order that it created'
  const order = { reference, theirId, amount: payout.amount }
  try {
    const request = connector.commit.request(order, account, callMoment(needs))
    return { second: connector.commit, order, request: withRequestId(request, payout) }
  } catch (error) {
    needs.failed(error)
    return 'the request that pays could not be built'
  }
}

function intentOf(
  { payout, attempt }: DueAttempt,
  facts: StoredFacts,
  { capabilities }: ReadyAccount,
  { noticesFor }: SendNeeds,
): PayoutStep | null {
  const next = transition(payout.state, { kind: 'second_send' })
  if (!next.ok) return null
  const lostInMs = capabilities.timeoutsMs.total + LOST_MARGIN_MS
  const { attemptNo, revision } = attempt
  return commitStep({ payout, next, attemptNo, revision, facts, lostInMs, noticesFor })
}

/** Nothing was sent, and nothing can be until a person has looked; it comes again. */
async function postpone(
  { payout, attempt, facts: stored }: DueAttempt,
  why: string,
  { account }: ReadyAccount,
  needs: SendNeeds,
): Promise<Sent> {
  const { attemptNo } = attempt
  const { facts, raised } = withAlarms(parseFacts(stored), [why])
  const incident = { kind: 'not_committed', detail: `${account.id}: ${why}` }
  const told = raised.length > 0
  await writeOnce(
    rememberStep(payout, attempt, { facts, nextLookInMs: AGAIN_MS, incident: told ? incident : null }),
    needs,
  )
  if (told) needs.alarm({ ...incident, payout, attemptNo, providerAccountId: account.id })
  return { kind: 'not_tried', why: 'review' }
}

const AGAIN_MS = 600_000
