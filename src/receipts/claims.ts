// What a receipt says and is signed for: facts of one payout as they are on record here, and nothing that was not. Whoever is
// paid stands in it masked. The members and their meaning are a public format, docs/receipts.md: what was issued once must be
// read for ever, so a change of meaning is a new version. Pure.
import { assert } from '../lib/assert.ts'
import { isoTime } from '../lib/clock.ts'
import { printDecimal } from '../money/decimal.ts'
import type { Attempt } from '../payout/attempt.ts'
import { beneficiaryMasked, type Method } from '../payout/beneficiary.ts'
import { payoutId } from '../payout/number.ts'
import type { Payout } from '../payout/payout.ts'
import type { ReceiptGrade, ReceiptKind } from '../payout/receipt.ts'
import { canonicalJson } from './canonical.ts'

/** What else is on record about the payment, by its SHA-256: whoever is shown it later can tell that it is the same. */
export interface ReceiptEvidence {
  readonly kind: 'request' | 'answer' | 'callback' | 'proof_image' | 'people'
  /** Lowercase hex. */
  readonly sha256: string
}

export interface ReceiptClaims {
  readonly type: 'quittance.receipt'
  readonly version: 1
  /** The log that it stands in. */
  readonly log: string
  readonly livemode: boolean
  readonly kind: ReceiptKind
  /** The leaf hash of the receipt that this one takes the place of, lowercase hex. */
  readonly supersedes: string | null
  readonly payout: { readonly id: string; readonly reference: string; readonly door: string }
  readonly merchant: { readonly id: string; readonly name: string }
  /** Decimal text with every decimal of the currency; ISO 4217. */
  readonly amount: { readonly value: string; readonly currency: string }
  readonly fee: { readonly value: string; readonly currency: string } | null
  readonly beneficiary: { readonly method: Method; readonly account: string }
  readonly provider: {
    readonly protocol: string
    readonly account: string
    /** Our reference at the provider. */
    readonly reference: string
    /** The provider's own number of the payment; null where it gave none. */
    readonly their_reference: string | null
    /** The provider's own number of the request that paid; null where it gave none. */
    readonly trace_id: string | null
  } | null
  readonly grade: ReceiptGrade
  readonly evidence: readonly ReceiptEvidence[]
  /** RFC 3339, UTC, with milliseconds. */
  readonly created_at: string
  readonly sent_at: string | null
  readonly paid_at: string
  readonly returned_at: string | null
  readonly issued_at: string
}

/** Everything on record from which a receipt is made. */
export interface ReceiptRecord {
  readonly kind: ReceiptKind
  readonly payout: Payout
  readonly merchantName: string
  /** The attempt that paid; null where none was made, as after a decision about a payout of another system. */
  readonly attempt: Attempt | null
  readonly protocol: string | null
  readonly traceId: string | null
  readonly grade: ReceiptGrade
  readonly evidence: readonly ReceiptEvidence[]
  readonly supersedes: string | null
  readonly issuedAtMs: number
}

/** @throws AssertionFailed for a payout that was never paid: there is nothing to prove */
export function receiptClaims(
  record: ReceiptRecord,
  of: { readonly origin: string; readonly livemode: boolean },
): ReceiptClaims {
  const { kind, payout, attempt } = record
  const { paidAtMs, state, fee } = payout
  assert(state === 'paid' || state === 'returned', 'a receipt is of a payout that was paid')
  assert(paidAtMs !== null, 'a payout that was paid has a time of payment')
  assert(kind === 'paid' || state === 'returned', 'a receipt of a return is of a payout that came back')
  assert((kind === 'returned') === (record.supersedes !== null), 'a receipt of a return names the first one')
  assert(record.evidence.length <= RECEIPT_EVIDENCE_MAX, 'a receipt names a bounded list of evidence')
  return {
    type: 'quittance.receipt',
    version: 1,
    log: of.origin,
    livemode: of.livemode,
    kind,
    supersedes: record.supersedes,
    payout: {
      id: payoutId(payout.number, payout.tag),
      reference: payout.reference,
      door: payout.door,
    },
    merchant: { id: payout.merchantId, name: record.merchantName },
    amount: { value: printDecimal(payout.amount), currency: payout.amount.currency },
    fee: fee === null || fee === undefined ? null : { value: printDecimal(fee), currency: fee.currency },
    beneficiary: { method: payout.method, account: beneficiaryMasked(payout.beneficiary) },
    provider:
      attempt === null
        ? null
        : {
            protocol: record.protocol ?? 'unknown',
            account: attempt.providerAccountId,
            reference: attempt.reference,
            their_reference: attempt.theirId,
            trace_id: record.traceId,
          },
    grade: record.grade,
    evidence: record.evidence,
    created_at: isoTime(payout.createdAtMs),
    sent_at: attempt === null ? null : isoTime(attempt.createdAtMs),
    paid_at: isoTime(paidAtMs),
    returned_at: kind === 'returned' ? isoTime(payout.stateSinceMs) : null,
    issued_at: isoTime(record.issuedAtMs),
  }
}

export const RECEIPT_EVIDENCE_MAX = 8

/** What is signed. */
export function receiptPayload(claims: ReceiptClaims): string {
  // A shape of plain values throughout; the type says it member by member.
  return canonicalJson({ ...claims, evidence: claims.evidence.map(one => ({ ...one })) })
}
