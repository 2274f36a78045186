import { expect, test } from 'vitest'
import { planSample } from './sample.ts'

test('the sample tells the whole story in 24 payouts, half of them through each way in', () => {
  const sample = planSample(24, 'run')
  expect(new Set(sample.map(({ behaviour }) => behaviour.name)).size).toBe(23)
  expect(sample.filter(({ via }) => via === 'paypro')).toHaveLength(12)
  expect(new Set(sample.map(({ ends }) => ends))).toEqual(new Set(['paid', 'failed', 'returned']))
})

test('references are unlike each other and those of another run, and in order', () => {
  const references = planSample(1_200, 'one').map(({ reference }) => reference)
  expect(new Set([...references, ...planSample(24, 'other').map(({ reference }) => reference)]).size).toBe(
    1_224,
  )
  expect(references.toSorted()).toEqual(references)
  for (const reference of references) expect(reference).toMatch(/^[A-Za-z0-9_.:-]{1,64}$/)
})

test('wallets beyond the magic ones are ordinary ones, and amounts have two decimals', () => {
  for (const { behaviour, wallet, amount } of planSample(300, 'run')) {
    if (behaviour.name === 'paid_soon') expect(wallet).toMatch(/^018\d{8}$/)
    else expect(wallet).toBe(behaviour.wallet)
    expect(amount).toMatch(/^[1-9]\d{0,2}\.\d{2}$/)
  }
})
