// A payout that was paid, for the tests of receipts.
import { currencyOf } from '../money/currency.ts'
import { money } from '../money/money.ts'
import type { Payout } from '../payout/payout.ts'
import { type ReceiptFacts, receiptFacts } from './facts.ts'

const PAID_AT_MS = 1_729_947_461_317

export function receiptPayout(change: Partial<Payout> = {}): Payout {
  const currency = currencyOf('BDT')
  if (currency === null) throw new Error('BDT is a currency')
  return {
    merchantId: 'm1',
    number: 1_000_001n,
    tag: 4_711,
    reference: 'ORDER_123456',
    amount: money(3_005_000n, currency),
    beneficiary: { kind: 'wallet', operator: 'bkash', number: '01711234789' },
    method: 'bkash',
    description: 'শ্রমিকের মজুরি, third week',
    metadata: { note: 'canary' },
    door: 'api',
    doorCredentialId: 'canary',
    requestId: 'canary',
    notifyUrl: 'https://canary.example',
    state: 'paid',
    waitReason: null,
    why: 'canary',
    createdAtMs: PAID_AT_MS - 60_000,
    stateSinceMs: PAID_AT_MS,
    paidAtMs: PAID_AT_MS,
    version: 5,
    attempts: 1,
    ...change,
  }
}

export function receiptOf(change: Partial<Payout> = {}, merchantName = 'Rahim Textiles'): ReceiptFacts {
  return receiptFacts(receiptPayout(change), merchantName)
}
