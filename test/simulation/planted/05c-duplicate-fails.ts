import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '05c',
  says: '"duplicate" counts as failed',
  patches: [
    {
      file: 'src/dispatch/certainty-send.ts',
      from: "return inDoubt('S21', failure, { observed })",
      to: "return dead('S17', 'refused', { observed })",
    },
  ],
  direct: options => ({ ...options, rates: { ...options.rates, behaviours: 1 } }),
}
