import { expect, test } from 'vitest'
import { testConnector } from '../../test/dispatch-kit.ts'
import type { Connector } from '../protocols/protocol.ts'
import type { StoredProviderAccount } from '../store/store.ts'
import { readyAccounts, storedTerms } from './accounts.ts'

const STORED: StoredProviderAccount = {
  id: 'pa_1',
  protocol: 'test',
  name: 'One',
  baseUrl: 'https://provider.example.com',
  settings: { secret: 'canary-of-the-settings' },
  callbackSecret: 'callback-secret',
  ratePerSecond: null,
  concurrency: null,
  active: true,
}

function ready(change: Partial<StoredProviderAccount> = {}, connector: Connector | null = testConnector()) {
  const { accounts, broken } = readyAccounts(
    { providerAccounts: [{ ...STORED, ...change }] },
    () => connector,
  )
  return { account: accounts.get('pa_1'), broken: broken.get('pa_1') }
}

test('an account takes its limits from its contract, where it sets none itself', () => {
  expect(ready().account).toMatchObject({ concurrency: 100, ratePerSecond: 10_000, unusable: null })
  expect(ready({ concurrency: 3, ratePerSecond: 7 }).account).toMatchObject({
    concurrency: 3,
    ratePerSecond: 7,
  })
})

test('an account that is off is asked about but sends nothing', () => {
  expect(ready({ active: false }).account?.unusable).toBe('it is switched off')
  expect(ready().account?.unusable).toBeNull()
})

test('a contract of two steps needs a connector with two, and one of one step none', () => {
  const two = testConnector({ twoStep: true })
  expect(ready({}, two).account?.unusable).toBeNull()
  expect(ready({}, { ...two, commit: null }).account).toBeUndefined()
  expect(ready({}, { ...testConnector(), commit: two.commit }).account).toBeUndefined()
})

test('the account of a protocol that pays nothing is none of dispatch', () => {
  const { accounts, broken } = readyAccounts({ providerAccounts: [STORED] }, () => undefined)
  expect([accounts.size, broken.size]).toEqual([0, 0])
})

test('an account without a connector, with wrong settings, or whose contract throws is broken and says so', () => {
  expect(ready({}, null)).toEqual({ account: undefined, broken: 'the protocol test has no connector' })
  const wrong = { ...testConnector(), checkAccount: () => 'merchant_no is missing' }
  expect(ready({}, wrong).broken).toBe('merchant_no is missing')
  const throws = {
    ...testConnector(),
    capabilities: () => {
      throw new Error('canary-of-the-settings')
    },
  }
  expect(ready({}, throws).broken).toBe('its contract does not load')
})

test('the terms of an attempt read back from JSON as they were stored', () => {
  const terms = ready().account?.terms
  expect(storedTerms(JSON.parse(JSON.stringify(terms)))).toEqual(terms)
})

test.each([
  ['nothing', null],
  ['text', 'terms'],
  ['no endpoint', { capabilities: testConnector().capabilities({ ...STORED }) }],
  ['no contract', { endpoint: 'x' }],
  ['a contract with a field of another kind', { endpoint: 'x', capabilities: { failedIsFinalAfterMs: '0' } }],
  ['a contract with a field that is unknown', { endpoint: 'x', capabilities: { alwaysPays: true } }],
  [
    'a contract that contradicts itself',
    {
      endpoint: 'x',
      capabilities: { ...testConnector().capabilities({ ...STORED }), notFoundAnswersNeeded: 1 },
    },
  ],
])('terms that cannot be read are none: %s', (_title, stored) => {
  expect(storedTerms(stored)).toBeNull()
})
