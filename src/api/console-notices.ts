// What merchants were told, over all of them; telling it again, and asking a provider now.
import { isoTime } from '../lib/clock.ts'
import { payoutId } from '../payout/number.ts'
import { ROLES } from '../payout/role.ts'
import type { FoundNotice } from '../store/console-store.ts'
import { type ApiAnswer, found, type PersonCall, type PersonRoute, refusal } from './call.ts'
import { readNoticeCursor, writeNoticeCursor } from './cursors.ts'
import { documentation } from './documentation.ts'
import { noticeResource } from './history.ts'
import { readPageQuery } from './list-query.ts'
import type { ApiNeeds } from './needs.ts'
import { listPage, wholeList } from './page.ts'
import { NO_PAYOUT } from './payouts-read.ts'
import { readPayout, refusedAnswer } from './people-content.ts'
import { NOTHING } from './proposals-read.ts'
import { payoutResource } from './resource.ts'
import { listOf, noticeShown, payoutParams, payoutShown } from './schema.ts'
import { type FoundNoticeShown, foundNoticeShown, noticesQuery, resendParams } from './schema-console.ts'

export function consoleNotices(needs: ApiNeeds): readonly PersonRoute[] {
  return [
    {
      ...{ method: 'GET', path: '/v1/notices', roles: ROLES, body: 'unread' },
      schema: documentation({
        operationId: 'searchNotices',
        summary: 'What merchants were told, and what is due',
        description:
          'In the order of payouts, the newest first. A page may be short and yet have a next one.',
        tag: 'Console',
        query: noticesQuery,
        answer: { status: 200, description: 'One page.', schema: listOf(foundNoticeShown) },
        problems: [400, 404],
      }),
      run: call => listNotices(call, needs),
    },
    {
      ...{
        method: 'POST',
        path: '/v1/payouts/:id/notices/:sequence/resend',
        roles: ['operator'],
        body: 'nothing',
      },
      schema: documentation({
        operationId: 'resendNotice',
        summary: 'Tell a merchant once more',
        description: 'The notice is due now, whether it was acknowledged, parked or waits for its turn.',
        tag: 'Console',
        params: resendParams,
        answer: { status: 200, description: 'It is due.', schema: listOf(noticeShown) },
        problems: [400, 404, 409],
      }),
      run: call => resend(call, needs),
    },
    {
      ...{ method: 'POST', path: '/v1/payouts/:id/inquire', roles: ['operator'], body: 'nothing' },
      schema: documentation({
        operationId: 'inquireNow',
        summary: 'Ask the provider now',
        description:
          'What is next for its live attempt is due at once: nearly always that its provider is asked. Where the step that pays, or a repeat that its provider takes as the same payout, is what comes next, that is sent, by the same rules as later by itself.',
        tag: 'Console',
        params: payoutParams,
        answer: { status: 200, description: 'It is due.', schema: payoutShown },
        problems: [400, 404, 409],
      }),
      run: call => inquire(call, needs),
    },
  ]
}

async function listNotices({ by, query }: PersonCall, { console }: ApiNeeds): Promise<ApiAnswer> {
  if (console === undefined) return NOTHING
  const read = readPageQuery(query, noticesQuery, readNoticeCursor)
  if (!read.ok) return refusal({ code: 'invalid_request', errors: read.errors })
  const { limit, merchant, state } = read.values
  const asked = { merchantId: merchant ?? null, state: state ?? null, limit, before: read.before }
  const answer = await console.notices(by, asked)
  return answer.kind === 'refused'
    ? refusedAnswer(answer)
    : found(listPage(answer, foundNoticeResource, writeNoticeCursor))
}

async function resend({ by, params }: PersonCall, { console }: ApiNeeds): Promise<ApiAnswer> {
  const payout = readPayout(params.id)
  const sequence = /^[1-9][0-9]{0,8}$/.test(params.sequence ?? '')
    ? Number.parseInt(params.sequence ?? '', 10)
    : null
  if (payout === null || sequence === null || console === undefined) return NO_PAYOUT
  const answer = await console.resend(by, { payout, sequence })
  return answer.kind === 'refused'
    ? refusedAnswer(answer)
    : found(wholeList(answer.notices.map(noticeResource)))
}

async function inquire({ by, params }: PersonCall, { console, livemode }: ApiNeeds): Promise<ApiAnswer> {
  const payout = readPayout(params.id)
  if (payout === null || console === undefined) return NO_PAYOUT
  const answer = await console.inquire(by, payout)
  return answer.kind === 'refused'
    ? refusedAnswer(answer)
    : found(payoutResource(answer.payout, answer.attempt, livemode))
}

function foundNoticeResource(notice: FoundNotice): FoundNoticeShown {
  return {
    ...noticeResource(notice),
    merchant: notice.merchantId,
    payout_id: payoutId(notice.number, notice.tag),
    // It lasts inside one transaction: nobody is told of it.
    told: notice.told === 'accepted' ? 'queued' : notice.told,
    at: isoTime(notice.atMs),
    due_at: notice.dueAtMs === null ? null : isoTime(notice.dueAtMs),
  }
}
