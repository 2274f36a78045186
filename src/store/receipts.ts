// Receipts in the database: what is due, the log, its keys. SQL checks again what was computed here (0010-receipts.sql).
import type { Seal } from '../lib/seal.ts'
import type { Attempt } from '../payout/attempt.ts'
import type { Payout } from '../payout/payout.ts'
import type { Claim } from './claim.ts'
import {
  ATTEMPT_COLUMNS,
  type AttemptRow,
  ms,
  PAYOUT_COLUMNS,
  type PayoutRow,
  rowAttempt,
  rowPayout,
} from './rows.ts'
import type { Whole } from './whole.ts'

/** A payment or a return without a receipt, with all that is on record about it. */
export interface DueReceipt {
  readonly kind: 'paid' | 'returned'
  readonly payout: Payout
  /** The attempt that paid. */
  readonly attempt: Attempt | null
  readonly protocol: string | null
  readonly merchantName: string
  /** SHA-256 of the exact bytes that were sent, lowercase hex. */
  readonly requestHash: string | null
  readonly traceId: string | null
  /** Of a return: the leaf hash of the payment's receipt, lowercase hex. */
  readonly firstLeaf: string | null
  /** `send`, `inquiry` and `callback` are exchanges that showed it; `callback_kept` one that was verified before. */
  readonly evidence: readonly {
    readonly kind: 'send' | 'inquiry' | 'callback' | 'callback_kept' | 'proof_image' | 'people'
    readonly sha256: string
  }[]
  /** Two people decided that it was paid. */
  readonly decided: boolean
  /** By the database's clock. */
  readonly nowMs: number
}

export interface TreePlace {
  readonly level: number
  readonly index: number
}

export interface NewReceiptBatch {
  /** The size that nodes and checkpoint were computed for. */
  readonly expected: number
  readonly keyId: string
  readonly receipts: readonly {
    readonly merchantId: string
    readonly number: bigint
    readonly kind: DueReceipt['kind']
    readonly jws: string
    readonly issuedAtMs: number
  }[]
  readonly nodes: readonly (TreePlace & { readonly hash: Uint8Array })[]
  readonly root: Uint8Array
  readonly note: string
}

export interface StoredReceipt {
  readonly merchantId: string
  readonly number: bigint
  readonly kind: DueReceipt['kind']
  readonly leafIndex: number
  readonly leafHash: Uint8Array
  readonly jws: string
  readonly issuedAtMs: number
  /** When the log took it. */
  readonly appendedAtMs: number
  /** The leaf hash of the receipt that took its place; null: it stands. */
  readonly supersededBy: Uint8Array | null
}

export interface StoredCheckpoint {
  readonly size: number
  readonly note: string
}

export interface StoredReceiptKey {
  readonly keyId: string
  readonly publicKey: Uint8Array
  readonly madeBy: string
  readonly sinceMs: number
  readonly untilMs: number | null
}

export interface SigningKey {
  readonly keyId: string
  readonly publicKey: Uint8Array
  /** The private half, 32 bytes. */
  readonly seed: Uint8Array
}

export async function claimReceipts(whole: Whole, seal: Seal, claim: Claim): Promise<readonly DueReceipt[]> {
  const rows = await whole.rows<DueRow>(CLAIM, [claim.limit, claim.leaseMs])
  return rows.map(row => ({
    kind: row.receipt_kind,
    payout: rowPayout(row, seal),
    attempt: row.attempt_no === null ? null : rowAttempt({ ...row, attempt_no: row.attempt_no }),
    protocol: row.protocol,
    merchantName: row.merchant_name ?? row.merchant_id,
    requestHash: row.request_hash,
    traceId: row.trace_id,
    firstLeaf: row.first_leaf,
    evidence: row.evidence,
    decided: row.decided,
    nowMs: row.now_ms,
  }))
}

interface DueRow extends PayoutRow, Omit<AttemptRow, 'attempt_no'> {
  attempt_no: number | null
  receipt_kind: DueReceipt['kind']
  protocol: string | null
  merchant_name: string | null
  request_hash: string | null
  trace_id: string | null
  first_leaf: string | null
  evidence: DueReceipt['evidence']
  decided: boolean
  now_ms: number
}

