import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '30b',
  says: 'an approval is not bound to the version of the payout',
  test: 'src/store/people-rules.test.ts',
  patches: [
    {
      file: 'src/store/migrations/0009-releases.sql',
      from: "    and o.version = (asked.content ->> 'version')::integer\n",
      to: '',
    },
    {
      file: 'src/store/migrations/0009-releases.sql',
      from: "    or (step ->> 'version')::integer is distinct from (agreed.content ->> 'version')::integer\n",
      to: '',
    },
  ],
}
