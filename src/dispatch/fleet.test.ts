import { expect, test } from 'vitest'
import { testConnector } from '../../test/dispatch-kit.ts'
import { BDT } from '../../test/store-kit.ts'
import { systemClock } from '../lib/clock.ts'
import { seededRandom } from '../lib/random.ts'
import type { Configuration, StoredProviderAccount } from '../store/store.ts'
import { createFleet } from './fleet.ts'

function stored(id: string, change: Partial<StoredProviderAccount> = {}): StoredProviderAccount {
  const usual = { protocol: 'test', name: id, baseUrl: 'http://127.0.0.1', settings: {}, callbackSecret: 's' }
  return { id, ...usual, ratePerSecond: 1_000, concurrency: 4, active: true, ...change }
}

function configured(providerAccounts: StoredProviderAccount[], version = 1n): Configuration {
  const route = { merchantId: 'm_1', priority: 1, currency: BDT, method: null, active: true }
  return {
    ...{ version, merchants: [], apiKeys: [], credentials: [], providerAccounts },
    routes: providerAccounts.map(({ id }) => ({ ...route, providerAccountId: id })),
  }
}

function fleetOf(first: Configuration) {
  let configuration = first
  const fleet = createFleet({
    configuration: () => configuration,
    connectorOf: protocol => (protocol === 'test' ? testConnector() : null),
    clock: systemClock,
    random: seededRandom(1),
  })
  return {
    fleet,
    change: (next: Configuration) => {
      configuration = next
    },
  }
}

test('what is free is counted over all accounts that can send; an account that cannot is asked all the same', () => {
  const { fleet } = fleetOf(configured([stored('pa_1'), stored('pa_2'), stored('pa_off', { active: false })]))
  expect(fleet.freeSends()).toBe(8)
  expect(fleet.freeAsks()).toBe(6)
  fleet.berth('pa_1')?.sends.take()
  expect(fleet.freeSends()).toBe(7)
})

test('sends and inquiries have half of the rate each, and cannot take the other half', () => {
  const { fleet } = fleetOf(configured([stored('pa_1', { concurrency: 100, ratePerSecond: 10 })]))
  const berth = fleet.berth('pa_1')
  let sends = 0
  let asks = 0
  while (berth?.sends.take().ok) sends += 1
  while (berth?.asks.take().ok) asks += 1
  expect([sends, asks]).toEqual([5, 5])
})

test('limits change under way, and what is running keeps its places', () => {
  const { fleet, change } = fleetOf(configured([stored('pa_1')]))
  fleet.berth('pa_1')?.sends.take()
  change(configured([stored('pa_1', { concurrency: 2 })], 2n))
  expect(fleet.freeSends()).toBe(1)
})

test('an account that was stopped stays so until its own configuration changes', () => {
  const { fleet, change } = fleetOf(configured([stored('pa_1')]))
  fleet.berth('pa_1')?.hold.stop('it answered about another payout')
  change(configured([stored('pa_1'), stored('pa_2')], 2n))
  expect(fleet.states()).toMatchObject([{ state: 'stopped' }, { state: 'up' }])
  change(configured([stored('pa_1', { name: 'looked at' }), stored('pa_2')], 3n))
  expect(fleet.states()).toMatchObject([{ state: 'up' }, { state: 'up' }])
})

test('an account that is gone has no place, and one that is broken is shown', () => {
  const { fleet, change } = fleetOf(configured([stored('pa_1'), stored('pa_2', { protocol: 'other' })]))
  expect(fleet.berth('pa_2')).toBeNull()
  expect(fleet.states()).toMatchObject([
    { providerAccountId: 'pa_1', state: 'up' },
    { providerAccountId: 'pa_2', state: 'broken', why: 'the protocol other has no connector' },
  ])
  change(configured([], 2n))
  expect(fleet.berth('pa_1')).toBeNull()
  expect([fleet.freeSends(), fleet.routesOf('m_1').length, fleet.accounts().size]).toEqual([0, 0, 0])
})
