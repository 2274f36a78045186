import { expect, test } from 'vitest'
import { newRsaKeys } from '../lib/rsa.ts'
import { currencyOf } from '../money/currency.ts'
import { PROTOCOLS } from '../protocols/registry.ts'
import { SIMULATED } from '../simulator/credentials.ts'
import { type SandboxAccount, sandboxRoutes } from './sandbox-routes.ts'

test('wallets, cards and bank accounts each go through another provider first', () => {
  const first = (method: string, currency: string): string | undefined =>
    routes(method, currency).find(({ priority }) => priority === 10)?.providerAccountId
  for (const operator of ['bkash', 'rocket', 'nagad']) expect(first(operator, 'BDT')).toBe('pa_paypro')
  expect(first('card', 'USD')).toBe('pa_avanor')
  expect(first('bank_account', 'EUR')).toBe('pa_payneteasy')
  expect(first('bank_account', 'USD')).toBe('pa_payneteasy')
})

test('every account is a way for all that it can carry, each way with its own priority', () => {
  expect(new Set(routes('bkash', 'BDT').map(({ providerAccountId }) => providerAccountId))).toEqual(
    new Set(SIMULATED.map(name => `pa_${name}`)),
  )
  expect(routes('card', 'BDT').map(({ providerAccountId }) => providerAccountId)).not.toContain('pa_paypro')
  for (const [method, currency] of [
    ['bkash', 'BDT'],
    ['card', 'EUR'],
    ['bank_account', 'USD'],
  ] as const) {
    const priorities = routes(method, currency).map(({ priority }) => priority)
    expect(priorities).toEqual(priorities.map((_, place) => (place + 1) * 10))
  }
})

test('the order in which the accounts are listed changes nothing', () => {
  expect(new Set(sandboxRoutes(accounts().toReversed()))).toEqual(new Set(sandboxRoutes(accounts())))
})

test('one account alone carries what it can, and nothing is routed where there is none', () => {
  const [paypro] = accounts().filter(({ account }) => account.protocol === 'paypro')
  if (paypro === undefined) throw new Error('missing')
  expect(sandboxRoutes([paypro]).map(({ method }) => method)).toEqual(['bkash', 'rocket', 'nagad'])
  expect(sandboxRoutes([])).toEqual([])
})

function routes(method: string, currency: string) {
  return sandboxRoutes(accounts()).filter(
    route => route.method === method && (route.currency as string) === currency,
  )
}

const KEYS = newRsaKeys()

function accounts(): readonly SandboxAccount[] {
  return SIMULATED.map(name => {
    const rail = PROTOCOLS.find(protocol => protocol.name === name)?.sandbox?.rail
    if (rail === undefined) throw new Error(`${name} has no sandbox`)
    return {
      account: {
        id: `pa_${name}`,
        protocol: name,
        baseUrl: 'http://127.0.0.1:9101',
        settings: rail.accountSettings(KEYS),
      },
      currencies: rail.currencies.map(code => currencyOf(code) ?? failed()),
    }
  })
}

function failed(): never {
  throw new Error('no currency')
}
