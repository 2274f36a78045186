// What the auditor reads. Its own statements, over the tables alone: no function of the store is called.
import type { AttemptFact, Movement, PayoutFacts } from './payout.ts'
import type { Query } from './session.ts'
import type { Line } from './sums.ts'

export interface Key {
  readonly merchantId: string
  readonly number: string
}

/** What an older snapshot could not see. `from` is below every such row, and finds them by an index. */
export interface Since {
  readonly snapshot: string
}

/** Payouts of which anything was written since, or all: by a cursor of the server, `pageSize` at a time. */
export async function* keyPages(
  query: Query,
  since: Since | null,
  pageSize: number,
): AsyncGenerator<readonly Key[]> {
  await query(`declare keys no scroll cursor for ${since === null ? ALL_KEYS : changedKeys(since)}`)
  for (;;) {
    const page = await query<Key>(`fetch ${pageSize} from keys`)
    if (page.length > 0) yield page
    if (page.length < pageSize) break
  }
  await query('close keys')
}

const ALL_KEYS = `select merchant_id as "merchantId", payout_number as "number" from payout order by 1, 2`

function changedKeys(since: Since): string {
  const from = oldest(since)
  return `select distinct merchant_id as "merchantId", number from (
      select merchant_id, payout_number as number from payout_event where written_by >= ${from}
      union all
      select merchant_id, number from posting where written_by >= ${from}
    ) changed order by 1, 2`
}

/** The oldest transaction that the snapshot could not see: its text begins with it. */
function oldest({ snapshot }: Since): string {
  const [, xmin] = /^([0-9]+):[0-9]+:[0-9,]*$/.exec(snapshot) ?? []
  if (xmin === undefined) throw new Error('a snapshot is not as Postgres prints it')
  return xmin
}

/** Payouts with work under way, in turns: after the given one, at most so many. Changed by hand they leave no trace else. */
export async function openKeys(query: Query, after: Key, limit: number): Promise<readonly Key[]> {
  return query<Key>(
    `select merchant_id as "merchantId", payout_number as "number" from (
       select merchant_id, payout_number from attempt where state in ('sending', 'in_doubt', 'pending')
       union
       select merchant_id, payout_number from queue
     ) open
     where (merchant_id, payout_number) > ($1::text, $2::bigint) order by merchant_id, payout_number limit $3`,
    [after.merchantId, after.number, limit],
  )
}

interface FactsRow {
  merchantId: string
  number: string
  state: string
  version: number
  attemptCount: number
  currency: string
  minor: string
  attempts: readonly AttemptFact[]
  proofs: PayoutFacts['proofs']
  steps: PayoutFacts['steps']
  movements: readonly (Omit<Movement, 'minor'> & { minor: string })[]
}

export async function payoutFacts(query: Query, keys: readonly Key[]): Promise<readonly PayoutFacts[]> {
  const rows = await query<FactsRow>(FACTS, [
    keys.map(({ merchantId }) => merchantId),
    keys.map(({ number }) => number),
  ])
  return rows.map(row => ({
    ...row,
    minor: BigInt(row.minor),
    movements: row.movements.map(movement => ({ ...movement, minor: BigInt(movement.minor) })),
  }))
}

// Amounts as text: JSON numbers would pass through doubles.
const FACTS = `select p.merchant_id as "merchantId", p.payout_number as "number", p.state, p.version,
    p.attempts as "attemptCount", p.currency, p.minor,
    (select coalesce(json_agg(json_build_object('attemptNo', a.attempt_no, 'state', a.state, 'proofKind', a.proof_kind,
        'providerAccountId', a.provider_account_id) order by a.attempt_no), '[]')
      from attempt a where a.merchant_id = p.merchant_id and a.payout_number = p.payout_number) as attempts,
    (select coalesce(json_agg(json_build_object('attemptNo', d.attempt_no, 'kind', d.kind) order by d.attempt_no), '[]')
      from proof d where d.merchant_id = p.merchant_id and d.payout_number = p.payout_number) as proofs,
    (select coalesce(json_agg(json_build_object('sequence', e.sequence, 'state', e.state) order by e.sequence), '[]')
      from payout_event e where e.merchant_id = p.merchant_id and e.payout_number = p.payout_number) as steps,
    (select coalesce(json_agg(json_build_object('sequence', m.sequence, 'recipe', m.recipe, 'debit', m.debit,
        'credit', m.credit, 'currency', m.currency, 'minor', m.minor::text) order by m.sequence, m.recipe, m.leg), '[]')
      from posting m where m.merchant_id = p.merchant_id and m.number = p.payout_number) as movements
  from unnest($1::text[], $2::bigint[]) k (merchant_id, number)
    join payout p on p.merchant_id = k.merchant_id and p.payout_number = k.number`

