// Searches for the providers' pictures of what was paid, and the pictures. What a picture shows are people's data, so its
// bytes are sealed, each in its own row.
import { sha256 } from '../lib/digest.ts'
import type { Seal } from '../lib/seal.ts'
import type { Payout } from '../payout/payout.ts'
import type { Claim } from './claim.ts'
import { ms } from './rows.ts'
import type { NewIncident } from './store.ts'
import type { Whole } from './whole.ts'

export interface ProofImage {
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/webp'
  readonly bytes: Uint8Array
}

export interface StoredProofImage extends ProofImage {
  /** `own`: rendered by us from the facts of the payout. */
  readonly source: 'provider' | 'own'
  /** SHA-256 of the bytes, 32 bytes. */
  readonly hash: Uint8Array
  readonly atMs: number
}

/** A paid attempt whose provider may have a picture of it. */
export interface DueProofSearch {
  readonly merchantId: string
  readonly number: bigint
  readonly attemptNo: number
  /** The proof account that is asked. */
  readonly providerAccountId: string
  readonly reference: string
  /** Since the payment, by the database's clock. */
  readonly sincePaidMs: number
  /** Tries made before this one. */
  readonly tries: number
}

export interface ProofSearchResult {
  readonly merchantId: string
  readonly number: bigint
  readonly attemptNo: number
  readonly images: readonly ProofImage[]
  /** In a few words, for people. */
  readonly said: string
  /** Milliseconds until it is asked again; null: never. */
  readonly nextInMs: number | null
  /** For people, where something is wrong that asking again does not heal. */
  readonly incident: NewIncident | null
}

export interface ProofSearchRow {
  readonly attemptNo: number
  readonly providerAccountId: string
  readonly tries: number
  readonly nextAtMs: number | null
  readonly said: string | null
}

export async function claimProofSearches(whole: Whole, claim: Claim): Promise<readonly DueProofSearch[]> {
  const rows = await whole.rows<{
    merchant_id: string
    payout_number: bigint
    attempt_no: number
    provider_account_id: string
    reference: string
    since_paid_ms: number
    tries: number
  }>(CLAIM, [claim.limit, claim.leaseMs])
  return rows.map(row => ({
    merchantId: row.merchant_id,
    number: row.payout_number,
    attemptNo: row.attempt_no,
    providerAccountId: row.provider_account_id,
    reference: row.reference,
    sincePaidMs: row.since_paid_ms,
    tries: row.tries,
  }))
}

export async function recordProofSearch(whole: Whole, seal: Seal, result: ProofSearchResult): Promise<void> {
  const { merchantId, number, attemptNo, images, said, nextInMs, incident } = result
  const sealed = images.map((image, place) => ({
    ...sealedImage(seal, merchantId, number, 'provider', image),
    place,
  }))
  await whole.rows(RECORD, [
    merchantId,
    number,
    attemptNo,
    said,
    nextInMs === null ? null : Math.round(nextInMs),
    JSON.stringify(sealed),
    incident === null ? null : JSON.stringify(incident),
  ])
}

export async function keepOwnProofImage(
  whole: Whole,
  seal: Seal,
  { merchantId, number, version }: Pick<Payout, 'merchantId' | 'number' | 'version'>,
  image: ProofImage,
): Promise<boolean> {
  const { hash, media_type, sealed } = sealedImage(seal, merchantId, number, 'own', image)
  const values = [merchantId, number, hash, media_type, sealed, version]
  const rows = await whole.rows(KEEP_OWN, values)
  return rows.length > 0
}

export async function proofImages(
  whole: Whole,
  seal: Seal,
  merchantId: string,
  number: bigint,
): Promise<readonly StoredProofImage[]> {
  const rows = await whole.rows<{
    source: StoredProofImage['source']
    hash: Buffer
    media_type: ProofImage['mediaType']
    sealed: string
    at_ms: number
  }>(IMAGES, [merchantId, number])
  return rows.map(row => ({
    source: row.source,
    hash: row.hash,
    mediaType: row.media_type,
    bytes: Buffer.from(seal.open(row.sealed, imageContext(merchantId, number, row.source)), 'base64'),
    atMs: row.at_ms,
  }))
}

export async function proofSearches(
  whole: Whole,
  merchantId: string,
  number: bigint,
): Promise<readonly ProofSearchRow[]> {
  const rows = await whole.rows<{
    attempt_no: number
    provider_account_id: string
    tries: number
    next_at_ms: number | null
    said: string | null
  }>(SEARCHES, [merchantId, number])
  return rows.map(row => ({
    attemptNo: row.attempt_no,
    providerAccountId: row.provider_account_id,
    tries: row.tries,
    nextAtMs: row.next_at_ms,
    said: row.said,
  }))
}

function sealedImage(
  seal: Seal,
  merchantId: string,
  number: bigint,
  source: StoredProofImage['source'],
  image: ProofImage,
) {
  const text = Buffer.from(image.bytes).toString('base64')
  return {
    hash: Buffer.from(sha256(image.bytes)).toString('hex'),
    media_type: image.mediaType,
    sealed: seal.seal(text, imageContext(merchantId, number, source)),
  }
}

function imageContext(merchantId: string, number: bigint, source: StoredProofImage['source']): string {
  return `proof_image.sealed:${merchantId}:${number}:${source}`
}

const CLAIM = {
  name: 'claim_proof_searches',
  text: `with due as materialized (
      select merchant_id, payout_number, attempt_no from proof_search where next_at <= now()
      order by next_at limit $1 for update skip locked
    )
    update proof_search s set next_at = now() + $2 * interval '1 millisecond'
    from due where s.merchant_id = due.merchant_id and s.payout_number = due.payout_number
      and s.attempt_no = due.attempt_no
    returning s.merchant_id, s.payout_number, s.attempt_no, s.provider_account_id, s.reference, s.tries,
      (extract(epoch from now() - s.paid_at) * 1000)::float8 as since_paid_ms`,
}
const RECORD = {
  name: 'record_proof_search',
  text: `with kept as (
      insert into proof_image (merchant_id, payout_number, source, hash, media_type, sealed, place)
      select $1, $2, 'provider', decode(i.hash, 'hex'), i.media_type, i.sealed, i.place
      from json_to_recordset($6::json) i (hash text, media_type text, sealed text, place integer)
      on conflict do nothing
    ), told as (
      insert into incident (merchant_id, payout_number, attempt_no, kind, detail)
      select $1, $2, $3, i.kind, i.detail
      from json_to_record($7::json) i (kind text, detail text) where $7 is not null
    )
    update proof_search set tries = tries + 1, said = $4,
      next_at = now() + $5::bigint * interval '1 millisecond'
    where merchant_id = $1 and payout_number = $2 and attempt_no = $3`,
}
const KEEP_OWN = {
  name: 'keep_own_proof_image',
  text: `with current as (
      select from payout where merchant_id = $1 and payout_number = $2 and version = $6 for share
    ), kept as (
      insert into proof_image (merchant_id, payout_number, source, hash, media_type, sealed, place)
      select $1, $2, 'own', decode($3, 'hex'), $4, $5, 0 from current
      on conflict do nothing
    )
    select 1 as current from current`,
}
const IMAGES = {
  name: 'proof_images',
  text: `select source, hash, media_type, sealed, ${ms('at')} as at_ms from proof_image
    where merchant_id = $1 and payout_number = $2 order by source desc, place, at`,
}
const SEARCHES = {
  name: 'proof_searches',
  text: `select attempt_no, provider_account_id, tries, ${ms('next_at')} as next_at_ms, said from proof_search
    where merchant_id = $1 and payout_number = $2 order by attempt_no`,
}
