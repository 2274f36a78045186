import type { Planted } from './planted.ts'

/** In no history does an account move to another endpoint. */
export const planted: Planted = {
  number: '08b',
  says: 'a repeat goes to another endpoint than the first send',
  test: 'src/dispatch/repeat.test.ts',
  patches: [
    {
      file: 'src/dispatch/repeat.ts',
      from: 'return unusable === null && terms.endpoint === account.baseUrl',
      to: 'return unusable === null',
    },
  ],
}
