// The state of things over every merchant of a person: `/v1/merchants`, `/v1/overview`, `/v1/provider_accounts`, and the stop.
import { isoTime } from '../lib/clock.ts'
import { printDecimal } from '../money/decimal.ts'
import type { Money } from '../money/money.ts'
import { ROLES } from '../payout/role.ts'
import type { ProviderAccountState } from '../store/console-store.ts'
import { type ApiAnswer, found, type PersonCall, type PersonRoute, refusal } from './call.ts'
import type { ApiOverview } from './console-needs.ts'
import { documentation } from './documentation.ts'
import { readWholeQuery } from './list-query.ts'
import type { ApiNeeds } from './needs.ts'
import { wholeList } from './page.ts'
import { readContent, refusedAnswer } from './people-content.ts'
import { NOTHING } from './proposals-read.ts'
import { listOf } from './schema.ts'
import {
  type MerchantShown,
  merchantShown,
  type OverviewShown,
  overviewQuery,
  overviewShown,
  type ProviderAccountShown,
  providerAccountShown,
  type StopShown,
  stopGiven,
  stopShown,
} from './schema-console.ts'

export function consoleOverview(needs: ApiNeeds): readonly PersonRoute[] {
  return [
    {
      ...{ method: 'GET', path: '/v1/merchants', roles: ROLES, body: 'unread' },
      schema: documentation({
        operationId: 'listMerchants',
        summary: 'The merchants for which you have a role',
        description: 'All of them at once.',
        tag: 'Console',
        answer: { status: 200, description: 'All of them.', schema: listOf(merchantShown) },
        problems: [404],
      }),
      run: async ({ by }) => merchants(by, needs),
    },
    {
      ...{ method: 'GET', path: '/v1/overview', roles: ROLES, body: 'unread' },
      schema: documentation({
        operationId: 'readOverview',
        summary: 'How it goes',
        description:
          'Payouts and money by state over time, how long it took, what providers answered, what is in doubt and what stands where. Figures are a few seconds old at most.',
        tag: 'Console',
        query: overviewQuery,
        answer: { status: 200, description: 'All of it.', schema: overviewShown },
        problems: [400, 404],
      }),
      run: call => overview(call, needs),
    },
    {
      ...{ method: 'GET', path: '/v1/provider_accounts', roles: ROLES, body: 'unread' },
      schema: documentation({
        operationId: 'listProviderAccounts',
        summary: 'The provider accounts and how they stand',
        description:
          'Those through which merchants of yours are paid; floats and attempts are of your merchants alone.',
        tag: 'Console',
        answer: { status: 200, description: 'All of them.', schema: listOf(providerAccountShown) },
        problems: [404],
      }),
      run: call => providerAccounts(call, needs),
    },
    {
      ...{ method: 'POST', path: '/v1/stops', roles: ['approver', 'operator', 'admin'], body: 'object' },
      schema: documentation({
        operationId: 'stop',
        summary: 'Stop what is sent',
        description:
          'One person is enough to stop, at once. A merchant is stopped by whoever has a role for it; all else takes a role for every merchant. Two people let it go on.',
        tag: 'People',
        body: stopGiven,
        answer: { status: 201, description: 'Stopped.', schema: stopShown },
        problems: [400, 404, 413, 415],
      }),
      run: call => stop(call, needs),
    },
  ]
}

function merchants(by: PersonCall['by'], { console }: ApiNeeds): ApiAnswer {
  if (console === undefined) return NOTHING
  return found(
    wholeList(
      console
        .merchants(by)
        .map(
          ({ merchantId, name, active }) =>
            ({ object: 'merchant', id: merchantId, name, active }) satisfies MerchantShown,
        ),
    ),
  )
}

async function overview({ by, query }: PersonCall, { console }: ApiNeeds): Promise<ApiAnswer> {
  if (console === undefined) return NOTHING
  const read = readWholeQuery(query, overviewQuery)
  if (!read.ok) return refusal({ code: 'invalid_request', errors: read.errors })
  const { hours, merchant } = read.values
  const answer = await console.overview(by, { hours, merchantId: merchant ?? null })
  return answer.kind === 'refused' ? refusedAnswer(answer) : found(overviewResource(answer.overview))
}

async function providerAccounts({ by }: PersonCall, { console }: ApiNeeds): Promise<ApiAnswer> {
  if (console === undefined) return NOTHING
  return found(wholeList((await console.providerAccounts(by)).map(providerAccountResource)))
}

async function stop({ by, body }: PersonCall, { console }: ApiNeeds): Promise<ApiAnswer> {
  if (console === undefined) return NOTHING
  const read = readContent(body, stopGiven)
  if (!read.ok) return refusal(read.problem)
  const answer = await console.stop(by, read.content)
  if (answer.kind === 'refused') return refusedAnswer(answer)
  const { scope, id } = read.content
  const shown: StopShown = { object: 'stop', scope, id, already: answer.already }
  return { status: 201, body: JSON.stringify(shown) }
}

function overviewResource(overview: ApiOverview): OverviewShown {
  return {
    object: 'overview',
    at: isoTime(overview.nowMs),
    complete_since: timeOrNull(overview.completeSinceMs),
    totals: overview.totals.map(({ state, count, amount }) => ({
      // It lasts inside one transaction: nobody reads it.
      state: state === 'accepted' ? 'queued' : state,
      count,
      ...moneyResource(amount),
    })),
    series: overview.series.map(({ atMs, accepted, paid, failed, paidAmounts }) => ({
      ...{ at: isoTime(atMs), accepted, paid, failed },
      paid_amounts: paidAmounts.map(moneyResource),
    })),
    time_to_paid: overview.timeToPaid.map(({ upToMs, count }) => ({ up_to_ms: upToMs, count })),
    providers: overview.providers.map(one => ({
      provider_account: one.providerAccountId,
      protocol: one.protocol,
      sends: one.sends,
      accepted: one.accepted,
      refused: one.refused,
      doubtful: one.doubtful,
      p50_ms: one.p50Ms,
      p95_ms: one.p95Ms,
    })),
    doubts: overview.doubts.map(({ count, amount }) => ({ count, ...moneyResource(amount) })),
    floats: overview.floats.map(({ providerAccountId, amount }) => ({
      provider_account: providerAccountId,
      ...moneyResource(amount),
    })),
  }
}

function providerAccountResource(account: ProviderAccountState): ProviderAccountShown {
  const { id, protocol, name, active, stopped, safeMode } = account
  return {
    ...{ object: 'provider_account', id, protocol, name, active },
    stopped:
      stopped === null ? null : { scope: stopped.scope, why: stopped.why, since: isoTime(stopped.sinceMs) },
    safe_mode: safeMode === null ? null : { sign: safeMode.sign, since: isoTime(safeMode.sinceMs) },
    floats: account.floats.map(moneyResource),
    open_attempts: account.openAttempts,
    in_doubt: account.inDoubt,
    last_exchange_at: timeOrNull(account.lastExchangeAtMs),
    last_failed_at: timeOrNull(account.lastFailedAtMs),
  }
}

function moneyResource(amount: Money) {
  return { currency: amount.currency, amount: printDecimal(amount) }
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms)
}
