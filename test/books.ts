// Our books against the provider's: what a system test ends with.
import { auditBooks } from '../src/ledger/audit.ts'
import type { PrintedOrder } from '../src/simulator/control.ts'
import { type House, MERCHANT, OPENING_MINOR } from './house.ts'

export interface Matched {
  /** A sentence for each thing that does not fit; empty where all does. */
  readonly breaches: readonly string[]
  readonly states: Readonly<Record<string, number>>
  /** References of payouts in doubt that the rail was asked about and does not know: they never arrived there. */
  readonly neverArrived: readonly string[]
  /** References of payouts that have not ended and are not among those. */
  readonly open: readonly string[]
}

interface Row {
  readonly reference: string
  readonly state: string
  readonly minor: bigint
  /** Our references at the provider, one for each attempt. */
  readonly attempts: readonly string[]
  /** Questions to the provider that were answered with "not found". */
  readonly not_found: number
}

/**
 * Holds our database against the books of a rail that was there all the time:
 *   our own books are clean; every order of the rail is an attempt of ours, with the same amount;
 *   no order arrived or was paid more than once; what we call paid it paid once, and nothing else;
 *   what was available at the start is available still, or paid, or held for a payout that is neither.
 */
export async function matchBooks(house: House, orders: readonly PrintedOrder[]): Promise<Matched> {
  const rows = await readRows(house)
  const theirs = new Map(orders.map(order => [order.reference, order]))
  const known = new Set(rows.flatMap(({ attempts }) => attempts))
  const isThere = ({ attempts }: Row): boolean => attempts.some(reference => theirs.has(reference))
  const notEnded = rows.filter(({ state }) => !ENDED.has(state))
  const neverArrived = notEnded.filter(row => row.state === 'in_doubt' && row.not_found > 0 && !isThere(row))
  return {
    breaches: [
      ...auditBooks(await house.store.readBooks(MERCHANT)),
      ...orders
        .filter(({ reference }) => !known.has(reference))
        .map(({ reference }) => `phantom ${reference}`),
      ...orders.flatMap(orderBreaches),
      ...rows.flatMap(row => payoutBreaches(row, theirs)),
      ...(await moneyBreaches(house, rows)),
    ],
    states: countStates(rows),
    neverArrived: neverArrived.map(({ reference }) => reference),
    open: notEnded.filter(row => !neverArrived.includes(row)).map(({ reference }) => reference),
  }
}

async function readRows({ pool }: House): Promise<readonly Row[]> {
  const { rows } = await pool.query<Row>(
    `select p.reference, p.state, p.minor,
       array(select a.reference from attempt a
         where a.merchant_id = p.merchant_id and a.payout_number = p.payout_number) as attempts,
       (select count(*)::int from exchange x where x.merchant_id = p.merchant_id
         and x.payout_number = p.payout_number and x.kind = 'inquiry' and x.answer like '%order not found%') as not_found
     from payout p where p.merchant_id = $1 order by p.payout_number`,
    [MERCHANT],
  )
  return rows
}

function orderBreaches({ reference, timesArrived, timesPaid }: PrintedOrder): readonly string[] {
  return timesArrived <= 1 && timesPaid <= 1
    ? []
    : [`${reference} arrived ${timesArrived} times and was paid ${timesPaid} times`]
}

function payoutBreaches(row: Row, theirs: ReadonlyMap<string, PrintedOrder>): readonly string[] {
  const orders = row.attempts.flatMap(reference => theirs.get(reference) ?? [])
  const paid = orders.reduce((times, { timesPaid }) => times + timesPaid, 0)
  const expected = row.state === 'paid' || row.state === 'returned' ? 1 : 0
  // What has not ended here may have been paid there by now, and more than once it never may.
  const isRight = ENDED.has(row.state) ? paid === expected : paid <= 1
  const breaches = isRight ? [] : [`${row.reference} is ${row.state} and was paid ${paid} times`]
  for (const { amount } of orders)
    if (minorOf(amount) !== row.minor)
      breaches.push(`${row.reference} is ${row.minor} here and ${amount} there`)
  return breaches
}

async function moneyBreaches(house: House, rows: readonly Row[]): Promise<readonly string[]> {
  const balances = await house.store.merchantBalances(MERCHANT)
  const available = balances.find(({ account }) => account === 'available')?.balance.minor ?? 0n
  const sum = (some: readonly Row[]): bigint => some.reduce((total, { minor }) => total + minor, 0n)
  const paid = sum(rows.filter(({ state }) => state === 'paid'))
  const open = sum(rows.filter(({ state }) => !ENDED.has(state)))
  return available + paid + open === OPENING_MINOR
    ? []
    : [`${available} available, ${paid} paid and ${open} not ended are not ${OPENING_MINOR}`]
}

const ENDED: ReadonlySet<string> = new Set(['paid', 'failed', 'cancelled', 'returned'])

function countStates(rows: readonly Row[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

/** Two decimals, as BDT has. */
function minorOf(amount: string): bigint {
  return BigInt(amount.replace('.', ''))
}

/** How many attempts of a payout are proven dead because nothing of them was sent: each allowed the one after it. */
export async function unsentAttempts({ pool }: House, reference: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from proof f join payout p on p.merchant_id = f.merchant_id
       and p.payout_number = f.payout_number
     where p.merchant_id = $1 and p.reference = $2 and f.kind = 'not_sent'`,
    [MERCHANT, reference],
  )
  return rows[0]?.count ?? 0
}

/** How many payouts are in each state now. */
export async function statesNow(house: House): Promise<Record<string, number>> {
  const { rows } = await house.pool.query<{ state: string; count: string }>(
    'select state, count(*)::text as count from payout where merchant_id = $1 group by state',
    [MERCHANT],
  )
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number.parseInt(count, 10)]))
}

export function allEnded(states: Readonly<Record<string, number>>, count: number): boolean {
  return [...ENDED].reduce((sum, state) => sum + (states[state] ?? 0), 0) === count
}
