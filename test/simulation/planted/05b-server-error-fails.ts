import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '05b',
  says: '5xx counts as failed',
  patches: [
    {
      file: 'src/dispatch/certainty-send.ts',
      from: "return inDoubt('S9', 'status')",
      to: "return dead('S17', 'refused', {})",
    },
  ],
}
