import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CurrencyCode, currencyCodes, currencyOf } from './currency.ts'
import { MoneyMistake } from './mistake.ts'
import {
  money,
  moneyAdd,
  moneyCompare,
  moneyEquals,
  moneyIsZero,
  moneySplit,
  moneySubtract,
  moneySum,
} from './money.ts'

const code = (text: string): CurrencyCode => {
  const currency = currencyOf(text)
  if (currency === null) throw new Error(`${text} is no currency`)
  return currency
}
const EUR = code('EUR')
const JPY = code('JPY')
const eur = (minor: bigint) => money(minor, EUR)

const minors = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n })
const currencies = fc.constantFrom(...currencyCodes())
const weightLists = fc
  .array(fc.oneof(fc.bigInt({ min: 0n, max: 20n }), fc.bigInt({ min: 0n, max: 10n ** 20n })), {
    minLength: 1,
    maxLength: 40,
  })
  .filter(weights => weights.some(weight => weight > 0n))

test('sums and differences are exact, also where a float would round', () => {
  expect(moneyAdd(eur(1_050n), eur(5n))).toEqual(eur(1_055n))
  expect(moneySubtract(eur(5n), eur(1_050n))).toEqual(eur(-1_045n))
  expect(moneyAdd(eur(9_007_199_254_740_993n), eur(1n))).toEqual(eur(9_007_199_254_740_994n))
  expect(moneyAdd(eur(10n ** 18n - 1n), eur(10n ** 18n - 1n))).toEqual(eur(2n * 10n ** 18n - 2n))
})

test('what is added can be subtracted again, and the order of adding does not matter', () => {
  fc.assert(
    fc.property(minors, minors, currencies, (a, b, currency) => {
      const [left, right] = [money(a, currency), money(b, currency)]
      const sum = moneyAdd(left, right)
      expect(sum).toEqual({ minor: a + b, currency })
      expect(moneySubtract(sum, right)).toEqual(left)
      expect(moneySubtract(sum, left)).toEqual(right)
      expect(moneyAdd(right, left)).toEqual(sum)
    }),
  )
})

test('a comparison orders amounts, and only equal ones compare as 0', () => {
  fc.assert(
    fc.property(minors, minors, (a, b) => {
      const order = moneyCompare(eur(a), eur(b))
      expect(order).toBe(a < b ? -1 : a > b ? 1 : 0)
      expect(moneyCompare(eur(b), eur(a))).toBe(order === 0 ? 0 : -order)
      expect(moneyEquals(eur(a), eur(b))).toBe(order === 0)
    }),
  )
  expect([3n, -1n, 2n].map(eur).sort(moneyCompare)).toEqual([-1n, 2n, 3n].map(eur))
})

test('the same number in another currency is not equal', () => {
  expect(moneyEquals(eur(0n), money(0n, JPY))).toBe(false)
  expect(moneyEquals(eur(100n), eur(100n))).toBe(true)
  expect(moneyEquals(eur(100n), eur(101n))).toBe(false)
})

test('only zero is zero', () => {
  expect(moneyIsZero(eur(0n))).toBe(true)
  expect(moneyIsZero(eur(1n))).toBe(false)
  expect(moneyIsZero(eur(-1n))).toBe(false)
})

test('a sum of a list is exact, and of an empty list zero in the currency asked for', () => {
  expect(moneySum([], JPY)).toEqual(money(0n, JPY))
  expect(moneySum([eur(1n), eur(-3n), eur(10n)], EUR)).toEqual(eur(8n))
})

test('amounts of two currencies never meet', () => {
  const yen = money(1n, JPY)
  expect(() => moneyAdd(eur(1n), yen)).toThrow(MoneyMistake)
  expect(() => moneySubtract(eur(1n), yen)).toThrow(MoneyMistake)
  expect(() => moneyCompare(eur(1n), yen)).toThrow(MoneyMistake)
  expect(() => moneySum([eur(1n), yen], EUR)).toThrow(MoneyMistake)
  expect(() => moneySum([eur(0n)], JPY)).toThrow(MoneyMistake)
})

test('a split loses nothing, and each share differs from the exact one by less than one unit', () => {
  fc.assert(
    fc.property(minors, weightLists, (minor, weights) => {
      const shares = moneySplit(eur(minor), weights)
      const total = weights.reduce((sum, weight) => sum + weight, 0n)
      expect(shares).toHaveLength(weights.length)
      expect(moneySum(shares, EUR)).toEqual(eur(minor))
      for (const [index, weight] of weights.entries()) {
        // share - minor * weight / total, times total, so that it stays whole
        const off = (shares[index]?.minor ?? 0n) * total - minor * weight
        expect(off < total && off > -total).toBe(true)
        if (weight === 0n) expect(shares[index]?.minor).toBe(0n)
      }
    }),
    { numRuns: 500 },
  )
})

test('a split gives the same shares every time, and opposite shares for the opposite amount', () => {
  fc.assert(
    fc.property(minors, weightLists, (minor, weights) => {
      const shares = moneySplit(eur(minor), weights)
      expect(moneySplit(eur(minor), weights)).toEqual(shares)
      expect(moneySplit(eur(-minor), weights)).toEqual(shares.map(share => eur(-share.minor)))
    }),
  )
})

test('the units left over go to the largest remainders, and to the earlier share on a tie', () => {
  const split = (minor: bigint, ...weights: readonly bigint[]) =>
    moneySplit(eur(minor), weights).map(share => share.minor)
  expect(split(100n, 1n, 1n, 1n)).toEqual([34n, 33n, 33n])
  expect(split(101n, 1n, 1n, 1n)).toEqual([34n, 34n, 33n])
  expect(split(-100n, 1n, 1n, 1n)).toEqual([-34n, -33n, -33n])
  expect(split(1n, 1n, 1n)).toEqual([1n, 0n])
  expect(split(10n, 1n, 2n, 4n)).toEqual([1n, 3n, 6n]) // exact 1.43 2.86 5.71
  expect(split(7n, 50n, 30n, 20n)).toEqual([4n, 2n, 1n]) // exact 3.5 2.1 1.4
  expect(split(5n, 0n, 1n, 0n)).toEqual([0n, 5n, 0n])
  expect(split(0n, 3n, 4n)).toEqual([0n, 0n])
  expect(split(99n, 7n)).toEqual([99n])
})

test('a split without weights, with one below zero or with zeros alone is our mistake', () => {
  for (const weights of [[], [0n], [0n, 0n], [1n, -1n], [-1n], [5n, -1n]]) {
    expect(() => moneySplit(eur(100n), weights)).toThrow(MoneyMistake)
  }
  expect(() => moneySplit(eur(100n), new Array<bigint>(100_001).fill(1n))).toThrow(MoneyMistake)
  expect(moneySplit(eur(100n), new Array<bigint>(100_000).fill(1n))).toHaveLength(100_000)
})
