// Who is in a script: few merchants, currencies and accounts, so that calls meet.
import { type CurrencyCode, currencyOf } from '../../src/money/currency.ts'
import type { Beneficiary } from '../../src/payout/beneficiary.ts'
import type { Chance } from './chance.ts'
import type { Call } from './script.ts'

export const MERCHANTS = ['m_a', 'm_b'] as const
export const STRANGER = 'm_x'
/** The first has a proof account, the second none; the third was never put. */
export const ACCOUNTS = ['pa_1', 'pa_2', 'pa_3'] as const
export const PROOF_ACCOUNT = 'pa_9'
export const CURRENCIES: readonly CurrencyCode[] = ['BDT', 'USD'].map(code => {
  const found = currencyOf(code)
  if (found === null) throw new Error(`${code} is no currency`)
  return found
})
export const BENEFICIARIES: readonly Beneficiary[] = [
  { kind: 'wallet', operator: 'bkash', number: '01712345678' },
  { kind: 'wallet', operator: 'nagad', number: '+8801812345678' },
  { kind: 'bank_account', account: '0012345', bank: 'ব্যাংক', holder: null },
  { kind: 'card', number: '4111111111111111' },
]

export function merchant(merchantId: string, active = true): Call {
  return { name: 'putMerchant', args: [{ merchantId, name: `Merchant ${merchantId}`, active }] }
}

export function account(id: string, proofAccountId: string | null): Call {
  return {
    name: 'putProviderAccount',
    args: [
      {
        ...{ id, proofAccountId, protocol: 'paypro', name: id, baseUrl: 'http://127.0.0.1:1', active: true },
        ...{ settings: { key: `of ${id}` }, callbackSecret: `s-${id}`, ratePerSecond: null, concurrency: 4 },
      },
    ],
  }
}

export function funding(merchantId: string, currency: CurrencyCode, minor: bigint, reference: string): Call {
  const amount = { minor, currency }
  return {
    name: 'fundMerchant',
    args: [{ merchantId, providerAccountId: ACCOUNTS[0], amount, reference, note: 'of the script' }],
  }
}

/** Before everything else, in this order: the second merchant is never funded in dollars. */
export function prelude(chance: Chance): readonly Call[] {
  const [first, second] = MERCHANTS
  const [bdt, usd] = CURRENCIES
  if (bdt === undefined || usd === undefined) throw new Error('two currencies are needed')
  const minor = BigInt(chance.pick([500, 3_000, 20_000, 100_000]))
  return [
    merchant(first),
    account(PROOF_ACCOUNT, null),
    account(ACCOUNTS[0], PROOF_ACCOUNT),
    account(ACCOUNTS[1], null),
    funding(first, bdt, minor, 'opening'),
    ...(chance.sometimes(50) ? [funding(second, bdt, 2_000n, 'opening')] : []),
    ...(chance.sometimes(30) ? [funding(first, usd, 2_000n, 'opening in dollars')] : []),
    { name: 'takeNumbers', args: [10] },
  ]
}

export function bytes(length: number, of: number): Uint8Array {
  return new Uint8Array(length).fill(of)
}
