import { unreachable } from '../lib/assert.ts'
import { payoutId } from '../payout/number.ts'
import { type ApiAnswer, type ApiCall, type ApiRoute, found, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import type { ApiNeeds } from './needs.ts'
import { NO_PAYOUT, payoutKey } from './payouts-read.ts'
import { payoutResource } from './resource.ts'
import { payoutParams, payoutShown } from './schema.ts'

/** `POST /v1/payouts/{id}/cancel`. Cancelling what is cancelled answers it again. */
export function payoutsCancel(needs: ApiNeeds): ApiRoute {
  return {
    method: 'POST',
    path: '/v1/payouts/:id/cancel',
    scope: 'payouts:write',
    body: 'nothing',
    schema: documentation({
      operationId: 'cancelPayout',
      summary: 'Cancel a payout',
      description:
        'Possible until it is sent. From then on only the provider knows what becomes of it, and the answer is 409.',
      tag: 'Payouts',
      params: payoutParams,
      answer: {
        status: 200,
        description: 'The payout is cancelled; its money is available again.',
        schema: payoutShown,
      },
      problems: [400, 404, 409],
    }),
    run: call => cancelPayout(call, needs),
  }
}

async function cancelPayout(call: ApiCall, { desk, livemode }: ApiNeeds): Promise<ApiAnswer> {
  const by = payoutKey(call.params.id)
  // Looked for by the whole id first: the number under a wrong tag is nobody's to cancel.
  const payout = by === null ? null : await desk.find(call.merchantId, by)
  if (payout === null) return NO_PAYOUT
  const cancelled = await desk.cancel(call.merchantId, payout.number)
  switch (cancelled.kind) {
    case 'cancelled':
      return found(payoutResource(cancelled.payout, null, livemode))
    case 'refused':
      return refusal({
        code: 'payout_not_cancellable',
        detail: `The payout is ${cancelled.payout.state}: ${cancelled.why}.`,
        more: { payout_id: payoutId(cancelled.payout.number, cancelled.payout.tag) },
      })
    case 'not_found':
      return NO_PAYOUT
    default:
      return unreachable(cancelled)
  }
}
