// Attempts and the proofs of their death: at most one of a payout is not proven dead, and nothing leaves `dead`.
import type { AttemptState } from '../../../src/payout/attempt.ts'
import type { AttemptChanged, AttemptOpened, PayoutStep } from '../../../src/store/store.ts'
import { hex } from './intake.ts'
import { stored } from './json.ts'
import { learnedBy } from './learned.ts'
import { rule } from './refusal.ts'
import type { AttemptRow } from './rows.ts'
import { type Draft, ownKey, type State, type Transaction } from './state.ts'

const DEATHS: ReadonlySet<string> = new Set(
  'not_sent refused failed_final never_arrived not_committed cancelled by_statement by_people'.split(' '),
)
const STATES: ReadonlySet<string> = new Set('sending in_doubt pending paid returned dead'.split(' '))

/** The proof is kept before its attempt dies of it. */
export function prove(draft: Draft, change: PayoutStep['attempt'], nowMs: number): void {
  if (change?.kind !== 'changed' || change.proof === null) return
  const { attemptNo, proof } = change
  rule(proof.premises !== null && proof.premises !== undefined, 'not_null premises')
  rule(DEATHS.has(proof.kind), 'proof_kind_check')
  rule(!draft.proofs.some(other => other.attemptNo === attemptNo), 'proof_pkey')
  const row = { attemptNo, kind: proof.kind, premises: stored(proof.premises), atMs: nowMs }
  draft.proofs = [...draft.proofs, row]
}

export function checkOpened(state: State, tx: Transaction, draft: Draft, opened: AttemptOpened): void {
  const { attemptNo, providerAccountId, reference, requestHash } = opened
  rule(attemptNo > 0, 'attempt_attempt_no_check')
  rule(requestHash.length === 32, 'attempt_request_hash_check')
  rule(!draft.attempts.some(({ attempt }) => attempt.attemptNo === attemptNo), 'attempt_pkey')
  rule(!draft.attempts.some(({ attempt }) => attempt.state !== 'dead'), 'one_live_attempt')
  const key = ownKey(draft.payout.merchantId, `${providerAccountId} ${reference}`)
  rule(!state.tables.attemptReferences.has(key) && !tx.attemptReferences.has(key), 'attempt_reference')
  tx.attemptReferences.add(key)
}

export function openAttempt(draft: Draft, opened: AttemptOpened, nowMs: number, contractId: string): void {
  const { attemptNo, providerAccountId, reference, requestHash, incarnation, lostInMs } = opened
  const row: AttemptRow = {
    attempt: {
      ...{
        attemptNo,
        providerAccountId,
        reference,
        state: 'sending',
        theirId: null,
        doubt: null,
        proof: null,
      },
      ...{ createdAtMs: nowMs, nextInquiryAtMs: nowMs + Math.round(lostInMs), inquiries: 0, revision: 0 },
    },
    ...{ contractId, incarnation, requestHash: hex(requestHash), facts: null, learned: 0 },
  }
  draft.attempts = [...draft.attempts, row].sort(
    (one, other) => one.attempt.attemptNo - other.attempt.attemptNo,
  )
}

export function changeAttempt(draft: Draft, change: AttemptChanged, nowMs: number): void {
  const place = draft.attempts.findIndex(({ attempt }) => attempt.attemptNo === change.attemptNo)
  const row = draft.attempts[place]
  if (row === undefined) return
  const { attempt } = row
  const state = change.state ?? attempt.state
  if (state !== attempt.state) rule(isLegal(attempt.state, state), 'attempt_legal_step')
  const proof = change.proof?.kind ?? attempt.proof
  const doubt = state === 'in_doubt' ? (change.doubt ?? attempt.doubt) : null
  rule((state === 'dead') === (proof !== null), 'attempt_is_dead_by_proof')
  rule((state === 'in_doubt') === (doubt !== null), 'attempt_says_its_doubt')
  rule(STATES.has(state), 'attempt_state_check')
  const isRemembered = change.facts !== null && change.facts !== undefined
  const next: AttemptRow = {
    ...row,
    attempt: {
      ...attempt,
      ...{ state, doubt, proof },
      theirId: change.theirId ?? attempt.theirId,
      nextInquiryAtMs: nextLookAtMs(draft, attempt.state, change, nowMs),
      inquiries: attempt.inquiries + (change.inquired ? 1 : 0),
      revision: attempt.revision + (isRemembered ? 1 : 0),
    },
    facts: isRemembered ? stored(change.facts) : row.facts,
  }
  draft.attempts = draft.attempts.with(place, { ...next, learned: learnedBy(row, next) })
}

function isLegal(from: AttemptState, to: AttemptState): boolean {
  if (from === 'dead' || from === 'returned' || to === 'sending') return false
  return from !== 'paid' || to === 'returned'
}

/** A callback that came while the send was open has waited for this moment. */
function nextLookAtMs(draft: Draft, was: AttemptState, change: AttemptChanged, nowMs: number): number | null {
  const { attemptNo, state, nextLookInMs } = change
  if (nextLookInMs === null) return null
  const isAnswered = was === 'sending' && state !== null && state !== 'sending'
  const isCalled = draft.callbacks.some(callback => callback.attemptNo === attemptNo && callback.verified)
  return isAnswered && isCalled ? nowMs : nowMs + Math.round(nextLookInMs)
}
