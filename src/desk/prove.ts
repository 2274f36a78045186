// The pictures that prove a payout: the provider's, and our own of the facts that are on record here. Ours is made when
// it is first asked for in a state and then kept, so that the same facts are always proven by the same bytes.
import type { Log } from '../lib/log.ts'
import type { Payout } from '../payout/payout.ts'
import type { ProofImage } from '../protocols/protocol.ts'
import type { Store } from '../store/store.ts'

export interface ProveParts {
  readonly store: Pick<Store, 'findPayout' | 'proofImages' | 'keepOwnProofImage'>
  readonly log: Log
  /** Our own picture of a payout that was paid, PNG. */
  drawReceipt(payout: Payout): Promise<Uint8Array>
  /** Since when its signed receipt is there, which our picture then shows; null: it is not yet. Left out: none is issued. */
  readonly receiptSinceMs?: (payout: Payout) => Promise<number | null>
}

/** One picture, and whose it is: the provider's, or our own of the facts on record. */
export interface ProvenImage extends ProofImage {
  readonly source: 'provider' | 'own'
}

/** The provider's pictures first. None of a payout that was never paid. @throws Unavailable */
export async function proofImagesOf(
  merchantId: string,
  number: bigint,
  parts: ProveParts,
): Promise<readonly ProvenImage[]> {
  const { store, log } = parts
  for (let round = 1; ; round += 1) {
    const payout = await store.findPayout(merchantId, { by: 'number', number })
    if (payout === null || !isProven(payout)) return []
    // What is shown is somebody's: who asked for it stays on record.
    if (round === 1) log.info({ merchant: merchantId, payout: String(number) }, 'proof images were asked for')
    const kept = await store.proofImages(merchantId, number)
    const theirs = kept.filter(({ source }) => source === 'provider')
    // A picture of ours that was drawn before the money came back, or before the receipt was signed, says less than is
    // known now.
    const receiptMs = (await parts.receiptSinceMs?.(payout)) ?? null
    const sinceMs = Math.max(payout.stateSinceMs, receiptMs ?? 0)
    const ours = kept.filter(({ source, atMs }) => source === 'own' && atMs >= sinceMs)
    if (ours.length > 0) return [...theirs, ...ours]
    const own = await drawn(payout, theirs.length > 0, parts)
    if (own === null) return theirs
    // Its receipt may have come, or the payout moved on, while it was drawn: what is kept is of what it shows.
    const isNewest = ((await parts.receiptSinceMs?.(payout)) ?? null) === receiptMs
    if (!isNewest && round < ROUNDS_MAX) continue
    const isCurrent = await store.keepOwnProofImage(merchantId, number, payout.version, own)
    if (isCurrent || round === ROUNDS_MAX) return [...theirs, own]
  }
}

/** A payout that was paid moves once more at most. */
const ROUNDS_MAX = 3

/** Null where it cannot be drawn and the provider's own pictures are there to prove the payout. */
async function drawn(
  payout: Payout,
  isProvenWithout: boolean,
  { drawReceipt, log }: ProveParts,
): Promise<ProvenImage | null> {
  try {
    return { mediaType: 'image/png', bytes: await drawReceipt(payout), source: 'own' }
  } catch (error) {
    if (!isProvenWithout) throw error
    log.error({ err: error }, 'our own picture of a payout was not drawn')
    return null
  }
}

function isProven({ state }: Payout): boolean {
  return state === 'paid' || state === 'returned'
}
