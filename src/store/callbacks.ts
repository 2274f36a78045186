import type { Seal } from '../lib/seal.ts'
import type { Whole } from './whole.ts'

/** Keeps callbacks, each once for ever, their bytes sealed; wakes the look at their attempt. */
export interface NewCallback {
  readonly merchantId: string
  readonly number: bigint
  readonly attemptNo: number
  /** SHA-256 of the bytes received. */
  readonly hash: Uint8Array
  readonly raw: string
  readonly verified: boolean
  readonly said: string
}

export type CallbackVerdict = 'kept' | 'known' | 'no_attempt'

export async function recordCallbacks(
  whole: Whole,
  seal: Seal,
  batch: readonly NewCallback[],
): Promise<readonly CallbackVerdict[]> {
  const input = batch.map((callback, place) => ({
    place,
    merchant_id: callback.merchantId,
    payout_number: String(callback.number),
    attempt_no: callback.attemptNo,
    hash: Buffer.from(callback.hash).toString('hex'),
    raw: seal.seal(callback.raw, `callback.raw:${callback.merchantId}:${callback.number}`),
    verified: callback.verified,
    said: callback.said,
  }))
  const rows = await whole.rows<{ place: number; verdict: CallbackVerdict }>(
    { name: 'record_callbacks', text: 'select place, verdict from record_callbacks($1)' },
    [JSON.stringify(input)],
  )
  const verdicts: CallbackVerdict[] = batch.map(() => 'no_attempt')
  for (const { place, verdict } of rows) verdicts[place] = verdict
  return verdicts
}
