// The invariants of the books as functions over plain values: what must hold, and every place where it does not.
// They are read by tests, by the simulation and by the demo's last line; they share no code with the store.
import type { Money } from '../money/money.ts'
import { MONEY_PLACE, type PayoutState } from '../payout/payout.ts'
import { type Account, isMerchantAccount } from './accounts.ts'
import type { Posting } from './posting.ts'
import { mayBeCorrected, type Recipe } from './recipes.ts'

export interface BalanceLine {
  readonly merchantId: string
  readonly account: Account
  readonly balance: Money
}
export interface PayoutLine {
  readonly merchantId: string
  readonly number: bigint
  readonly state: PayoutState
  readonly amount: Money
}
export interface PostingLine extends Posting {
  readonly merchantId: string
  readonly number: bigint
  readonly recipe: Recipe
}

/** One sentence per breach; an empty list is a clean book. */
export function auditBooks(books: {
  readonly balances: readonly BalanceLine[]
  readonly payouts: readonly PayoutLine[]
  readonly postings: readonly PostingLine[]
}): readonly string[] {
  return [
    ...auditZeroSum(books.balances),
    ...auditNotNegative(books.balances),
    ...auditBalancesArePostings(books.balances, books.postings),
    ...auditHeldAndInFlight(books.balances, books.payouts),
    ...auditShapes(books.payouts, books.postings),
    ...auditCorrections(books.postings),
  ]
}

/** I5: over all accounts of a merchant, the balances of a currency sum to zero. */
export function auditZeroSum(balances: readonly BalanceLine[]): readonly string[] {
  const sums = new Map<string, bigint>()
  for (const { merchantId, balance } of balances)
    addTo(sums, `${merchantId} ${balance.currency}`, balance.minor)
  return [...sums]
    .filter(([, sum]) => sum !== 0n)
    .map(([key, sum]) => `${key}: balances sum to ${sum}, not to zero`)
}

/** I6: available, held and in flight are never below zero. */
export function auditNotNegative(balances: readonly BalanceLine[]): readonly string[] {
  return balances
    .filter(({ account, balance }) => isMerchantAccount(account) && balance.minor < 0n)
    .map(
      ({ merchantId, account, balance }) =>
        `${merchantId} ${account} ${balance.currency} is ${balance.minor}`,
    )
}

/** Each stored balance is what its postings say. */
export function auditBalancesArePostings(
  balances: readonly BalanceLine[],
  postings: readonly PostingLine[],
): readonly string[] {
  const sums = new Map<string, bigint>()
  for (const { merchantId, debit, credit, amount } of postings) {
    addTo(sums, `${merchantId} ${debit} ${amount.currency}`, -amount.minor)
    addTo(sums, `${merchantId} ${credit} ${amount.currency}`, amount.minor)
  }
  for (const { merchantId, account, balance } of balances)
    addTo(sums, `${merchantId} ${account} ${balance.currency}`, -balance.minor)
  return [...sums]
    .filter(([, difference]) => difference !== 0n)
    .map(([key, difference]) => `${key}: postings and balance differ by ${difference}`)
}

/** I6: held and in flight equal the sums over the payouts whose state keeps money there. */
export function auditHeldAndInFlight(
  balances: readonly BalanceLine[],
  payouts: readonly PayoutLine[],
): readonly string[] {
  const sums = new Map<string, bigint>()
  for (const { merchantId, state, amount } of payouts) {
    const place = MONEY_PLACE[state]
    if (place === 'held' || place === 'in_flight')
      addTo(sums, `${merchantId} ${place} ${amount.currency}`, amount.minor)
  }
  for (const { merchantId, account, balance } of balances)
    if (account === 'held' || account === 'in_flight')
      addTo(sums, `${merchantId} ${account} ${balance.currency}`, -balance.minor)
  return [...sums]
    .filter(([, difference]) => difference !== 0n)
    .map(([key, difference]) => `${key}: payouts and balance differ by ${difference}`)
}

/** What two people corrected never touches the money of payouts that have not ended. */
export function auditCorrections(postings: readonly PostingLine[]): readonly string[] {
  return postings
    .filter(
      line => line.recipe === 'correction' && !(mayBeCorrected(line.debit) && mayBeCorrected(line.credit)),
    )
    .map(({ merchantId, number }) => `${merchantId} ${number}: a correction moves money of a live payout`)
}

/** I8: the postings of each payout leave its money exactly where its state says, corrections aside. */
export function auditShapes(
  payouts: readonly PayoutLine[],
  postings: readonly PostingLine[],
): readonly string[] {
  const moved = new Map<string, bigint>()
  for (const { merchantId, number, debit, credit, amount, recipe } of postings) {
    if (recipe === 'correction') continue
    addTo(moved, `${merchantId} ${number} ${debit}`, -amount.minor)
    addTo(moved, `${merchantId} ${number} ${credit}`, amount.minor)
  }
  const breaches: string[] = []
  for (const { merchantId, number, state, amount } of payouts) {
    for (const [account, expected] of Object.entries(expectedShape(state, amount.minor))) {
      const actual = moved.get(`${merchantId} ${number} ${account}`) ?? 0n
      if (actual !== expected)
        breaches.push(
          `${merchantId} payout ${number} is ${state}, but ${account} moved by ${actual}, not ${expected}`,
        )
    }
  }
  return breaches
}

function expectedShape(
  state: PayoutState,
  minor: bigint,
): Record<'available' | 'held' | 'in_flight', bigint> {
  const place = MONEY_PLACE[state]
  return {
    available: place === 'nowhere' || place === 'available' ? 0n : -minor,
    held: place === 'held' ? minor : 0n,
    in_flight: place === 'in_flight' ? minor : 0n,
  }
}

function addTo(sums: Map<string, bigint>, key: string, minor: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + minor)
}
