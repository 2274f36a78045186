// Steps of payouts, each only to the version that it was computed from and, where it names a claim, only while the queue
// still holds that claim. One loop for each table, in the order of the database: what a batch is refused for comes first
// there, too.
import { assert } from '../../../src/lib/assert.ts'
import type { PayoutStep, StepVerdict } from '../../../src/store/store.ts'
import { changeAttempt, checkOpened, openAttempt, prove } from './attempts.ts'
import { raiseIncident } from './incidents.ts'
import { checkWaiting } from './intake.ts'
import { checkPosting, movePostings } from './money.ts'
import { rule } from './refusal.ts'
import { payoutKey, type StoredPosting } from './rows.ts'
import { checkRight, type Server } from './safe-mode.ts'
import { type Draft, draftOf, type State, type Transaction } from './state.ts'
import { isStopped } from './switches.ts'

interface Good {
  readonly step: PayoutStep
  readonly draft: Draft
}

export function advance(
  state: State,
  tx: Transaction,
  batch: readonly PayoutStep[],
  contractIdOf: (contract: unknown) => string,
  server: Server,
): readonly StepVerdict[] {
  const verdicts: StepVerdict[] = []
  const good: Good[] = []
  const named = new Set<string>()
  for (const step of batch) {
    const key = payoutKey(step.merchantId, step.number)
    assert(!named.has(key), 'no two steps of one batch concern the same payout')
    named.add(key)
    const draft = draftOf(state, tx, key)
    if (draft === null || !isCurrent(step, draft) || isStopped(state, step, draft)) {
      tx.drafts.delete(key)
      verdicts.push({ kind: 'stale' })
      continue
    }
    good.push({ step, draft })
    verdicts.push({ kind: 'done', version: step.to === null ? step.version : step.version + 1 })
  }

  for (const { step, draft } of good) checkRight(state, server, step, draft)
  for (const one of good) movePayout(one, tx.nowMs)
  for (const { step, draft } of good) prove(draft, step.attempt, tx.nowMs)
  for (const { step, draft } of good)
    if (step.attempt?.kind === 'opened') {
      checkOpened(state, tx, draft, step.attempt)
      openAttempt(draft, step.attempt, tx.nowMs, contractIdOf(step.attempt.contract))
    }
  for (const { step, draft } of good)
    if (step.attempt?.kind === 'changed') changeAttempt(draft, step.attempt, tx.nowMs)
  for (const one of good) changeQueue(one, tx.nowMs)
  for (const { step, draft } of good)
    if (step.confirmation !== null) draft.confirmation ??= { answer: step.confirmation, atMs: tx.nowMs }
  bookPostings(state, tx, good)
  for (const one of good) addNotices(one, tx.nowMs)
  for (const one of good) beginSearch(state, one, tx.nowMs)
  for (const one of good) keepExchange(one)
  for (const one of good) keepIncident(tx, one)
  return verdicts
}

function isCurrent(step: PayoutStep, draft: Draft): boolean {
  if (draft.payout.version !== step.version) return false
  if (step.claim !== null && draft.queue?.claim !== step.claim) return false
  if (step.attempt?.kind !== 'changed' || step.attempt.revision === null) return true
  const { attemptNo, revision } = step.attempt
  return draft.attempts.some(
    ({ attempt }) => attempt.attemptNo === attemptNo && attempt.revision === revision,
  )
}

/** Copied from the table in SAFETY.md's words, not from the lifecycle: a second opinion. */
const LEGAL: Readonly<Record<string, string>> = {
  waiting: 'waiting queued cancelled',
  queued: 'waiting cancelled sending',
  sending: 'sending pending paid in_doubt queued waiting failed',
  pending: 'paid in_doubt queued waiting failed',
  in_doubt: 'in_doubt pending paid queued waiting failed',
  paid: 'returned',
}

function movePayout({ step, draft }: Good, nowMs: number): void {
  const { to, waitReason, why, attempt } = step
  if (to === null) return
  const { payout } = draft
  rule((LEGAL[payout.state] ?? '').split(' ').includes(to), 'payout_legal_step')
  checkWaiting(to, waitReason)
  const attempts = attempt?.kind === 'opened' ? attempt.attemptNo : payout.attempts
  rule(attempts >= 0, 'payout_attempts_check')
  const version = payout.version + 1
  draft.payout = {
    ...payout,
    ...{ state: to, waitReason, why, version, attempts, stateSinceMs: nowMs },
    paidAtMs: to === 'paid' ? nowMs : payout.paidAtMs,
  }
  const attemptNo = attempts === 0 ? null : attempts
  draft.events = [...draft.events, { sequence: version, atMs: nowMs, state: to, waitReason, why, attemptNo }]
}

