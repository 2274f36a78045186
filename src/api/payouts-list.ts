import type { FieldError } from '../http/problem.ts'
import type { PayoutPage } from '../store/store.ts'
import { type ApiAnswer, type ApiCall, type ApiRoute, found, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import { fieldErrors, messageOf } from './field-errors.ts'
import type { ApiNeeds } from './needs.ts'
import { pageOf, readCursor, readQuery } from './page.ts'
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
  const page = readPage(call.query)
  if ('errors' in page) return refusal({ code: 'invalid_request', errors: page.errors })
  // One more than is shown tells whether there is a next page.
  const payouts = await desk.list(call.key.merchantId, { ...page, limit: page.limit + 1 })
  return found(pageOf(payouts, page.limit, payout => payoutResource(payout, null, livemode)))
}

function readPage(query: string): PayoutPage | { errors: readonly FieldError[] } {
  const read = readQuery(query)
  if (!read.ok) return read
  const given = Object.fromEntries([...read.values].map(([name, value]) => [name, typed(name, value)]))
  const parsed = payoutListQuery.safeParse(given, { error: messageOf })
  if (!parsed.success) return { errors: fieldErrors(parsed.error).map(named) }

  const { limit, cursor, state, reference } = parsed.data
  const before = cursor === undefined ? null : readCursor(cursor)
  if (cursor !== undefined && before === null) {
    return { errors: [{ pointer: 'cursor', message: 'is not a next_cursor of this list' }] }
  }
  return { limit, before, state: state ?? null, reference: reference ?? null }
}

/** Query parameters are text; only digits become the number that the schema asks for. */
function typed(name: string, value: string): string | number {
  return name === 'limit' && /^[0-9]{1,6}$/.test(value) ? Number.parseInt(value, 10) : value
}

function named(error: FieldError): FieldError {
  return { ...error, pointer: error.pointer.replace('/', '') }
}
