// The queue of doubts: payouts that nothing but people may move on, and all that is known of each. Read in one
// statement, so that the page and its totals are of one snapshot.
import { assert } from '../lib/assert.ts'
import type { Seal } from '../lib/seal.ts'
import type { Money } from '../money/money.ts'
import type { Contracts } from './contracts.ts'
import { rowPayoutAndAttempt } from './find.ts'
import {
  ATTEMPT_COLUMNS,
  type AttemptRow,
  ms,
  PAYOUT_COLUMNS,
  type PayoutRow,
  storedCurrency,
} from './rows.ts'
import type { PayoutAndAttempt } from './store.ts'
import type { Whole } from './whole.ts'

/** In doubt; without an end for longer than people are told of; waiting for a person; ended, and something speaks against it. */
export const DOUBT_KINDS = ['in_doubt', 'overdue', 'review', 'disputed'] as const
export type DoubtKind = (typeof DOUBT_KINDS)[number]

/** `merchants`: null for all of them. */
export interface DoubtPage {
  readonly merchants: readonly string[] | null
  readonly before: bigint | null
  readonly limit: number
}

export interface DoubtIncident {
  readonly atMs: number
  readonly kind: string
  readonly detail: string
}

/** One exchange by what was judged of it; the whole stands with the payout's attempts. */
export interface DoubtExchange {
  readonly number: number
  readonly kind: 'send' | 'inquiry' | 'callback'
  readonly atMs: number
  readonly status: number | null
  readonly row: string
  readonly verdict: string
}

export interface StoredDoubt extends PayoutAndAttempt {
  readonly kind: DoubtKind
  /** The last ones of each, newest first. */
  readonly incidents: readonly DoubtIncident[]
  readonly exchanges: readonly DoubtExchange[]
  /** Open proposals about it. */
  readonly proposals: readonly string[]
}

export interface DoubtTotal {
  readonly count: number
  readonly amount: Money
}

export interface Doubts {
  /** The database's time of the snapshot. */
  readonly nowMs: number
  /** Of the whole queue, by currency. */
  readonly totals: readonly DoubtTotal[]
  readonly doubts: readonly StoredDoubt[]
}

/** Newest first. */
export async function listDoubts(
  whole: Whole,
  seal: Seal,
  contracts: Contracts,
  page: DoubtPage,
): Promise<Doubts> {
  const rows = await whole.rows<DoubtRow>(LIST, [page.merchants, page.before, page.limit])
  const [first] = rows
  assert(first !== undefined, 'the queue answers')
  const doubts: StoredDoubt[] = []
  for (const row of rows)
    if (row.doubt_kind !== null) doubts.push(await rowDoubt(row, row.doubt_kind, seal, contracts))
  const totals = first.totals.map(({ currency, minor, count }) => ({
    count,
    amount: { minor: BigInt(minor), currency: storedCurrency(currency) },
  }))
  return { nowMs: first.now_ms, totals, doubts }
}

/** A payout by its number, at whichever of these merchants it is, with what a decision about it needs. */
export async function findDecidable(
  whole: Whole,
  seal: Seal,
  contracts: Contracts,
  of: { readonly merchants: readonly string[] | null; readonly number: bigint },
): Promise<
  | (PayoutAndAttempt & { readonly nowMs: number; readonly maker: string | null; readonly learned: number })
  | null
> {
  const [row] = await whole.rows<
    PayoutRow & Partial<AttemptRow> & { now_ms: number; maker: string | null; learned: number }
  >(FIND, [of.merchants, of.number])
  if (row === undefined) return null
  return {
    ...(await rowPayoutAndAttempt(row, seal, contracts)),
    nowMs: row.now_ms,
    maker: row.maker,
    learned: row.learned,
  }
}

type DoubtRow = PayoutRow &
  Partial<AttemptRow> & {
    now_ms: number
    totals: { currency: string; minor: string; count: number }[]
    doubt_kind: DoubtKind | null
    incidents: { at_ms: number; kind: string; detail: string }[]
    exchanges: (Omit<DoubtExchange, 'atMs'> & { at_ms: number })[]
    proposals: string[]
  }

