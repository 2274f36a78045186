// Accepting payouts. Whoever was answered once gets the same answer for ever: a repeat is told before a refusal, and
// funds are looked at last.
import { beneficiaryMethod } from '../../../src/payout/beneficiary.ts'
import type { AcceptVerdict, NewPayout } from '../../../src/store/store.ts'
import { balanceKey, checkPosting, movePostings } from './money.ts'
import { rule } from './refusal.ts'
import { type Dossier, payoutKey, type StoredPosting } from './rows.ts'
import { ownKey, type State, type Transaction } from './state.ts'

/** `isRaced`: whether another call records the same reference or key at this moment, unseen by this one. */
export function accept(
  state: State,
  tx: Transaction,
  batch: readonly NewPayout[],
  isRaced: (payout: NewPayout) => boolean,
): readonly AcceptVerdict[] {
  const purses = new Map<string, bigint>()
  const verdicts: AcceptVerdict[] = []
  const accepted: NewPayout[] = []
  for (const place of inPurseOrder(batch)) {
    const payout = batch[place]
    if (payout === undefined) continue
    const verdict = judge(state, payout, purses, isRaced(payout))
    verdicts[place] = verdict
    if (verdict.kind === 'accepted') accepted[place] = payout
  }
  const postings: StoredPosting[] = []
  for (const [place, payout] of batch.entries()) {
    if (accepted[place] === undefined) continue
    checkNew(payout)
    const key = payoutKey(payout.merchantId, payout.number)
    if (isTaken(state, tx, payout, key) || isRaced(payout)) {
      verdicts[place] = { kind: 'again' }
      continue
    }
    const dossier = recorded(payout, key, tx.nowMs)
    tx.drafts.set(key, dossier)
    postings.push(...dossier.postings)
  }
  for (const posting of postings) checkPosting(posting)
  movePostings(state, tx, postings)
  return verdicts
}

/** Funds of one merchant and currency are given out in the order of the batch; the order between purses is of no matter. */
function inPurseOrder(batch: readonly NewPayout[]): readonly number[] {
  return [...batch.keys()]
}

function judge(state: State, payout: NewPayout, purses: Map<string, bigint>, raced: boolean): AcceptVerdict {
  const { tables } = state
  const { merchantId, amount } = payout
  const fingerprint = hex(payout.fingerprint)
  const byKey =
    payout.idempotencyKey === null
      ? undefined
      : tables.idempotencyKeys.get(ownKey(merchantId, payout.idempotencyKey))
  const byReference = tables.references.get(ownKey(merchantId, payout.reference))
  const standing = raced ? undefined : tables.dossiers.get(byKey ?? byReference ?? '')
  if (standing !== undefined) {
    const { number, tag } = standing.payout
    const isSame = standing.intake.fingerprint === fingerprint
    if (byKey !== undefined)
      return isSame
        ? { kind: 'replayed', number, tag, answer: standing.intake.firstAnswer }
        : { kind: 'conflict', by: 'idempotency_key', number, tag }
    return isSame && payout.idempotencyKey === null
      ? { kind: 'replayed', number, tag, answer: standing.intake.firstAnswer }
      : { kind: 'conflict', by: 'reference', number, tag }
  }
  if (payout.refuse !== null) return { kind: 'refused', why: payout.refuse }
  const purse = balanceKey(merchantId, amount.currency, 'available')
  const left = purses.get(purse) ?? tables.balances.get(purse)?.minor ?? 0n
  if (amount.minor > left) return { kind: 'insufficient' }
  purses.set(purse, left - amount.minor)
  return { kind: 'accepted' }
}

function isTaken(state: State, tx: Transaction, payout: NewPayout, key: string): boolean {
  const { merchantId, reference, idempotencyKey } = payout
  if (state.tables.dossiers.has(key) || tx.drafts.has(key)) return true
  for (const { payout: other, intake } of tx.drafts.values())
    if (other.merchantId === merchantId)
      if (
        other.reference === reference ||
        (idempotencyKey !== null && intake.idempotencyKey === idempotencyKey)
      )
        return true
  return false
}

function recorded(payout: NewPayout, key: string, nowMs: number): Dossier {
  const { merchantId, number, amount, to, waitReason } = payout
  return {
    key,
    payout: {
      merchantId,
      number,
      tag: payout.tag,
      reference: payout.reference,
      amount,
      beneficiary: payout.beneficiary,
      method: beneficiaryMethod(payout.beneficiary),
      description: payout.description,
      metadata: payout.metadata,
      door: payout.door,
      doorCredentialId: payout.doorCredentialId,
      requestId: payout.requestId,
      notifyUrl: payout.notifyUrl,
      state: to,
      waitReason,
      why: null,
      disputed: false,
      createdAtMs: Math.floor(payout.createdAtMs),
      stateSinceMs: nowMs,
      paidAtMs: null,
      version: 1,
      attempts: 0,
    },
    intake: {
      idempotencyKey: payout.idempotencyKey,
      fingerprint: hex(payout.fingerprint),
      firstAnswer: payout.firstAnswer,
    },
    queue: to === 'queued' ? { dueAtMs: nowMs, claim: null, tries: 0, why: null } : null,
    events: [{ sequence: 1, atMs: nowMs, state: to, waitReason, why: null, attemptNo: null }],
    postings: [
      {
        ...{ merchantId, number, amount, sequence: 1, leg: 1, recipe: 'hold', atMs: nowMs },
        ...{ debit: 'available', credit: 'held' },
      },
    ],
    attempts: [],
    proofs: [],
    exchanges: [],
    notices: [],
    callbacks: [],
    confirmation: null,
    searches: [],
    images: [],
    isDisputable: false,
  }
}

function checkNew(payout: NewPayout): void {
  const { number, tag, reference, idempotencyKey, fingerprint, amount } = payout
  rule(payout.to === 'queued' || payout.to === 'waiting', 'payout_begins')
  rule(/^[A-Z]{3}$/.test(amount.currency), 'payout_currency_check')
  rule(fingerprint.length === 32, 'payout_fingerprint_check')
  rule(idempotencyKey === null || isLong(idempotencyKey, 255), 'payout_idempotency_key_check')
  rule(amount.minor > 0n, 'payout_minor_check')
  rule(number > 0n && number < 9007199254740992n, 'payout_payout_number_check')
  rule(isLong(reference, 128), 'payout_reference_check')
  rule(tag >= 0 && tag < 536870912, 'payout_tag_check')
  checkWaiting(payout.to, payout.waitReason)
}

const WAIT_REASONS: ReadonlySet<string> = new Set('approval confirmation schedule funds review'.split(' '))

export function checkWaiting(state: string, waitReason: string | null): void {
  rule(waitReason === null || WAIT_REASONS.has(waitReason), 'payout_wait_reason_check')
  rule((state === 'waiting') === (waitReason !== null), 'payout_waits_for_a_reason')
}

/** Postgres counts characters, not the halves of them. */
export function isLong(text: string, lengthMax: number): boolean {
  const length = [...text].length
  return length >= 1 && length <= lengthMax
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
