import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '23b',
  says: 'a currency without decimals is multiplied by 100',
  test: 'src/money/decimal.test.ts',
  patches: [
    {
      file: 'src/money/currency.ts',
      from: '  return exponent\n',
      to: '  return exponent === 0 ? 2 : exponent\n',
    },
  ],
}
