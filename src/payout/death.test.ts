import { expect, test } from 'vitest'
import { DEATH_PREMISES, DEATHS } from './death.ts'

test('every proof of death has its premise, a sentence of its own, and no premise stands without a proof', () => {
  expect(Object.keys(DEATH_PREMISES)).toEqual([...DEATHS])
  for (const premise of Object.values(DEATH_PREMISES)) expect(premise).toMatch(/^[A-Z].{40,}\.$/)
  expect(new Set(Object.values(DEATH_PREMISES)).size).toBe(DEATHS.length)
})
