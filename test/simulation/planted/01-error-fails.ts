import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '01',
  says: 'any connector error sets failed',
  patches: [
    {
      file: 'src/dispatch/certainty-send.ts',
      from: "return inDoubt('S13', 'unreadable', { alarm: true })",
      to: "return dead('S19', 'failed_final', { alarm: true })",
    },
  ],
}
