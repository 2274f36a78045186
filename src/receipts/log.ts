// Reads the log: a receipt as a file, proofs, and the keys to publish. Everything in it but the receipts themselves is public.
import { isoTime } from '../lib/clock.ts'
import type { ReceiptStore, StoredReceipt } from '../store/receipt-store.ts'
import { receiptDocument } from './document.ts'
import type { ReceiptKey } from './keys.ts'
import type { Hash } from './tree.ts'
import { consistencyPlan, inclusionPlan, type ProofPlan, proofOf } from './tree-proof.ts'

export type LogReader = Pick<
  ReceiptStore,
  'receiptHead' | 'receiptHashes' | 'receiptCheckpoint' | 'receiptKeys' | 'receiptByLeaf'
>

/** The file of a receipt, under the newest checkpoint. */
export async function issuedReceipt({ jws, leafIndex }: StoredReceipt, store: LogReader): Promise<string> {
  const newest = await store.receiptCheckpoint(null)
  if (newest === null) throw new Error('a log with a receipt has a checkpoint')
  const path = await readProof(inclusionPlan(leafIndex, newest.size), store)
  return receiptDocument(jws, { index: leafIndex, path, checkpoint: newest.note })
}

/** Null where the tree of that size does not hold the leaf, or the log is not that long. */
export async function inclusionProof(
  leafIndex: number,
  size: number,
  store: LogReader,
): Promise<readonly Hash[] | null> {
  if (leafIndex >= size || size > (await store.receiptHead()).size) return null
  return readProof(inclusionPlan(leafIndex, size), store)
}

/** Null where the sizes are none of this log, in order. */
export async function consistencyProof(
  first: number,
  second: number,
  store: LogReader,
): Promise<readonly Hash[] | null> {
  if (first < 1 || first > second || second > (await store.receiptHead()).size) return null
  return readProof(consistencyPlan(first, second), store)
}

export async function publishedKeys(store: LogReader): Promise<readonly ReceiptKey[]> {
  return (await store.receiptKeys()).map(({ keyId, publicKey, sinceMs, untilMs }) => ({
    keyId,
    publicKey,
    since: isoTime(sinceMs),
    until: untilMs === null ? null : isoTime(untilMs),
  }))
}

/** One question for all nodes of a proof. */
async function readProof(plan: ProofPlan, store: LogReader): Promise<readonly Hash[]> {
  const places = plan.flat()
  const hashes = await store.receiptHashes(places)
  const byPlace = new Map(places.map((place, at) => [place, hashes[at]]))
  return proofOf(plan, place => {
    const hash = byPlace.get(place)
    if (hash === undefined) throw new Error('a node of the log was not read')
    return hash
  })
}
