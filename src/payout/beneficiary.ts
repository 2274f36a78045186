// Who is paid. A beneficiary prints masked wherever it is turned into text by accident; the whole value leaves
// only through the fields, which the connectors and the sealed column read.
import { unreachable } from '../lib/assert.ts'

export const WALLET_OPERATORS = ['bkash', 'rocket', 'nagad'] as const
export type WalletOperator = (typeof WALLET_OPERATORS)[number]

/** `number`: digits as the merchant gave them, leading zeros and a leading `+` included. */
export interface Wallet {
  readonly kind: 'wallet'
  readonly operator: WalletOperator
  readonly number: string
}
export interface BankAccount {
  readonly kind: 'bank_account'
  readonly account: string
  readonly bank: string | null
  readonly holder: string | null
}
export interface Card {
  readonly kind: 'card'
  readonly number: string
}
export type Beneficiary = Wallet | BankAccount | Card

/** What a route chooses by: the wallet's operator, or the kind. */
export type Method = WalletOperator | 'bank_account' | 'card'

export function beneficiaryMethod(beneficiary: Beneficiary): Method {
  return beneficiary.kind === 'wallet' ? beneficiary.operator : beneficiary.kind
}

/** The beneficiary as people may see it: first two and last three characters of a wallet, last four of the rest. */
export function beneficiaryMasked(beneficiary: Beneficiary): string {
  switch (beneficiary.kind) {
    case 'wallet':
      return masked(beneficiary.number, 2, 3)
    case 'bank_account':
      return masked(beneficiary.account, 0, 4)
    case 'card':
      return masked(beneficiary.number, 6, 4)
    default:
      return unreachable(beneficiary)
  }
}

/** One text for one beneficiary, the input of its fingerprint. Field separators cannot occur inside a kind or operator. */
export function beneficiaryKey(beneficiary: Beneficiary): string {
  switch (beneficiary.kind) {
    case 'wallet':
      return `wallet:${beneficiary.operator}:${beneficiary.number.replace(/^\+/, '')}`
    case 'bank_account':
      return `bank_account:${beneficiary.bank ?? ''}:${beneficiary.account}`
    case 'card':
      return `card:${beneficiary.number}`
    default:
      return unreachable(beneficiary)
  }
}

function masked(value: string, first: number, last: number): string {
  if (value.length <= first + last + 1) return '•'.repeat(value.length)
  return `${value.slice(0, first)}${'•'.repeat(value.length - first - last)}${value.slice(-last)}`
}
