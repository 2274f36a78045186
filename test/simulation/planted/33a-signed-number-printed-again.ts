import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '33a',
  says: 'a signature is verified over numbers printed again (PayPro)',
  test: 'src/protocols/paypro/sign.test.ts',
  patches: [
    {
      file: 'src/protocols/paypro/wire.ts',
      from: 'value instanceof JsonNumber ? value.literal : String(value)',
      to: 'value instanceof JsonNumber ? String(Number(value.literal)) : String(value)',
    },
  ],
}
