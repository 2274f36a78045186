// The independent reader of a storm: our database against what was answered, what the provider booked and what arrived.
import { payoutCode } from '../../src/payout/number.ts'
import { printOrder } from '../../src/simulator/control.ts'
import { matchBooks } from '../books.ts'
import { MERCHANT } from '../house.ts'
import type { Order } from './clients.ts'
import { steady } from './heal.ts'
import type { World } from './world.ts'

/** What is judged of a world. */
export type Judged = Pick<World, 'house' | 'rail' | 'sink'>

export async function bookBreaches({ house, rail }: Judged): Promise<readonly string[]> {
  const { breaches, open } = await matchBooks(house, rail.books().map(printOrder))
  return [...breaches, ...open.map(reference => `${reference} is still open`)]
}

/** Each order has one payout, and it is the one that was named. */
export async function answerBreaches(
  { house }: Judged,
  orders: readonly Order[],
  first: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const [prefix = ''] = orders[0]?.reference.split('-') ?? []
  const { rows } = await house.pool.query<{ reference: string; number: bigint; tag: number }>(
    `select reference, payout_number as number, tag from payout where merchant_id = $1 and reference like $2 || '-%'`,
    [MERCHANT, prefix],
  )
  const stored = new Map(rows.map(({ reference, number, tag }) => [reference, payoutCode(number, tag)]))
  return [
    ...(rows.length === orders.length ? [] : [`${rows.length} payouts of ${orders.length} orders`]),
    ...orders
      .filter(({ reference }) => stored.get(reference) !== first.get(reference))
      .map(
        ({ reference }) =>
          `lost: ${reference} was answered as ${first.get(reference)} and is ${stored.get(reference)}`,
      ),
  ]
}

/** One send right, one arrival, counted at the socket; and none without an attempt on record. */
export async function arrivalBreaches({ house, sink }: Judged): Promise<readonly string[]> {
  const { whole } = sink.arrivals
  const { rows } = await house.pool.query<{ reference: string }>(
    'select unnest($1::text[]) as reference except select reference from attempt',
    [[...whole.keys()]],
  )
  return [
    ...[...whole]
      .filter(([, times]) => times > 1)
      .map(([reference, times]) => `double: ${reference} arrived ${times} times at the socket`),
    ...rows.map(({ reference }) => `${reference} arrived and is no attempt of ours`),
  ]
}

export async function ofOrders({ house, rail }: Judged, orders: readonly Order[]) {
  const { rows } = await house.pool.query<{ state: string; attempts: readonly string[] }>(
    `select p.state, array(select a.reference from attempt a
       where a.merchant_id = p.merchant_id and a.payout_number = p.payout_number) as attempts
     from payout p where p.merchant_id = $1 and p.reference = any ($2)`,
    [MERCHANT, orders.map(({ reference }) => reference)],
  )
  const known = new Set(rail.books().map(({ reference }) => reference))
  const states: Record<string, number> = {}
  for (const { state } of rows) states[state] = (states[state] ?? 0) + 1
  const neverArrived = rows.filter(
    ({ state, attempts }) => state === 'in_doubt' && !attempts.some(reference => known.has(reference)),
  )
  return { states, neverArrived: neverArrived.length }
}

export function arrivalsOf({ sink }: Judged): number {
  return [...sink.arrivals.whole.values()].reduce((sum, times) => sum + times, sink.arrivals.begun())
}

export async function openNow({ house }: Judged): Promise<string> {
  const { rows } = await steady(() =>
    house.pool.query(
      `select p.reference, p.state, p.why, a.state as attempt, a.next_look_at, q.due_at, q.why as waits, q.claim, n.state as notice,
         (select json_agg(s) from safe_mode s) as safe_modes, (select json_agg(i) from incident i) as incidents
       from payout p left join attempt a using (merchant_id, payout_number)
       left join queue q using (merchant_id, payout_number) left join notice n using (merchant_id, payout_number)
       where p.state not in ('paid', 'failed') or n.state <> 'acknowledged' limit 5`,
    ),
  )
  return JSON.stringify(rows, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))
}
