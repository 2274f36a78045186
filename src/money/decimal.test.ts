import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CurrencyCode, currencyCodes, currencyOf, exponentOf } from './currency.ts'
import {
  MINOR_MAX,
  parseDecimal,
  parseDecimalLenient,
  printDecimal,
  printShortest,
  printWithDecimals,
} from './decimal.ts'
import { MoneyMistake } from './mistake.ts'
import { money } from './money.ts'

const code = (text: string): CurrencyCode => {
  const currency = currencyOf(text)
  if (currency === null) throw new Error(`${text} is no currency`)
  return currency
}
const [EUR, JPY, BHD, CLF] = [code('EUR'), code('JPY'), code('BHD'), code('CLF')]

const currencies = fc.constantFrom(...currencyCodes())
const amounts = fc.oneof(
  fc.bigInt({ min: 0n, max: 20_000n }),
  fc.bigInt({ min: 0n, max: MINOR_MAX }),
  fc.bigInt({ min: MINOR_MAX - 100n, max: MINOR_MAX }),
)

const minorOf = (text: string, currency: CurrencyCode) => {
  const result = parseDecimal(text, currency)
  return result.ok ? result.money.minor : result.why
}
const lenientMinorOf = (text: string, currency: CurrencyCode) => {
  const result = parseDecimalLenient(text, currency)
  return result.ok ? result.money.minor : result.why
}

test('plain decimal text reads as whole minor units', () => {
  const table: readonly (readonly [string, CurrencyCode, bigint])[] = [
    ['0', EUR, 0n],
    ['0.00', EUR, 0n],
    ['0.01', EUR, 1n],
    ['0.1', EUR, 10n],
    ['1', EUR, 100n],
    ['10.5', EUR, 1_050n],
    ['10.50', EUR, 1_050n],
    ['100', EUR, 10_000n],
    ['90071992547409.93', EUR, 9_007_199_254_740_993n],
    ['9999999999999999.99', EUR, MINOR_MAX],
    ['300', JPY, 300n],
    ['999999999999999999', JPY, MINOR_MAX],
    ['1.25', BHD, 1_250n],
    ['1.250', BHD, 1_250n],
    ['0.001', BHD, 1n],
    ['999999999999999.999', BHD, MINOR_MAX],
    ['0.0001', CLF, 1n],
    ['2.5', CLF, 25_000n],
    ['99999999999999.9999', CLF, MINOR_MAX],
  ]
  for (const [text, currency, minor] of table) {
    expect([text, minorOf(text, currency)]).toEqual([text, minor])
    expect(parseDecimal(text, currency)).toEqual({ ok: true, money: money(minor, currency) })
    expect(lenientMinorOf(text, currency)).toBe(minor)
  }
})

// biome-ignore format: a table of texts reads best in rows
const NOT_DECIMAL: readonly string[] = [
  '', ' ', '\t', '\n', '\0', '.', '..', '-', '+', ',', 'e', 'x', '_', "'", '"',
  '1.', '.5', '0.', '.0', '1..0', '1.0.0', '1. 0', '1 .0', '1.+5', '1.-5',
  '-0', '-1', '-0.00', '+1', '+0', '--1', '(1)', '1-', '−1', '＋1', '± 1',
  '1e3', '1E3', '1e+3', '1e-3', '1.5e2', '0e0', '0x10', '0X1F', '0b11', '0o17', '1n', '1f', '1d', '1L',
  '1,00', '1,000', '1,000.00', '1.000,00', '1_000', "1'000", '1 000', '1\u00a0000', '1\u202f000', '1٬000', '1٫5', '1·5', '1。5', '1．5',
  ' 1', '1 ', '1\n', '\n1', '1\r\n', '1\t', '1\0', '\u00a01', '\ufeff1', '1\u200b', '\u202e1', '1\u0301',
  '١٢', '১২', '१२', '１２', '①', '½', '1½', '²', '1²', '𝟏𝟐', 'Ⅻ', '一', '߁', '1০',
  'NaN', 'nan', 'Infinity', '-Infinity', 'inf', '∞', 'null', 'undefined', 'true', 'false', 'one', 'abc', '[object Object]',
  '$1', '€1', '1€', 'EUR1', '1 EUR', '1%', '#1', '1#', '1/2', '1:2', '=1', '=1+1', '1*2', '1;', "1'--", '1"', '"1"', '[1]', '{1}', '<1>', '\\1', '%31', '&#49;', '1\u0000.5',
]

