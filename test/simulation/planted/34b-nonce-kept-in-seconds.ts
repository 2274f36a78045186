import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '34b',
  says: 'a nonce is kept for so many milliseconds as its window has seconds',
  test: 'src/protocols/payneteasy/checks.test.ts',
  patches: [
    {
      file: 'src/protocols/payneteasy/door.ts',
      from: 'const NONCE_KEPT_MS = (2 * PAYNETEASY_WINDOW_S + 1) * 1_000',
      to: 'const NONCE_KEPT_MS = 2 * PAYNETEASY_WINDOW_S + 1',
    },
  ],
}
