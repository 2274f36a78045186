import { MERCHANT_ACCOUNTS, type MerchantAccount } from '../ledger/accounts.ts'
import { assert } from '../lib/assert.ts'
import type { CurrencyCode } from '../money/currency.ts'
import { type Money, money } from '../money/money.ts'
import type { MerchantBalance } from '../protocols/protocol.ts'
import type { AccountBalance } from '../store/store.ts'

/** A merchant's own money, one line for each currency in which it ever had any, in alphabetical order. */
export function balancesByCurrency(accounts: readonly AccountBalance[]): readonly MerchantBalance[] {
  const byCurrency = new Map<CurrencyCode, Partial<Record<MerchantAccount, Money>>>()
  for (const { account, balance } of accounts) {
    if (!isOwn(account)) continue
    assert(balance.minor >= 0n, 'what a merchant has is never below zero')
    const line = byCurrency.get(balance.currency) ?? {}
    line[account] = balance
    byCurrency.set(balance.currency, line)
  }
  return [...byCurrency].sort(byCode).map(([currency, line]) => ({
    available: line.available ?? money(0n, currency),
    held: line.held ?? money(0n, currency),
    inFlight: line.in_flight ?? money(0n, currency),
  }))
}

function byCode([one]: readonly [CurrencyCode, unknown], [other]: readonly [CurrencyCode, unknown]): number {
  return one < other ? -1 : 1
}

/** The store names accounts as text; floats, fees and the like are not the merchant's to spend. */
function isOwn(account: string): account is MerchantAccount {
  return (MERCHANT_ACCOUNTS as readonly string[]).includes(account)
}