test('nothing else is decimal text: no sign, exponent, separator, blank, other digits or other base', () => {
  expect(NOT_DECIMAL.length).toBeGreaterThan(60)
  for (const currency of [EUR, JPY, BHD, CLF]) {
    for (const text of NOT_DECIMAL) {
      expect([text, minorOf(text, currency)]).toEqual([text, 'not_decimal'])
      expect([text, lenientMinorOf(text, currency)]).toEqual([text, 'not_decimal'])
    }
  }
})

test('leading zeros are refused, and looked through in an echo', () => {
  for (const [text, minor] of [
    ['00', 0n],
    ['01', 100n],
    ['007.50', 750n],
    ['00.5', 50n],
    ['000000000000000000000000000000001', 100n],
  ] as const) {
    expect([text, minorOf(text, EUR)]).toEqual([text, 'not_decimal'])
    expect([text, lenientMinorOf(text, EUR)]).toEqual([text, minor])
  }
})

test('more decimals than the currency has are refused, in an echo only where they are not zero', () => {
  for (const [text, currency, lenient] of [
    ['1.000', EUR, 100n],
    ['300.0000', EUR, 30_000n],
    ['1.500', EUR, 150n],
    ['0.000', EUR, 0n],
    ['1.0', JPY, 1n],
    ['1.00', JPY, 1n],
    ['1.0000', BHD, 1_000n],
    ['1.00000', CLF, 10_000n],
    [`1.${'0'.repeat(1_000)}`, EUR, 100n],
    ['1.001', EUR, 'too_many_decimals'],
    ['300.0001', EUR, 'too_many_decimals'],
    ['1.0010', EUR, 'too_many_decimals'],
    ['0.001', EUR, 'too_many_decimals'],
    ['0.1', JPY, 'too_many_decimals'],
    ['0.0001', BHD, 'too_many_decimals'],
    ['0.00001', CLF, 'too_many_decimals'],
    [`1.${'0'.repeat(1_000)}1`, EUR, 'too_many_decimals'],
  ] as const) {
    expect([text, minorOf(text, currency)]).toEqual([text, 'too_many_decimals'])
    expect([text, lenientMinorOf(text, currency)]).toEqual([text, lenient])
  }
})

test('the largest amount reads and the next one does not, in every currency', () => {
  for (const currency of currencyCodes()) {
    const exponent = exponentOf(currency)
    const point = (digits: string) =>
      exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
    expect(minorOf(point('9'.repeat(18)), currency)).toBe(MINOR_MAX)
    expect(minorOf(point(`1${'0'.repeat(18)}`), currency)).toBe('too_large')
    expect(lenientMinorOf(`000${point('9'.repeat(18))}000`, currency)).toBe(
      exponent === 0 ? 'too_large' : MINOR_MAX,
    )
    expect(lenientMinorOf(point(`1${'0'.repeat(18)}`), currency)).toBe('too_large')
  }
})

test('amounts near 2^53, 2^63 and 10^38 are exact or refused, never rounded', () => {
  expect(minorOf('9007199254740991', JPY)).toBe(2n ** 53n - 1n)
  expect(minorOf('9007199254740993', JPY)).toBe(2n ** 53n + 1n)
  expect(minorOf('9223372036854775807', JPY)).toBe('too_large')
  expect(minorOf('9223372036854775808', JPY)).toBe('too_large')
  expect(minorOf(`1${'0'.repeat(38)}`, EUR)).toBe('too_large')
})

test('a text of a million digits is refused without the making of that number', () => {
  for (const text of ['9'.repeat(1_000_000), `1${'0'.repeat(1_000_000)}`]) {
    expect(minorOf(text, EUR)).toBe('too_large')
    expect(lenientMinorOf(text, EUR)).toBe('too_large')
  }
  expect(minorOf(`${'9'.repeat(1_000_000)}x`, EUR)).toBe('not_decimal')
  expect(lenientMinorOf(`${'0'.repeat(1_000_000)}x`, EUR)).toBe('not_decimal')
  expect(lenientMinorOf('0'.repeat(1_000_000), EUR)).toBe(0n)
  expect(minorOf(`0.${'0'.repeat(1_000_000)}`, EUR)).toBe('too_many_decimals')
})

