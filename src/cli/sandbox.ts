// What the demo sets up: one merchant with the fixed credentials, money, and at each simulated provider an account that
// pays and one that fetches the proof of what was paid. Done again at every start; what is there already stays as it is.
import { assert } from '../lib/assert.ts'
import { sha256 } from '../lib/digest.ts'
import type { Random } from '../lib/random.ts'
import { type CurrencyCode, currencyOf } from '../money/currency.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { railProtocols } from '../simulator/credentials.ts'
import type { Configuration, Store, StoredProviderAccount } from '../store/store.ts'
import {
  SANDBOX_API_KEY,
  SANDBOX_MERCHANT_ID,
  SANDBOX_PUBLIC_IDS,
  sandboxCredentials,
} from './sandbox-credentials.ts'
import type { SandboxKeyRing } from './sandbox-keys.ts'
import { type SandboxAccount, type SandboxRoute, sandboxRoutes } from './sandbox-routes.ts'

/** Where each simulated provider listens, by protocol. */
export type RailUrls = Readonly<Record<string, string>>

export const SANDBOX_CURRENCIES: readonly CurrencyCode[] = ['BDT', 'EUR', 'USD'].map(known)

/** A million of each, in minor units. */
const OPENING_MINOR = 100_000_000n
/** Below this much the merchant gets what is missing to a million, so that a demo can be run every day. */
const TOP_UP_BELOW_MINOR = 50_000_000n

/** @param keys a protocol that needs keys and has none here is left out */
export async function setUpSandbox(
  store: Pick<
    Store,
    | 'putMerchant'
    | 'putApiKey'
    | 'putDoorCredential'
    | 'putProviderAccount'
    | 'putRoute'
    | 'fundMerchant'
    | 'merchantBalances'
    | 'readConfiguration'
  >,
  rails: RailUrls,
  random: Random,
  keys: SandboxKeyRing = new Map(),
): Promise<void> {
  const before = await store.readConfiguration()
  await store.putMerchant({ merchantId: SANDBOX_MERCHANT_ID, name: 'Sandbox', active: true })
  await store.putApiKey({
    keyId: SANDBOX_API_KEY,
    merchantId: SANDBOX_MERCHANT_ID,
    live: false,
    hash: sha256(SANDBOX_API_KEY),
    scopes: ['payouts:read', 'payouts:write', 'balances:read'],
    active: true,
  })
  for (const credential of sandboxCredentials(keys)) await store.putDoorCredential(credential)
  const accounts: SandboxAccount[] = []
  for (const [name, url] of Object.entries(rails)) {
    const [paying, proving] = accountsAt(name, url, keys)
    // The one that proves comes first, because the one that pays names it.
    for (const account of proving === null ? [paying.account] : [proving, paying.account]) {
      const earlier = before.providerAccounts.find(({ id }) => id === account.id)
      await store.putProviderAccount({
        ...account,
        // Kept, or callbacks about payouts of an earlier run would not be taken.
        callbackSecret: earlier?.callbackSecret ?? random.text(SECRET_ALPHABET, 43),
        ratePerSecond: 1_000,
        concurrency: 64,
        active: true,
      })
    }
    accounts.push(paying)
  }
  const routes = sandboxRoutes(accounts)
  for (const route of routes)
    await store.putRoute({ ...route, merchantId: SANDBOX_MERCHANT_ID, active: true })
  await fund(store, random, currency => holdersOf(currency, accounts, routes))
}

/** Whether a database was made by the demo. */
export function holdsSandbox({ apiKeys, credentials }: Configuration): boolean {
  return (
    apiKeys.some(({ keyId }) => keyId === SANDBOX_API_KEY) ||
    credentials.some(({ door, publicId }) =>
      SANDBOX_PUBLIC_IDS.some(fixed => fixed.door === door && fixed.publicId === publicId),
    )
  )
}

const SECRET_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

type NewAccount = Pick<
  StoredProviderAccount,
  'id' | 'protocol' | 'name' | 'baseUrl' | 'settings' | 'proofAccountId'
