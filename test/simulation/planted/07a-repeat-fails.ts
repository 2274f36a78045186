import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '07a',
  says: 'a failure after a repeat counts as dead',
  patches: [{ file: 'src/dispatch/certainty-send.ts', from: 'if (send.sends > 1) {', to: 'if (false) {' }],
  direct: ({ rates, ...options }) => ({
    ...options,
    accounts: [{ id: 'synthetic1', protocol: 'synthetic', query: true }],
    repeating: 1,
    rates: { ...rates, behaviours: 1, line: 0.3, connect: 0.3 },
  }),
}
