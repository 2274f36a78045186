import { expect, test } from 'vitest'
import { accountFlaw, isSecretSetting, timeoutFlaw, timeoutsOf } from './account-settings.ts'
import { CAPABILITY_DEFAULTS } from './capabilities.ts'

const account = {
  id: 'pa',
  protocol: 'toy',
  baseUrl: 'https://provider.example/v1',
  settings: { secret: 's' },
}
const KNOWN = new Set(['secret'])

test('an address is absolute and ends where the paths begin, and no setting is one that nobody reads', () => {
  expect(accountFlaw(account, KNOWN)).toBeNull()
  for (const baseUrl of [
    '',
    'provider.example',
    'ftp://x',
    'https://',
    'https://x/',
    'https://x?a=1',
    'https://x#a',
  ])
    expect([baseUrl, accountFlaw({ ...account, baseUrl }, KNOWN)]).toEqual([baseUrl, expect.any(String)])
  const flaw = accountFlaw({ ...account, settings: { secret: 's', sceret: 'canary' } }, KNOWN)
  expect(flaw).toContain('name')
  expect(flaw).not.toContain('canary')
})

test('the time of one exchange is the default, or whole milliseconds between a second and two minutes', () => {
  for (const good of [undefined, '', '1000', '120000']) expect(timeoutFlaw(good)).toBeNull()
  for (const bad of ['0', '999', '120001', '1e3', '1000.5', '-1', ' 1000', '10000000'])
    expect([bad, timeoutFlaw(bad)]).toEqual([bad, expect.stringContaining('1000')])
  expect(timeoutsOf(undefined)).toEqual(CAPABILITY_DEFAULTS.timeoutsMs)
  expect(timeoutsOf('2000')).toEqual({ connect: 2_000, headers: 2_000, total: 2_000 })
  expect(timeoutsOf('120000')).toEqual({ connect: 5_000, headers: 120_000, total: 120_000 })
})

test('a secret that was pasted with a blank or a line end is none', () => {
  for (const good of ['s', 'a b', 'ক']) expect(isSecretSetting(good)).toBe(true)
  for (const bad of ['', ' s', 's\n', 's ', '\ud800']) expect(isSecretSetting(bad)).toBe(false)
})
