// One merchant with more money than any run can spend, at each door; a thousand others beside it; and a way for their
// payouts, which leads to the provider of the bench or, where none runs, nowhere.
import { sha256 } from '../src/lib/digest.ts'
import type { SealKey } from '../src/lib/seal.ts'
import { type CurrencyCode, currencyOf } from '../src/money/currency.ts'
import type { Store } from '../src/store/store.ts'

export const BENCH_SEAL_KEY: SealKey = {
  id: 'bench',
  key: Uint8Array.from({ length: 32 }, (_, place) => (place * place * 37 + place * 11 + 5) % 256),
}
export const BENCH_MERCHANT = 'm_bench'
/** Of each payout that the generator asks for. */
export const BENCH_MINOR = 1_050n
export const BENCH_AMOUNT = '10.50'
export const BENCH_ACCOUNT = 'pa_bench'
export const PROVIDER = { merchantNo: '9000000001', secret: 'bench-provider-secret' }
export const CREDENTIALS = {
  paypro: { publicId: '1000000777', secret: 'bench-paypro-secret' },
  avanor: { publicId: '202777', secret: 'bench-avanor-secret', payway: 'bkash_bdt' },
  payneteasy: { publicId: 'bench-merchant', secret: 'bench-merchant-control', endpoint: '39917' },
} as const

export function merchantOf(place: number): string {
  return place === 0 ? BENCH_MERCHANT : `${BENCH_MERCHANT}_${place}`
}

export function apiKeyOf(place: number): string {
  return place === 0 ? 'qk_test_bench' : `qk_test_bench${place}`
}

export interface BenchSetUp {
  /** How many, the first of which is the hot one. */
  readonly merchants: number
  /** Where its payouts are sent. */
  readonly providerUrl: string
  /** PEM, of the key that its Payneteasy client signs with. */
  readonly publicKey: string
}

export async function setUpBench(store: Store, options: BenchSetUp): Promise<void> {
  await putMerchant(store, 0)
  await store.putProviderAccount({
    id: BENCH_ACCOUNT,
    protocol: 'paypro',
    name: 'Bench',
    baseUrl: options.providerUrl,
    settings: { merchant_no: PROVIDER.merchantNo, secret: PROVIDER.secret },
    callbackSecret: 'bench-callback-secret',
    ratePerSecond: 100_000,
    concurrency: 512,
    active: true,
  })
  await openDoors(store, options.publicKey)
  await payable(store, 0)
  // Ten at a time: each waits for its own commit.
  for (let first = 1; first < options.merchants; first += TOGETHER) {
    const places = Array.from(
      { length: Math.min(TOGETHER, options.merchants - first) },
      (_, at) => first + at,
    )
    await Promise.all(
      places.map(async place => {
        await putMerchant(store, place)
        await payable(store, place)
      }),
    )
  }
}

const TOGETHER = 10

async function putMerchant(store: Store, place: number): Promise<void> {
  const merchantId = merchantOf(place)
  await store.putMerchant({ merchantId, name: 'Bench', active: true })
  await store.putApiKey({
    keyId: apiKeyOf(place),
    merchantId,
    live: false,
    hash: sha256(apiKeyOf(place)),
    scopes: ['payouts:read', 'payouts:write', 'balances:read'],
    active: true,
  })
}

async function payable(store: Store, place: number): Promise<void> {
  const merchantId = merchantOf(place)
  const currency = bdt()
  const route = { merchantId, providerAccountId: BENCH_ACCOUNT, currency }
  await store.putRoute({ ...route, priority: 1, method: null, active: true })
  await store.fundMerchant({
    merchantId,
    providerAccountId: BENCH_ACCOUNT,
    amount: { minor: 10n ** 14n, currency },
    reference: 'opening',
    note: 'bench',
  })
}

async function openDoors(store: Store, publicKey: string): Promise<void> {
  const { paypro, avanor, payneteasy } = CREDENTIALS
  const open = (door: string, publicId: string, secret: string, settings: Record<string, string>) =>
    store.putDoorCredential({ door, publicId, merchantId: BENCH_MERCHANT, secret, settings, active: true })
  await open('paypro', paypro.publicId, paypro.secret, {})
  await open('avanor', avanor.publicId, avanor.secret, { payways: `${avanor.payway}=wallet/bkash:BDT` })
  const endpoints = `${payneteasy.endpoint}=BDT`
  const settings = { public_key: publicKey, logins: payneteasy.publicId, endpoints }
  await open('payneteasy', payneteasy.publicId, payneteasy.secret, settings)
}

function bdt(): CurrencyCode {
  const currency = currencyOf('BDT')
  if (currency === null) throw new Error('BDT is a currency')
  return currency
}
