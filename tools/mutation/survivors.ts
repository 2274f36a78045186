import type { Survivor } from './summary.ts'

/** Every mutant that no test notices, and why it may stay. `npm run mutation` compares both ways. */
export const SURVIVORS: readonly Survivor[] = [
  {
    file: 'src/dispatch/certainty-inquiry.ts',
    within: "return unchanged('Q1', { observed: null })",
    code: '{ observed: null }',
    becomes: '{}',
    verdict: 'equivalent',
    why: 'Every verdict begins with quiet(), which already says that nothing was observed. The row says it once more, beside its condition, because what an exchange without a message leaves behind is what Q7 and Q10 count.',
  },
]
