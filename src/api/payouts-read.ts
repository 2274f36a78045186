import { PAYOUT_NUMBER_LIMIT, parsePayoutId } from '../payout/number.ts'
import type { PayoutKey } from '../payout/payout.ts'
import { type ApiAnswer, type ApiCall, type ApiRoute, found, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import type { ApiNeeds } from './needs.ts'
import { payoutResource } from './resource.ts'
import { payoutParams, payoutShown } from './schema.ts'

/** `GET /v1/payouts/{id}`. */
export function payoutsRead(needs: ApiNeeds): ApiRoute {
  return {
    method: 'GET',
    path: '/v1/payouts/:id',
    scope: 'payouts:read',
    body: 'unread',
    schema: documentation({
      operationId: 'readPayout',
      summary: 'Read a payout',
      description:
        'As it stands now, with the time of the next look at the provider while its end is not known.',
      tag: 'Payouts',
      params: payoutParams,
      answer: { status: 200, description: 'The payout.', schema: payoutShown },
      problems: [404],
    }),
    run: call => readPayout(call, needs),
  }
}

async function readPayout(call: ApiCall, { desk, livemode }: ApiNeeds): Promise<ApiAnswer> {
  const by = payoutKey(call.params.id)
  const read = by === null ? null : await desk.findWithAttempt(call.merchantId, by)
  return read === null ? NO_PAYOUT : found(payoutResource(read.payout, read.attempt, livemode))
}

/** One answer for an id that is none, one that is unknown, and one of another merchant. */
export const NO_PAYOUT = refusal({ code: 'not_found', detail: 'There is no such payout.' })

/** Both forms of an id, or null where the text is neither. */
export function payoutKey(id: string | undefined): PayoutKey | null {
  if (id === undefined) return null
  const code = parsePayoutId(id)
  if (code !== null) return { by: 'code', ...code }
  if (!/^[1-9][0-9]{0,15}$/.test(id)) return null
  const number = BigInt(id)
  return number < PAYOUT_NUMBER_LIMIT ? { by: 'number', number } : null
}
