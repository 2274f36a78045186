import { expect, test } from 'vitest'
import { type CurrencyCode, currencyOf } from '../money/currency.ts'
import type { PayoutState } from '../payout/payout.ts'
import { type Account, floatAccount, isMerchantAccount } from './accounts.ts'
import {
  auditBalancesArePostings,
  auditBooks,
  auditHeldAndInFlight,
  auditNotNegative,
  auditShapes,
  auditZeroSum,
  type BalanceLine,
  type PayoutLine,
  type PostingLine,
} from './audit.ts'
import type { FixedRecipe } from './recipes.ts'
import { recipePostings } from './recipes.ts'

// Each rule is held alone against one wrong line, and named in whole: an auditor that finds the breach under another name, or
// only because a second rule happens to see it too, leaves a gap the day that one is changed.

const BDT = currency('BDT')
const EUR = currency('EUR')

function currency(code: string): CurrencyCode {
  const known = currencyOf(code)
  if (known === null) throw new Error(`${code} is a currency`)
  return known
}

function balance(account: Account, minor: bigint, more: Partial<BalanceLine> = {}): BalanceLine {
  return { merchantId: 'm1', account, balance: { minor, currency: BDT }, ...more }
}

function payout(number: bigint, state: PayoutState, minor: bigint, merchantId = 'm1'): PayoutLine {
  return { merchantId, number, state, amount: { minor, currency: BDT } }
}

/** The postings of one payout, by recipes. */
function booked(number: bigint, minor: bigint, ...recipes: readonly FixedRecipe[]): readonly PostingLine[] {
  return recipes.flatMap(recipe =>
    recipePostings(recipe, { minor, currency: BDT }, 'pa').map(one => ({
      ...one,
      merchantId: 'm1',
      number,
      recipe,
    })),
  )
}

// One payout in every state, each of another amount, so that no two mistakes can cancel each other out.
const lives: readonly (readonly [PayoutState, readonly FixedRecipe[]])[] = [
  ['accepted', []],
  ['waiting', ['hold']],
  ['queued', ['hold', 'dispatch', 'requeue']],
  ['sending', ['hold', 'dispatch']],
  ['pending', ['hold', 'dispatch']],
  ['in_doubt', ['hold', 'dispatch']],
  ['paid', ['hold', 'dispatch', 'settle']],
  ['failed', ['hold', 'dispatch', 'fail']],
  ['cancelled', ['hold', 'release']],
  ['returned', ['hold', 'dispatch', 'settle', 'return']],
]

/** The books that these lives leave behind. */
function wholeBooks() {
  return {
    payouts: lives.map(([state], place) => payout(BigInt(place + 1), state, 10n ** BigInt(place))),
    postings: [
      ...booked(99n, 20_000_000_000n, 'fund'),
      ...lives.flatMap(([, recipes], place) => booked(BigInt(place + 1), 10n ** BigInt(place), ...recipes)),
    ],
    // Written by hand from the states above: held is waiting and queued, in flight is sending, pending and in doubt, and the
    // payout of a million has left.
    balances: [
      balance('available', 20_000_000_000n - 110n - 111_000n - 1_000_000n),
      balance('held', 110n),
      balance('in_flight', 111_000n),
      balance(floatAccount('pa'), -20_000_000_000n + 1_000_000n),
    ],
  }
}

test('books with a payout in every state are clean', () => {
  expect(auditBooks(wholeBooks())).toEqual([])
})

test('empty books are clean', () => {
  expect(auditBooks({ balances: [], payouts: [], postings: [] })).toEqual([])
})

test('I5: a currency whose balances do not sum to zero is named, and neither another merchant nor another currency pays for it', () => {
  const lost = balance('available', 7n)
  const inEuro = balance('fees', -7n, { balance: { minor: -7n, currency: EUR } })
  const ofAnother = balance('fees', -7n, { merchantId: 'm2' })
  expect(auditZeroSum([lost, inEuro, ofAnother])).toEqual([
    'm1 BDT: balances sum to 7, not to zero',
    'm1 EUR: balances sum to -7, not to zero',
    'm2 BDT: balances sum to -7, not to zero',
  ])
  expect(auditZeroSum([lost, balance('fees', -3n), balance('suspense', -4n)])).toEqual([])
})

test('I6: each account of the merchant below zero is named, and no other account is', () => {
  for (const account of ['available', 'held', 'in_flight'] as const) {
    expect(auditNotNegative([balance(account, -1n)])).toEqual([`m1 ${account} BDT is -1`])
    expect(auditNotNegative([balance(account, 0n), balance(account, 1n)])).toEqual([])
  }
  for (const account of [floatAccount('pa'), 'fees', 'suspense', 'recall_receivable'] as const)
    expect(auditNotNegative([balance(account, -1n)])).toEqual([])
})

test('only the money of the merchant is kept at zero or above', () => {
  const accounts: readonly Account[] = [
    'available',
    'held',
    'in_flight',
    floatAccount('held'),
    'fees',
    'suspense',
    'recall_receivable',
  ]
  expect(accounts.filter(isMerchantAccount)).toEqual(['available', 'held', 'in_flight'])
})

