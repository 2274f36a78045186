import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  PAYOUT_NUMBER_LIMIT,
  PAYOUT_TAG_LIMIT,
  parsePayoutCode,
  parsePayoutId,
  payoutCode,
  payoutId,
} from './number.ts'

const numbers = fc.bigInt({ min: 1n, max: PAYOUT_NUMBER_LIMIT - 1n })
const tags = fc.integer({ min: 0, max: PAYOUT_TAG_LIMIT - 1 })

test('every id form gives the number and tag back', () => {
  void fc.assert(
    fc.property(numbers, tags, (number, tag) => {
      const code = payoutCode(number, tag)
      expect(code).toMatch(/^[0-9a-z]{16}$/)
      expect(parsePayoutCode(code)).toEqual({ number, tag })
      expect(parsePayoutId(payoutId(number, tag))).toEqual({ number, tag })
    }),
  )
})

test('a number stays an exact JSON number', () => {
  expect(BigInt(Number(PAYOUT_NUMBER_LIMIT - 1n))).toBe(PAYOUT_NUMBER_LIMIT - 1n)
})

test('a code that no payout can have is refused', () => {
  void fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyz'),
        minLength: 16,
        maxLength: 16,
      }),
      code => {
        const parsed = parsePayoutCode(code)
        if (parsed !== null) expect(payoutCode(parsed.number, parsed.tag)).toBe(code)
      },
    ),
  )
  for (const code of [
    '',
    '0'.repeat(16),
    'z'.repeat(16),
    'A'.repeat(16),
    'a'.repeat(15),
    'a'.repeat(17),
    'aaaaaaaa-aaaaaaa',
  ])
    expect(parsePayoutCode(code)).toBeNull()
  // Too long by one character that says nothing, in front or behind.
  for (const code of [`0${payoutCode(5n, 5)}`, `${payoutCode(5n, 0)}0`, `${payoutCode(5n, 5)}\n`])
    expect(parsePayoutCode(code)).toBeNull()
  expect(parsePayoutId(payoutCode(5n, 5))).toBeNull()
  expect(parsePayoutId(`xx_${payoutCode(5n, 5)}`)).toBeNull()
})

test('numbers and tags out of range are a mistake of ours, which is told which of the two it was', () => {
  const number = 'a payout number is above 0 and below 2^53'
  const tag = 'a payout tag has 29 bits'
  expect(() => payoutCode(0n, 0)).toThrow(number)
  expect(() => payoutCode(-1n, 0)).toThrow(number)
  expect(() => payoutCode(PAYOUT_NUMBER_LIMIT, 0)).toThrow(number)
  expect(() => payoutCode(1n, PAYOUT_TAG_LIMIT)).toThrow(tag)
  expect(() => payoutCode(1n, -1)).toThrow(tag)
  expect(() => payoutCode(1n, 0.5)).toThrow(tag)
  expect(() => payoutCode(1n, Number.NaN)).toThrow(tag)
})

test('the first and the last number and tag have a code, and the next tag has none', () => {
  expect([PAYOUT_NUMBER_LIMIT, PAYOUT_TAG_LIMIT]).toEqual([2n ** 53n, 2 ** 29])
  const codes: readonly (readonly [string, bigint, number])[] = [
    ['0000000000000001', 1n, 0],
    [(2n ** 82n - 1n).toString(36), 2n ** 53n - 1n, 2 ** 29 - 1],
  ]
  for (const [code, ofNumber, ofTag] of codes) {
    expect(payoutCode(ofNumber, ofTag)).toBe(code)
    expect(parsePayoutCode(code)).toEqual({ number: ofNumber, tag: ofTag })
  }
  expect(parsePayoutCode((2n ** 82n + 1n).toString(36))).toBeNull()
  // A tag alone is no payout.
  expect(parsePayoutCode((2n ** 53n).toString(36).padStart(16, '0'))).toBeNull()
})
