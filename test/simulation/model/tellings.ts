// What providers tell us and what we tell merchants: callbacks, each once for ever, and the results of notices.
import type { CallbackVerdict, NewCallback, NoticeResult } from '../../../src/store/store.ts'
import { hex } from './intake.ts'
import { rule } from './refusal.ts'
import { payoutKey, type StoredNotice } from './rows.ts'
import { type Draft, draftOf, type State, type Transaction } from './state.ts'

export function recordCallbacks(
  state: State,
  tx: Transaction,
  batch: readonly NewCallback[],
): readonly CallbackVerdict[] {
  const fresh = new Set<string>()
  return batch.map(callback => {
    const key = payoutKey(callback.merchantId, callback.number)
    const draft = draftOf(state, tx, key)
    const { attemptNo, raw, verified, said } = callback
    if (draft === null || !draft.attempts.some(({ attempt }) => attempt.attemptNo === attemptNo))
      return 'no_attempt'
    rule(callback.hash.length === 32, 'callback_hash_check')
    const hash = hex(callback.hash)
    const id = `${key} ${attemptNo} ${hash}`
    if (!draft.callbacks.some(other => other.attemptNo === attemptNo && other.hash === hash)) {
      fresh.add(id)
      draft.callbacks = [...draft.callbacks, { attemptNo, hash, raw, verified, said, receivedAtMs: tx.nowMs }]
    }
    // The same one twice in a batch is kept once, and both are told so.
    if (!fresh.has(id)) return 'known'
    if (verified) wakeLook(draft, attemptNo, tx.nowMs)
    return 'kept'
  })
}

/** While the send is open its own answer comes first; its time is not cut short. */
function wakeLook(draft: Draft, attemptNo: number, nowMs: number): void {
  const place = draft.attempts.findIndex(({ attempt }) => attempt.attemptNo === attemptNo)
  const row = draft.attempts[place]
  if (row === undefined) return
  const { attempt, facts } = row
  if (attempt.state === 'sending' && !knowsItsLastByte(facts)) return
  const nextInquiryAtMs = Math.min(attempt.nextInquiryAtMs ?? nowMs, nowMs)
  draft.attempts = draft.attempts.with(place, { ...row, attempt: { ...attempt, nextInquiryAtMs } })
}

function knowsItsLastByte(facts: unknown): boolean {
  if (typeof facts !== 'object' || facts === null) return false
  const { lastPossibleByteAfterMs: known } = facts as { lastPossibleByteAfterMs?: unknown }
  return known !== undefined && known !== null
}

export function recordNotices(state: State, tx: Transaction, batch: readonly NoticeResult[]): void {
  for (const result of batch) {
    const draft = draftOf(state, tx, payoutKey(result.merchantId, result.number))
    if (draft === null) continue
    const place = draft.notices.findIndex(
      ({ sequence, target, state: was }) =>
        sequence === result.sequence && target === result.target && was === 'due',
    )
    const row = draft.notices[place]
    if (row !== undefined) draft.notices = draft.notices.with(place, told(row, result, tx.nowMs))
  }
}

function told(row: StoredNotice, { status, said, next }: NoticeResult, nowMs: number): StoredNotice {
  if (next.kind === 'later') return { ...row, dueAtMs: nowMs + Math.round(next.dueInMs) }
  return {
    ...row,
    state: next.kind === 'again' ? 'due' : next.kind,
    dueAtMs: next.kind === 'again' ? nowMs + Math.round(next.dueInMs) : null,
    tries: row.tries + 1,
    lastStatus: status,
    lastSaid: said,
    acknowledgedAtMs: next.kind === 'acknowledged' ? nowMs : null,
  }
}
