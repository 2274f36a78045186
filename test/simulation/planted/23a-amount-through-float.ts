import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '23a',
  says: 'an amount passes through a float',
  test: 'src/money/decimal.test.ts',
  patches: [
    {
      file: 'src/money/decimal.ts',
      from: "money(BigInt(whole + fraction.padEnd(exponent, '0')), currency)",
      to: 'money(BigInt(Math.round(Number([whole, fraction].join(".")) * 10 ** exponent)), currency)',
    },
  ],
}
