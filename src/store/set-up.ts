// What is configured: merchants, their credentials and keys, provider accounts and routes. Plain values; secrets are in
// clear here, and the store seals them.
import type { CurrencyCode } from '../money/currency.ts'
import type { Money } from '../money/money.ts'

export interface Merchant {
  readonly merchantId: string
  readonly name: string
  readonly active: boolean
}

export interface ApiKey {
  /** The public half, `qk_test_sandbox` or `qk_live_<id>`. */
  readonly keyId: string
  readonly merchantId: string
  readonly live: boolean
  /** SHA-256 of the whole key, 32 bytes. */
  readonly hash: Uint8Array
  readonly scopes: readonly string[]
  readonly active: boolean
  /** The person behind it, who is the maker of what is asked for with it; left out: nobody is known, or as before. */
  readonly owner?: string | null
}

export interface StoredCredential {
  readonly door: string
  readonly publicId: string
  readonly merchantId: string
  /** In clear here; the store seals it. */
  readonly secret: string
  readonly settings: Readonly<Record<string, string>>
  readonly active: boolean
  /** The person behind it, who is the maker of what is asked for with it; left out: nobody is known, or as before. */
  readonly owner?: string | null
}

export interface StoredProviderAccount {
  readonly id: string
  readonly protocol: string
  readonly name: string
  readonly baseUrl: string
  /** In clear here; the store seals it. */
  readonly settings: Readonly<Record<string, string>>
  /** Secret part of this account's callback URLs. */
  readonly callbackSecret: string
  readonly ratePerSecond: number | null
  readonly concurrency: number | null
  /** The account at which the provider's proof images of what this one paid are fetched; without it there are none. */
  readonly proofAccountId?: string | null
  readonly active: boolean
}

/** A way a merchant's payouts may go. Lower `priority` is tried first. */
export interface Route {
  readonly merchantId: string
  readonly providerAccountId: string
  readonly priority: number
  readonly currency: CurrencyCode
  /** Null: every method. */
  readonly method: string | null
  readonly active: boolean
}

export interface Funding {
  readonly merchantId: string
  readonly providerAccountId: string
  readonly amount: Money
  readonly reference: string
  readonly note: string
}

export interface Configuration {
  readonly version: bigint
  readonly merchants: readonly Merchant[]
  readonly apiKeys: readonly ApiKey[]
  readonly credentials: readonly StoredCredential[]
  readonly providerAccounts: readonly StoredProviderAccount[]
  readonly routes: readonly Route[]
}
