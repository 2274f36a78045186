import { expect, test } from 'vitest'
import { type CurrencyCode, currencyCodes } from './currency.ts'
import { currencyOfNumeric, numericOf } from './numeric.ts'

test('every known currency has a number of its own between 1 and 999, and is found by it', () => {
  const numbers = currencyCodes().map(code => numericOf(code))
  expect(new Set(numbers).size).toBe(currencyCodes().length)
  for (const code of currencyCodes()) {
    const number = numericOf(code)
    expect(Number.isInteger(number) && number > 0 && number < 1_000).toBe(true)
    expect(currencyOfNumeric(number)).toBe(code)
  }
})

test('the numbers are those of the standard, without leading zeros', () => {
  const printed =
    'BDT 050 USD 840 EUR 978 UAH 980 RUB 643 GBP 826 JPY 392 INR 356 PKR 586 ALL 008 DZD 012 KZT 398'
  const newer =
    'BYN 933 VES 928 SLE 925 ZWG 924 XCG 532 XAD 396 MRU 929 STN 930 UYW 927 VED 926 CHF 756 TRY 949'
  const pairs = [...`${printed} ${newer}`.matchAll(/([A-Z]{3}) ([0-9]{3})/g)]
  expect(pairs).toHaveLength(24)
  for (const [, code = '', digits = ''] of pairs) {
    const known = currencyCodes().find(one => one === code)
    expect([code, known && numericOf(known)]).toEqual([code, Number.parseInt(digits, 10)])
  }
})

test('a number that no currency has is no currency', () => {
  for (const number of [0, -840, 1, 50.5, 810, 999, 1_000, Number.NaN, Number.POSITIVE_INFINITY])
    expect(currencyOfNumeric(number)).toBeNull()
})

test('the number of what is no currency is our mistake, never a guess', () => {
  for (const text of ['XXX', 'usd', '', 'constructor'])
    expect(() => numericOf(text as CurrencyCode)).toThrow('ISO 4217') // past the type on purpose
})
