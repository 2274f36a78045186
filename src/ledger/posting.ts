// A posting moves one positive amount from one account to another. It has two sides by its shape, so a transaction
// made of postings sums to zero in each currency whatever anybody writes: there is no unbalanced posting to refuse.
import { assert } from '../lib/assert.ts'
import { type Money, moneyAdd, moneySubtract } from '../money/money.ts'
import type { Account } from './accounts.ts'

export interface Posting {
  readonly debit: Account
  readonly credit: Account
  /** Above zero. */
  readonly amount: Money
}

export function posting(debit: Account, credit: Account, amount: Money): Posting {
  assert(amount.minor > 0n, 'a posting moves more than nothing')
  assert(debit !== credit, 'a posting moves between two accounts')
  return { debit, credit, amount }
}

/** Balances by `account currency`, credits minus debits, after the postings were applied to nothing. */
export function balancesOf(postings: readonly Posting[]): Map<string, Money> {
  const balances = new Map<string, Money>()
  for (const { debit, credit, amount } of postings) {
    const zero: Money = { minor: 0n, currency: amount.currency }
    const from = `${debit} ${amount.currency}`
    const to = `${credit} ${amount.currency}`
    balances.set(from, moneySubtract(balances.get(from) ?? zero, amount))
    balances.set(to, moneyAdd(balances.get(to) ?? zero, amount))
  }
  return balances
}
