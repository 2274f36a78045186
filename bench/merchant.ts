// One merchant with more money than any run can spend, and a way for its payouts that nobody serves.
import { sha256 } from '../src/lib/digest.ts'
import type { SealKey } from '../src/lib/seal.ts'
import { currencyOf } from '../src/money/currency.ts'
import type { Store } from '../src/store/store.ts'

export const BENCH_SEAL_KEY: SealKey = {
  id: 'bench',
  key: Uint8Array.from({ length: 32 }, (_, place) => (place * 73 + 5) % 256),
}
export const BENCH_MERCHANT = 'm_bench'
export const BENCH_API_KEY = 'qk_test_bench'
/** Of each payout that the generator asks for. */
export const BENCH_MINOR = 1_050n

export async function setUpBench(store: Store): Promise<void> {
  const currency = currencyOf('BDT')
  if (currency === null) throw new Error('BDT is a currency')
  await store.putMerchant({ merchantId: BENCH_MERCHANT, name: 'Bench', active: true })
  await store.putApiKey({
    keyId: BENCH_API_KEY,
    merchantId: BENCH_MERCHANT,
    live: false,
    hash: sha256(BENCH_API_KEY),
    scopes: ['payouts:read', 'payouts:write', 'balances:read'],
    active: true,
  })
  await store.putProviderAccount({
    id: 'pa_bench',
    protocol: 'paypro',
    name: 'Bench',
    baseUrl: 'http://127.0.0.1:1',
    settings: { merchant_no: '1000000001', secret: 'bench-secret' },
    callbackSecret: 'bench-callback-secret',
    ratePerSecond: null,
    concurrency: null,
    active: true,
  })
  await store.putRoute({
    merchantId: BENCH_MERCHANT,
    providerAccountId: 'pa_bench',
    priority: 1,
    currency,
    method: null,
    active: true,
  })
  await store.fundMerchant({
    merchantId: BENCH_MERCHANT,
    providerAccountId: 'pa_bench',
    amount: { minor: 10n ** 17n, currency },
    reference: 'opening',
    note: 'bench',
  })
}
