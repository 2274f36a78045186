// Safe mode: noticing that the server is not the one that is known, what is asked before anything is sent again, and the
// release by two people. Written from migrations/0007-safe-mode.sql.
import { Unavailable } from '../../../src/errors.ts'
import type { Payout } from '../../../src/payout/payout.ts'
import type {
  InstallationCheck,
  JournaledSend,
  PayoutStep,
  Phantom,
  ReferenceAnswer,
  ReferenceQuestion,
  SafeModeSign,
  SafeModeState,
} from '../../../src/store/store.ts'
import { raiseIncident } from './incidents.ts'
import type { NewSafeModeRelease, SweepCounts } from './releases.ts'
import { type AttemptRow, type KnownServer, payoutKey, type QuestionRow } from './rows.ts'
import { type Draft, draftOf, type State, type Transaction } from './state.ts'
import { accountOfRight } from './switches.ts'

/** The server as it runs. It is not part of its tables: a restore changes it, and they do not know. */
export interface Server extends KnownServer {
  /** How far its log is on its disk. */
  readonly position: number
}

export const FIRST_SERVER: Server = { systemIdentifier: 1, timeline: 1, position: 0x100 }

/** A promotion begins a timeline, a new cluster has a new identifier; a copy that is put back is only behind. */
export function restoredServer(server: Server, position: number, as: SafeModeSign): Server {
  if (as === 'timeline') return { ...server, position, timeline: server.timeline + 1 }
  if (as === 'system_identifier')
    return { ...server, position, systemIdentifier: server.systemIdentifier + 1 }
  return { ...server, position }
}

function sign({ tables }: State, server: Server, noted: string | null): SafeModeSign | null {
  const { systemIdentifier, timeline } = tables.knownServer
  if (systemIdentifier !== server.systemIdentifier) return 'system_identifier'
  if (timeline !== server.timeline) return 'timeline'
  return noted !== null && server.position < numberOf(noted) ? 'position' : null
}

/** Whether a claim may give anything. */
export function maySend(state: State, server: Server, noted: string | null): boolean {
  if (sign(state, server, noted) !== null) return false
  const { safeModes, providerAccounts } = state.tables
  if (safeModes.length === 0) return true
  return [...providerAccounts.values()].some(({ id, active }) => active && !isStopped(state, id))
}

function isStopped({ tables }: State, account: string): boolean {
  return tables.safeModes.some(one => one.providerAccountId === account && one.releasedAtMs === null)
}

/** @throws Unavailable where a step would give a send right that safe mode refuses; to the caller it is the database */
export function checkRight(state: State, server: Server, step: PayoutStep, draft: Draft): void {
  const account = accountOfRight(step, draft)
  if (account === null || step.attempt === null) return
  const { attempt: change } = step
  // Found again after a restore: nobody was given a right to send it.
  if (change.kind === 'opened' && change.incarnation === 0n) return
  const isOlder = (one: SafeModeState): boolean => {
    if (change.kind === 'opened') return false
    const row = draft.attempts.find(({ attempt }) => attempt.attemptNo === change.attemptNo)
    return one.enteredAtMs >= (row?.attempt.createdAtMs ?? 0)
  }
  const isFound =
    change.kind !== 'opened' &&
    draft.attempts.some(
      ({ attempt, incarnation }) => attempt.attemptNo === change.attemptNo && incarnation === 0n,
    )
  const refused = state.tables.safeModes.some(
    one => one.providerAccountId === account && (one.releasedAtMs === null || isOlder(one)),
  )
  if (refused || isFound || sign(state, server, null) !== null)
    throw new Unavailable('unavailable', 'nothing is sent in safe mode')
}

const DAY_MS = 86_400_000
const ASKED_FOR_DAYS = 35

export function checkInstallation(
  state: State,
  tx: Transaction,
  server: Server,
  noted: string | null,
  journals: readonly string[],
): InstallationCheck {
  const seen = sign(state, server, noted)
  if (seen !== null) {
    enter(state, tx.nowMs, seen)
    for (const journal of journals) state.tables.sweptJournals.add(journal)
    state.tables.knownServer = { systemIdentifier: server.systemIdentifier, timeline: server.timeline }
    wakeAll(state, tx)
  }
  return { sign: seen, position: textOf(server.position) }
}

function enter(state: State, nowMs: number, seen: SafeModeSign): void {
  const { providerAccounts, safeModes } = state.tables
  for (const providerAccountId of providerAccounts.keys())
    if (!isStopped(state, providerAccountId))
      safeModes.push({
        ...{ providerAccountId, sign: seen, enteredAtMs: nowMs, releasedAtMs: null },
        ...{ proposedBy: null, confirmedBy: null },
      })
}

