/** The doors of the sandbox and what can be called there, the first of each being what people try first. */
export const CALLS = {
  paypro: ['payout', 'query', 'balance'],
  payneteasy: [
    'payout-check',
    'payout-check-group',
    'payout-pay',
    'payout-pay-group',
    'payout',
    'payout-group',
    'status',
    'status-group',
    'status-v2',
    'status-v2-group',
  ],
  avanor: [
    'withdraw/create',
    'withdraw/status',
    'withdraw/shop_payment_status',
    'withdraw/try',
    'check_account',
    'shop_output_config/shop',
    'shop_balance',
    'invoice/create',
  ],
  proofapi: ['proof'],
} as const

export type ProtocolName = keyof typeof CALLS

export const PROTOCOLS: readonly { readonly value: ProtocolName; readonly label: string }[] = [
  { value: 'paypro', label: 'PayPro' },
  { value: 'payneteasy', label: 'Payneteasy' },
  { value: 'avanor', label: 'Avanor' },
  { value: 'proofapi', label: 'Payout Proof API' },
]
