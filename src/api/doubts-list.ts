import { printDecimal } from '../money/decimal.ts'
import { type ApiAnswer, found, type PersonCall, type PersonRoute, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import { readListQuery } from './list-query.ts'
import type { ApiNeeds } from './needs.ts'
import { pageOf } from './page.ts'
import { refusedAnswer } from './people-content.ts'
import type { ApiDoubt } from './people-needs.ts'
import { doubtResource } from './people-resource.ts'
import { doubtsQuery, doubtsShown } from './schema-people.ts'

/** `GET /v1/doubts`, newest first. */
export function doubtsList(needs: ApiNeeds): PersonRoute {
  return {
    method: 'GET',
    path: '/v1/doubts',
    roles: ['viewer', 'approver', 'operator', 'admin'],
    body: 'unread',
    schema: documentation({
      operationId: 'listDoubts',
      summary: 'What people have to look at',
      description:
        'Payouts in doubt, payouts without an end for more than a day, what waits for a person, and what ended unpaid although something speaks for a payment. With all that is known of each, and the money at risk.',
      tag: 'People',
      query: doubtsQuery,
      answer: { status: 200, description: 'One page.', schema: doubtsShown },
      problems: [400, 404],
    }),
    run: call => listDoubts(call, needs),
  }
}

async function listDoubts({ by, query }: PersonCall, { people }: ApiNeeds): Promise<ApiAnswer> {
  const read = readListQuery(query, doubtsQuery)
  if (!read.ok) return refusal({ code: 'invalid_request', errors: read.errors })
  if (people === undefined) return refusal({ code: 'not_found' })
  const { limit, merchant } = read.values
  // One more than is shown tells whether there is a next page.
  const asked = { merchantId: merchant ?? null, before: read.before, limit: limit + 1 }
  const answer = await people.doubts(by, asked)
  if (answer.kind === 'refused') return refusedAnswer(answer)
  const rows = answer.doubts.map(doubt => ({ number: doubt.payout.number, doubt }))
  const page = pageOf<(typeof rows)[number], ReturnType<typeof shown>>(rows, limit, ({ doubt }) =>
    shown(doubt),
  )
  const totals = answer.totals.map(({ count, amount }) => ({
    currency: amount.currency,
    count,
    amount: printDecimal(amount),
  }))
  return found({ ...page, totals })
}

function shown(doubt: ApiDoubt) {
  return doubtResource(doubt)
}