/** Whatever is not dead is asked about, also what was paid and may have come back or never been. */
function wakeAll(state: State, tx: Transaction): void {
  for (const [key, { payout, attempts }] of state.tables.dossiers)
    for (const [place, row] of attempts.entries()) {
      const { attempt } = row
      const isOpen = ['sending', 'in_doubt', 'pending'].includes(attempt.state)
      const isPaid = attempt.state === 'paid' && (payout.paidAtMs ?? 0) > tx.nowMs - ASKED_FOR_DAYS * DAY_MS
      const draft = isOpen || isPaid ? draftOf(state, tx, key) : null
      if (draft === null) continue
      const woken: AttemptRow = { ...row, attempt: { ...attempt, nextInquiryAtMs: tx.nowMs } }
      draft.attempts = draft.attempts.with(place, woken)
    }
}

export function safeModes({ tables }: State, nowMs: number): readonly SafeModeState[] {
  return tables.safeModes.filter(
    ({ releasedAtMs }) => releasedAtMs === null || releasedAtMs > nowMs - ASKED_FOR_DAYS * DAY_MS,
  )
}

export function releaseSafeMode(
  state: State,
  nowMs: number,
  { providerAccountId, proposedBy, confirmedBy }: NewSafeModeRelease,
): 'released' | 'not_in_safe_mode' | 'same_person' | 'sweep_goes_on' {
  const { tables } = state
  if (proposedBy.trim().toLowerCase() === confirmedBy.trim().toLowerCase()) return 'same_person'
  const place = tables.safeModes.findIndex(
    one => one.providerAccountId === providerAccountId && one.releasedAtMs === null,
  )
  const open = tables.safeModes[place]
  if (open === undefined) return 'not_in_safe_mode'
  if (sweepGoesOn(state, providerAccountId)) return 'sweep_goes_on'
  tables.safeModes[place] = { ...open, releasedAtMs: nowMs, proposedBy, confirmedBy }
  return 'released'
}

/** Not all that was here when safe mode was entered last has been looked at or asked for (0009-releases.sql). */
function sweepGoesOn(state: State, account: string): boolean {
  const { dossiers, safeModes, questions } = state.tables
  const enteredAtMs = Math.max(...safeModes.map(one => one.enteredAtMs))
  for (const [key, { payout, queue, attempts }] of dossiers) {
    for (const { attempt } of attempts)
      if (
        attempt.providerAccountId === account &&
        ['sending', 'in_doubt', 'pending', 'paid'].includes(attempt.state) &&
        attempt.nextInquiryAtMs !== null &&
        attempt.nextInquiryAtMs <= enteredAtMs
      )
        return true
    if (queue === null || payout.state !== 'queued' || payout.createdAtMs > enteredAtMs) continue
    if (!isRouted(state, payout, account)) continue
    const asked = questions.get(questionKey(key, payout.attempts + 1, account))
    if (asked === undefined || asked.nextAtMs !== null) return true
  }
  return false
}

function isRouted({ tables }: State, payout: Payout, account: string): boolean {
  return [...tables.routes.values()].some(
    ({ merchantId, providerAccountId, currency, method }) =>
      merchantId === payout.merchantId &&
      providerAccountId === account &&
      currency === payout.amount.currency &&
      (method === null || method === payout.method),
  )
}

export function unknownSends(
  { tables }: State,
  sends: readonly JournaledSend[],
): readonly { readonly place: number; readonly attemptNo: number }[] {
  return sends.flatMap(({ merchantId, number, attemptNo, step, providerAccountId, reference }, place) => {
    const rows = tables.dossiers.get(payoutKey(merchantId, number))?.attempts ?? []
    const row = rows.find(({ attempt }) => attempt.attemptNo === attemptNo)
    const isSame = row?.attempt.providerAccountId === providerAccountId && row.attempt.reference === reference
    const wasAllowed = step !== 'second' || (row?.facts as { stepsSent?: number } | null)?.stepsSent === 2
    return isSame && wasAllowed ? [] : [{ place, attemptNo }]
  })
}

/** What every queued payout still has to be asked about, and when the next question is due; null: nothing is. */
export function nextQuestionAtMs(state: State, nowMs: number): number | null {
  if (state.tables.safeModes.length === 0) return null
  if (missing(state).next().done !== true) return nowMs
  let next: number | null = null
  for (const { nextAtMs } of state.tables.questions.values())
    if (nextAtMs !== null && (next === null || nextAtMs < next)) next = nextAtMs
  return next
}

