import { expect, test } from 'vitest'
import { recipePostings } from '../ledger/recipes.ts'
import { currencyOf } from '../money/currency.ts'
import { money } from '../money/money.ts'
import type { Payout, PayoutState } from '../payout/payout.ts'
import type { PrintedOrder } from '../simulator/control.ts'
import type { Books } from '../store/store.ts'
import { planSample } from './sample.ts'
import { auditDemo, balanceTable, sampleTable } from './sample-report.ts'
import type { SampleResult } from './sample-watch.ts'
import { plainPaint } from './terminal.ts'

test('a payout that was paid once on both sides is clean', () => {
  expect(auditDemo(CLEAN, [result('paid')], [order(1)])).toEqual([])
})

// What we say, and how often the provider paid it.
const BREACHES: readonly (readonly [PayoutState, number])[] = [
  ['paid', 2],
  ['paid', 0],
  ['returned', 0],
  ['failed', 1],
  ['cancelled', 1],
  ['in_doubt', 2],
]
test.each(BREACHES)('%s here and paid %i times there is a breach', (state, times) => {
  expect(auditDemo(CLEAN, [result(state)], [order(times)])).toContain(
    `${result(state).sample.reference}: the provider paid it ${times} times`,
  )
})

const AGREEMENTS: readonly (readonly [PayoutState, number])[] = [
  ['returned', 1],
  ['failed', 0],
  ['in_doubt', 0],
  ['in_doubt', 1],
  ['pending', 1],
]
test.each(AGREEMENTS)('%s here and paid %i times there agree', (state, times) => {
  expect(auditDemo(CLEAN, [result(state)], [order(times)])).toEqual([])
})

test('two attempts that were both paid are a breach, and so is another amount', () => {
  const twice = { ...result('paid'), attempts: [attempt('A1'), attempt('A2')] }
  expect(auditDemo(CLEAN, [twice], [order(1), { ...order(1), reference: 'A2' }])).toHaveLength(1)
  expect(auditDemo(CLEAN, [result('paid')], [{ ...order(1), amount: '150.01' }])).toEqual([
    `${result('paid').sample.reference}: the provider has it with 150.01`,
  ])
})

test('an order of an earlier run that was paid twice is a breach', () => {
  expect(auditDemo(CLEAN, [], [{ ...order(1), reference: 'earlier' }])).toEqual([])
  expect(auditDemo(CLEAN, [], [{ ...order(2), reference: 'earlier' }])).toEqual([
    'earlier: the provider paid it 2 times in all',
  ])
})

test('our own books are judged too', () => {
  const [first] = CLEAN.balances
  if (first === undefined) throw new Error('no balance')
  const wrong = { ...CLEAN, balances: [{ ...first, balance: amount(1n) }, ...CLEAN.balances.slice(1)] }
  expect(auditDemo(wrong, [], []).length).toBeGreaterThan(0)
})

test('the table shows what became of each payout, one that was not taken too', () => {
  const [, , row = '', refused = ''] = sampleTable(
    [result('paid'), { ...result('paid'), refused: '422 no', payout: null, attempts: [], asExpected: false }],
    plainPaint,
  )
  expect(row).toMatch(
    /^demo-run-001 +paypro +paid +bkash +account +150\.00 BDT +1500 ms +paid 50 to 300 ms later/,
  )
  expect(refused).toMatch(/^demo-run-001 +paypro +not taken +bkash +150\.00 BDT +422 no$/)
})

test('balances stand beside each other, and a float is printed as what we have', () => {
  const none: Books = { balances: [], payouts: [], postings: [] }
  const text = balanceTable(none, CLEAN).join('\n')
  expect(text).toMatch(/^BDT +available +0 +1000\.00$/m)
  expect(text).toMatch(/^BDT +float:account +0 +1000\.00$/m)
})

const BDT = currencyOf('BDT') ?? failed()
const amount = (minor: bigint) => money(minor, BDT)

const CLEAN: Books = {
  balances: [
    { merchantId: 'm', account: 'float:account', balance: amount(-100_000n) },
    { merchantId: 'm', account: 'available', balance: amount(100_000n) },
  ],
  payouts: [],
  postings: recipePostings('fund', amount(100_000n), 'account').map(one => ({
    merchantId: 'm',
    number: 0n,
    recipe: 'fund' as const,
    ...one,
  })),
}

function result(state: PayoutState): SampleResult {
  const [sample = failed()] = planSample(1, 'run')
  return { sample, refused: null, payout: payout(state), attempts: [attempt('A1')], asExpected: true }
}

function attempt(reference: string): SampleResult['attempts'][number] {
  return {
    attemptNo: 1,
    state: 'paid',
    providerAccountId: 'account',
    reference,
    theirId: null,
    doubt: null,
    proof: null,
    createdAtMs: 0,
    nextInquiryAtMs: null,
    inquiries: 0,
    revision: 0,
  }
}

function payout(state: PayoutState): Payout {
  return {
    merchantId: 'm',
    number: 1n,
    tag: 1,
    reference: 'demo-run-001',
    amount: amount(15_000n),
    beneficiary: { kind: 'wallet', operator: 'bkash', number: '01811111111' },
    method: 'bkash',
    description: null,
    metadata: null,
    door: 'paypro',
    doorCredentialId: '1',
    requestId: null,
    notifyUrl: null,
    state,
    waitReason: null,
    why: null,
    createdAtMs: 1_000,
    stateSinceMs: 2_500,
    paidAtMs: state === 'paid' ? 2_500 : null,
    version: 1,
    attempts: 1,
  }
}

function order(timesPaid: number): PrintedOrder {
  return {
    merchantId: 'rail',
    reference: 'A1',
    number: '1',
    amount: '150.00',
    currency: 'BDT',
    beneficiary: 'wallet:bkash:01811111111',
    behaviour: 'paid_soon',
    state: 'paid',
    timesArrived: 1,
    timesAccepted: 1,
    timesConfirmed: 0,
    timesPaid,
    acceptedAt: '',
    startedAt: '',
    paidAt: null,
    failedAt: null,
    returnedAt: null,
  }
}

function failed(): never {
  throw new Error('missing')
}
