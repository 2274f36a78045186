// A receipt that was issued, as its picture and its PDF show it: what was signed, and not a word more. Pure.
import { assert, unreachable } from '../lib/assert.ts'
import { parsePayoutId, payoutCode } from '../payout/number.ts'
import type { ReceiptGrade } from '../payout/receipt.ts'
import type { StoredReceipt } from '../store/receipt-store.ts'
import type { ReceiptClaims } from './claims.ts'
import { METHODS, type ReceiptFacts } from './facts.ts'
import { readJws } from './jws.ts'
import { receiptAddress } from './qr.ts'

/** Says what it rests on: one picture must never be taken for the provider's own. */
const STATEMENT =
  'This receipt shows what the payout switch that sent this payout has signed about it. It is not ' +
  "the payment provider's own picture."

/** @param baseUrl how people reach this installation */
export function shownReceipt({ jws, leafHash, leafIndex }: StoredReceipt, baseUrl: string): ReceiptFacts {
  const claims = signedClaims(jws)
  const id = parsePayoutId(claims.payout.id)
  assert(id !== null, 'a receipt names its payout by its id')
  return {
    code: payoutCode(id.number, id.tag),
    reference: claims.payout.reference,
    merchant: claims.merchant.name,
    amount: claims.amount.value,
    currency: claims.amount.currency,
    method: METHODS[claims.beneficiary.method],
    beneficiary: claims.beneficiary.account,
    state: claims.kind,
    paidAt: timeText(claims.paid_at),
    returnedAt: claims.returned_at === null ? null : timeText(claims.returned_at),
    description: null,
    statement: claims.livemode ? STATEMENT : `${STATEMENT} A test: no money moved.`,
    proof: {
      grade: gradeText(claims.grade),
      theirReference: claims.provider?.their_reference ?? null,
      leaf: Buffer.from(leafHash).toString('hex'),
      place: leafIndex + 1,
      issuedAt: timeText(claims.issued_at),
      address: receiptAddress(baseUrl, jws),
      page: `${baseUrl}/verify`,
    },
  }
}

/** What we signed ourselves. */
export function signedClaims(jws: string): ReceiptClaims {
  const read = readJws(jws)
  assert(typeof read !== 'string', 'a stored receipt is a signed text')
  return JSON.parse(Buffer.from(read.payload).toString('utf8')) as ReceiptClaims
}

/** For people, as whole sentences. */
export function gradeText(grade: ReceiptGrade): string {
  switch (grade) {
    case 'provider_says_paid':
      return 'The provider said that it was paid.'
    case 'callback_confirmed_by_inquiry':
      return 'The provider called to say that it was paid, and said so again when it was asked.'
    case 'matched_to_statement':
      return 'It was found on a closed statement of the provider.'
    case 'decided_by_people':
      return 'No provider said so: two people decided that it was paid, on evidence.'
    default:
      return unreachable(grade)
  }
}

function timeText(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')} UTC`
}
