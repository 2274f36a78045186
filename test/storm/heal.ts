// After the storm: what waits for a lease is hurried, and what is read is read again where a restart was in the way.
import { setTimeout as sleep } from 'node:timers/promises'
import { Unavailable } from '../../src/errors.ts'
import { type House, MERCHANT } from '../house.ts'
import type { Order } from './clients.ts'
import type { World } from './world.ts'

/** Longer than every lease and every time after which a send counts as lost. */
const SHIFT = '10 minutes'
/** Rounds after which what hangs on a lease is moved back: by then whoever lives has done what it could. */
const SHIFT_AT = 6
const SHIFT_EVERY = 30
const TRIES_MAX = 300

/**
 * Lets questions come due at once, and once nothing has moved for a while does what a wait of ten minutes would: every time
 * that somebody left behind lies that much further back. To whoever still lives it is a pause beyond its lease.
 */
export async function heal({ house, owner }: World, rounds: number): Promise<void> {
  await hurry(house)
  if (rounds < SHIFT_AT || (rounds - SHIFT_AT) % SHIFT_EVERY !== 0) return
  const client = await owner.connect()
  try {
    // The schema refuses such an edit; the harness owns this copy of it.
    await client.query(`begin; set local session_replication_role = replica`)
    await client.query(
      `update attempt set created_at = created_at - $1::interval, next_look_at = next_look_at - $1::interval
       where state = 'sending'`,
      [SHIFT],
    )
    await client.query(`update queue set due_at = due_at - $1::interval`, [SHIFT])
    await client.query('commit')
  } finally {
    client.release(true)
  }
}

/** Questions and notices come due at once. What is in sending is left alone. */
export async function hurry({ pool }: House): Promise<void> {
  await pool.query(
    `update attempt set next_look_at = now() where next_look_at > now() and state in ('in_doubt', 'pending')`,
  )
  await pool.query(`update notice set due_at = now() where due_at > now() + interval '1 second'`)
}

/** Every payout of these orders has ended, or is in doubt and was asked about in vain; and every notice is acknowledged. */
export async function isSettled(
  { house, rail }: Pick<World, 'house' | 'rail'>,
  orders: readonly Order[],
): Promise<boolean> {
  const { rows } = await house.pool.query<{ attempts: readonly string[]; asked: boolean; state: string }>(
    `select p.state, array(select a.reference from attempt a
         where a.merchant_id = p.merchant_id and a.payout_number = p.payout_number) as attempts,
       exists (select from exchange x where x.merchant_id = p.merchant_id and x.payout_number = p.payout_number
         and x.kind = 'inquiry' and x.answer like '%order not found%') as asked
     from payout p where p.merchant_id = $1 and (p.reference = any ($2) or p.reference like $3)
       and (p.state not in ('paid', 'failed') or exists (select from notice n where n.merchant_id = p.merchant_id
         and n.payout_number = p.payout_number and n.state <> 'acknowledged'))`,
    [MERCHANT, orders.map(({ reference }) => reference), `${orders[0]?.reference}%`],
  )
  if (rows.length === 0) return true
  const known = new Set(rail.books().map(({ reference }) => reference))
  return rows.every(
    ({ state, asked, attempts }) =>
      state === 'in_doubt' && asked && !attempts.some(reference => known.has(reference)),
  )
}

/** Asks again where the database was away, because others restart it, or where it chose us to end a deadlock. */
export async function steady<Value>(read: () => Promise<Value>): Promise<Value> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await read()
    } catch (error) {
      if (tries === TRIES_MAX || !isPassing(error)) throw error
      await sleep(100)
    }
  }
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof Unavailable) return true
  if (error.cause !== undefined) return isPassing(error.cause)
  const code = 'code' in error ? `${error.code}` : ''
  return /^(57P0|08|53|40|E[A-Z]+)/.test(code) || /^(Connection|timeout|Client|Query)/.test(error.message)
}