test('what is printed reads back as the same amount, in every currency and every way of printing', () => {
  for (const currency of currencyCodes()) {
    fc.assert(
      fc.property(amounts, fc.integer({ min: exponentOf(currency), max: 18 }), (minor, decimals) => {
        const amount = money(minor, currency)
        const same = { ok: true, money: amount }
        expect(parseDecimal(printDecimal(amount), currency)).toEqual(same)
        expect(parseDecimal(printShortest(amount), currency)).toEqual(same)
        expect(parseDecimalLenient(printDecimal(amount), currency)).toEqual(same)
        expect(parseDecimalLenient(printWithDecimals(amount, decimals), currency)).toEqual(same)
      }),
      { numRuns: 50 },
    )
  }
})

test('whatever reads strictly reads leniently as the same amount, and prints back as itself up to trailing zeros', () => {
  const texts = fc.oneof(
    fc.stringMatching(/^[0-9]{1,20}(\.[0-9]{1,5})?$/),
    fc.stringMatching(/^[0-9.eE+,x -]{0,12}$/),
    fc.string(),
  )
  fc.assert(
    fc.property(texts, currencies, (text, currency) => {
      const strict = parseDecimal(text, currency)
      if (!strict.ok) return
      expect(parseDecimalLenient(text, currency)).toEqual(strict)
      expect(strict.money.minor >= 0n && strict.money.minor <= MINOR_MAX).toBe(true)
      const printed = printDecimal(strict.money)
      expect(
        printed === text || (printed.startsWith(text) && /^\.?0*$/.test(printed.slice(text.length))),
      ).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

test('no print loses a digit: digits without the point are the minor units', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), currencies, (minor, currency) => {
      const amount = money(minor, currency)
      const exponent = exponentOf(currency)
      expect(BigInt(printDecimal(amount).replace('.', ''))).toBe(minor)
      expect(BigInt(printWithDecimals(amount, exponent + 2).replace('.', ''))).toBe(minor * 100n)
      const shortest = printShortest(amount)
      const decimals = shortest.includes('.') ? shortest.length - shortest.indexOf('.') - 1 : 0
      expect(BigInt(shortest.replace('.', '')) * 10n ** BigInt(exponent - decimals)).toBe(minor)
      expect(shortest).not.toMatch(/\.[0-9]*0$|\.$/)
    }),
  )
})

test('an amount prints with exactly the decimals of its currency', () => {
  expect(printDecimal(money(1_050n, EUR))).toBe('10.50')
  expect(printDecimal(money(5n, EUR))).toBe('0.05')
  expect(printDecimal(money(0n, EUR))).toBe('0.00')
  expect(printDecimal(money(300n, JPY))).toBe('300')
  expect(printDecimal(money(0n, JPY))).toBe('0')
  expect(printDecimal(money(1_250n, BHD))).toBe('1.250')
  expect(printDecimal(money(1n, CLF))).toBe('0.0001')
  expect(printDecimal(money(-5n, EUR))).toBe('-0.05')
  expect(printDecimal(money(-300n, JPY))).toBe('-300')
  expect(printDecimal(money(-123_456n, EUR))).toBe('-1234.56')
})

test('the shortest print drops zeros after the point and no others', () => {
  expect(printShortest(money(15_000n, EUR))).toBe('150')
  expect(printShortest(money(16_050n, EUR))).toBe('160.5')
  expect(printShortest(money(16_055n, EUR))).toBe('160.55')
  expect(printShortest(money(0n, EUR))).toBe('0')
  expect(printShortest(money(1n, EUR))).toBe('0.01')
  expect(printShortest(money(300n, JPY))).toBe('300')
  expect(printShortest(money(1_250n, BHD))).toBe('1.25')
  expect(printShortest(money(-16_050n, EUR))).toBe('-160.5')
})

test('a print with a number of decimals pads, and never loses a digit', () => {
  expect(printWithDecimals(money(1_050n, EUR), 4)).toBe('10.5000')
  expect(printWithDecimals(money(300n, JPY), 4)).toBe('300.0000')
  expect(printWithDecimals(money(300n, JPY), 0)).toBe('300')
  expect(printWithDecimals(money(1n, CLF), 4)).toBe('0.0001')
  expect(printWithDecimals(money(-5n, EUR), 4)).toBe('-0.0500')
  expect(printWithDecimals(money(1_250n, BHD), 2)).toBe('1.25')
  expect(printWithDecimals(money(1_000n, BHD), 0)).toBe('1')
  expect(() => printWithDecimals(money(1_251n, BHD), 2)).toThrow(MoneyMistake)
  expect(() => printWithDecimals(money(1_050n, EUR), 0)).toThrow(MoneyMistake)
  for (const decimals of [-1, 19, 1.5, Number.NaN]) {
    expect(() => printWithDecimals(money(1n, EUR), decimals)).toThrow('0 to 18')
  }
})
