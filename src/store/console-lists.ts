// Notices of many merchants, acts, and what people may come by. Bounded like the search: each statement says where it stopped.
import type { PayoutState } from '../payout/payout.ts'
import type { Act, FoundNotice, FoundPage, NoticeCursor, StoredCredential } from './console-store.ts'
import { type NoticeColumns, rowNotice } from './find.ts'
import { ms } from './rows.ts'
import type { NoticeRow } from './store.ts'
import type { Whole } from './whole.ts'

const LOOKED_AT_MAX = 20_000
const LOOKED_AT_MIN = 500

export interface NoticesAsked {
  readonly merchants: readonly string[]
  readonly state: NoticeRow['state'] | null
  readonly before: NoticeCursor | null
  readonly limit: number
}

/** `merchants` null: whatever it concerns. */
export interface ActsAsked {
  readonly merchants: readonly string[] | null
  readonly who: string | null
  readonly what: string | null
  readonly subject: string | null
  readonly before: bigint | null
  readonly limit: number
}

export async function listNotices(
  whole: Whole,
  { merchants, state, before, limit }: NoticesAsked,
): Promise<FoundPage<FoundNotice, NoticeCursor>> {
  const looked = Math.max(LOOKED_AT_MIN, Math.floor(LOOKED_AT_MAX / Math.max(1, merchants.length)))
  const rows = await whole.rows<Partial<NoticeListRow> & { horizon: bigint }>(NOTICES, [
    merchants,
    ...[before?.number ?? null, before?.sequence ?? 0, before?.target ?? ''],
    ...[looked, state, limit + 1],
  ])
  const found = rows.flatMap(row => (isNotice(row) ? [row] : []))
  const items = found.slice(0, limit).map(noticeOf)
  const last = items.at(-1)
  if (found.length > limit && last !== undefined)
    return { items, next: { number: last.number, sequence: last.sequence, target: last.target } }
  const horizon = rows[0]?.horizon ?? 0n
  return { items, next: horizon > 0n ? { number: horizon, sequence: 0, target: '' } : null }
}

export async function listActs(whole: Whole, asked: ActsAsked): Promise<FoundPage<Act, bigint>> {
  const { merchants, who, what, subject, before, limit } = asked
  const rows = await whole.rows<{
    act_no: bigint
    at_ms: number
    who: string
    credential: string
    what: string
    subject: string
    merchant_id: string | null
    hash: Uint8Array | null
    horizon: bigint
  }>(ACTS, [merchants, who, what, subject, before, LOOKED_AT_MAX, limit + 1])
  const found = rows.filter(row => row.act_no !== null)
  const items = found.slice(0, limit).map(row => ({
    ...{ number: row.act_no, atMs: row.at_ms, who: row.who, credential: row.credential, what: row.what },
    ...{ subject: row.subject, merchantId: row.merchant_id, hash: row.hash },
  }))
  const last = items.at(-1)
  if (found.length > limit && last !== undefined) return { items, next: last.number }
  const horizon = rows[0]?.horizon ?? 0n
  return { items, next: horizon > 0n ? horizon : null }
}

/** Everything that opens something for one of these merchants; null: everything. */
export async function listCredentials(
  whole: Whole,
  merchants: readonly string[] | null,
): Promise<readonly StoredCredential[]> {
  const rows = await whole.rows<{
    kind: StoredCredential['kind']
    id: string
    merchant_id: string | null
    door: string | null
    scopes: string[]
    owner: string | null
    active: boolean
    created_at_ms: number
  }>(CREDENTIALS, [merchants])
  return rows.map(({ merchant_id: merchantId, created_at_ms: createdAtMs, ...row }) => ({
    ...row,
    merchantId,
    createdAtMs,
  }))
}

interface NoticeListRow extends NoticeColumns {
  merchant_id: string
  payout_number: bigint
  due_at_ms: number | null
  told: PayoutState
  told_at_ms: number
  tag: number
}

function isNotice(row: Partial<NoticeListRow>): row is NoticeListRow {
  return row.payout_number !== undefined && row.payout_number !== null
}

function noticeOf(row: NoticeListRow): FoundNotice {
  return {
    ...{ merchantId: row.merchant_id, number: row.payout_number, tag: row.tag, told: row.told },
    ...rowNotice(row),
    ...{ atMs: row.told_at_ms, dueAtMs: row.due_at_ms },
  }
}

const behind = (alias: string) =>
  `($2::bigint is null or (${alias}.payout_number, ${alias}.sequence, ${alias}.target) < ($2, $3::integer, $4::text))`
const NOTICES = {
  name: 'list_notices',
  text: `with floor_of as materialized (
      select m.id, coalesce((select k.payout_number from notice k where k.merchant_id = m.id and ${behind('k')}
        order by k.payout_number desc, k.sequence desc, k.target desc offset $5::integer - 1 limit 1), 0) as number
      from unnest($1::text[]) m (id)
    ), horizon as materialized (select coalesce(max(number), 0) as number from floor_of)
    select h.number as horizon, found.* from horizon h left join lateral (
      select n.merchant_id, n.payout_number, n.sequence, n.target, n.url, n.state, n.tries, n.last_status, n.last_said,
        ${ms('n.acknowledged_at')} as acknowledged_at_ms, ${ms('n.due_at')} as due_at_ms, e.state as told,
        ${ms('e.at')} as told_at_ms, p.tag
      from floor_of f cross join lateral (
          select n.* from notice n where n.merchant_id = f.id and n.payout_number >= h.number and ${behind('n')}
            and ($6::text is null or n.state = $6)
          order by n.payout_number desc, n.sequence desc, n.target desc limit $7) n
        join payout_event e on e.merchant_id = n.merchant_id and e.payout_number = n.payout_number
          and e.sequence = n.sequence
        join payout p on p.merchant_id = n.merchant_id and p.payout_number = n.payout_number
      order by n.payout_number desc, n.sequence desc, n.target desc limit $7
    ) found on true
    order by found.payout_number desc, found.sequence desc, found.target desc`,
}

const ACTS = {
  name: 'list_acts',
  text: `with horizon as materialized (
      select coalesce((select k.act_no from act k where $5::bigint is null or k.act_no < $5
        order by k.act_no desc offset $6::integer - 1 limit 1), 0) as number
    )
    select h.number as horizon, found.* from horizon h left join lateral (
      select t.act_no, ${ms('t.at')} as at_ms, t.who, t.credential, t.what, t.subject, t.merchant_id, t.hash from act t
      where t.act_no >= h.number and ($5::bigint is null or t.act_no < $5)
        and ($1::text[] is null or t.merchant_id = any ($1))
        and ($2::text is null or t.who = $2) and ($3::text is null or t.what = $3)
        and ($4::text is null or t.subject = $4)
      order by t.act_no desc limit $7
    ) found on true
    order by found.act_no desc`,
}

const CREDENTIALS = {
  name: 'list_credentials',
  text: `select 'api_key' as kind, key_id as id, merchant_id, null as door, scopes, owner, active,
        ${ms('created_at')} as created_at_ms
      from api_key where $1::text[] is null or merchant_id = any ($1)
    union all
    select 'door', public_id, merchant_id, door, '{}', owner, active, ${ms('created_at')}
      from door_credential where $1::text[] is null or merchant_id = any ($1)
    union all
    select 'person', k.key_id, null, null, '{}', k.person_id, k.active and p.active, ${ms('k.created_at')}
      from person_key k join person p on p.person_id = k.person_id
      where $1::text[] is null or exists (select from person_role r
        where r.person_id = k.person_id and r.merchant_id = any ($1))
    order by 1, 3, 2 limit 5000`,
}
