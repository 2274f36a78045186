import type { Planted } from './planted.ts'

/** The rule of the database is missing, and the lifecycle has a way out of doubt that opens another attempt. */
export const planted: Planted = {
  number: '21',
  says: 'one_live_attempt is missing and doubt opens the next attempt',
  patches: [
    {
      file: 'test/simulation/model/attempts.ts',
      from: "rule(!draft.attempts.some(({ attempt }) => attempt.state !== 'dead'), 'one_live_attempt')",
      to: '',
    },
    {
      file: 'src/store/migrations/0002-books.sql',
      from: "create unique index one_live_attempt on attempt (merchant_id, payout_number) where state <> 'dead';",
      to: '',
    },
    {
      file: 'src/payout/lifecycle.ts',
      from: "case 'doubt':\n      return step('in_doubt', { attempt: 'in_doubt' })",
      to: "case 'doubt':\n      return step('queued', { recipe: 'requeue', attempt: 'in_doubt' })",
    },
    {
      file: 'src/dispatch/steps.ts',
      from: "if (event.kind !== 'dead' || afterDeath.next !== 'queued') return { kind: 'keep' }",
      to: "if (event.kind === 'doubt') return { kind: 'put', dueInMs: 0, counted: false, why: null }\n  if (event.kind !== 'dead' || afterDeath.next !== 'queued') return { kind: 'keep' }",
    },
  ],
}
