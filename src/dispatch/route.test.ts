import { expect, test } from 'vitest'
import { BDT, currency } from '../../test/store-kit.ts'
import type { Route } from '../store/store.ts'
import { chooseRoute } from './route.ts'

const PAYOUT = { merchantId: 'm_1', method: 'bkash' as const, amount: { minor: 1000n, currency: BDT } }
const ACCOUNTS = new Map([
  ['pa_a', { unusable: null }],
  ['pa_b', { unusable: null }],
  ['pa_off', { unusable: 'it is switched off' }],
])

function route(providerAccountId: string, priority: number, change: Partial<Route> = {}): Route {
  const usual = { merchantId: 'm_1', currency: BDT, method: null, active: true }
  return { ...usual, providerAccountId, priority, ...change }
}

test('the first route by priority that pays the method and the currency is taken', () => {
  expect(chooseRoute(PAYOUT, [route('pa_b', 2), route('pa_a', 1)], ACCOUNTS)).toEqual({
    ok: true,
    providerAccountId: 'pa_a',
    explained: 'bkash in BDT by priority 1 through pa_a',
  })
  const own = [route('pa_a', 1, { method: 'rocket' }), route('pa_b', 2, { method: 'bkash' })]
  expect(chooseRoute(PAYOUT, own, ACCOUNTS)).toMatchObject({ providerAccountId: 'pa_b' })
})

test.each<[string, Partial<Route>]>([
  ['another merchant', { merchantId: 'm_2' }],
  ['another currency', { currency: currency('EUR') }],
  ['another method', { method: 'card' }],
  ['a route that is off', { active: false }],
])('a route of %s carries nothing', (_title, change) => {
  expect(chooseRoute(PAYOUT, [route('pa_a', 1, change)], ACCOUNTS)).toEqual({
    ok: false,
    why: 'no route carries bkash in BDT',
  })
})

test('an account that cannot be used is passed over, and said', () => {
  const routes = [route('pa_off', 1), route('pa_gone', 2), route('pa_b', 3)]
  expect(chooseRoute(PAYOUT, routes, ACCOUNTS)).toMatchObject({
    providerAccountId: 'pa_b',
    explained: expect.stringContaining('pa_off was passed over: it is switched off'),
  })
  expect(chooseRoute(PAYOUT, routes.slice(0, 2), ACCOUNTS)).toEqual({
    ok: false,
    why: 'pa_off was passed over: it is switched off, pa_gone was passed over: it does not exist',
  })
})

test('two routes of one priority are chosen alike whatever their order', () => {
  const routes = [route('pa_b', 1), route('pa_a', 1)]
  for (const each of [routes, routes.toReversed()])
    expect(chooseRoute(PAYOUT, each, ACCOUNTS)).toMatchObject({ providerAccountId: 'pa_a' })
})
