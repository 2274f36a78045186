// How it goes, for the first page of the console. It looks at the newest payouts alone, so many of each merchant, by the
// primary key: with millions of them it costs what it costs with a few, and it says since when it is whole.

import { assert } from '../lib/assert.ts'
import type { PayoutState } from '../payout/payout.ts'
import type { Overview, OverviewAsked, OverviewStep } from './console-store.ts'
import { ms, storedCurrency } from './rows.ts'
import type { Whole } from './whole.ts'

/** Payouts that one overview looks at, over all merchants together. */
const LOOKED_AT_MAX = 20_000
const LOOKED_AT_MIN = 500
/** Of those, the newest whose sends are looked at. */
const SENDS_OF_MAX = 2_000

/** Upper ends of the bars of the time to paid, in milliseconds; what takes longer stands in the last one. */
export const TIME_TO_PAID_MS = [
  1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 86_400_000,
] as const

export async function readOverview(whole: Whole, { merchants, hours }: OverviewAsked): Promise<Overview> {
  const looked = Math.max(LOOKED_AT_MIN, Math.floor(LOOKED_AT_MAX / Math.max(1, merchants.length)))
  const stepMs = hours <= 48 ? HOUR_MS : DAY_MS
  const [row] = await whole.rows<OverviewRow>(OVERVIEW, [
    merchants,
    hours,
    looked,
    stepMs / 1000,
    TIME_TO_PAID_MS,
    SENDS_OF_MAX,
  ])
  assert(row !== undefined, 'the overview answers')
  return {
    nowMs: row.now_ms,
    completeSinceMs: row.complete_since_ms,
    totals: row.totals.map(({ state, count, ...money }) => ({ state, count, amount: amountOf(money) })),
    series: seriesOf(row, { hours, stepMs }),
    timeToPaid: [...TIME_TO_PAID_MS, null].map((upToMs, place) => ({
      upToMs,
      count: row.bars.find(bar => bar.place === place)?.count ?? 0,
    })),
    providers: row.providers.map(one => ({
      providerAccountId: one.provider_account_id,
      protocol: one.protocol,
      sends: one.sends,
      accepted: one.accepted,
      refused: one.refused,
      doubtful: one.sends - one.accepted - one.refused,
      p50Ms: one.p50 === null ? null : Math.round(one.p50),
      p95Ms: one.p95 === null ? null : Math.round(one.p95),
    })),
    floats: row.floats.map(({ account, ...money }) => ({
      providerAccountId: account.slice(FLOAT.length),
      amount: negated(money),
    })),
  }
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const FLOAT = 'float:'

interface MoneyRow {
  currency: string
  minor: string
}

interface OverviewRow {
  now_ms: number
  complete_since_ms: number | null
  totals: (MoneyRow & { state: PayoutState; count: number })[]
  accepted: { at_ms: number; count: number }[]
  failed: { at_ms: number; count: number }[]
  paid: (MoneyRow & { at_ms: number; count: number })[]
  bars: { place: number; count: number }[]
  providers: {
    provider_account_id: string
    protocol: string
    sends: number
    accepted: number
    refused: number
    p50: number | null
    p95: number | null
  }[]
  floats: (MoneyRow & { account: string })[]
}

/** Every hour or day of the time that was asked for, those without a payout included. */
function seriesOf(
  row: OverviewRow,
  { hours, stepMs }: { hours: number; stepMs: number },
): readonly OverviewStep[] {
  const first = Math.floor((row.now_ms - hours * HOUR_MS) / stepMs) * stepMs
  const steps: OverviewStep[] = []
  for (let atMs = first; atMs <= row.now_ms; atMs += stepMs) {
    const paid = row.paid.filter(one => one.at_ms === atMs)
    steps.push({
      atMs,
      accepted: row.accepted.find(one => one.at_ms === atMs)?.count ?? 0,
      paid: paid.reduce((sum, { count }) => sum + count, 0),
      failed: row.failed.find(one => one.at_ms === atMs)?.count ?? 0,
      paidAmounts: paid.map(amountOf),
    })
  }
  return steps
}

function amountOf({ currency, minor }: MoneyRow) {
  return { minor: BigInt(minor), currency: storedCurrency(currency) }
}

/** A float prints as the negative of its balance (ledger/accounts.ts). */
function negated(money: MoneyRow) {
  const { minor, currency } = amountOf(money)
  return { minor: -minor, currency }
}

const list = (select: string) => `(select coalesce(json_agg(l), '[]') from (${select}) l)`
const step = (column: string) =>
  `(floor(extract(epoch from ${column}) / $4::float8) * $4::float8 * 1000)::float8`

// Amounts as text: JSON numbers would pass through doubles.
const OVERVIEW = {
  name: 'read_overview',
  text: `with floor_of as materialized (
      select m.id, coalesce((select k.payout_number from payout k where k.merchant_id = m.id
        order by k.payout_number desc offset $3::integer - 1 limit 1), 0) as number
      from unnest($1::text[]) m (id)
    ), horizon as materialized (select coalesce(max(number), 0) as number from floor_of
    ), looked as materialized (
      select p.* from horizon h cross join floor_of f cross join lateral (
        select merchant_id, payout_number, state, currency, minor, created_at, paid_at, state_since from payout
        where merchant_id = f.id and payout_number >= h.number order by payout_number desc limit $3) p
    ), recent as materialized (
      select * from looked where created_at >= now() - $2::integer * interval '1 hour'
    ), sent as (
      select a.provider_account_id, o.protocol, x.verdict, x.duration_ms
      from (select merchant_id, payout_number from recent order by payout_number desc limit $6) r
        join attempt a on a.merchant_id = r.merchant_id and a.payout_number = r.payout_number
        join exchange x on x.merchant_id = r.merchant_id and x.payout_number = r.payout_number
          and x.attempt_no = a.attempt_no and x.kind = 'send'
        join provider_account o on o.provider_account_id = a.provider_account_id
    )
    select ${ms('now()')} as now_ms,
      -- Older ones would be below the horizon: where none was seen that is too old, some may be missing.
      (select case when h.number > 0 and not exists (select from looked
          where created_at < now() - $2::integer * interval '1 hour') then ${ms('(select min(created_at) from looked)')} end
        from horizon h) as complete_since_ms,
      ${list(`select state, currency, sum(minor)::text as minor, count(*)::integer as count from recent
        group by state, currency order by state, currency`)} as totals,
      ${list(`select ${step('created_at')} as at_ms, count(*)::integer as count from recent group by 1`)} as accepted,
      ${list(`select ${step('state_since')} as at_ms, count(*)::integer as count from recent
        where state = 'failed' group by 1`)} as failed,
      ${list(`select ${step('paid_at')} as at_ms, currency, sum(minor)::text as minor, count(*)::integer as count
        from recent where paid_at is not null group by 1, 2 order by 1, 2`)} as paid,
      ${list(`select width_bucket(extract(epoch from paid_at - created_at)::float8 * 1000 - 0.0005, $5::float8[]) as place,
          count(*)::integer as count from recent where paid_at is not null group by 1`)} as bars,
      ${list(`select provider_account_id, protocol, count(*)::integer as sends,
          count(*) filter (where verdict like 'accepted%')::integer as accepted,
          count(*) filter (where verdict like 'dead%')::integer as refused,
          percentile_cont(0.5) within group (order by duration_ms) as p50,
          percentile_cont(0.95) within group (order by duration_ms) as p95
        from sent group by 1, 2 order by 1`)} as providers,
      ${list(`select account, currency, sum(minor)::text as minor from balance
        where merchant_id = any ($1) and account like 'float:%' group by 1, 2 order by 1, 2`)} as floats`,
}
