/** The invariants of SAFETY.md section 6 that are watched here. I17 comes with limits, I19 with outside checkpoints. */
export type Invariant = 'I1' | 'I5' | 'I6' | 'I7' | 'I8'

/** One thing that does not hold. The same breach has the same words at every pass, or it would be found again and again. */
export interface Breach {
  readonly invariant: Invariant
  /** In whose books it lies; a merchant that does not exist holds nothing, so such a breach concerns everybody. */
  readonly merchantId: string
  /** What is wrong: a payout, or an account of the ledger. */
  readonly subject: string
  /** How it is wrong: figures as differences, because balances go on moving. */
  readonly detail: string
}