>

/** Our accounts at one simulated provider, which serves both doors at one address. */
function accountsAt(
  name: string,
  baseUrl: string,
  keys: SandboxKeyRing,
): readonly [paying: SandboxAccount & { readonly account: NewAccount }, proving: NewAccount | null] {
  const [own, prover = null] = railProtocols(name)
  assert(own !== undefined, 'a rail that runs is of a protocol that is simulated')
  const id = `pa_sandbox_${name}`
  const proving =
    prover === null ? null : accountOf(prover, { id: `${id}_proof`, baseUrl, proofAccountId: null }, keys)
  const account = accountOf(own, { id, baseUrl, proofAccountId: proving?.id ?? null }, keys)
  return [{ account, currencies: own.sandbox?.rail.currencies.map(known) ?? [] }, proving]
}

function accountOf(
  { name, sandbox }: Protocol,
  more: Pick<NewAccount, 'id' | 'baseUrl' | 'proofAccountId'>,
  keys: SandboxKeyRing,
): NewAccount {
  assert(sandbox !== null, 'what is simulated has a sandbox')
  const pair = keys.get(name)?.rail ?? null
  const settings = sandbox.rail.accountSettings(sandbox.needsKeys ? pair : null)
  return { ...more, protocol: name, name: `Simulated ${name}`, settings }
}

type Fund = Pick<Store, 'fundMerchant' | 'merchantBalances'>

/**
 * The accounts at which money of this currency stands, the one that pays most of it first. With one provider alone
 * running, a currency may be nobody's; then it stands there and waits.
 */
function holdersOf(
  currency: CurrencyCode,
  accounts: readonly SandboxAccount[],
  routes: readonly SandboxRoute[],
): readonly string[] {
  const ways = (id: string): number =>
    routes.filter(
      route => route.providerAccountId === id && route.currency === currency && route.priority === 10,
    ).length
  const paying = accounts.filter(one => one.currencies.includes(currency)).map(({ account }) => account.id)
  const ids = paying.length > 0 ? paying : accounts.slice(0, 1).map(({ account }) => account.id)
  return ids.toSorted((one, other) => ways(other) - ways(one))
}

/** A million of each currency in all, whatever was paid before. */
async function fund(
  store: Fund,
  random: Random,
  holders: (currency: CurrencyCode) => readonly string[],
): Promise<void> {
  const give = (currency: CurrencyCode, minor: bigint, reference: string): Promise<void> =>
    giveTo(store, holders(currency), { currency, minor, reference })
  for (const currency of SANDBOX_CURRENCIES)
    await give(currency, OPENING_MINOR, `sandbox opening ${currency}`)
  for (const { account, balance } of await store.merchantBalances(SANDBOX_MERCHANT_ID)) {
    if (account !== 'available' || balance.minor >= TOP_UP_BELOW_MINOR) continue
    const reference = `sandbox top-up ${random.text(SECRET_ALPHABET, 16)}`
    await give(balance.currency, OPENING_MINOR - balance.minor, reference)
  }
}

/** Money comes in at providers: half of it at the first holder, the rest at the others alike. */
async function giveTo(
  store: Fund,
  [first, ...others]: readonly string[],
  { currency, minor, reference }: { currency: CurrencyCode; minor: bigint; reference: string },
): Promise<void> {
  if (first === undefined) return
  const share = others.length === 0 ? 0n : minor / (2n * BigInt(others.length))
  const shares = [
    [first, minor - share * BigInt(others.length)] as const,
    ...others.map(id => [id, share] as const),
  ]
  for (const [id, part] of shares)
    await store.fundMerchant({
      merchantId: SANDBOX_MERCHANT_ID,
      providerAccountId: id,
      amount: { minor: part, currency },
      reference: `${reference} at ${id}`,
      note: 'play money of the sandbox merchant',
    })
}

function known(code: string): CurrencyCode {
  const currency = currencyOf(code)
  assert(currency !== null, 'a sandbox currency is one of ISO 4217')
  return currency
}
