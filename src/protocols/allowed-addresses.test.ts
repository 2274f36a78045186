import { expect, test } from 'vitest'
import { isAllowedFrom } from './allowed-addresses.ts'

test('without a list every address may come, and one that holds nothing lets nobody in', () => {
  for (const list of [undefined, '']) expect(isAllowedFrom('192.0.2.1', list)).toBe(true)
  for (const list of [',', ' ', ' , ']) expect(isAllowedFrom('192.0.2.1', list)).toBe(false)
})

test('an address of the list may come in any of its spellings, and no other one', () => {
  const list = '192.0.2.1, 2001:DB8::1'
  for (const address of ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1'])
    expect([address, isAllowedFrom(address, list)]).toEqual([address, true])
  for (const address of ['192.0.2.10', '192.0.2', '2001:db8::2', ''])
    expect([address, isAllowedFrom(address, list)]).toEqual([address, false])
})
