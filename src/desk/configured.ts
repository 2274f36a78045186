import type { CurrencyCode } from '../money/currency.ts'
import type { Method } from '../payout/beneficiary.ts'
import type { DoorCredential } from '../protocols/protocol.ts'
import type { ApiKey, Configuration, Merchant, Route, StoredProviderAccount } from '../store/store.ts'

/** One snapshot of the configuration, indexed by what is asked of it. */
export interface Configured {
  readonly version: bigint
  /** The snapshot itself; the same object for as long as nothing changed. */
  readonly configuration: Configuration
  credential(door: string, publicId: string): DoorCredential | null
  apiKey(keyId: string): ApiKey | null
  merchant(merchantId: string): Merchant | null
  providerAccount(id: string): StoredProviderAccount | null
  routes(merchantId: string): readonly Route[]
  pays(merchantId: string, currency: CurrencyCode, method: Method): boolean
}

export function indexConfiguration(configuration: Configuration): Configured {
  const merchants = new Map(configuration.merchants.map(merchant => [merchant.merchantId, merchant]))
  const accounts = new Map(configuration.providerAccounts.map(account => [account.id, account]))
  const isActive = (merchantId: string): boolean => merchants.get(merchantId)?.active ?? false

  const keys = new Map(
    configuration.apiKeys.map(key => [key.keyId, { ...key, active: key.active && isActive(key.merchantId) }]),
  )
  const credentials = new Map(
    configuration.credentials.map(credential => [
      credentialName(credential.door, credential.publicId),
      { ...credential, active: credential.active && isActive(credential.merchantId) },
    ]),
  )
  const routes = routesByMerchant(
    configuration.routes.filter(
      route => route.active && (accounts.get(route.providerAccountId)?.active ?? false),
    ),
  )
  const ways = new Set([...routes.values()].flat().map(wayOf))

  return {
    version: configuration.version,
    configuration,
    credential: (door, publicId) => credentials.get(credentialName(door, publicId)) ?? null,
    apiKey: keyId => keys.get(keyId) ?? null,
    merchant: merchantId => merchants.get(merchantId) ?? null,
    providerAccount: id => accounts.get(id) ?? null,
    routes: merchantId => routes.get(merchantId) ?? [],
    pays: (merchantId, currency, method) =>
      isActive(merchantId) &&
      (ways.has(wayOf({ merchantId, currency, method })) ||
        ways.has(wayOf({ merchantId, currency, method: null }))),
  }
}

/** No name of a door holds a zero character, so no two pairs make one text. */
function credentialName(door: string, publicId: string): string {
  return `${door}\0${publicId}`
}

function wayOf(way: Pick<Route, 'merchantId' | 'currency' | 'method'>): string {
  return `${way.currency}\0${way.method ?? '*'}\0${way.merchantId}`
}

function routesByMerchant(routes: readonly Route[]): ReadonlyMap<string, readonly Route[]> {
  const byMerchant = Map.groupBy(routes, route => route.merchantId)
  for (const list of byMerchant.values()) list.sort((one, other) => one.priority - other.priority)
  return byMerchant
}
