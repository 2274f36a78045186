import { format, inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Masked, maskMiddle } from './masked.ts'

const WALLET = '01712345678'
const masked = () => new Masked(WALLET, maskMiddle(WALLET))

test('a masked value shows its masked form, however it is printed', () => {
  const value = masked()
  const shown = [
    `${value}`,
    String(value),
    `to ${value}`,
    value.toString(),
    JSON.stringify(value),
    JSON.stringify({ deep: [{ value }] }),
    inspect(value),
    inspect({ deep: { deeper: [value] } }, { depth: null, showHidden: true }),
    format('%s %o %O %j', value, value, value, value),
    JSON.stringify({ ...value }),
    inspect(Object.entries(value)),
    inspect(structuredClone({ ...value })),
  ]
  for (const text of shown) expect(text).not.toMatch(/0171|1234|5678/)
  for (const text of shown.slice(0, 9)) expect(text).toContain('01••••••678')
})

test('only reveal gives the value', () => {
  expect(masked().reveal()).toBe(WALLET)
  expect(Object.keys(masked())).toEqual([])
})

test('the middle is masked, and the dots do not tell how long it is', () => {
  expect(maskMiddle('01712345789')).toBe('01••••••789')
  expect(maskMiddle('+8801712345678')).toBe('+8••••••678')
  expect(maskMiddle('1234567')).toBe('12••••••567')
  expect(maskMiddle('😀😀bcdef😀😀')).toBe('😀😀••••••f😀😀')
})

test('six characters and fewer are wholly masked', () => {
  for (const value of ['', '1', '12345', '123456', '😀😀😀😀😀😀']) expect(maskMiddle(value)).toBe('••••••')
})
