// What happened to one payout: its events, its postings, its attempts with every exchange, and what was told of it.
import type { z } from 'zod'
import type { Payout } from '../payout/payout.ts'
import { type ApiCall, type ApiRoute, found } from './call.ts'
import { documentation, type Operation } from './documentation.ts'
import {
  attemptResource,
  eventResource,
  noticeResource,
  postingResource,
  proofImageResource,
} from './history.ts'
import type { ApiNeeds } from './needs.ts'
import { wholeList } from './page.ts'
import { NO_PAYOUT, payoutKey } from './payouts-read.ts'
import {
  attemptShown,
  eventShown,
  listOf,
  noticeShown,
  payoutParams,
  postingShown,
  proofImageShown,
} from './schema.ts'

export function payoutsHistory(needs: ApiNeeds): readonly ApiRoute[] {
  const { desk } = needs
  return [
    part(needs, {
      name: 'events',
      operationId: 'listPayoutEvents',
      summary: 'The steps of a payout',
      description: 'Every state it was in, oldest first.',
      item: eventShown,
      read: async payout => (await desk.events(payout.merchantId, payout.number)).map(eventResource),
    }),
    part(needs, {
      name: 'postings',
      operationId: 'listPayoutPostings',
      summary: 'The ledger entries of a payout',
      description:
        'Each moves one amount from the account it debits to the account it credits; none is ever edited.',
      item: postingShown,
      read: async payout => (await desk.postings(payout.merchantId, payout.number)).map(postingResource),
    }),
    part(needs, {
      name: 'attempts',
      operationId: 'listPayoutAttempts',
      summary: 'The attempts of a payout',
      description: 'Each with every exchange we had with the provider about it, without secrets.',
      item: attemptShown,
      read: payout => readAttempts(payout, needs),
    }),
    part(needs, {
      name: 'notices',
      operationId: 'listPayoutNotices',
      summary: 'What was told of a payout',
      description: 'Notices to the merchant, and how each was received.',
      item: noticeShown,
      read: async payout => (await desk.notices(payout.merchantId, payout.number)).map(noticeResource),
    }),
    part(needs, {
      name: 'proof_images',
      operationId: 'listPayoutProofImages',
      summary: 'The pictures that prove a payout',
      description:
        "The provider's own first, where it has some, then our receipt picture. Empty for a payout that was never paid. Who asks is recorded.",
      item: proofImageShown,
      read: async payout =>
        (await desk.proofImages(payout.merchantId, payout.number)).map(proofImageResource),
    }),
  ]
}

interface Part extends Pick<Operation, 'operationId' | 'summary' | 'description'> {
  readonly name: string
  readonly item: z.ZodType
  read(payout: Payout): Promise<readonly unknown[]>
}

function part({ desk }: ApiNeeds, { name, item, read, ...operation }: Part): ApiRoute {
  return {
    method: 'GET',
    path: `/v1/payouts/:id/${name}`,
    scope: 'payouts:read',
    body: 'unread',
    schema: documentation({
      ...operation,
      tag: 'Payouts',
      params: payoutParams,
      answer: { status: 200, description: 'The whole list.', schema: listOf(item) },
      problems: [404],
    }),
    run: async (call: ApiCall) => {
      const by = payoutKey(call.params.id)
      const payout = by === null ? null : await desk.find(call.merchantId, by)
      return payout === null ? NO_PAYOUT : found(wholeList(await read(payout)))
    },
  }
}

async function readAttempts(payout: Payout, { desk }: ApiNeeds) {
  const [attempts, exchanges] = await Promise.all([
    desk.attempts(payout.merchantId, payout.number),
    desk.exchanges(payout.merchantId, payout.number),
  ])
  const byAttempt = Map.groupBy(exchanges, exchange => exchange.attemptNo)
  return attempts.map(attempt => attemptResource(attempt, byAttempt.get(attempt.attemptNo) ?? []))
}