function changeQueue({ step, draft }: Good, nowMs: number): void {
  const { queue } = step
  if (queue.kind === 'drop') draft.queue = null
  if (queue.kind === 'put')
    draft.queue = {
      dueAtMs: nowMs + Math.round(queue.dueInMs),
      claim: null,
      tries: (draft.queue?.tries ?? 0) + (queue.counted ? 1 : 0),
      why: queue.why,
    }
}

function bookPostings(state: State, tx: Transaction, good: readonly Good[]): void {
  const booked: StoredPosting[] = []
  for (const { step, draft } of good) {
    const currency = step.postings[0]?.amount.currency
    if (currency === undefined) continue
    const { merchantId, number, recipe } = step
    const sequence = step.version + 1
    const rows = step.postings.map(({ debit, credit, amount }, place) => ({
      ...{ merchantId, number, sequence, debit, credit, leg: place + 1, atMs: tx.nowMs },
      // A posting without a recipe is refused below.
      recipe: recipe as StoredPosting['recipe'],
      amount: { minor: amount.minor, currency },
    }))
    for (const row of rows) checkPosting(row)
    rule(
      !draft.postings.some(other => other.sequence === sequence && other.recipe === recipe),
      'posting_pkey',
    )
    draft.postings = [...draft.postings, ...rows]
    booked.push(...rows)
  }
  movePostings(state, tx, booked)
}

function addNotices({ step, draft }: Good, nowMs: number): void {
  if (step.notices.length === 0) return
  const sequence = step.version + 1
  const rows = step.notices.map(({ target, url, dueInMs }) => ({
    ...{ sequence, target, url, state: 'due' as const, tries: 0, dueAtMs: nowMs + Math.round(dueInMs) },
    ...{ lastStatus: null, lastSaid: null, acknowledgedAtMs: null },
  }))
  rule(new Set(rows.map(({ target }) => target)).size === rows.length, 'notice_pkey')
  rule(step.to !== null, 'notice_merchant_id_payout_number_sequence_fkey')
  draft.notices = [...draft.notices, ...rows]
}

/** A picture may be there a moment after the payment. */
const FIRST_SEARCH_MS = 2_000

function beginSearch(state: State, { step, draft }: Good, nowMs: number): void {
  if (step.to !== 'paid' || step.attempt === null) return
  const { attemptNo } = step.attempt
  const row = draft.attempts.find(({ attempt }) => attempt.attemptNo === attemptNo)
  if (row === undefined) return
  const account = state.tables.providerAccounts.get(row.attempt.providerAccountId)?.proofAccountId ?? null
  if (account === null || draft.searches.some(search => search.attemptNo === attemptNo)) return
  draft.searches = [
    ...draft.searches,
    {
      ...{ attemptNo, providerAccountId: account, reference: row.attempt.reference, tries: 0, said: null },
      ...{ paidAtMs: nowMs, nextAtMs: nowMs + FIRST_SEARCH_MS },
    },
  ]
}

const EXCHANGE_KINDS: ReadonlySet<string> = new Set(['send', 'inquiry', 'callback'])

function keepExchange({ step, draft }: Good): void {
  const { exchange } = step
  if (exchange === null) return
  rule(EXCHANGE_KINDS.has(exchange.kind), 'exchange_kind_check')
  const exchangeNo = (draft.exchanges.at(-1)?.exchangeNo ?? 0) + 1
  const startedAtMs = Math.round(exchange.startedAtMs)
  const durationMs = Math.round(exchange.durationMs)
  draft.exchanges = [...draft.exchanges, { ...exchange, exchangeNo, startedAtMs, durationMs }]
}

function keepIncident(tx: Transaction, { step, draft }: Good): void {
  const { incident, merchantId, number } = step
  if (incident === null) return
  const attemptNo = step.attempt?.attemptNo ?? null
  raiseIncident(tx, draft, { merchantId, number, attemptNo, ...incident, atMs: tx.nowMs })
}
