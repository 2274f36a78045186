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
  expect(parsePayoutId(payoutCode(5n, 5))).toBeNull()
  expect(parsePayoutId(`xx_${payoutCode(5n, 5)}`)).toBeNull()
})

test('numbers and tags out of range are a mistake of ours', () => {
  expect(() => payoutCode(0n, 0)).toThrow()
  expect(() => payoutCode(PAYOUT_NUMBER_LIMIT, 0)).toThrow()
  expect(() => payoutCode(1n, PAYOUT_TAG_LIMIT)).toThrow()
  expect(() => payoutCode(1n, -1)).toThrow()
})
