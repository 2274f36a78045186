import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '33b',
  says: 'a signature is verified over decimals printed again (Avanor)',
  test: 'src/protocols/avanor/sign.test.ts',
  patches: [
    {
      file: 'src/protocols/avanor/sign.ts',
      from: "return avanorText(value) ?? ''",
      to: "return value instanceof JsonNumber ? String(Number(value.literal)) : (avanorText(value) ?? '')",
    },
  ],
}
