// The chart of accounts. Every account belongs to a merchant and a currency. Merchant accounts and fees carry credit
// balances (what we owe, what we earned); floats and receivables carry debit balances (what we have at a provider,
// what somebody owes us). A balance is credits minus debits, so a float prints as the negative of its balance.

/** The merchant's own money, by how far it is from leaving. The database keeps each at zero or above. */
export const MERCHANT_ACCOUNTS = ['available', 'held', 'in_flight'] as const
export type MerchantAccount = (typeof MERCHANT_ACCOUNTS)[number]

/** `float:<provider account>` is the merchant's share of the money that stands at that provider account. */
export type FloatAccount = `float:${string}`

export type Account = MerchantAccount | FloatAccount | 'fees' | 'suspense' | 'recall_receivable'

export function floatAccount(providerAccountId: string): FloatAccount {
  return `float:${providerAccountId}`
}

/** True for accounts that are kept at zero or above. */
export function isMerchantAccount(account: Account): account is MerchantAccount {
  return (MERCHANT_ACCOUNTS as readonly string[]).includes(account)
}
