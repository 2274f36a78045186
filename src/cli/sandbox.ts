// What the demo sets up: one merchant with the fixed credentials, money, and a provider account at each simulated
// provider. Done again at every start; what is there already stays as it is.
import { assert } from '../lib/assert.ts'
import { sha256 } from '../lib/digest.ts'
import type { Random } from '../lib/random.ts'
import { type CurrencyCode, currencyOf } from '../money/currency.ts'
import { railCredential } from '../simulator/credentials.ts'
import type { Configuration, Store } from '../store/store.ts'
import { SANDBOX_API_KEY, SANDBOX_CREDENTIALS, SANDBOX_MERCHANT_ID } from './sandbox-credentials.ts'

/** Where each simulated provider listens, by protocol. */
export type RailUrls = Readonly<Record<string, string>>

export const SANDBOX_CURRENCIES: readonly CurrencyCode[] = ['BDT', 'EUR', 'USD'].map(known)

/** A million of each, in minor units. */
const OPENING_MINOR = 100_000_000n
/** Below this much the merchant gets what is missing to a million, so that a demo can be run every day. */
const TOP_UP_BELOW_MINOR = 50_000_000n

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
  for (const credential of SANDBOX_CREDENTIALS) await store.putDoorCredential(credential)
  for (const [protocol, url] of Object.entries(rails)) {
    const earlier = before.providerAccounts.find(({ id }) => id === accountId(protocol))
    await store.putProviderAccount({
      id: accountId(protocol),
      protocol,
      name: `Simulated ${protocol}`,
      baseUrl: url,
      settings: accountSettings(protocol),
      // Kept, or callbacks about payouts of an earlier run would not be taken.
      callbackSecret: earlier?.callbackSecret ?? random.text(SECRET_ALPHABET, 43),
      ratePerSecond: 1_000,
      concurrency: 64,
      active: true,
    })
    for (const currency of accountCurrencies(protocol))
      await store.putRoute({
        merchantId: SANDBOX_MERCHANT_ID,
        providerAccountId: accountId(protocol),
        priority: 10,
        currency,
        method: null,
        active: true,
      })
  }
  await fund(store, random)
}

/** Whether a database was made by the demo. */
export function holdsSandbox({ apiKeys, credentials }: Configuration): boolean {
  return (
    apiKeys.some(({ keyId }) => keyId === SANDBOX_API_KEY) ||
    credentials.some(({ door, publicId }) =>
      SANDBOX_CREDENTIALS.some(fixed => fixed.door === door && fixed.publicId === publicId),
    )
  )
}

const SECRET_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function accountId(protocol: string): string {
  return `pa_sandbox_${protocol}`
}

/** How we present ourselves at the simulated provider, and what its operator would have told us about its codes. */
function accountSettings(protocol: string): Readonly<Record<string, string>> {
  const credential = railCredential(protocol)
  assert(credential !== null, 'a rail that runs has a credential')
  const settings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    paypro: {
      merchant_no: credential.publicId,
      secret: credential.secret,
      // Insufficient balance: the simulated provider keeps nothing of what it refuses so.
      proven_refusals: '990010',
      returned_status: '990020',
    },
  }
  return settings[protocol] ?? {}
}

function accountCurrencies(protocol: string): readonly CurrencyCode[] {
  return protocol === 'paypro' ? [known('BDT')] : SANDBOX_CURRENCIES
}

/** All of it stands at the PayPro account as float until the providers of the other currencies are simulated too. */
async function fund(store: Pick<Store, 'fundMerchant' | 'merchantBalances'>, random: Random): Promise<void> {
  const give = (minor: bigint, currency: CurrencyCode, reference: string) =>
    store.fundMerchant({
      merchantId: SANDBOX_MERCHANT_ID,
      providerAccountId: accountId('paypro'),
      amount: { minor, currency },
      reference,
      note: 'play money of the sandbox merchant',
    })
  for (const currency of SANDBOX_CURRENCIES)
    await give(OPENING_MINOR, currency, `sandbox opening ${currency}`)
  for (const { account, balance } of await store.merchantBalances(SANDBOX_MERCHANT_ID)) {
    if (account !== 'available' || balance.minor >= TOP_UP_BELOW_MINOR) continue
    const reference = `sandbox top-up ${random.text(SECRET_ALPHABET, 16)}`
    await give(OPENING_MINOR - balance.minor, balance.currency, reference)
  }
}

function known(code: string): CurrencyCode {
  const currency = currencyOf(code)
  assert(currency !== null, 'a sandbox currency is one of ISO 4217')
  return currency
}
