import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '36a',
  says: 'a card number stays in a transcript',
  test: 'src/protocols/hostile.test.ts',
  patches: [
    {
      file: 'src/protocols/payneteasy/wire.ts',
      from: '/((?:account_number|credit_card_number)',
      to: '/((?:account_number)',
    },
  ],
}
