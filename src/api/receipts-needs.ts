// What the API is handed of receipts, as a type of its own. Everything in it may throw Unavailable.
import type { StoredCheckpoint, StoredReceipt } from '../store/receipt-store.ts'

export interface ApiReceipts {
  /** Of one payout, the first one first. */
  ofPayout(merchantId: string, number: bigint): Promise<readonly StoredReceipt[]>
  /** The signed file, under the newest checkpoint. */
  file(receipt: StoredReceipt): Promise<string>
  /** PNG. */
  picture(receipt: StoredReceipt): Promise<Uint8Array>
  pdf(receipt: StoredReceipt): Promise<Uint8Array>
  byLeaf(leaf: Uint8Array): Promise<StoredReceipt | null>
  /** The newest, or of this size; null: there is none. */
  checkpoint(size: number | null): Promise<StoredCheckpoint | null>
  /** Null where the log of that size does not hold the leaf. */
  inclusion(leafIndex: number, size: number): Promise<readonly Uint8Array[] | null>
  /** Null where the log never had these sizes, in order. */
  consistency(first: number, second: number): Promise<readonly Uint8Array[] | null>
  /** Every public half, as a JSON Web Key Set. */
  keySet(): Promise<string>
}
