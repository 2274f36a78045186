import { expect, test } from 'vitest'
import { currencyOf } from '../money/currency.ts'
import { money } from '../money/money.ts'
import { payoutCode } from '../payout/number.ts'
import { PAYOUT_STATES } from '../payout/payout.ts'
import { RECEIPT_STATEMENT } from './facts.ts'
import { receiptOf } from './receipt.fixture.ts'

test('a receipt says the facts of the payout and nothing else', () => {
  expect(receiptOf()).toEqual({
    code: payoutCode(1_000_001n, 4_711),
    reference: 'ORDER_123456',
    merchant: 'Rahim Textiles',
    amount: '30050.00',
    currency: 'BDT',
    method: 'bKash wallet',
    beneficiary: '01••••••789',
    state: 'paid',
    paidAt: '2024-10-26 12:57:41 UTC',
    returnedAt: null,
    description: 'শ্রমিকের মজুরি, third week',
    statement: RECEIPT_STATEMENT,
    proof: null,
  })
  expect(JSON.stringify(receiptOf())).not.toContain('canary')
})

test('it says whose record it is, and whose it is not', () => {
  expect(RECEIPT_STATEMENT).toMatch(/record of the payout switch/)
  expect(RECEIPT_STATEMENT).toMatch(/not the payment provider's own picture/)
})

test('what came back says when, and still when it had been paid', () => {
  expect(receiptOf({ state: 'returned', stateSinceMs: 1_730_033_861_317 })).toMatchObject({
    state: 'returned',
    paidAt: '2024-10-26 12:57:41 UTC',
    returnedAt: '2024-10-27 12:57:41 UTC',
  })
  expect(receiptOf({ state: 'returned', paidAtMs: null })).toMatchObject({ paidAt: null })
  expect(receiptOf({ paidAtMs: null, stateSinceMs: 0 })).toMatchObject({ paidAt: '1970-01-01 00:00:00 UTC' })
})

test.each(PAYOUT_STATES.filter(state => state !== 'paid' && state !== 'returned'))(
  'there is no receipt of a payout that is %s',
  state => {
    expect(() => receiptOf({ state })).toThrow('a payout that was paid')
  },
)

test.each([
  ['JPY', 300n, '300'],
  ['EUR', 5n, '0.05'],
  ['BHD', 1_250n, '1.250'],
  ['BDT', 10n ** 18n - 1n, '9999999999999999.99'],
])('%s %s is written %s', (code, minor, amount) => {
  const currency = currencyOf(code)
  if (currency === null) throw new Error('a currency')
  expect(receiptOf({ amount: money(minor, currency) })).toMatchObject({ amount, currency: code })
})

test.each([
  [
    { kind: 'wallet', operator: 'nagad', number: '+8801711234789' },
    'nagad',
    'Nagad wallet',
    '+8•••••••••789',
  ],
  [
    { kind: 'bank_account', account: 'DE89370400440532013000', bank: 'canary', holder: 'canary' },
    'bank_account',
    'Bank account',
    '••••••••••••••••••3000',
  ],
  [{ kind: 'card', number: '4111111111111111' }, 'card', 'Card', '411111••••••1111'],
] as const)('who is paid stands in it masked: %j', (beneficiary, method, words, masked) => {
  const facts = receiptOf({ beneficiary, method })
  expect(facts).toMatchObject({ method: words, beneficiary: masked })
  expect(JSON.stringify(facts)).not.toContain('canary')
})

test.each([
  '01711234789',
  'to 01711234789!',
  '0171-1234-789',
  '0171 123 4789',
  '+8801711234789',
  '০১৭১১২৩৪৭৮৯',
  '0১711234789',
  '01711234789 01711234789',
])('a description that repeats the number, as in %j, does not show it', description => {
  const shown = receiptOf({ description }).description ?? ''
  expect(shown).toContain('01••••••789')
  expect(shown).not.toMatch(/(?:[0-9০-৯][ -]?){6}/)
})

test('another number in a description stays, and so does every word', () => {
  const description = 'invoice 01711234780, 5 of 9'
  expect(receiptOf({ description }).description).toBe(description)
  const short = { kind: 'wallet', operator: 'bkash', number: '5' } as const
  expect(receiptOf({ description, beneficiary: short }).description).toBe(description)
})