async function rowDoubt(
  row: DoubtRow,
  kind: DoubtKind,
  seal: Seal,
  contracts: Contracts,
): Promise<StoredDoubt> {
  return {
    ...(await rowPayoutAndAttempt(row, seal, contracts)),
    kind,
    incidents: row.incidents.map(one => ({ atMs: one.at_ms, kind: one.kind, detail: one.detail })),
    exchanges: row.exchanges.map(({ at_ms: atMs, ...one }) => ({ ...one, atMs })),
    proposals: row.proposals,
  }
}

/** What speaks for a payment of a payout that ended unpaid, until two people have corrected the books since. */
const DISPUTED = `exists (select from incident i where i.merchant_id = p.merchant_id and i.payout_number = p.payout_number
    and i.kind in ('paid_after_death', 'answer_after_death', 'contradiction', 'proof_contradicts', 'refused_step')
    and not exists (select from correction c join agreement g on g.proposal_id = c.proposal_id
      where c.merchant_id = i.merchant_id and c.payout_number = i.payout_number and g.at > i.at))`

// The first part finds candidates by what is indexed; the second judges each by its row. A day is the age of the last
// alarm (dispatch/schedule.ts).
const QUEUE = `candidate as (
    select merchant_id, payout_number from attempt where state = 'in_doubt'
    union
    select merchant_id, payout_number from attempt
      where state in ('sending', 'pending') and created_at < now() - interval '24 hours'
    union
    select merchant_id, payout_number from incident
    union
    select merchant_id, payout_number from proof where kind in ('never_arrived', 'by_statement', 'by_people')
  ), queued as (
    select p.*, case
        when p.state = 'in_doubt' then 'in_doubt'
        when p.state in ('sending', 'pending') and a.created_at < now() - interval '24 hours' then 'overdue'
        when p.state = 'waiting' and p.wait_reason = 'review' then 'review'
        when p.state in ('failed', 'cancelled') and ${DISPUTED} then 'disputed'
      end as doubt_kind
    from candidate c
      join payout p on p.merchant_id = c.merchant_id and p.payout_number = c.payout_number
      left join attempt a on a.merchant_id = p.merchant_id and a.payout_number = p.payout_number
        and a.attempt_no = p.attempts
    where $1::text[] is null or c.merchant_id = any ($1)
  ), counted as (
    select coalesce(json_agg(t order by t.currency), '[]') as totals from (
      select currency, sum(minor)::text as minor, count(*)::integer as count from queued
      where doubt_kind is not null group by currency) t
  ), page as (
    select * from queued where doubt_kind is not null and ($2::bigint is null or payout_number < $2)
    order by payout_number desc limit $3
  )`
const LIST = {
  name: 'list_doubts',
  text: `with ${QUEUE}
    select ${ms('now()')} as now_ms, counted.totals, p.doubt_kind, ${PAYOUT_COLUMNS}, ${ATTEMPT_COLUMNS},
      p.doubt_kind = 'disputed' as disputed,
      (select coalesce(json_agg(i), '[]') from (select ${ms('at')} as at_ms, kind, detail from incident
        where merchant_id = p.merchant_id and payout_number = p.payout_number
        order by incident_no desc limit 10) i) as incidents,
      (select coalesce(json_agg(x), '[]') from (select exchange_no as number, kind, ${ms('started_at')} as at_ms, status,
          row_name as row, verdict from exchange
        where merchant_id = p.merchant_id and payout_number = p.payout_number
        order by exchange_no desc limit 20) x) as exchanges,
      (select coalesce(json_agg(o.proposal_id), '[]') from proposal o where o.merchant_id = p.merchant_id
        and o.payout_number = p.payout_number and o.state = 'open' and o.expires_at > now()) as proposals
    from counted left join page p on true
      left join attempt a on a.merchant_id = p.merchant_id and a.payout_number = p.payout_number
        and a.attempt_no = p.attempts
    order by p.payout_number desc`,
}
// By the merchants, who are few: every key of a payout begins with one.
const FIND = {
  name: 'find_decidable',
  text: `select ${ms('now()')} as now_ms, payout_maker(p) as maker, coalesce(a.learned, 0) as learned, ${PAYOUT_COLUMNS}, ${ATTEMPT_COLUMNS}
    from merchant m join payout p on p.merchant_id = m.merchant_id and p.payout_number = $2
      left join attempt a on a.merchant_id = p.merchant_id and a.payout_number = p.payout_number
        and a.attempt_no = p.attempts
    where $1::text[] is null or m.merchant_id = any ($1)`,
}
