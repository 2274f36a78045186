import { expect, test } from 'vitest'
import { AssertionFailed } from '../lib/assert.ts'
import { type Beneficiary, beneficiaryKey, beneficiaryMasked, beneficiaryMethod } from './beneficiary.ts'

const wallet = { kind: 'wallet', operator: 'bkash', number: '01712345678' } as const
const account = { kind: 'bank_account', account: 'DE89370400440532013000', bank: null, holder: null } as const
const card = { kind: 'card', number: '4111111111111111' } as const

test('a route chooses by the operator of a wallet, and by the kind of everything else', () => {
  expect(beneficiaryMethod(wallet)).toBe('bkash')
  expect(beneficiaryMethod({ ...wallet, operator: 'rocket' })).toBe('rocket')
  expect(beneficiaryMethod(account)).toBe('bank_account')
  expect(beneficiaryMethod(card)).toBe('card')
})

test('two beneficiaries have one key only where they are one', () => {
  const different: readonly Beneficiary[] = [
    wallet,
    { ...wallet, number: '01712345679' },
    { ...wallet, operator: 'nagad' },
    // Only in front is a plus no part of the number.
    { ...wallet, number: '0171234567+8' },
    account,
    { ...account, account: 'DE89370400440532013001' },
    { ...account, bank: 'COBADEFF' },
    card,
    { ...card, number: '4111111111111112' },
    // The digits of one kind are not those of another.
    { ...account, account: card.number },
    { ...card, number: wallet.number },
  ]
  expect(new Set(different.map(beneficiaryKey)).size).toBe(different.length)
})

test('the key of a beneficiary stays the text that is fingerprinted already', () => {
  expect(beneficiaryKey({ ...wallet, number: '+01712345678' })).toBe('wallet:bkash:01712345678')
  expect(beneficiaryKey(account)).toBe('bank_account::DE89370400440532013000')
  expect(beneficiaryKey({ ...account, bank: 'COBADEFF', holder: 'A. Person' })).toBe(
    'bank_account:COBADEFF:DE89370400440532013000',
  )
  expect(beneficiaryKey(card)).toBe('card:4111111111111111')
})

test('a number that is so short that its ends would tell it is hidden whole', () => {
  expect(beneficiaryMasked({ ...wallet, number: '' })).toBe('')
  expect(beneficiaryMasked({ ...wallet, number: '123456' })).toBe('••••••')
  expect(beneficiaryMasked({ ...wallet, number: '1234567' })).toBe('12••567')
  expect(beneficiaryMasked({ ...account, account: '12345' })).toBe('•••••')
  expect(beneficiaryMasked({ ...account, account: '123456' })).toBe('••3456')
  expect(beneficiaryMasked({ ...card, number: '12345678901' })).toBe('•••••••••••')
  expect(beneficiaryMasked({ ...card, number: '123456789012' })).toBe('123456••9012')
})

test('a beneficiary of a kind that is none is neither shown nor fingerprinted', () => {
  const strange = { kind: 'cash', number: '1' } as unknown as Beneficiary // as a wrong row would hand it over
  expect(() => beneficiaryMasked(strange)).toThrow(AssertionFailed)
  expect(() => beneficiaryKey(strange)).toThrow(AssertionFailed)
})
