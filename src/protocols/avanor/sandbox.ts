// Fixed credentials for trying Avanor without its provider: a shop at our door, and we as a shop at the simulated one.
import type { ProtocolSandbox } from '../protocol.ts'

const KINDS = ['card', 'bank_account', 'wallet/bkash', 'wallet/rocket', 'wallet/nagad']
const CURRENCIES = ['USD', 'EUR', 'BDT']

/** The simulated provider pays every kind in every currency: `card_usd=card:USD`, `bkash_bdt=wallet/bkash:BDT`. */
const RAIL_PAYWAYS = KINDS.flatMap(kind =>
  CURRENCIES.map(currency => {
    const name = kind.replace('wallet/', '').replace('_account', '')
    return `${name}_${currency.toLowerCase()}=${kind}:${currency}`
  }),
).join(',')

const RAIL = { shopId: '902203', secret: 'simulated-avanor-secret' }

export const avanorSandbox: ProtocolSandbox = {
  needsKeys: false,
  credentials: () => [
    {
      publicId: '202203',
      secret: 'account-secret-key',
      settings: { payways: 'card_usd=card:USD,bank_eur=bank_account:EUR,bkash_bdt=wallet/bkash:BDT' },
    },
  ],
  rail: {
    credentials: () => [{ publicId: RAIL.shopId, secret: RAIL.secret, settings: { payways: RAIL_PAYWAYS } }],
    accountSettings: () => ({ shop_id: RAIL.shopId, secret: RAIL.secret, payways: RAIL_PAYWAYS }),
    currencies: CURRENCIES,
  },
}