export function readBalances(query: Query): Promise<readonly Line[]> {
  return lines(query, 'select merchant_id, account, currency, minor from balance', [])
}

/** Which rows of a sum: of everybody, of one merchant, or those that a snapshot could not see. */
export type Part =
  | { readonly of: 'all' }
  | { readonly of: 'merchant'; readonly id: string }
  | ({ of: 'new' } & Since)

export function postingSums(query: Query, part: Part): Promise<readonly Line[]> {
  const { where, values } = conditionOf(part, 'm')
  return lines(
    query,
    `select merchant_id, account, currency, sum(minor) as minor from (
       select m.merchant_id, m.debit as account, m.currency, -m.minor as minor from posting m ${where}
       union all
       select m.merchant_id, m.credit, m.currency, m.minor from posting m ${where}
     ) sides group by merchant_id, account, currency`,
    values,
  )
}

/** What live payouts keep in each account; of the new rows, by how much each step changed that. */
export function liveSums(query: Query, part: Part): Promise<readonly Line[]> {
  const { where, values } = conditionOf(part, part.of === 'new' ? 'e' : 'p')
  if (part.of !== 'new')
    return lines(
      query,
      `select p.merchant_id, s.account, p.currency, sum(p.minor) as minor from payout p
         cross join lateral (select ${placeOf('p.state')} as account) s
       ${where === '' ? 'where' : `${where} and`} s.account is not null
       group by p.merchant_id, s.account, p.currency`,
      values,
    )
  return lines(
    query,
    `select p.merchant_id, s.account, p.currency, sum(s.minor) as minor
     from payout_event e
       join payout p on p.merchant_id = e.merchant_id and p.payout_number = e.payout_number
       left join payout_event b on b.merchant_id = e.merchant_id and b.payout_number = e.payout_number
         and b.sequence = e.sequence - 1
       cross join lateral (values (${placeOf('e.state')}, p.minor), (${placeOf('b.state')}, -p.minor)) s (account, minor)
     ${where} and s.account is not null
     group by p.merchant_id, s.account, p.currency`,
    values,
  )
}

function placeOf(state: string): string {
  return `case when ${state} in ('waiting', 'queued') then 'held'
    when ${state} in ('sending', 'pending', 'in_doubt') then 'in_flight' end`
}

function conditionOf(
  part: Part,
  table: string,
): { readonly where: string; readonly values: readonly string[] } {
  switch (part.of) {
    case 'all':
      return { where: '', values: [] }
    case 'merchant':
      return { where: `where ${table}.merchant_id = $1`, values: [part.id] }
    case 'new':
      return {
        where: `where ${table}.written_by >= ${oldest(part)}
          and not pg_visible_in_snapshot(${table}.written_by::text::xid8, $1::pg_snapshot)`,
        values: [part.snapshot],
      }
  }
}

export interface Stray {
  readonly merchantId: string
  readonly number: string
  readonly detail: string
}

/** Movements that belong to no payout and to no money that came in. */
export function strayPostings(query: Query, since: Since | null): Promise<readonly Stray[]> {
  return query<Stray>(
    `select m.merchant_id as "merchantId", m.number,
       format('%s %s from %s to %s belongs to no payout and to no funding', m.minor, m.currency, m.debit, m.credit) as detail
     from posting m
     where ${since === null ? 'true' : `m.written_by >= ${oldest(since)}`}
       and not exists (select from payout p where p.merchant_id = m.merchant_id and p.payout_number = m.number)
       and not exists (select from funding f where f.merchant_id = m.merchant_id and f.number = m.number
         and f.currency = m.currency and f.minor = m.minor and m.debit = 'float:' || f.provider_account_id
         and m.credit = 'available')
     order by m.merchant_id, m.number limit ${STRAYS_MAX}`,
  )
}

/** Money that came in and was booked never, or more than once. */
export function strayFundings(query: Query): Promise<readonly Stray[]> {
  return query<Stray>(
    `select f.merchant_id as "merchantId", f.number, format('a funding was booked %s times', b.times) as detail
     from funding f
       cross join lateral (select count(*) as times from posting m
         where m.merchant_id = f.merchant_id and m.number = f.number) b
     where b.times <> 1 order by f.merchant_id, f.number limit ${STRAYS_MAX}`,
  )
}

const STRAYS_MAX = 200

async function lines(query: Query, text: string, values: readonly string[]): Promise<readonly Line[]> {
  const rows = await query<{ merchant_id: string; account: string; currency: string; minor: string }>(
    text,
    values,
  )
  return rows.map(({ merchant_id: merchantId, account, currency, minor }) => ({
    ...{ merchantId, account, currency },
    minor: BigInt(minor),
  }))
}