/** How far the log goes, and the hashes of the whole subtrees that make it up, left to right. */
export async function receiptHead(
  whole: Whole,
): Promise<{ readonly origin: string; readonly size: number; readonly edge: readonly Uint8Array[] }> {
  const rows = await whole.rows<{ origin: string; size: number; hash: Buffer | null }>(HEAD, [])
  const [first] = rows
  return {
    origin: first?.origin ?? '',
    size: first?.size ?? 0,
    edge: rows.flatMap(({ hash }) => (hash === null ? [] : [hash])),
  }
}

export async function appendReceipts(
  whole: Whole,
  batch: NewReceiptBatch,
): Promise<'appended' | 'moved' | 'stale'> {
  const receipts = batch.receipts.map((one, place) => ({
    place,
    merchant_id: one.merchantId,
    payout_number: String(one.number),
    kind: one.kind,
    jws: one.jws,
    issued_at_ms: Math.floor(one.issuedAtMs),
  }))
  const nodes = batch.nodes.map(({ level, index, hash }) => ({ level, node_index: index, hash: hexOf(hash) }))
  const rows = await whole.rows<{ became: 'appended' | 'moved' | 'stale' }>(APPEND, [
    batch.expected,
    batch.keyId,
    JSON.stringify(receipts),
    JSON.stringify(nodes),
    hexOf(batch.root),
    batch.note,
  ])
  return rows[0]?.became ?? 'stale'
}

/** In the order of the places. @throws where one of them is not there */
export async function receiptHashes(
  whole: Whole,
  places: readonly TreePlace[],
): Promise<readonly Uint8Array[]> {
  const rows = await whole.rows<{ hash: Buffer | null }>(HASHES, [
    places.map(({ level }) => level),
    places.map(({ index }) => index),
  ])
  return rows.map(({ hash }, at) => {
    if (hash === null) throw new Error(`the log of receipts has no node ${JSON.stringify(places[at])}`)
    return hash
  })
}

/** Of one payout, the first one first. */
export async function payoutReceipts(
  whole: Whole,
  merchantId: string,
  number: bigint,
): Promise<readonly StoredReceipt[]> {
  return (await whole.rows<ReceiptRow>(OF_PAYOUT, [merchantId, number])).map(rowReceipt)
}

/** The receipt whose leaf has this hash; null: the log holds none. */
export async function receiptByLeaf(whole: Whole, leaf: Uint8Array): Promise<StoredReceipt | null> {
  const [row] = await whole.rows<ReceiptRow>(BY_LEAF, [leaf])
  return row === undefined ? null : rowReceipt(row)
}

/** The newest, or the one of this size; null: there is none. */
export async function receiptCheckpoint(whole: Whole, size: number | null): Promise<StoredCheckpoint | null> {
  const [row] = await whole.rows<{ size: number; note: string }>(CHECKPOINT, [size])
  return row ?? null
}

export async function receiptKeys(whole: Whole): Promise<readonly StoredReceiptKey[]> {
  const rows = await whole.rows<{
    key_id: string
    public_key: Buffer
    made_by: string
    since_ms: number
    until_ms: number | null
  }>(KEYS, [])
  return rows.map(row => ({
    keyId: row.key_id,
    publicKey: row.public_key,
    madeBy: row.made_by,
    sinceMs: row.since_ms,
    untilMs: row.until_ms,
  }))
}

/** The key that signs now; null: there is none yet. */
export async function signingKey(whole: Whole, seal: Seal): Promise<SigningKey | null> {
  const [row] = await whole.rows<{ key_id: string; public_key: Buffer; sealed: string }>(SIGNING, [])
  if (row === undefined) return null
  const seed = Buffer.from(seal.open(row.sealed, keyContext(row.key_id)), 'base64')
  return { keyId: row.key_id, publicKey: row.public_key, seed }
}

/** False: another key signs than the one it was to take the place of. */
export async function changeReceiptKey(
  whole: Whole,
  seal: Seal,
  change: { readonly insteadOf: string | null; readonly key: SigningKey; readonly by: string },
): Promise<boolean> {
  const { keyId, publicKey, seed } = change.key
  const sealed = seal.seal(Buffer.from(seed).toString('base64'), keyContext(keyId))
  const rows = await whole.rows<{ changed: boolean }>(CHANGE_KEY, [
    change.insteadOf,
    keyId,
    publicKey,
    sealed,
    change.by,
  ])
  return rows[0]?.changed === true
}

