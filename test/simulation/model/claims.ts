// What is due, taken so that nobody else takes it for the length of a lease: the time of a claimed row moves to the end
// of the lease, and by that alone it comes due again when whoever claimed it is gone.
import { assert } from '../../../src/lib/assert.ts'
import type { DueAttempt, DueNotice, DuePayout, DueProofSearch } from '../../../src/store/store.ts'
import { type Draft, draftOf, type State, type Transaction } from './state.ts'
import { passesOver } from './switches.ts'

export interface Claim {
  readonly limit: number
  readonly leaseMs: number
}

/** A row that is due: the key of its payout, and of an attempt, a search or a notice also its number or target. */
export interface DueRow {
  readonly payoutKey: string
  readonly id: string
  readonly atMs: number
}

/** Whether a row is locked by somebody else at this moment; claims go past such rows. */
export type IsLocked = (row: DueRow) => boolean

export function claimDue(
  state: State,
  tx: Transaction,
  claim: Claim,
  isLocked: IsLocked,
): readonly DuePayout[] {
  const leaseEndMs = leaseEnd(tx, claim)
  const isLockedRow = of(isLocked)
  const isPassed = passesOver(state)
  const isSkipped = (id: string, atMs: number): boolean => isLockedRow(id, atMs) || isPassed?.(id) === true
  return state.due.queue.take(claim.limit, tx.nowMs, isSkipped).map(key => {
    const draft = known(state, tx, key)
    assert(draft.queue !== null, 'what is due in the queue is in the queue')
    state.tables.lastClaim += 1n
    const claimed = { ...draft.queue, dueAtMs: leaseEndMs, claim: state.tables.lastClaim }
    draft.queue = claimed
    return { payout: draft.payout, claim: claimed.claim, tries: claimed.tries }
  })
}

export function claimAttempts(
  state: State,
  tx: Transaction,
  claim: Claim,
  isLocked: IsLocked,
): readonly DueAttempt[] {
  const leaseEndMs = leaseEnd(tx, claim)
  return state.due.attempts.take(claim.limit, tx.nowMs, of(isLocked)).map(id => {
    const [key, rest] = split(id)
    const draft = known(state, tx, key)
    const place = draft.attempts.findIndex(({ attempt }) => attempt.attemptNo === Number(rest))
    const row = draft.attempts[place]
    assert(row !== undefined, 'an attempt that is due exists')
    const next = { ...row, attempt: { ...row.attempt, nextInquiryAtMs: leaseEndMs } }
    draft.attempts = draft.attempts.with(place, next)
    const contract = state.tables.contracts.get(row.contractId) ?? null
    return {
      ...{ payout: draft.payout, attempt: next.attempt },
      ...{ facts: row.facts, incarnation: row.incarnation, contract },
    }
  })
}

/** A payout's later notice waits until the earlier one is acknowledged or parked. */
export function claimNotices(
  state: State,
  tx: Transaction,
  claim: Claim,
  isLocked: IsLocked,
): readonly DueNotice[] {
  const leaseEndMs = leaseEnd(tx, claim)
  return state.due.notices.take(claim.limit, tx.nowMs, of(isLocked)).map(id => {
    const [key, target] = split(id)
    const draft = known(state, tx, key)
    const place = draft.notices.findIndex(notice => notice.target === target && notice.state === 'due')
    const row = draft.notices[place]
    assert(row !== undefined, 'a notice that is due exists')
    draft.notices = draft.notices.with(place, { ...row, dueAtMs: leaseEndMs })
    const event = draft.events.find(({ sequence }) => sequence === row.sequence)
    assert(event !== undefined, 'a notice tells of an event')
    const { sequence, url, tries } = row
    return { payout: draft.payout, sequence, state: event.state, atMs: event.atMs, target, url, tries }
  })
}

export function claimProofSearches(
  state: State,
  tx: Transaction,
  claim: Claim,
  isLocked: IsLocked,
): readonly DueProofSearch[] {
  const leaseEndMs = leaseEnd(tx, claim)
  return state.due.searches.take(claim.limit, tx.nowMs, of(isLocked)).map(id => {
    const [key, rest] = split(id)
    const draft = known(state, tx, key)
    const place = draft.searches.findIndex(({ attemptNo }) => attemptNo === Number(rest))
    const row = draft.searches[place]
    assert(row !== undefined, 'a search that is due exists')
    draft.searches = draft.searches.with(place, { ...row, nextAtMs: leaseEndMs })
    const { merchantId, number } = draft.payout
    const { attemptNo, providerAccountId, reference, tries, paidAtMs } = row
    return {
      ...{ merchantId, number, attemptNo, providerAccountId, reference, tries },
      sincePaidMs: tx.nowMs - paidAtMs,
    }
  })
}

function leaseEnd(tx: Transaction, { leaseMs }: Claim): number {
  assert(Number.isInteger(leaseMs), 'a lease is a whole number of milliseconds')
  return tx.nowMs + leaseMs
}

function known(state: State, tx: Transaction, key: string): Draft {
  const draft = draftOf(state, tx, key)
  assert(draft !== null, 'what is due belongs to a payout')
  return draft
}

function of(isLocked: IsLocked): (id: string, atMs: number) => boolean {
  return (id, atMs) => isLocked({ payoutKey: split(id)[0], id, atMs })
}

/** The payout's key and what stands behind it: an attempt's number, a notice's target. */
function split(id: string): [string, string] {
  const end = id.indexOf(' ', id.indexOf(' ') + 1)
  return end === -1 ? [id, ''] : [id.slice(0, end), id.slice(end + 1)]
}
