// The statement of one account: what was booked, payout by payout, the newest first, and what the account held behind each
// line. Postings lie in the order of payouts; an index in the order of time would cost something at every step of every
// payout. Each statement looks at a bounded number of them and says where it stopped.
import type { Account } from '../ledger/accounts.ts'
import type { Recipe } from '../ledger/recipes.ts'
import type { CurrencyCode } from '../money/currency.ts'
import type { FoundPage, StatementCursor, StatementLine } from './console-store.ts'
import { ms } from './rows.ts'
import type { Whole } from './whole.ts'

const LOOKED_AT_MAX = 20_000

export interface StatementAsked {
  readonly merchantId: string
  readonly account: Account
  readonly currency: CurrencyCode
  readonly before: StatementCursor | null
  readonly limit: number
}

export async function readStatement(
  whole: Whole,
  { merchantId, account, currency, before, limit }: StatementAsked,
): Promise<FoundPage<StatementLine, StatementCursor>> {
  const rows = await whole.rows<Partial<LineRow> & { horizon: bigint; held: bigint | null }>(STATEMENT, [
    ...[merchantId, account, currency],
    ...[before?.number ?? null, before?.sequence ?? 0, before?.recipe ?? '', before?.leg ?? 0],
    ...[LOOKED_AT_MAX, limit + 1],
  ])
  const lines = rows.flatMap(row => (isLine(row) ? [row] : []))
  let minor = before?.minor ?? rows[0]?.held ?? 0n
  const items: StatementLine[] = []
  let last: StatementCursor | null = null
  for (const row of lines.slice(0, limit)) {
    const change = row.credit === account ? row.minor : -row.minor
    items.push({
      payout: row.tag === null ? null : { number: row.number, tag: row.tag },
      sequence: row.sequence,
      recipe: row.recipe,
      contra: row.credit === account ? row.debit : row.credit,
      amount: { minor: change, currency },
      balance: { minor, currency },
      atMs: row.at_ms,
    })
    minor -= change
    last = { number: row.number, sequence: row.sequence, recipe: row.recipe, leg: row.leg, minor }
  }
  if (lines.length > limit) return { items, next: last }
  const horizon = rows[0]?.horizon ?? 0n
  // Before every line of that number: they have been looked at.
  return { items, next: horizon > 0n ? { number: horizon, sequence: 0, recipe: '', leg: 0, minor } : null }
}

interface LineRow {
  number: bigint
  sequence: number
  recipe: Recipe
  leg: number
  debit: Account
  credit: Account
  minor: bigint
  at_ms: number
  tag: number | null
}

function isLine(row: Partial<LineRow>): row is LineRow {
  return row.number !== undefined && row.number !== null
}

const STATEMENT = {
  name: 'read_statement',
  text: `with horizon as materialized (
      select coalesce((select k.number from posting k
        where k.merchant_id = $1 and ($4::bigint is null
          or (k.number, k.sequence, k.recipe, k.leg) < ($4, $5::integer, $6::text, $7::smallint))
        order by k.number desc, k.sequence desc, k.recipe desc, k.leg desc offset $8::integer - 1 limit 1), 0) as number
    )
    select h.number as horizon,
      (select b.minor from balance b where b.merchant_id = $1 and b.account = $2 and b.currency = $3) as held, line.*
    from horizon h left join lateral (
      select t.number, t.sequence, t.recipe, t.leg, t.debit, t.credit, t.minor, ${ms('t.at')} as at_ms,
        (select p.tag from payout p where p.merchant_id = t.merchant_id and p.payout_number = t.number) as tag
      from posting t
      where t.merchant_id = $1 and t.number >= h.number and ($4::bigint is null
          or (t.number, t.sequence, t.recipe, t.leg) < ($4, $5::integer, $6::text, $7::smallint))
        and t.currency = $3 and $2 in (t.debit, t.credit)
      order by t.number desc, t.sequence desc, t.recipe desc, t.leg desc limit $9
    ) line on true
    order by line.number desc, line.sequence desc, line.recipe desc, line.leg desc`,
}
