// What may come once, and the pictures that prove a payout.
import { sha256 } from '../../../src/lib/digest.ts'
import type { OneTimeUse, OneTimeUsed, ProofImage, ProofSearchResult } from '../../../src/store/store.ts'
import { raiseIncident } from './incidents.ts'
import { hex, isLong } from './intake.ts'
import { rule } from './refusal.ts'
import { type ImageRow, payoutKey } from './rows.ts'
import { type Draft, draftOf, type State, type Transaction } from './state.ts'

export function beginOneTimeUse(state: State, nowMs: number, use: OneTimeUse): OneTimeUsed {
  const { door, publicId, key } = use
  rule(use.fingerprint.length === 32, 'one_time_use_fingerprint_check')
  rule(isLong(key, 255), 'one_time_use_key_check')
  const fingerprint = hex(use.fingerprint)
  const known = state.tables.oneTimeUses.get(useKey(use))
  if (known !== undefined)
    return known.fingerprint === fingerprint ? { kind: 'same', answer: known.answer } : { kind: 'other' }
  const expiresAtMs = nowMs + Math.round(use.keepMs)
  state.tables.oneTimeUses.set(useKey(use), { door, publicId, key, fingerprint, answer: null, expiresAtMs })
  return { kind: 'new' }
}

export function answerOneTimeUse(state: State, use: OneTimeUse, answer: string): string {
  const known = state.tables.oneTimeUses.get(useKey(use))
  if (known === undefined) return answer
  if (known.answer !== null) return known.answer
  state.tables.oneTimeUses.set(useKey(use), { ...known, answer })
  return answer
}

/** Bounded as in the database. */
const FORGET_MAX = 10_000

export function forgetOneTimeUses(state: State, nowMs: number): void {
  const expired = [...state.tables.oneTimeUses].filter(([, use]) => use.expiresAtMs < nowMs)
  expired.sort(([, one], [, other]) => one.expiresAtMs - other.expiresAtMs)
  for (const [key] of expired.slice(0, FORGET_MAX)) state.tables.oneTimeUses.delete(key)
}

function useKey({ door, publicId, key }: OneTimeUse): string {
  return JSON.stringify([door, publicId, key])
}

export function recordProofSearch(state: State, tx: Transaction, result: ProofSearchResult): void {
  const { merchantId, number, attemptNo, images, said, nextInMs, incident } = result
  const draft = draftOf(state, tx, payoutKey(merchantId, number))
  for (const [place, image] of images.entries()) {
    checkImage(image)
    rule(draft !== null, 'proof_image_merchant_id_payout_number_fkey')
    keepImage(draft, 'provider', image, place, tx.nowMs)
  }
  if (incident !== null)
    raiseIncident(tx, draft, { merchantId, number, attemptNo, ...incident, atMs: tx.nowMs })
  if (draft === null) return
  const at = draft.searches.findIndex(search => search.attemptNo === attemptNo)
  const row = draft.searches[at]
  if (row === undefined) return
  const nextAtMs = nextInMs === null ? null : tx.nowMs + Math.round(nextInMs)
  draft.searches = draft.searches.with(at, { ...row, tries: row.tries + 1, said, nextAtMs })
}

export function keepOwnImage(
  state: State,
  tx: Transaction,
  of: { readonly merchantId: string; readonly number: bigint; readonly version: number },
  image: ProofImage,
): boolean {
  const draft = draftOf(state, tx, payoutKey(of.merchantId, of.number))
  if (draft === null || draft.payout.version !== of.version) return false
  checkImage(image)
  keepImage(draft, 'own', image, 0, tx.nowMs)
  return true
}

const MEDIA_TYPES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp'])

function checkImage({ mediaType }: ProofImage): void {
  rule(MEDIA_TYPES.has(mediaType), 'proof_image_media_type_check')
}

function keepImage(
  draft: Draft,
  source: ImageRow['source'],
  image: ProofImage,
  place: number,
  atMs: number,
): void {
  const bytes = Uint8Array.from(image.bytes)
  const hash = sha256(bytes)
  const hashHex = hex(hash)
  if (draft.images.some(other => other.source === source && other.hashHex === hashHex)) return
  draft.images = [...draft.images, { source, hash, hashHex, mediaType: image.mediaType, bytes, place, atMs }]
}
