import { expect, test } from 'vitest'
import { planSample, SAMPLE_WAYS } from './sample.ts'

test('the sample tells the whole story in 24 payouts, a quarter of them through each way in', () => {
  const sample = planSample(24, 'run')
  expect(new Set(sample.map(({ behaviour }) => behaviour.name)).size).toBe(16)
  for (const way of SAMPLE_WAYS) expect(sample.filter(({ via }) => via === way)).toHaveLength(6)
  expect(new Set(sample.map(({ ends }) => ends))).toEqual(new Set(['paid', 'failed', 'returned']))
  const loads = sample.map(({ beneficiary, currency }) => `${beneficiary.kind} ${currency}`)
  expect(new Set(loads)).toEqual(new Set(['wallet BDT', 'card USD', 'bank_account EUR', 'bank_account USD']))
})

test('references are unlike each other and those of another run, and in order', () => {
  const references = planSample(1_200, 'one').map(({ reference }) => reference)
  expect(new Set([...references, ...planSample(24, 'other').map(({ reference }) => reference)]).size).toBe(
    1_224,
  )
  expect(references.toSorted()).toEqual(references)
  for (const reference of references) expect(reference).toMatch(/^[A-Za-z0-9_.:-]{1,64}$/)
})

test('who is paid asks for the behaviour, ordinary wallets for the ordinary one, and amounts have two decimals', () => {
  for (const { behaviour, beneficiary, amount } of planSample(300, 'run')) {
    if (beneficiary.kind === 'card') expect(beneficiary.number).toBe(behaviour.card)
    else if (beneficiary.kind === 'bank_account') expect(beneficiary.account).toBe(behaviour.bankAccount)
    else if (behaviour.name === 'paid_soon') expect(beneficiary.number).toMatch(/^018\d{8}$/)
    else expect(beneficiary.number).toBe(behaviour.wallet)
    expect(amount).toMatch(/^[1-9]\d{0,2}\.\d{2}$/)
  }
})

test('a door is asked for nothing that the sandbox merchant has no payway for', () => {
  for (const { via, beneficiary, currency } of planSample(300, 'run')) {
    if (via === 'paypro') expect([beneficiary.kind, currency]).toEqual(['wallet', 'BDT'])
    if (via === 'api') expect(beneficiary.kind).not.toBe('card')
    if (via === 'avanor' && beneficiary.kind === 'wallet') expect(beneficiary.operator).toBe('bkash')
    if (via === 'avanor' && beneficiary.kind === 'bank_account') expect(currency).toBe('EUR')
  }
})
