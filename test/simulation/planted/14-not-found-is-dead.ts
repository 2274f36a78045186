import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '14',
  says: 'not found counts as dead at once',
  patches: [
    {
      file: 'src/dispatch/certainty-inquiry.ts',
      from: 'notFoundOftenEnough(attempt, contract, at.nowMs) && // (a)',
      to: 'true &&',
    },
    {
      file: 'src/dispatch/certainty-inquiry.ts',
      from: 'notFoundLateEnough(attempt, contract, at.nowMs) // (b), (d)',
      to: 'true',
    },
  ],
  direct: options => ({ ...options, rates: { ...options.rates, behaviours: 1, line: 0.3 } }),
}
