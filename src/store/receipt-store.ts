// What receipts need of the store: an interface of its own, under the same rules as store.ts. Each function is one whole
// transaction and may throw `Unavailable`; a batch that was or was not appended is told apart by claiming again.
import type { Seal } from '../lib/seal.ts'
import type { Claim } from './claim.ts'
import type { Pool } from './postgres.ts'
import * as receipts from './receipts.ts'
import { wholeStatements } from './whole.ts'

export type {
  DueReceipt,
  NewReceiptBatch,
  SigningKey,
  StoredCheckpoint,
  StoredReceipt,
  StoredReceiptKey,
  TreePlace,
} from './receipts.ts'

export interface ReceiptStore {
  /** Claims payments and returns without a receipt; others skip them for the lease. */
  claimReceipts(claim: Claim): Promise<readonly receipts.DueReceipt[]>
  /** The log's name, how far it goes, and what has to be known to append to it. */
  receiptHead: () => ReturnType<typeof receipts.receiptHead>
  /** All of the batch or nothing: `moved` where the log grew meanwhile, `stale` where one was issued or the key ended. */
  appendReceipts(batch: receipts.NewReceiptBatch): Promise<'appended' | 'moved' | 'stale'>
  receiptHashes(places: readonly receipts.TreePlace[]): Promise<readonly Uint8Array[]>
  payoutReceipts(merchantId: string, number: bigint): Promise<readonly receipts.StoredReceipt[]>
  receiptByLeaf(leaf: Uint8Array): Promise<receipts.StoredReceipt | null>
  receiptCheckpoint(size: number | null): Promise<receipts.StoredCheckpoint | null>
  receiptsWaiting: () => ReturnType<typeof receipts.receiptsWaiting>

  /** Every key that ever signed, the oldest first, without private halves. */
  receiptKeys(): Promise<readonly receipts.StoredReceiptKey[]>
  signingKey(): Promise<receipts.SigningKey | null>
  changeReceiptKey(change: Parameters<typeof receipts.changeReceiptKey>[2]): Promise<boolean>
}

export function openReceiptStore({ pool, seal }: { pool: Pool; seal: Seal }): ReceiptStore {
  const whole = wholeStatements(pool)
  return {
    claimReceipts: claim => receipts.claimReceipts(whole, seal, claim),
    receiptHead: () => receipts.receiptHead(whole),
    appendReceipts: batch => receipts.appendReceipts(whole, batch),
    receiptHashes: places => receipts.receiptHashes(whole, places),
    payoutReceipts: (merchantId, number) => receipts.payoutReceipts(whole, merchantId, number),
    receiptByLeaf: leaf => receipts.receiptByLeaf(whole, leaf),
    receiptCheckpoint: size => receipts.receiptCheckpoint(whole, size),
    receiptsWaiting: () => receipts.receiptsWaiting(whole),
    receiptKeys: () => receipts.receiptKeys(whole),
    signingKey: () => receipts.signingKey(whole, seal),
    changeReceiptKey: change => receipts.changeReceiptKey(whole, seal, change),
  }
}