/** Payments and returns that have no receipt yet, and the age of the oldest in milliseconds. */
export async function receiptsWaiting(
  whole: Whole,
): Promise<{ readonly count: number; readonly oldestMs: number }> {
  const [row] = await whole.rows<{ count: number; oldest_ms: number }>(WAITING, [])
  return { count: row?.count ?? 0, oldestMs: row?.oldest_ms ?? 0 }
}

function keyContext(keyId: string): string {
  return `receipt_key.sealed:${keyId}`
}

interface ReceiptRow {
  merchant_id: string
  payout_number: bigint
  kind: DueReceipt['kind']
  leaf_index: number
  leaf_hash: Buffer
  jws: string
  issued_at_ms: number
  appended_at_ms: number
  superseded_by: Buffer | null
}

function rowReceipt(row: ReceiptRow): StoredReceipt {
  return {
    merchantId: row.merchant_id,
    number: row.payout_number,
    kind: row.kind,
    leafIndex: row.leaf_index,
    leafHash: row.leaf_hash,
    jws: row.jws,
    issuedAtMs: row.issued_at_ms,
    appendedAtMs: row.appended_at_ms,
    supersededBy: row.superseded_by,
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

const CLAIM = {
  name: 'claim_receipts',
  text: `select c.kind as receipt_kind, ${PAYOUT_COLUMNS}, ${ATTEMPT_COLUMNS},
      encode(a.request_hash, 'hex') as request_hash, a.facts ->> 'payRequestId' as trace_id,
      c.protocol, c.merchant_name, encode(c.first_leaf, 'hex') as first_leaf, c.evidence, c.decided,
      ${ms('c.at')} as now_ms
    from claim_receipts($1, $2) c cross join lateral (select (c.found).*) p
      cross join lateral (select (c.tried).*) a`,
}
const HEAD = {
  name: 'receipt_head',
  text: `select l.origin, l.size::float8 as size, receipt_hash(k, (l.size >> k) - 1) as hash
    from receipt_log l left join generate_series(0, 48) k on (l.size >> k) & 1 = 1 order by k desc`,
}
const APPEND = {
  name: 'append_receipts',
  text: 'select append_receipts($1, $2, $3, $4, $5, $6) as became',
}
const HASHES = {
  name: 'receipt_hashes',
  text: `select receipt_hash(w.level, w.node) as hash
    from unnest($1::int[], $2::bigint[]) with ordinality w (level, node, place) order by w.place`,
}
const RECEIPT_COLUMNS = `r.merchant_id, r.payout_number, r.kind, r.leaf_index::float8 as leaf_index, r.leaf_hash, r.jws,
  ${ms('r.issued_at')} as issued_at_ms, ${ms('r.appended_at')} as appended_at_ms, (select s.leaf_hash from receipt s where s.merchant_id = r.merchant_id
    and s.payout_number = r.payout_number and s.supersedes = r.kind and s.kind = 'returned') as superseded_by`
const OF_PAYOUT = {
  name: 'payout_receipts',
  text: `select ${RECEIPT_COLUMNS} from receipt r where r.merchant_id = $1 and r.payout_number = $2 order by r.leaf_index`,
}
const BY_LEAF = {
  name: 'receipt_by_leaf',
  text: `select ${RECEIPT_COLUMNS} from receipt r where r.leaf_hash = $1`,
}
const CHECKPOINT = {
  name: 'receipt_checkpoint',
  text: `select size::float8 as size, note from receipt_checkpoint where $1::bigint is null or size = $1
    order by size desc limit 1`,
}
const KEYS = {
  name: 'receipt_keys',
  text: `select key_id, public_key, made_by, ${ms('since')} as since_ms, ${ms('until')} as until_ms
    from receipt_key order by since, key_id`,
}
const SIGNING = {
  name: 'receipt_signing_key',
  text: 'select key_id, public_key, sealed from receipt_key where until is null',
}
const CHANGE_KEY = {
  name: 'change_receipt_key',
  text: 'select change_receipt_key($1, $2, $3, $4, $5) as changed',
}
const WAITING = {
  name: 'receipts_waiting',
  text: `select count(*)::int as count, coalesce(extract(epoch from now() - min(due_at)) * 1000, 0)::float8 as oldest_ms
    from receipt_due`,
}