test('a balance that its postings do not give is named, on either side and where one of the two is missing', () => {
  const [hold] = booked(1n, 5n, 'hold')
  if (hold === undefined) throw new Error('a hold is one posting')
  const right = [balance('available', -5n), balance('held', 5n)]
  expect(auditBalancesArePostings(right, [hold])).toEqual([])
  expect(auditBalancesArePostings([balance('available', -5n), balance('held', 6n)], [hold])).toEqual([
    'm1 held BDT: postings and balance differ by -1',
  ])
  expect(auditBalancesArePostings([], [hold])).toEqual([
    'm1 available BDT: postings and balance differ by -5',
    'm1 held BDT: postings and balance differ by 5',
  ])
  expect(auditBalancesArePostings(right, [])).toEqual([
    'm1 available BDT: postings and balance differ by 5',
    'm1 held BDT: postings and balance differ by -5',
  ])
})

test('I6: held and in flight that are not the sums over the live payouts are named', () => {
  const live = [payout(1n, 'queued', 5n), payout(2n, 'in_doubt', 7n)]
  const right = [balance('held', 5n), balance('in_flight', 7n)]
  expect(auditHeldAndInFlight(right, live)).toEqual([])
  expect(auditHeldAndInFlight([balance('held', 4n), balance('in_flight', 7n)], live)).toEqual([
    'm1 held BDT: payouts and balance differ by 1',
  ])
  expect(auditHeldAndInFlight([balance('held', 5n), balance('in_flight', 8n)], live)).toEqual([
    'm1 in_flight BDT: payouts and balance differ by -1',
  ])
  // A payout without any balance, and a balance without any payout.
  expect(auditHeldAndInFlight([], live)).toEqual([
    'm1 held BDT: payouts and balance differ by 5',
    'm1 in_flight BDT: payouts and balance differ by 7',
  ])
  expect(auditHeldAndInFlight(right, [])).toEqual([
    'm1 held BDT: payouts and balance differ by -5',
    'm1 in_flight BDT: payouts and balance differ by -7',
  ])
})

test('I6: what is available, in a float or earned is no sum over payouts', () => {
  const ended = [payout(1n, 'failed', 5n), payout(2n, 'paid', 7n), payout(3n, 'accepted', 9n)]
  const elsewhere = [balance('available', 5n), balance(floatAccount('pa'), 7n), balance('fees', 9n)]
  expect(auditHeldAndInFlight(elsewhere, ended)).toEqual([])
})

test.each(lives)(
  'I8: a payout that is %s and moved other money is named, account by account',
  (state, recipes) => {
    const line = payout(1n, state, 5n)
    const right = booked(1n, 5n, ...recipes)
    expect(auditShapes([line], right)).toEqual([])
    const says = (account: string, actual: number, expected: number) =>
      `m1 payout 1 is ${state}, but ${account} moved by ${actual}, not ${expected}`
    const expected = { ...NOTHING_MOVED, ...SHAPES[state] }
    expect(auditShapes([line], [...right, ...booked(1n, 1n, 'hold')])).toEqual([
      says('available', expected.available - 1, expected.available),
      says('held', expected.held + 1, expected.held),
    ])
    expect(auditShapes([line], [...right, ...booked(1n, 1n, 'settle')])).toEqual([
      says('in_flight', expected.in_flight - 1, expected.in_flight),
    ])
  },
)

// What each state leaves behind of a payout of five.
const NOTHING_MOVED = { available: 0, held: 0, in_flight: 0 }
const SHAPES: Readonly<Record<PayoutState, Partial<typeof NOTHING_MOVED>>> = {
  accepted: {},
  waiting: { available: -5, held: 5 },
  queued: { available: -5, held: 5 },
  sending: { available: -5, in_flight: 5 },
  pending: { available: -5, in_flight: 5 },
  in_doubt: { available: -5, in_flight: 5 },
  paid: { available: -5 },
  failed: {},
  cancelled: {},
  returned: {},
}

test('I8: what another payout or another merchant moved is not counted', () => {
  const line = payout(1n, 'queued', 5n)
  const ofAnother = booked(1n, 5n, 'hold').map(one => ({ ...one, merchantId: 'm2' }))
  const missing = [
    'm1 payout 1 is queued, but available moved by 0, not -5',
    'm1 payout 1 is queued, but held moved by 0, not 5',
  ]
  expect(auditShapes([line], booked(2n, 5n, 'hold'))).toEqual(missing)
  expect(auditShapes([line], ofAnother)).toEqual(missing)
})

test('the whole audit names each breach once by each rule that it breaks', () => {
  const wrong = [balance('available', -1n), balance('held', 5n)]
  const audited = auditBooks({
    balances: wrong,
    payouts: [payout(1n, 'sending', 5n)],
    postings: booked(1n, 5n, 'hold'),
  })
  expect(audited).toEqual([
    'm1 BDT: balances sum to 4, not to zero',
    'm1 available BDT is -1',
    'm1 available BDT: postings and balance differ by -4',
    'm1 in_flight BDT: payouts and balance differ by 5',
    'm1 held BDT: payouts and balance differ by -5',
    'm1 payout 1 is sending, but held moved by 5, not 0',
    'm1 payout 1 is sending, but in_flight moved by 0, not 5',
  ])
})
