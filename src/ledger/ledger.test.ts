import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { currencyOf } from '../money/currency.ts'
import { type PayoutEvent, transition } from '../payout/lifecycle.ts'
import { PAYOUT_STATES, type PayoutState } from '../payout/payout.ts'
import type { Account } from './accounts.ts'
import { auditBooks, type BalanceLine, type PayoutLine, type PostingLine } from './audit.ts'
import { balancesOf, posting } from './posting.ts'
import { FIXED_RECIPES, type FixedRecipe, RECIPES, recipePostings } from './recipes.ts'

const BDT = currencyOf('BDT')
if (BDT === null) throw new Error('BDT is a currency')
const amount = (minor: bigint) => ({ minor, currency: BDT })

test('every recipe sums to zero for every amount', () => {
  void fc.assert(
    fc.property(
      fc.constantFrom(...FIXED_RECIPES),
      fc.bigInt({ min: 1n, max: 10n ** 18n }),
      (recipe, minor) => {
        const balances = balancesOf(recipePostings(recipe, amount(minor), 'pa'))
        expect([...balances.values()].reduce((sum, balance) => sum + balance.minor, 0n)).toBe(0n)
      },
    ),
  )
})

test.each([
  ['fund', 'float:pa', 'available'],
  ['hold', 'available', 'held'],
  ['release', 'held', 'available'],
  ['dispatch', 'held', 'in_flight'],
  ['requeue', 'in_flight', 'held'],
  ['fail', 'in_flight', 'available'],
  ['settle', 'in_flight', 'float:pa'],
  ['return', 'float:pa', 'available'],
  ['fee', 'available', 'fees'],
  ['recall', 'recall_receivable', 'float:pa'],
] as const)('%s moves from %s to %s', (recipe, debit, credit) => {
  expect(recipePostings(recipe, amount(5n), 'pa')).toEqual([{ debit, credit, amount: amount(5n) }])
})

test('a posting of nothing, and one between one account, are mistakes of ours', () => {
  const nothing = 'a posting moves more than nothing'
  expect(() => posting('available', 'held', amount(0n))).toThrow(nothing)
  expect(() => posting('available', 'held', amount(-1n))).toThrow(nothing)
  expect(() => posting('held', 'held', amount(1n))).toThrow('a posting moves between two accounts')
  expect(posting('available', 'held', amount(1n))).toEqual({
    debit: 'available',
    credit: 'held',
    amount: amount(1n),
  })
})

