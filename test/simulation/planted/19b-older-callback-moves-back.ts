import type { Planted } from './planted.ts'

/** The rules of the database are missing too, as in 21: otherwise the step back is refused there. */
export const planted: Planted = {
  number: '19b',
  says: 'an older callback moves a paid payout back into doubt',
  patches: [
    {
      file: 'src/dispatch/certainty-callback.ts',
      from: "const isSettled = attempt.state === 'paid' || attempt.state === 'returned' || attempt.state === 'dead'",
      to: "const isSettled = attempt.state === 'returned' || attempt.state === 'dead'",
    },
    {
      file: 'src/payout/lifecycle.ts',
      from: "    case 'paid':\n      return refused('unchanged')\n    default:\n      return refused('already_paid')",
      to: "    case 'paid':\n      return refused('unchanged')\n    case 'doubt':\n      return step('in_doubt', { attempt: 'in_doubt' })\n    default:\n      return refused('already_paid')",
    },
    {
      file: 'test/simulation/model/advance.ts',
      from: "paid: 'returned',",
      to: "paid: 'returned in_doubt',",
    },
    {
      file: 'test/simulation/model/attempts.ts',
      from: "return from !== 'paid' || to === 'returned'",
      to: 'return true',
    },
  ],
  direct: ({ rates, ...options }) => ({
    ...options,
    accounts: [{ id: 'synthetic1', protocol: 'synthetic', query: true }],
    rates: { ...rates, behaviours: 1, callback_delayed: 0.3 },
  }),
}
