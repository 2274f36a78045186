// Payouts of many merchants, newest first, by whatever people know of one. No index serves these filters and none is worth its
// price at every payout, so each statement looks at the newest so many of each merchant, by the primary key, and says where
// it stopped: the next one goes on there. What is exact and indexed (number, reference, reference of an attempt) is found
// whatever its age.
import type { Seal } from '../lib/seal.ts'
import { type Beneficiary, beneficiaryKey, WALLET_OPERATORS } from '../payout/beneficiary.ts'
import { parsePayoutId } from '../payout/number.ts'
import type { Payout } from '../payout/payout.ts'
import type { FoundPage, PayoutSearch } from './console-store.ts'
import { SHOWN_COLUMNS, type ShownRow, shownPayout } from './find.ts'
import type { Whole } from './whole.ts'

/** Rows that one statement looks at, over all merchants together; measured: 100 ms by a state, 250 ms by a wallet. */
const LOOKED_AT_MAX = 50_000
const LOOKED_AT_MIN = 500
/** At most so many of a page are found by what is exact: one number, and one reference of each merchant. */
const EXACT_MAX = 100

export async function searchPayouts(
  whole: Whole,
  seal: Seal,
  search: PayoutSearch,
): Promise<FoundPage<Payout, bigint>> {
  const exact =
    search.query === null || search.before !== null ? [] : await findExact(whole, seal, search, search.query)
  // A number of digits may be a wallet as well: then both are looked for.
  if (exact.length > 0 && !/^\+?[0-9]{6,}$/.test(search.query ?? '')) return { items: exact, next: null }
  const looked = await look(whole, seal, search)
  const known = new Set(looked.items.map(({ number }) => number))
  const more = exact.filter(({ number }) => !known.has(number))
  return { items: [...more, ...looked.items], next: looked.next }
}

async function findExact(
  whole: Whole,
  seal: Seal,
  search: PayoutSearch,
  query: string,
): Promise<readonly Payout[]> {
  const code = parsePayoutId(query)
  const number = code?.number ?? (/^[1-9][0-9]{0,15}$/.test(query) ? BigInt(query) : null)
  const rows = await whole.rows<ShownRow>(EXACT, [
    search.merchants,
    number,
    code?.tag ?? null,
    query,
    ...filters(search),
    EXACT_MAX,
  ])
  return rows.map(row => shownPayout(row, seal))
}

async function look(whole: Whole, seal: Seal, search: PayoutSearch): Promise<FoundPage<Payout, bigint>> {
  const { merchants, query, before, limit } = search
  // Without a filter the newest few are the page, and no more of them need to be looked at.
  const most = isPlain(search) ? limit + 1 : Math.floor(LOOKED_AT_MAX / Math.max(1, merchants.length))
  const looked = Math.max(LOOKED_AT_MIN, most)
  const fingerprints = query === null ? null : fingerprintsOf(query, merchants, seal)
  // One more than is shown tells whether there is a next one.
  const rows = await whole.rows<Partial<ShownRow> & { horizon: bigint }>(LOOK, [
    merchants,
    before,
    looked,
    ...filters(search),
    query,
    fingerprints,
    limit + 1,
  ])
  const found = rows.flatMap(row =>
    // The number is there, so the row of the payout is.
    row.payout_number === undefined || row.payout_number === null ? [] : [shownPayout(row as ShownRow, seal)],
  )
  const items = found.slice(0, limit)
  const horizon = rows[0]?.horizon ?? 0n
  const last = items.at(-1)
  if (found.length > limit && last !== undefined) return { items, next: last.number }
  return { items, next: horizon > 0n ? horizon : null }
}

function isPlain(search: PayoutSearch): boolean {
  return search.query === null && filters(search).every(filter => filter === null)
}

/** From the fifth parameter of one and the fourth of the other statement on, in the order of FILTERS. */
function filters(search: PayoutSearch): readonly unknown[] {
  const { state, currency, providerAccountId, createdFromMs, createdToMs } = search
  return [state, currency, providerAccountId, createdFromMs, createdToMs]
}

