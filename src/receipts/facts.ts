// What a receipt says: facts of one payout as they are on record here, and nothing that was not. Pure. Whoever is paid
// stands in it masked, also where the merchant's own words repeat the number.
import { assert, unreachable } from '../lib/assert.ts'
import { isoTime } from '../lib/clock.ts'
import { printDecimal } from '../money/decimal.ts'
import { type Beneficiary, beneficiaryMasked, type Method } from '../payout/beneficiary.ts'
import { payoutCode } from '../payout/number.ts'
import type { Payout } from '../payout/payout.ts'

/** Plain texts, as they are shown but for cutting; the same payout has the same facts for ever. */
export interface ReceiptFacts {
  /** The payout's code, 16 characters. */
  readonly code: string
  /** The merchant's own reference. */
  readonly reference: string
  readonly merchant: string
  /** Decimal text with every decimal of the currency, without separators. */
  readonly amount: string
  /** ISO 4217. */
  readonly currency: string
  readonly method: string
  /** Masked. */
  readonly beneficiary: string
  readonly state: 'paid' | 'returned'
  /** `2024-10-26 12:57:41 UTC`; null where it came back and nobody recorded when it had been paid. */
  readonly paidAt: string | null
  readonly returnedAt: string | null
  /** The merchant's words; null where there are none. */
  readonly description: string | null
  /** Whose record this is. */
  readonly statement: string
  /** What a receipt that was issued adds; null before it is. */
  readonly proof: ReceiptProof | null
}

/** How a picture shows that what it says was signed. */
export interface ReceiptProof {
  /** How the payment is known, in words. */
  readonly grade: string
  /** The provider's own number of the payment; null where it gave none. */
  readonly theirReference: string | null
  /** SHA-256 by which the log knows it, lowercase hex. */
  readonly leaf: string
  /** Its number in the log, from 1. */
  readonly place: number
  readonly issuedAt: string
  /** Where the code leads. */
  readonly address: string
  /** Where a person types it in. */
  readonly page: string
}

/** Says that it is not the provider's: one picture must never be taken for the other. */
export const RECEIPT_STATEMENT =
  'This receipt shows the record of the payout switch that sent this payout. It was drawn from that record and is not ' +
  "the payment provider's own picture."

/** @throws AssertionFailed for a payout that was never paid: there is nothing to prove */
export function receiptFacts(payout: Payout, merchantName: string): ReceiptFacts {
  const { state, amount, beneficiary, description } = payout
  assert(state === 'paid' || state === 'returned', 'a receipt is of a payout that was paid')
  const paidAtMs = payout.paidAtMs ?? (state === 'paid' ? payout.stateSinceMs : null)
  return {
    code: payoutCode(payout.number, payout.tag),
    reference: payout.reference,
    merchant: merchantName,
    amount: printDecimal(amount),
    currency: amount.currency,
    method: METHODS[payout.method],
    beneficiary: beneficiaryMasked(beneficiary),
    state,
    paidAt: paidAtMs === null ? null : timeText(paidAtMs),
    returnedAt: state === 'returned' ? timeText(payout.stateSinceMs) : null,
    description: description === null ? null : withoutNumber(description, beneficiary),
    statement: RECEIPT_STATEMENT,
    proof: null,
  }
}

export const METHODS: Readonly<Record<Method, string>> = {
  bkash: 'bKash wallet',
  rocket: 'Rocket wallet',
  nagad: 'Nagad wallet',
  bank_account: 'Bank account',
  card: 'Card',
}

function timeText(ms: number): string {
  return `${isoTime(ms).slice(0, 19).replace('T', ' ')} UTC`
}

/** The number is looked for with separators inside it and in Bengali digits too. */
function withoutNumber(text: string, beneficiary: Beneficiary): string {
  const characters = numberOf(beneficiary).match(/[0-9A-Za-z]/g) ?? []
  if (characters.length < NUMBER_LENGTH_MIN) return text
  const each = characters.map(one => (/[0-9]/.test(one) ? `[${one}${bengaliDigit(one)}]` : one))
  return text.replace(new RegExp(each.join('[\\s.-]?'), 'gi'), beneficiaryMasked(beneficiary))
}

/** A shorter one may be any number in a text. */
const NUMBER_LENGTH_MIN = 6

function numberOf(beneficiary: Beneficiary): string {
  switch (beneficiary.kind) {
    case 'wallet':
    case 'card':
      return beneficiary.number
    case 'bank_account':
      return beneficiary.account
    default:
      return unreachable(beneficiary)
  }
}

function bengaliDigit(digit: string): string {
  return String.fromCodePoint(0x09e6 + Number.parseInt(digit, 10))
}
