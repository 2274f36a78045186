import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '34c',
  says: 'the window of a timestamp is compared in milliseconds with seconds',
  test: 'src/protocols/payneteasy/checks.test.ts',
  patches: [
    {
      file: 'src/protocols/payneteasy/oauth.ts',
      from: 'return Math.abs(apart) <= PAYNETEASY_WINDOW_S\n',
      to: 'return Math.abs(apart) <= PAYNETEASY_WINDOW_S * 1_000\n',
    },
  ],
}
