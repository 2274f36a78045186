// Balances move by postings alone, all postings of a statement at once, and three of the accounts never go below zero.
import type { CurrencyCode } from '../../../src/money/currency.ts'
import { rule } from './refusal.ts'
import type { StoredPosting } from './rows.ts'
import type { State, Transaction } from './state.ts'

const RECIPES: ReadonlySet<string> = new Set(
  'fund hold release dispatch requeue fail settle return fee recall'.split(' '),
)
const NEVER_NEGATIVE: ReadonlySet<string> = new Set(['available', 'held', 'in_flight'])

export function balanceKey(merchantId: string, currency: string, account: string): string {
  return `${merchantId} ${currency} ${account}`
}

export function checkPosting({ recipe, debit, credit, amount }: StoredPosting): void {
  rule(recipe !== null, 'not_null recipe')
  rule(debit !== (credit as string), 'posting_has_two_sides')
  rule(amount.minor > 0n, 'posting_minor_check')
  rule(RECIPES.has(recipe), 'posting_recipe_check')
}

export function movePostings(state: State, tx: Transaction, postings: readonly StoredPosting[]): void {
  const touched = new Set<string>()
  for (const { merchantId, debit, credit, amount } of postings) {
    move(state, tx, touched, merchantId, debit, amount.currency, -amount.minor)
    move(state, tx, touched, merchantId, credit, amount.currency, amount.minor)
  }
  for (const key of touched) {
    const balance = tx.balances.get(key)
    rule(
      balance === undefined || balance.minor >= 0n || !NEVER_NEGATIVE.has(balance.account),
      'balance_not_negative',
    )
  }
}

function move(
  state: State,
  tx: Transaction,
  touched: Set<string>,
  merchantId: string,
  account: string,
  currency: CurrencyCode,
  minor: bigint,
): void {
  const key = balanceKey(merchantId, currency, account)
  const before = tx.balances.get(key)?.minor ?? state.tables.balances.get(key)?.minor ?? 0n
  tx.balances.set(key, { merchantId, account, currency, minor: before + minor })
  touched.add(key)
}
