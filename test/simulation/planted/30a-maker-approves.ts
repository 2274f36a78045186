import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '30a',
  says: 'the maker of a payout approves by another credential',
  test: 'src/store/people-rules.test.ts',
  patches: [
    {
      file: 'src/store/migrations/0006-people.sql',
      from: 'check (maker is null or maker not in (proposed_by, confirmed_by))',
      to: 'check (true)',
    },
  ],
}
