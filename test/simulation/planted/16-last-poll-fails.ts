import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '16',
  says: 'the last poll sets failed',
  patches: [
    {
      file: 'src/dispatch/certainty-inquiry.ts',
      from: "return unchanged('Q11', { observed: attempt.sameScope ? observed : 'other' })",
      to: "return attempt.observations.length > 4 ? deadBy('Q10', 'never_arrived', observed) : unchanged('Q11', { observed: attempt.sameScope ? observed : 'other' })",
    },
  ],
  direct: options => ({ ...options, rates: { ...options.rates, behaviours: 1, line: 0.3 } }),
}
