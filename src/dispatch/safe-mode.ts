// What dispatch asks of safe mode before it sends. Whether the database is still the one it was is looked at by each claim
// itself, in the same statement; this here is for what lies between the claim and the first byte.

export interface SafeMode {
  /** Why nothing is sent through this provider account; null where something may be. Also where nobody knows it now. */
  stops(providerAccountId: string): string | null
  /** It was released not long ago: whether a reference is known there is asked before it is sent for the first time. */
  asksFirst(providerAccountId: string): boolean
  /**
   * The second of two steps of an attempt that is older than a restore is nobody's to send: the lost part of the database
   * may have sent it. Its provider is asked, and a person decides.
   */
  stopsSecond(providerAccountId: string, createdAtMs: number): boolean
  /** The highest position in the database's log that was written down outside of it. */
  noted(): string | null
}

/** How long a payout that may not be sent now rests before it is looked at again. */
export const STOPPED_AGAIN_MS = 30_000
