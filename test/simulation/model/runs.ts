// The runs of processes, each with its number and the id of its own journal, and the sends whose end is not recorded.
import type { StoredIncarnation } from '../../../src/store/store.ts'
import { rule } from './refusal.ts'
import type { AttemptRow, IncarnationRow } from './rows.ts'
import { draftOf, type State, type Transaction } from './state.ts'

/** `journalId` is drawn anew each time, also where a number is given again after a restore. */
export function beginIncarnation(
  { tables }: State,
  nowMs: number,
  process: { kind: string; host: string; pid: number },
  journalId: string,
): bigint {
  tables.lastIncarnation += 1n
  const { kind, host, pid } = process
  const row = {
    kind,
    host,
    pid,
    startedAtMs: nowMs,
    seenAtMs: nowMs,
    endedAtMs: null,
    journalId,
    journalBytes: 0,
  }
  tables.incarnations.set(tables.lastIncarnation, row)
  return tables.lastIncarnation
}

export function findIncarnation({ tables }: State, incarnation: bigint): StoredIncarnation | null {
  const row = tables.incarnations.get(incarnation)
  if (row === undefined) return null
  const { host, pid, startedAtMs, journalId, journalBytes } = row
  const { installation } = tables
  const hasEnded = row.endedAtMs !== null
  return { incarnation, host, pid, startedAtMs, hasEnded, installation, journalId, journalBytes }
}

export function touchIncarnation(
  state: State,
  nowMs: number,
  incarnation: bigint,
  journalBytes: number,
): void {
  change(state, incarnation, row => ({
    ...row,
    seenAtMs: nowMs,
    journalBytes: Math.max(row.journalBytes, journalBytes),
  }))
}

export function endIncarnation(state: State, nowMs: number, incarnation: bigint): void {
  change(state, incarnation, row => ({ ...row, seenAtMs: nowMs, endedAtMs: nowMs }))
}

function change(
  { tables }: State,
  incarnation: bigint,
  changed: (row: IncarnationRow) => IncarnationRow,
): void {
  const row = tables.incarnations.get(incarnation)
  if (row !== undefined) tables.incarnations.set(incarnation, changed(row))
}

/** Of these, those that hold a send right whose end is not recorded. */
export function withOpenSends(state: State, incarnations: readonly bigint[]): readonly bigint[] {
  return owners(state, incarnations, row => (isOpen(row) ? [holderOf(row)] : []))
}

/** Of these, those with an attempt that has not ended. */
export function withLiveAttempts(state: State, incarnations: readonly bigint[]): readonly bigint[] {
  return owners(state, incarnations, row =>
    ['sending', 'in_doubt', 'pending'].includes(row.attempt.state) ? [row.incarnation, holderOf(row)] : [],
  )
}

/** Makes the look at every open send of theirs due at once. */
export function wakeOpenSends(state: State, tx: Transaction, incarnations: readonly bigint[]): void {
  for (const [key, { attempts }] of state.tables.dossiers)
    for (const [place, row] of attempts.entries()) {
      if (!isOpen(row) || !incarnations.includes(holderOf(row))) continue
      const draft = draftOf(state, tx, key)
      rule(draft !== null, 'attempt_merchant_id_payout_number_fkey')
      const { attempt } = row
      const nextInquiryAtMs = Math.min(attempt.nextInquiryAtMs ?? tx.nowMs, tx.nowMs)
      draft.attempts = draft.attempts.with(place, { ...row, attempt: { ...attempt, nextInquiryAtMs } })
    }
}

function owners(
  { tables }: State,
  incarnations: readonly bigint[],
  of: (row: AttemptRow) => readonly bigint[],
): readonly bigint[] {
  if (incarnations.length === 0) return []
  const found = new Set<bigint>()
  for (const { attempts } of tables.dossiers.values())
    for (const row of attempts)
      for (const owner of of(row)) if (incarnations.includes(owner)) found.add(owner)
  return [...found]
}

/** The second of two steps has a sender of its own. */
function holderOf({ incarnation, facts }: AttemptRow): bigint {
  const { payIncarnation = null } = (facts ?? {}) as { payIncarnation?: string | null }
  return payIncarnation === null ? incarnation : BigInt(payIncarnation)
}

function isOpen({ attempt, facts }: AttemptRow): boolean {
  const { lastPossibleByteAfterMs = null } = (facts ?? {}) as { lastPossibleByteAfterMs?: number | null }
  return (attempt.state === 'sending' || attempt.state === 'in_doubt') && lastPossibleByteAfterMs === null
}
