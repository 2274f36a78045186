import type { Planted } from './planted.ts'

/** What a row that was looked at before it was locked would allow: each payout of a batch sees the same balance. */
export const planted: Planted = {
  number: '24',
  says: 'the balance is checked before its row is locked',
  patches: [
    {
      file: 'test/simulation/model/intake.ts',
      from: "if (amount.minor > left) return { kind: 'insufficient' }",
      to: '',
    },
    {
      file: 'test/simulation/model/money.ts',
      from: "const NEVER_NEGATIVE: ReadonlySet<string> = new Set(['available', 'held', 'in_flight'])",
      to: 'const NEVER_NEGATIVE: ReadonlySet<string> = new Set([])',
    },
    {
      file: 'src/store/migrations/0003-hot-functions.sql',
      from: 'elsif item.minor > left_over then',
      to: 'elsif item.minor > item.available then',
    },
    {
      file: 'src/store/migrations/0002-books.sql',
      from: "check (account not in ('available', 'held', 'in_flight') or minor >= 0)",
      to: 'check (true)',
    },
  ],
  direct: options => ({ ...options, openingMinor: 100_000n, payouts: Math.max(options.payouts, 12) }),
}
