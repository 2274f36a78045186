import type { Planted } from './planted.ts'

/**
 * The wall of the database. The desk before it says the same, so a history meets a decision that is overtaken by news only
 * where both are gone; then it is I18 that finds it.
 */
export const planted: Planted = {
  number: '30c',
  says: 'an approval is not bound to what was learned of the attempt',
  test: 'src/store/people-rules.test.ts',
  patches: [
    {
      file: 'src/store/migrations/0009-releases.sql',
      from: "    and (asked.content ->> 'revision')::integer between a.learned and a.revision\n    and not exists (select from callback c where c.merchant_id = a.merchant_id and c.payout_number = a.payout_number\n",
      to: '    and not exists (select from callback c where c.merchant_id = a.merchant_id and c.payout_number = a.payout_number\n',
    },
  ],
}
