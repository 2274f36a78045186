import { expect, test } from 'vitest'
import { type CurrencyCode, currencyCodes, currencyOf, exponentOf } from './currency.ts'

// ISO 4217 list one, column "minor unit": what has other than two decimals.
const EXPONENTS: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

test('the decimals of every currency are those of ISO 4217: 0, 3 and 4 as listed, 2 for all others', () => {
  const listed = new Map(
    Object.entries(EXPONENTS).flatMap(([exponent, codes]) =>
      codes.split(' ').map(code => [code, Number.parseInt(exponent, 10)] as const),
    ),
  )
  const known = currencyCodes()
  for (const code of listed.keys()) expect(known).toContain(code)
  for (const code of known) expect([code, exponentOf(code)]).toEqual([code, listed.get(code) ?? 2])
})

test('ariary and ouguiya count in hundredths, not in fifths', () => {
  for (const text of ['MGA', 'MRU']) {
    const code = currencyOf(text)
    expect(code).toBe(text)
    expect(code && exponentOf(code)).toBe(2)
  }
})

test('the list is complete, sorted and without repeats', () => {
  const codes = currencyCodes()
  expect(codes.length).toBeGreaterThanOrEqual(160)
  expect(new Set(codes).size).toBe(codes.length)
  expect(codes).toEqual([...codes].sort())
  for (const code of codes) {
    expect(code).toMatch(/^[A-Z]{3}$/)
    expect(currencyOf(code)).toBe(code)
  }
  for (const code of ['BDT', 'EUR', 'USD', 'RUB', 'UAH', 'INR', 'PKR']) expect(codes).toContain(code)
})

test('the list cannot be changed by who reads it', () => {
  const codes = currencyCodes() as CurrencyCode[] // as a careless caller would
  expect(() => codes.push('AAA' as CurrencyCode)).toThrow(TypeError)
})

test('only the exact code is a currency', () => {
  const wrong = [
    'eur',
    'Eur',
    ' EUR',
    'EUR ',
    'EUR\n',
    'EU',
    'EURO',
    '',
    '978',
    'XXX',
    'XTS',
    'XAU',
    'ЕUR',
    'EUR\0',
  ]
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  for (const text of [...wrong, ...names]) expect(currencyOf(text)).toBeNull()
})

test('decimals of what is no currency are our mistake, never a guess', () => {
  for (const text of ['XXX', 'eur', '', 'constructor']) {
    expect(() => exponentOf(text as CurrencyCode)).toThrow('ISO 4217') // past the type on purpose
  }
})
