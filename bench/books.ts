// What the database holds of the bench's merchants. A fast wrong answer does not count.
import type { Pool } from '../src/store/postgres.ts'
import type { LoadResult } from './load-plan.ts'
import { BENCH_MINOR } from './merchant.ts'

export interface Books {
  readonly payouts: bigint
  /** Minor units. */
  readonly held: bigint
  readonly inFlight: bigint
  readonly queued: bigint
}

export async function readBooks(pool: Pool): Promise<Books> {
  const { rows } = await pool.query<Books>(
    `select (select count(*) from payout) as payouts, (select count(*) from queue) as queued,
      (select coalesce(sum(minor), 0)::int8 from balance where account = 'held') as held,
      (select coalesce(sum(minor), 0)::int8 from balance where account = 'in_flight') as "inFlight"`,
  )
  const [row] = rows
  if (row === undefined) throw new Error('the books answer')
  return row
}

/** @throws where what was answered as accepted, what is stored and what is held are not the same */
export function checkIntake(
  result: LoadResult,
  before: Books,
  after: Books,
  accepted = acceptedOf(result),
): void {
  const payouts = after.payouts - before.payouts
  const held = after.held - before.held
  const unanswered = BigInt(result.statuses.broken ?? 0)
  if (payouts < accepted || payouts > accepted + unanswered)
    throw new Error(`${accepted} accepted, ${payouts} stored`)
  if (held !== payouts * BENCH_MINOR) throw new Error(`${payouts} payouts hold ${held} minor units`)
}

export function acceptedOf({ statuses }: LoadResult): bigint {
  return BigInt((statuses['201'] ?? 0) + (statuses['200'] ?? 0))
}

/** @throws where not every answer was one of these */
export function checkAnswers({ statuses }: LoadResult, allowed: readonly string[]): void {
  const others = Object.keys(statuses).filter(status => !allowed.includes(status))
  if (others.length > 0) throw new Error(`not all were served: ${JSON.stringify(statuses)}`)
}
