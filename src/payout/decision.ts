// What two people may decide about a payout whose end nobody knows, and what they may rest it on (SAFETY.md section 11).
// The lists are constants and the types are derived from them, as everywhere.

/** `keep_waiting` moves nothing: it records that people looked and saw no reason to decide. */
export const VERDICTS = ['paid', 'dead', 'keep_waiting'] as const
export type Verdict = (typeof VERDICTS)[number]

/** What follows a death that people decided: the end, or the money held until a person has looked again. */
export const AFTER_DECIDED_DEATH = ['failed', 'review'] as const
export type AfterDecidedDeath = (typeof AFTER_DECIDED_DEATH)[number]

export const EVIDENCE_KINDS = [
  'answer', // the provider's written answer, with number and date
  'statement', // its closed statement: it says which whole days it covers
  'image', // a picture of the payment
  'other',
] as const
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number]

export const EVIDENCE_TYPES = ['application/pdf', 'image/png', 'image/jpeg', 'text/plain'] as const
export type EvidenceType = (typeof EVIDENCE_TYPES)[number]

/** Whole days in UTC, `2026-11-21`. */
export interface CoveredDays {
  readonly from: string
  readonly through: string
}

/** The most bytes of one file, and the most files of one proposal; the database keeps to both. */
export const EVIDENCE_BYTES_MAX = 5 * 1024 * 1024
export const EVIDENCE_MAX = 5

/** One piece of evidence without its bytes. */
export interface EvidenceFacts {
  readonly kind: EvidenceKind
  readonly name: string
  readonly mediaType: EvidenceType
  readonly size: number
  /** SHA-256 of the bytes, lowercase hex. */
  readonly sha256: string
  /** Of a statement; null for everything else. */
  readonly covers: CoveredDays | null
}

/** A decision as it is proposed: what was shown, and what shall follow. */
export interface DecisionContent {
  readonly verdict: Verdict
  /** Only beside `dead`. */
  readonly after: AfterDecidedDeath | null
  /** Only beside `dead`: what its proof will be. */
  readonly proof: 'by_statement' | 'by_people' | null
  readonly because: string
  /** The version of the payout and the revision of its attempt that were shown: what was known with them is decided. */
  readonly version: number
  readonly revision: number
  readonly evidence: readonly EvidenceFacts[]
}

/** A correction as it is proposed: one balanced movement beside what was booked. */
export interface CorrectionContent {
  readonly debit: string
  readonly credit: string
  readonly currency: string
  /** Minor units, as text: it is stored as JSON. */
  readonly minor: string
  readonly because: string
  readonly evidence: readonly EvidenceFacts[]
}