function* missing(state: State): Generator<QuestionRow> {
  const { tables } = state
  const stopped = tables.safeModes.filter(({ releasedAtMs }) => releasedAtMs === null)
  if (stopped.length === 0) return
  for (const [key, { payout, queue }] of tables.dossiers) {
    if (queue === null || payout.state !== 'queued') continue
    const attemptNo = payout.attempts + 1
    for (const { providerAccountId } of stopped) {
      if (!isRouted(state, payout, providerAccountId)) continue
      if (tables.questions.has(questionKey(key, attemptNo, providerAccountId))) continue
      yield { payoutKey: key, attemptNo, providerAccountId, nextAtMs: 0, notFound: 0, said: null }
    }
  }
}

function questionKey(key: string, attemptNo: number, account: string): string {
  return `${key} ${attemptNo} ${account}`
}

export function claimQuestions(
  state: State,
  nowMs: number,
  { limit, leaseMs }: { readonly limit: number; readonly leaseMs: number },
): readonly ReferenceQuestion[] {
  const { questions, dossiers } = state.tables
  for (const row of [...missing(state)].slice(0, limit))
    questions.set(questionKey(row.payoutKey, row.attemptNo, row.providerAccountId), {
      ...row,
      nextAtMs: nowMs,
    })
  const due = [...questions].filter(([, { nextAtMs }]) => nextAtMs !== null && nextAtMs <= nowMs)
  due.sort(([, one], [, other]) => (one.nextAtMs ?? 0) - (other.nextAtMs ?? 0))
  return due.slice(0, limit).flatMap(([key, row]) => {
    questions.set(key, { ...row, nextAtMs: nowMs + leaseMs })
    const payout = dossiers.get(row.payoutKey)?.payout
    const { attemptNo, providerAccountId, notFound } = row
    return payout === undefined ? [] : [{ payout, attemptNo, providerAccountId, notFound }]
  })
}

export function answerQuestion({ tables }: State, nowMs: number, answer: ReferenceAnswer): void {
  const { merchantId, number, attemptNo, providerAccountId, said, nextInMs } = answer
  const key = questionKey(payoutKey(merchantId, number), attemptNo, providerAccountId)
  const row = tables.questions.get(key)
  if (row === undefined) return
  const nextAtMs = nextInMs === null ? null : nowMs + Math.round(nextInMs)
  const notFound = row.notFound + (said === 'not_found' ? 1 : 0)
  tables.questions.set(key, { ...row, said, nextAtMs, notFound })
}

/** Told once for each reference. */
export function recordPhantom(state: State, tx: Transaction, phantom: Phantom): void {
  const { merchantId, number, attemptNo } = phantom
  const detail = `${nameOf(phantom)}${phantom.detail}`
  const isTold = state.tables.incidents.some(
    one =>
      one.kind === 'phantom' &&
      one.merchantId === merchantId &&
      one.number === number &&
      one.attemptNo === attemptNo &&
      one.detail === detail,
  )
  if (isTold) return
  const draft = draftOf(state, tx, payoutKey(merchantId, number))
  raiseIncident(tx, draft, { merchantId, number, attemptNo, kind: 'phantom', detail, atMs: tx.nowMs })
}

type Sent = Pick<Phantom, 'providerAccountId' | 'reference'>

export function findPhantom({ tables }: State, merchantId: string, among: readonly Sent[]): number | null {
  const told = tables.incidents.filter(one => one.kind === 'phantom' && one.merchantId === merchantId)
  const place = among.findIndex(sent => told.some(({ detail }) => detail.startsWith(nameOf(sent))))
  return place < 0 ? null : place
}

function nameOf({ providerAccountId, reference }: Sent): string {
  return `${providerAccountId} ${reference}: `
}

export function sweepCounts({ tables }: State): readonly SweepCounts[] {
  const counts = new Map<string, SweepCounts>()
  for (const { providerAccountId, said, nextAtMs } of tables.questions.values()) {
    const isOpen = nextAtMs !== null
    const key = `${providerAccountId} ${said} ${isOpen}`
    const before = counts.get(key) ?? { providerAccountId, said, isOpen, count: 0 }
    counts.set(key, { ...before, count: before.count + 1 })
  }
  return [...counts.values()]
}

/** As `pg_lsn` is written; 256 bytes of the log for each commit. */
function textOf(position: number): string {
  return `0/${(position * 256).toString(16).toUpperCase()}`
}

function numberOf(position: string): number {
  const [high = '0', low = '0'] = position.split('/')
  return (Number.parseInt(high, 16) * 2 ** 32 + Number.parseInt(low, 16)) / 256
}
