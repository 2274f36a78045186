// How well a payment is known, and what is named as evidence of it: from what is on record when the receipt is issued. Pure.
import { unreachable } from '../lib/assert.ts'
import type { ReceiptGrade } from '../payout/receipt.ts'
import type { DueReceipt } from '../store/receipt-store.ts'
import { RECEIPT_EVIDENCE_MAX, type ReceiptEvidence } from './claims.ts'

/** The best grade that the record carries. That two people decided is said only where no provider said that it was paid. */
export function receiptGrade(due: Pick<DueReceipt, 'evidence' | 'decided'>): ReceiptGrade {
  const has = (kind: DueReceipt['evidence'][number]['kind']) => due.evidence.some(one => one.kind === kind)
  if (has('inquiry') && has('callback_kept')) return 'callback_confirmed_by_inquiry'
  const isSaid = has('inquiry') || has('send') || has('callback')
  return due.decided && !isSaid ? 'decided_by_people' : 'provider_says_paid'
}

export function receiptEvidence(
  due: Pick<DueReceipt, 'evidence' | 'requestHash'>,
): readonly ReceiptEvidence[] {
  const request = due.requestHash === null ? [] : [{ kind: 'request' as const, sha256: due.requestHash }]
  const rest = due.evidence.map(({ kind, sha256 }) => ({ kind: named(kind), sha256 }))
  return [...request, ...rest].slice(0, RECEIPT_EVIDENCE_MAX)
}

function named(kind: DueReceipt['evidence'][number]['kind']): ReceiptEvidence['kind'] {
  switch (kind) {
    case 'send':
    case 'inquiry':
      return 'answer'
    case 'callback':
    case 'callback_kept':
      return 'callback'
    case 'proof_image':
    case 'people':
      return kind
    default:
      return unreachable(kind)
  }
}
