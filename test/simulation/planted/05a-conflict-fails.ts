import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '05a',
  says: '409 counts as failed',
  patches: [
    {
      file: 'src/dispatch/certainty-send.ts',
      from: "return inDoubt('S10', 'duplicate')",
      to: "return dead('S17', 'refused', {})",
    },
  ],
  direct: options => ({ ...options, rates: { ...options.rates, client_error: 0.5 } }),
}
