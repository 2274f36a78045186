import { expect, test } from 'vitest'
import { seededRandom } from '../lib/random.ts'
import { createFaultPlan, type Fault } from './faults.ts'

const fault = (more: Partial<Fault> & { name: string }): Fault => ({
  rate: 1,
  count: null,
  path: null,
  ...more,
})

test('a behaviour meets orders and no request, a line fault meets requests and no order', () => {
  const plan = createFaultPlan(seededRandom(1))
  expect([plan.drawBehaviour(), plan.drawLine('/v1')]).toEqual([null, null])
  expect(plan.set(fault({ name: 'failed_later' }))).toBeNull()
  expect([plan.drawBehaviour(), plan.drawLine('/v1')]).toEqual(['failed_later', null])
  plan.clear()
  expect(plan.set(fault({ name: 'garbage' }))).toBeNull()
  expect([plan.drawBehaviour(), plan.drawLine('/v1')]).toEqual([null, 'garbage'])
})

test('a count is how often a fault strikes, and no more', () => {
  const plan = createFaultPlan(seededRandom(1))
  plan.set(fault({ name: 'lost_after', count: 3 }))
  const struck = Array.from({ length: 10 }, () => plan.drawLine('/')).filter(name => name !== null)
  expect(struck).toHaveLength(3)
  expect(plan.list()).toMatchObject([{ name: 'lost_after', count: 0 }])
})

test('a rate is the share of requests that are met', () => {
  const plan = createFaultPlan(seededRandom(1))
  const share = (rate: number): number => {
    plan.set(fault({ name: 'garbage', rate }))
    return (
      Array.from({ length: 10_000 }, () => plan.drawLine('/')).filter(name => name !== null).length / 10_000
    )
  }
  expect(share(0)).toBe(0)
  expect(share(1)).toBe(1)
  expect(share(0.3)).toBeCloseTo(0.3, 1)
})

test('a path keeps a line fault to the requests that begin with it', () => {
  const plan = createFaultPlan(seededRandom(1))
  plan.set(fault({ name: 'held', path: '/v1/query' }))
  expect(plan.drawLine('/v1/payout')).toBeNull()
  expect(plan.drawLine('/v1/queryBalance')).toBe('held')
})

test('the same seed draws the same faults, another seed others', () => {
  const drawn = (seed: number): readonly (string | null)[] => {
    const plan = createFaultPlan(seededRandom(seed))
    plan.set(fault({ name: 'garbage', rate: 0.5 }))
    return Array.from({ length: 64 }, () => plan.drawLine('/'))
  }
  expect(drawn(5)).toEqual(drawn(5))
  expect(drawn(5)).not.toEqual(drawn(6))
})

test('what is no fault, no rate or no count is not set', () => {
  const plan = createFaultPlan(seededRandom(1))
  const wrong = [
    fault({ name: 'earthquake' }),
    fault({ name: 'toString' }),
    fault({ name: 'garbage', rate: 1.1 }),
    fault({ name: 'garbage', rate: -0.1 }),
    fault({ name: 'garbage', rate: Number.NaN }),
    fault({ name: 'garbage', count: 0 }),
    fault({ name: 'garbage', count: 1.5 }),
    fault({ name: 'refused', path: '/v1' }),
  ]
  for (const one of wrong) expect(plan.set(one), JSON.stringify(one)).not.toBeNull()
  expect(plan.list()).toEqual([])
})