/** A beneficiary lies sealed; it is found by its fingerprint, which each merchant has of its own. */
function fingerprintsOf(query: string, merchants: readonly string[], seal: Seal): readonly Uint8Array[] {
  const keys = beneficiariesNamed(query).map(beneficiaryKey)
  return merchants.flatMap(merchant => keys.map(key => seal.fingerprint(key, `beneficiary:${merchant}`)))
}

/** Whoever it may be: a wallet at any operator, an account, or an account after the code of its bank and a colon. */
export function beneficiariesNamed(query: string): readonly Beneficiary[] {
  const compact = query.replace(/[\s]/g, '')
  const wallets: readonly Beneficiary[] = /^\+?[0-9]{6,20}$/.test(compact)
    ? WALLET_OPERATORS.map(operator => ({ kind: 'wallet', operator, number: compact }))
    : []
  const parts = /^(?:([A-Za-z0-9_.-]{1,64}):)?([A-Za-z0-9-]{4,34})$/.exec(compact)
  if (parts === null) return wallets
  const [, bank = null, account = ''] = parts
  const spellings = new Set([account, account.toUpperCase()])
  const accounts = [...spellings].map(
    one => ({ kind: 'bank_account', account: one, bank, holder: null }) satisfies Beneficiary,
  )
  return [...wallets, ...accounts]
}

/** Five filters from parameter `first` on. */
function filtersSql(first: number): string {
  const at = (place: number) => `$${first + place}`
  return `(${at(0)}::text is null or p.state = ${at(0)})
    and (${at(1)}::text is null or p.currency = ${at(1)})
    and (${at(2)}::text is null or exists (select from attempt a where a.merchant_id = p.merchant_id
      and a.payout_number = p.payout_number and a.provider_account_id = ${at(2)}))
    and (${at(3)}::float8 is null or p.created_at >= to_timestamp(${at(3)}::float8 / 1000))
    and (${at(4)}::float8 is null or p.created_at < to_timestamp(${at(4)}::float8 / 1000))`
}

const EXACT = {
  name: 'search_payouts_exact',
  text: `select ${SHOWN_COLUMNS} from (
      select p.* from unnest($1::text[]) m (id) join payout p on p.merchant_id = m.id and p.payout_number = $2::bigint
        where $3::integer is null or p.tag = $3
      union
      select p.* from unnest($1::text[]) m (id) join payout p on p.merchant_id = m.id and p.reference = $4
      union
      select p.* from unnest($1::text[]) m (id) cross join provider_account o
        join attempt a on a.merchant_id = m.id and a.provider_account_id = o.provider_account_id and a.reference = $4
        join payout p on p.merchant_id = a.merchant_id and p.payout_number = a.payout_number
    ) p
    where ${filtersSql(5)}
    order by p.payout_number desc limit $10`,
}

// `horizon`: below it some merchant was not looked at, so nobody is shown from there. Zero: everything was.
const LOOK = {
  name: 'search_payouts',
  text: `with floor_of as materialized (
      select m.id, coalesce((select k.payout_number from payout k
        where k.merchant_id = m.id and k.payout_number < coalesce($2::bigint, 9007199254740992)
        order by k.payout_number desc offset $3::integer - 1 limit 1), 0) as number
      from unnest($1::text[]) m (id)
    ), horizon as materialized (select coalesce(max(number), 0) as number from floor_of)
    select h.number as horizon, found.*
    from horizon h left join lateral (
      select ${SHOWN_COLUMNS}
      from floor_of f cross join lateral (
        select p.* from payout p
        where p.merchant_id = f.id and p.payout_number < coalesce($2::bigint, 9007199254740992)
          and p.payout_number >= h.number and ${filtersSql(4)}
          and ($9::text is null or p.beneficiary_fingerprint = any ($10::bytea[])
            or exists (select from attempt a where a.merchant_id = p.merchant_id
              and a.payout_number = p.payout_number and a.their_id = $9))
        order by p.payout_number desc limit $11
      ) p
      order by p.payout_number desc limit $11
    ) found on true
    order by found.payout_number desc`,
}
