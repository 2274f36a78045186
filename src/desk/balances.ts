import { MERCHANT_ACCOUNTS, type MerchantAccount } from '../ledger/accounts.ts'
import { assert } from '../lib/assert.ts'
import { groupCommit } from '../lib/group-commit.ts'
import type { CurrencyCode } from '../money/currency.ts'
import { type Money, money } from '../money/money.ts'
import type { MerchantBalance } from '../protocols/protocol.ts'
import type { AccountBalance, Store } from '../store/store.ts'

/**
 * Reads balances. Those who ask for one merchant's while another read runs share the next one, which begins after they
 * asked: a door that tells the balance with each order would otherwise read the same rows once for every order.
 */
export function createBalanceReads(
  store: Pick<Store, 'merchantBalances'>,
): (merchantId: string) => Promise<readonly MerchantBalance[]> {
  const reads = groupCommit<string, readonly MerchantBalance[]>({
    maxBatch: BATCH_MAX,
    maxWaiting: WAITING_MAX,
    async commit(batch) {
      const found = [...new Set(batch)].map(
        async merchantId =>
          [merchantId, balancesByCurrency(await store.merchantBalances(merchantId))] as const,
      )
      const balances = new Map(await Promise.all(found))
      return batch.map(merchantId => balances.get(merchantId) ?? [])
    },
  })
  return merchantId => reads.submit(merchantId)
}

const BATCH_MAX = 500
const WAITING_MAX = 10_000

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