test('after any life of any payouts the books are clean, and one cent moved by hand is found', () => {
  const happenings = fc.array(
    fc.record({ payout: fc.integer({ min: 0, max: 3 }), event: fc.constantFrom(...EVENTS) }),
    { maxLength: 60 },
  )
  void fc.assert(
    fc.property(happenings, life => {
      const books = play(life)
      expect(auditBooks(books)).toEqual([])
      const [first] = books.balances
      if (first !== undefined) {
        const tampered = { ...first, balance: amount(first.balance.minor + 1n) }
        expect(auditBooks({ ...books, balances: [tampered, ...books.balances.slice(1)] })).not.toEqual([])
      }
      const [line, ...others] = books.postings
      if (line !== undefined) expect(auditBooks({ ...books, postings: others })).not.toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('a correction moves no shape of a payout, and one that touches live money is found', () => {
  const correct = (debit: Account, credit: Account) => {
    const books = play([])
    const line = {
      ...posting(debit, credit, amount(3n)),
      merchantId: 'm',
      number: 1n,
      recipe: 'correction',
    } as const
    const moved = balancesOf([line])
    const balances = [...moved].map(([key, balance]) => {
      const account = key.split(' ')[0] as Account
      const before = books.balances.find(one => one.account === account)?.balance.minor ?? 0n
      return { merchantId: 'm', account, balance: amount(before + balance.minor) }
    })
    const others = books.balances.filter(({ account }) => !moved.has(`${account} BDT`))
    return auditBooks({ ...books, balances: [...others, ...balances], postings: [...books.postings, line] })
  }
  expect(correct('available', 'float:pa')).toEqual([])
  expect(correct('float:pa', 'available')).toEqual([])
  expect(correct('held', 'available').join()).toContain('a correction moves money of a live payout')
})

test.each(PAYOUT_STATES.filter(state => state !== 'queued' && state !== 'waiting'))(
  'a payout that claims to be %s while its money is held is found',
  state => {
    const books = play([])
    const payouts = books.payouts.map(line => ({ ...line, state }))
    expect(auditBooks({ ...books, payouts })).not.toEqual([])
  },
)

const EVENTS: readonly PayoutEvent[] = [
  { kind: 'wait', reason: 'review' },
  { kind: 'release' },
  { kind: 'cancel' },
  { kind: 'send' },
  { kind: 'pending' },
  { kind: 'paid' },
  { kind: 'doubt', why: 'lost' },
  { kind: 'dead', proof: 'refused', next: 'queued' },
  { kind: 'dead', proof: 'refused', next: 'failed' },
  { kind: 'returned' },
]

/** Four payouts of 1, 2, 3 and 4 minor units, queued, then whatever happens, with the recipes that the steps name. */
function play(life: readonly { payout: number; event: PayoutEvent }[]) {
  const states: PayoutState[] = ['queued', 'queued', 'queued', 'queued']
  const postings: PostingLine[] = []
  const book = (number: number, recipe: FixedRecipe, minor: bigint) => {
    for (const one of recipePostings(recipe, amount(minor), 'pa'))
      postings.push({ ...one, merchantId: 'm', number: BigInt(number), recipe })
  }
  book(99, 'fund', 1_000n)
  for (const place of states.keys()) book(place + 1, 'hold', BigInt(place + 1))
  for (const { payout, event } of life) {
    const result = transition(states[payout] ?? 'queued', event)
    if (!result.ok) continue
    states[payout] = result.to
    if (result.recipe !== null) book(payout + 1, result.recipe, BigInt(payout + 1))
  }
  const balances: BalanceLine[] = [...balancesOf(postings)].map(([key, balance]) => ({
    merchantId: 'm',
    account: key.split(' ')[0] as BalanceLine['account'],
    balance,
  }))
  const payouts: PayoutLine[] = states.map((state, place) => ({
    merchantId: 'm',
    number: BigInt(place + 1),
    state,
    amount: amount(BigInt(place + 1)),
  }))
  return { balances, payouts, postings }
}

const PAGE = readFileSync(new URL('../../docs/ledger.md', import.meta.url), 'utf8')
const EXAMPLES = [
  ...PAGE.matchAll(/^\| `(\w+)` \| .* \| `([\w:]+)` \| `([\w:]+)` \| ([-\d. ]+) \| ([-\d. ]+) \|$/gm),
]

test('the page of the ledger has an example for every recipe', () => {
  expect(EXAMPLES.map(([, recipe]) => recipe)).toEqual([...RECIPES])
})

test.each(EXAMPLES.map(([, ...cells]) => cells))(
  'the page says of %s: debit %s, credit %s, from %s to %s',
  (recipe = '', debit = '', credit = '', before = '', after = '') => {
    // What a correction moves is written in it; every other recipe has its accounts.
    const postings =
      recipe === 'correction'
        ? [posting(debit as Account, credit as Account, amount(1_000n))]
        : recipePostings(recipe as FixedRecipe, amount(1_000n), 'pa')
    expect(postings.map(one => [one.debit, one.credit])).toEqual([[debit, credit]])
    const moved = balancesOf(postings)
    const minor = (text: string) => BigInt(text.replace('.', ''))
    const columns = ['available', 'held', 'in_flight', 'float:pa']
    const expected = columns.map((account, place) => {
      const start = minor(before.split(' ')[place] ?? '')
      return start + (moved.get(`${account} BDT`)?.minor ?? 0n)
    })
    expect(after.split(' ').map(minor)).toEqual(expected)
  },
)
