// The ledger as it is read: balances, the whole books for an audit, and the money that comes in.
import type { Account } from '../ledger/accounts.ts'
import { type Recipe, recipePostings } from '../ledger/recipes.ts'
import { assert } from '../lib/assert.ts'
import type { PayoutState } from '../payout/payout.ts'
import type { Pool } from './postgres.ts'
import { transaction } from './postgres.ts'
import { ms, storedCurrency } from './rows.ts'
import type { AccountBalance, BacklogLine, Books, Funding } from './store.ts'
import { asUnavailable, type Whole } from './whole.ts'

export async function merchantBalances(whole: Whole, merchantId: string): Promise<readonly AccountBalance[]> {
  const rows = await whole.rows<{ account: string; currency: string; minor: bigint }>(BALANCES, [merchantId])
  return rows.map(row => ({
    merchantId,
    account: row.account,
    balance: { minor: row.minor, currency: storedCurrency(row.currency) },
  }))
}

/** Books money that arrived, once for each reference of the merchant. */
export async function fundMerchant(pool: Pool, funding: Funding): Promise<'funded' | 'known'> {
  const [posting] = recipePostings('fund', funding.amount, funding.providerAccountId)
  assert(posting !== undefined, 'a funding has one posting')
  try {
    return await transaction(pool, async client => {
      const {
        rows: [taken],
      } = await client.query<{ number: bigint }>(
        `insert into funding (merchant_id, reference, number, provider_account_id, currency, minor, note)
          values ($1, $2, nextval('payout_number_block'), $3, $4, $5, $6) on conflict do nothing returning number`,
        [
          funding.merchantId,
          funding.reference,
          funding.providerAccountId,
          funding.amount.currency,
          funding.amount.minor,
          funding.note,
        ],
      )
      if (taken === undefined) return 'known'
      await client.query(
        'insert into account_opening (merchant_id, currency) values ($1, $2) on conflict do nothing',
        [funding.merchantId, funding.amount.currency],
      )
      await client.query(
        `insert into posting (merchant_id, number, sequence, leg, recipe, debit, credit, currency, minor)
          values ($1, $2, 1, 1, 'fund', $3, $4, $5, $6)`,
        [
          funding.merchantId,
          taken.number,
          posting.debit,
          posting.credit,
          funding.amount.currency,
          funding.amount.minor,
        ],
      )
      return 'funded'
    })
  } catch (error) {
    throw asUnavailable(error)
  }
}

/** All lines that an audit judges. One statement, one snapshot. */
export async function readBooks(whole: Whole, merchantId: string): Promise<Books> {
  const [row] = await whole.rows<{
    balances: { account: Account; currency: string; minor: string }[]
    payouts: { number: string; state: PayoutState; currency: string; minor: string }[]
    postings: {
      number: string
      recipe: Recipe
      debit: Account
      credit: Account
      currency: string
      minor: string
    }[]
  }>(BOOKS, [merchantId])
  assert(row !== undefined, 'the books answer')
  const amount = (line: { currency: string; minor: string }) => ({
    minor: BigInt(line.minor),
    currency: storedCurrency(line.currency),
  })
  return {
    balances: row.balances.map(line => ({ merchantId, account: line.account, balance: amount(line) })),
    payouts: row.payouts.map(line => ({
      merchantId,
      number: BigInt(line.number),
      state: line.state,
      amount: amount(line),
    })),
    postings: row.postings.map(line => ({
      merchantId,
      number: BigInt(line.number),
      recipe: line.recipe,
      debit: line.debit,
      credit: line.credit,
      amount: amount(line),
    })),
  }
}

/** Work that is not done, by state and currency: what is queued, and every attempt without an end. */
export async function backlog(whole: Whole): Promise<readonly BacklogLine[]> {
  const rows = await whole.rows<{
    state: PayoutState
    currency: string
    count: bigint
    minor: bigint
    oldest_ms: number | null
  }>(BACKLOG, [])
  return rows.map(row => ({
    state: row.state,
    currency: storedCurrency(row.currency),
    count: Number(row.count),
    minor: row.minor,
    oldestMs: row.oldest_ms,
  }))
}

const BALANCES = {
  name: 'merchant_balances',
  text: 'select account, currency, minor from balance where merchant_id = $1 order by currency, account',
}

// Amounts as text: JSON numbers would pass through doubles.
const BOOKS = {
  name: 'read_books',
  text: `select
    (select coalesce(json_agg(json_build_object('account', account, 'currency', currency, 'minor', minor::text)), '[]')
      from balance where merchant_id = $1) as balances,
    (select coalesce(json_agg(json_build_object('number', payout_number::text, 'state', state, 'currency', currency,
      'minor', minor::text)), '[]') from payout where merchant_id = $1) as payouts,
    (select coalesce(json_agg(json_build_object('number', number::text, 'recipe', recipe, 'debit', debit,
      'credit', credit, 'currency', currency, 'minor', minor::text)), '[]') from posting where merchant_id = $1) as postings`,
}

const BACKLOG = {
  name: 'backlog',
  text: `select p.state, p.currency, count(*) as count, sum(p.minor)::bigint as minor, ${ms('min(p.state_since)')} as oldest_ms
    from (
      select merchant_id, payout_number from queue
      union
      select merchant_id, payout_number from attempt where state in ('sending', 'in_doubt', 'pending')
    ) open
    join payout p on p.merchant_id = open.merchant_id and p.payout_number = open.payout_number
    group by p.state, p.currency order by p.state, p.currency`,
}
