import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { attemptReference } from './attempt.ts'
import { beneficiaryKey, beneficiaryMasked } from './beneficiary.ts'

const FORM = { alphabet: '0123456789abcdef', length: 64 }

test('a reference is the SHA-256 of merchant, reference and attempt, least digit first', () => {
  const of = { merchantId: 'm_1', reference: 'order-7', attemptNo: 1 }
  const hex = execFileSync('openssl', ['dgst', '-sha256', '-r'], { input: '["m_1","order-7",1]' })
    .toString()
    .slice(0, 64)
  expect([...attemptReference(of, FORM)].reverse().join('')).toBe(hex)
})

test('in any other alphabet a reference is the same number, so that a lost attempt is found again for ever', () => {
  const of = { merchantId: 'm_1', reference: 'order-7', attemptNo: 1 }
  const digest = execFileSync('openssl', ['dgst', '-sha256', '-r'], { input: '["m_1","order-7",1]' })
  const number = BigInt(`0x${digest.toString().slice(0, 64)}`)
  const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz'
  for (const [base, length] of [
    [10, 20],
    [36, 24],
  ] as const) {
    const leastFirst = [...number.toString(base)].reverse().join('').slice(0, length)
    expect(attemptReference(of, { alphabet: alphabet.slice(0, base), length })).toBe(leastFirst)
  }
})

test('the same attempt always has the same reference, and no other attempt has it', () => {
  const base = { merchantId: 'm_1', reference: 'order-7', attemptNo: 1 }
  const form = { alphabet: '0123456789abcdefghijklmnopqrstuvwxyz', length: 24 }
  const seen = new Set<string>()
  for (const of of [
    base,
    { ...base, attemptNo: 2 },
    { ...base, merchantId: 'm_2' },
    { ...base, reference: 'order-8' },
    { merchantId: 'm_1o', reference: 'rder-7', attemptNo: 1 },
  ])
    seen.add(attemptReference(of, form))
  expect(seen.size).toBe(5)
  expect(attemptReference(base, form)).toBe(attemptReference({ ...base }, form))
  expect(attemptReference(base, form)).toMatch(/^[0-9a-z]{24}$/)
})

test.each([
  [{ kind: 'wallet', operator: 'bkash', number: '01712345789' } as const, '01••••••789'],
  [{ kind: 'wallet', operator: 'nagad', number: '123456' } as const, '••••••'],
  [
    { kind: 'bank_account', account: 'DE89370400440532013000', bank: null, holder: null } as const,
    '••••••••••••••••••3000',
  ],
  [{ kind: 'card', number: '4111111111111111' } as const, '411111••••••1111'],
])('%o is shown as %s', (beneficiary, shown) => {
  expect(beneficiaryMasked(beneficiary)).toBe(shown)
})

test('a leading plus does not make another beneficiary, another operator does', () => {
  const wallet = { kind: 'wallet', operator: 'bkash', number: '8801712345678' } as const
  expect(beneficiaryKey({ ...wallet, number: '+8801712345678' })).toBe(beneficiaryKey(wallet))
  expect(beneficiaryKey({ ...wallet, operator: 'nagad' })).not.toBe(beneficiaryKey(wallet))
})
