import { type ApiAnswer, type ApiCall, type ApiRoute, found, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import { readListQuery } from './list-query.ts'
import type { ApiNeeds } from './needs.ts'
import { pageOf } from './page.ts'
import { payoutResource } from './resource.ts'
import { listOf, payoutListQuery, payoutShown } from './schema.ts'

/** `GET /v1/payouts`, newest first. */
export function payoutsList(needs: ApiNeeds): ApiRoute {
  return {
    method: 'GET',
    path: '/v1/payouts',
    scope: 'payouts:read',
    body: 'unread',
    schema: documentation({
      operationId: 'listPayouts',
      summary: 'List payouts',
      description: 'Newest first. Payouts that are created meanwhile do not shift the pages behind.',
      tag: 'Payouts',
      query: payoutListQuery,
      answer: { status: 200, description: 'One page.', schema: listOf(payoutShown) },
      problems: [400],
    }),
    run: call => listPayouts(call, needs),
  }
}

async function listPayouts(call: ApiCall, { desk, livemode }: ApiNeeds): Promise<ApiAnswer> {
  const read = readListQuery(call.query, payoutListQuery)
  if (!read.ok) return refusal({ code: 'invalid_request', errors: read.errors })
  const { limit, state, reference } = read.values
  // One more than is shown tells whether there is a next page.
  const page = { limit: limit + 1, before: read.before, state: state ?? null, reference: reference ?? null }
  const payouts = await desk.list(call.merchantId, page)
  return found(pageOf(payouts, limit, payout => payoutResource(payout, null, livemode)))
}
