// Reads. What is given out is the row itself wherever it can be: rows never change.
import { isFinal, type Payout, type PayoutKey } from '../../../src/payout/payout.ts'
import type {
  AccountBalance,
  BacklogLine,
  Books,
  NoticeRow,
  PayoutAndAttempt,
  PayoutPage,
  PostingRow,
  ProofSearchRow,
  StoredProofImage,
} from '../../../src/store/store.ts'
import { type Dossier, payoutKey } from './rows.ts'
import { ownKey, type State } from './state.ts'

export function dossierOf(state: State, merchantId: string, number: bigint): Dossier | null {
  return state.tables.dossiers.get(payoutKey(merchantId, number)) ?? null
}

/** For people: a queued payout says why it was put back, and one that ended unpaid whether something disputes that. */
function shown({ payout, queue, isDisputable }: Dossier): Payout {
  const why = payout.state === 'queued' ? (queue?.why ?? payout.why) : payout.why
  const disputed = isDisputable && (payout.state === 'failed' || payout.state === 'cancelled')
  return why === payout.why && !disputed ? payout : { ...payout, why, disputed }
}

export function findPayout(state: State, merchantId: string, by: PayoutKey): Payout | null {
  const key =
    by.by === 'reference'
      ? state.tables.references.get(ownKey(merchantId, by.reference))
      : payoutKey(merchantId, by.number)
  const dossier = state.tables.dossiers.get(key ?? '')
  if (dossier === undefined || (by.by === 'code' && dossier.payout.tag !== by.tag)) return null
  return shown(dossier)
}

/** Whoever computes a step from it reads its own row alone, so without the queue's words. */
export function findForStep(state: State, merchantId: string, number: bigint): PayoutAndAttempt | null {
  const dossier = dossierOf(state, merchantId, number)
  if (dossier === null) return null
  const payout = { ...shown(dossier), why: dossier.payout.why }
  const row = dossier.attempts.find(({ attempt }) => attempt.attemptNo === payout.attempts)
  if (row === undefined) return { payout, attempt: null, facts: null, incarnation: null, contract: null }
  const contract = state.tables.contracts.get(row.contractId) ?? null
  return { payout, attempt: row.attempt, facts: row.facts, incarnation: row.incarnation, contract }
}

export function listPayouts(state: State, merchantId: string, page: PayoutPage): readonly Payout[] {
  return [...state.tables.dossiers.values()]
    .filter(({ payout }) => payout.merchantId === merchantId && isOnPage(payout, page))
    .sort((one, other) => (one.payout.number < other.payout.number ? 1 : -1))
    .slice(0, page.limit)
    .map(shown)
}

function isOnPage(payout: Payout, { before, state, reference }: PayoutPage): boolean {
  if (before !== null && payout.number >= before) return false
  if (state !== null && payout.state !== state) return false
  return reference === null || payout.reference === reference
}

export function payoutPostings(state: State, merchantId: string, number: bigint): readonly PostingRow[] {
  const postings = [...(dossierOf(state, merchantId, number)?.postings ?? [])]
  for (const { posting } of state.tables.fundings.values())
    if (posting.merchantId === merchantId && posting.number === number) postings.push(posting)
  postings.sort((one, other) => one.sequence - other.sequence || one.leg - other.leg)
  return postings.map(({ leg, ...posting }) => posting)
}

export function payoutNotices(dossier: Dossier | null): readonly NoticeRow[] {
  return [...(dossier?.notices ?? [])]
    .sort((one, other) => one.sequence - other.sequence || (one.target < other.target ? -1 : 1))
    .map(({ dueAtMs, ...notice }) => notice)
}

export function proofImages(dossier: Dossier | null): readonly StoredProofImage[] {
  return [...(dossier?.images ?? [])]
    .sort((one, other) => {
      if (one.source !== other.source) return one.source === 'provider' ? -1 : 1
      return one.place - other.place || one.atMs - other.atMs
    })
    .map(({ hashHex, place, ...image }) => image)
}

export function proofSearches(dossier: Dossier | null): readonly ProofSearchRow[] {
  return [...(dossier?.searches ?? [])]
    .sort((one, other) => one.attemptNo - other.attemptNo)
    .map(({ reference, paidAtMs, ...search }) => search)
}

export function merchantBalances(state: State, merchantId: string): readonly AccountBalance[] {
  return [...state.tables.balances.values()]
    .filter(balance => balance.merchantId === merchantId)
    .sort((one, other) => {
      if (one.currency !== other.currency) return one.currency < other.currency ? -1 : 1
      return one.account < other.account ? -1 : 1
    })
    .map(({ account, currency, minor }) => ({ merchantId, account, balance: { minor, currency } }))
}

export function readBooks(state: State, merchantId: string): Books {
  const { dossiers, fundings } = state.tables
  const own = [...dossiers.values()].filter(({ payout }) => payout.merchantId === merchantId)
  const funded = [...fundings.values()].filter(funding => funding.merchantId === merchantId)
  return {
    // The accounts of the books are those of postings.
    balances: merchantBalances(state, merchantId) as Books['balances'],
    payouts: own.map(({ payout: { number, state: at, amount } }) => ({
      merchantId,
      number,
      state: at,
      amount,
    })),
    postings: [...funded.map(({ posting }) => posting), ...own.flatMap(({ postings }) => postings)].map(
      ({ number, recipe, debit, credit, amount }) => ({ merchantId, number, recipe, debit, credit, amount }),
    ),
  }
}

const OPEN: ReadonlySet<string> = new Set(['sending', 'in_doubt', 'pending'])

export function backlog(state: State): readonly BacklogLine[] {
  const lines = new Map<string, BacklogLine>()
  for (const { payout, queue, attempts } of state.tables.dossiers.values()) {
    // Most payouts of a long history are at their end: they are passed by cheaply.
    if (queue === null && isFinal(payout.state) && attempts.length === 0) continue
    if (queue === null && !attempts.some(({ attempt }) => OPEN.has(attempt.state))) continue
    const { currency, minor } = payout.amount
    const line = lines.get(`${payout.state} ${currency}`)
    lines.set(`${payout.state} ${currency}`, {
      state: payout.state,
      currency,
      count: (line?.count ?? 0) + 1,
      minor: (line?.minor ?? 0n) + minor,
      oldestMs: Math.min(line?.oldestMs ?? payout.stateSinceMs, payout.stateSinceMs),
    })
  }
  return [...lines].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, line]) => line)
}
