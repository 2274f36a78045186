import { afterEach, expect, test } from 'vitest'
import { ACCOUNT, BDT, currency, MERCHANT } from '../../test/store-kit.ts'
import type { Clock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import type { Configuration, Route } from '../store/store.ts'
import { createDirectory, type Directory } from './directory.ts'

const EUR = currency('EUR')
const route = (change: Partial<Route> = {}): Route => ({
  merchantId: MERCHANT,
  providerAccountId: ACCOUNT,
  priority: 1,
  currency: BDT,
  method: null,
  active: true,
  ...change,
})
const account = (id: string, active = true): Configuration['providerAccounts'][number] => ({
  id,
  protocol: 'paypro',
  name: id,
  baseUrl: 'http://127.0.0.1:1',
  settings: {},
  callbackSecret: 's',
  ratePerSecond: null,
  concurrency: null,
  active,
})

function configuration(change: Partial<Configuration> = {}): Configuration {
  return {
    version: 1n,
    merchants: [{ merchantId: MERCHANT, name: 'Test', active: true }],
    apiKeys: [
      {
        keyId: 'qk_test_a',
        merchantId: MERCHANT,
        live: false,
        hash: new Uint8Array(32),
        scopes: [],
        active: true,
      },
    ],
    credentials: [
      { door: 'paypro', publicId: '1', merchantId: MERCHANT, secret: 's', settings: {}, active: true },
    ],
    providerAccounts: [account(ACCOUNT)],
    routes: [route()],
    ...change,
  }
}

/** A clock that stands still until it is moved; sleepers wake when their time has come. */
function standingClock() {
  let time = 0
  const sleepers = new Set<{ at: number; wake(): void }>()
  const clock: Clock = {
    now: () => time,
    monotonic: () => time,
    sleep: (ms, signal) =>
      new Promise(resolve => {
        const sleeper = { at: time + ms, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => resolve())
      }),
    after: () => ({ cancel: () => {} }),
  }
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 500) {
      time += 500
      for (const sleeper of sleepers) if (sleeper.at <= time) sleeper.wake()
      for (let turns = 0; turns < 5; turns += 1) await new Promise(resolve => setImmediate(resolve))
    }
  }
  return { clock, pass }
}

let directory: Directory | null = null
afterEach(() => directory?.stop())

async function opened(first: Configuration) {
  const state = { configuration: first, away: false, reads: 0 }
  const lines: string[] = []
  const { clock, pass } = standingClock()
  directory = await createDirectory({
    store: {
      async configurationVersion() {
        if (state.away) throw new Error('connection refused')
        return state.configuration.version
      },
      async readConfiguration() {
        state.reads += 1
        return state.configuration
      },
    },
    clock,
    log: createLog({ level: 'info', destination: { write: (line: string) => lines.push(line) } }),
  })
  return { directory, state, pass, lines }
}

test('everything that is configured is found without asking anybody', async () => {
  const { directory, state } = await opened(configuration())
  expect(directory.apiKey('qk_test_a')?.merchantId).toBe(MERCHANT)
  expect(directory.credential('paypro', '1')?.secret).toBe('s')
  expect(directory.merchant(MERCHANT)?.name).toBe('Test')
  expect(directory.providerAccount(ACCOUNT)?.protocol).toBe('paypro')
  expect(directory.routes(MERCHANT)).toEqual([route()])
  expect(state.reads).toBe(1)

  expect(directory.apiKey('qk_test_b')).toBeNull()
  expect(directory.credential('avanor', '1')).toBeNull()
  expect(directory.merchant('m_other')).toBeNull()
  expect(directory.providerAccount('pa_other')).toBeNull()
  expect(directory.routes('m_other')).toEqual([])
})

test('routes stand in the order of their priority, without those that are switched off or lead to such an account', async () => {
  const { directory } = await opened(
    configuration({
      providerAccounts: [account(ACCOUNT), account('pa_off', false)],
      routes: [
        route({ priority: 3, method: 'bkash' }),
        route({ priority: 1, method: 'nagad' }),
        route({ priority: 2, active: false }),
        route({ priority: 0, providerAccountId: 'pa_off' }),
      ],
    }),
  )
  expect(directory.routes(MERCHANT).map(one => one.priority)).toEqual([1, 3])
})

test('a method is paid where a route names it or takes every one, in that currency, for that merchant', async () => {
  const { directory } = await opened(
    configuration({ routes: [route({ method: 'bkash' }), route({ currency: EUR, method: null })] }),
  )
  expect(directory.pays(MERCHANT, BDT, 'bkash')).toBe(true)
  expect(directory.pays(MERCHANT, EUR, 'bank_account')).toBe(true)
  expect(directory.pays(MERCHANT, BDT, 'nagad')).toBe(false)
  expect(directory.pays(MERCHANT, currency('USD'), 'bkash')).toBe(false)
  expect(directory.pays('m_other', BDT, 'bkash')).toBe(false)
})

test('a merchant who is switched off has no active key or credential, and pays nothing', async () => {
  const { directory } = await opened(
    configuration({ merchants: [{ merchantId: MERCHANT, name: 'Test', active: false }] }),
  )
  expect(directory.apiKey('qk_test_a')?.active).toBe(false)
  expect(directory.credential('paypro', '1')?.active).toBe(false)
  expect(directory.pays(MERCHANT, BDT, 'bkash')).toBe(false)
})

test('a key that is revoked anywhere stops working here within five seconds', async () => {
  const { directory, state, pass } = await opened(configuration())
  const [key] = state.configuration.apiKeys
  expect(key).toBeDefined()
  if (key === undefined) return
  state.configuration = configuration({ version: 2n, apiKeys: [{ ...key, active: false }] })
  expect(directory.apiKey('qk_test_a')?.active).toBe(true)
  await pass(5_000)
  expect(directory.apiKey('qk_test_a')?.active).toBe(false)
})

test('the configuration is read whole only when its version has grown', async () => {
  const { state, pass } = await opened(configuration())
  await pass(10_000)
  expect(state.reads).toBe(1)
  state.configuration = configuration({ version: 2n })
  await pass(2_000)
  expect(state.reads).toBe(2)
})

test('a database that is away for five seconds leaves keys known, but no longer enough to move money', async () => {
  const { directory, state, pass, lines } = await opened(configuration())
  state.away = true
  await pass(4_000)
  expect(() => directory.assertCurrent()).not.toThrow()
  await pass(3_000)
  expect(directory.apiKey('qk_test_a')?.active).toBe(true)
  expect(() => directory.assertCurrent()).toThrow('the configuration is not confirmed')
  await pass(10_000)
  expect(lines.filter(line => line.includes('cannot be read')).length).toBe(1)

  state.away = false
  await pass(2_000)
  expect(() => directory.assertCurrent()).not.toThrow()
  expect(lines.at(-1)).toContain('can be read again')
})

test('a refresh sees what was written before it was asked for, also while another one is under way', async () => {
  const { directory, state } = await opened(configuration())
  const first = directory.refresh()
  state.configuration = configuration({ version: 2n, apiKeys: [] })
  await Promise.all([first, directory.refresh(), directory.refresh()])
  expect(directory.apiKey('qk_test_a')).toBeNull()
})
