// What tests of the auditor begin with: real payouts in every state a book may hold, and ways to break them by hand.
import pg from 'pg'
import { openSession, type Session } from '../src/auditor/session.ts'
import type { Pool } from '../src/store/postgres.ts'
import {
  booked,
  changed,
  MERCHANT,
  newPayout,
  openTestStore,
  payoutStep,
  send,
  type TestStore,
} from './store-kit.ts'

/** Payouts by what became of them; each is one of 10.00 BDT. */
export const BOOK = {
  waiting: 1n,
  queued: 2n,
  cancelled: 3n,
  sending: 4n,
  pending: 5n,
  inDoubt: 6n,
  paid: 7n,
  failed: 8n,
  returned: 9n,
  /** Its first attempt died, the second one paid. */
  second: 10n,
  /** Paid after it was proven dead: its money is to be recalled. */
  recalled: 11n,
} as const

export interface AuditedStore extends TestStore {
  readonly session: Session
  trips(): Promise<readonly string[]>
  findings(): Promise<readonly string[]>
}

export async function openAuditedStore(): Promise<AuditedStore> {
  const db = await openTestStore(1_000_000n)
  const session = await openSession({ url: db.url, own: false })
  return {
    ...db,
    session,
    trips: () => tripsOf(db.pool),
    async findings() {
      const { rows } = await db.pool.query<{ line: string }>(
        `select invariant || ' ' || subject || ': ' || detail as line from finding order by finding_no`,
      )
      return rows.map(({ line }) => line)
    },
    async close() {
      await session.close()
      await db.close()
    },
  }
}

/** Scopes that were tripped, in order, each with its finding's invariant. */
export async function tripsOf(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ line: string }>(
    `select trim(k.scope || ' ' || k.scope_id) || ' ' || f.invariant as line
     from kill_switch_event k join finding f on f.finding_no = k.finding::bigint
     where k.act = 'trip' and k.acted_by = 'auditor' order by k.event_no`,
  )
  return rows.map(({ line }) => line)
}

/** Writes the whole book. Called with another offset it writes another one. */
export async function writeBook({ store }: TestStore, offset = 0n): Promise<void> {
  const numbers = Object.values(BOOK).map(number => number + offset)
  await store.acceptPayouts(
    numbers.map(number =>
      newPayout(number, number === BOOK.waiting + offset ? { to: 'waiting', waitReason: 'review' } : {}),
    ),
  )
  const at = (number: bigint) => number + offset
  const find = async (number: bigint) => {
    const payout = await store.findPayout(MERCHANT, { by: 'number', number: at(number) })
    if (payout === null) throw new Error(`there is no payout ${number}`)
    return payout
  }
  const step = async (number: bigint, change: Parameters<typeof payoutStep>[1]) => {
    const [verdict] = await store.advancePayouts([payoutStep(await find(number), change)])
    if (verdict?.kind !== 'done') throw new Error(`the step of ${number} was stale`)
  }
  const attempt = (state: 'pending' | 'paid' | 'returned' | 'in_doubt', no = 1) =>
    changed(no, { state, doubt: state === 'in_doubt' ? 'lost' : null })
  const dead = changed(1, { state: 'dead', proof: { kind: 'refused', premises: {} } })

  await step(BOOK.cancelled, { to: 'cancelled', queue: { kind: 'drop' }, ...booked('release') })
  for (const number of [
    ...[BOOK.sending, BOOK.pending, BOOK.inDoubt, BOOK.paid, BOOK.failed, BOOK.returned],
    ...[BOOK.second, BOOK.recalled],
  ])
    await send(store, at(number))
  await step(BOOK.pending, { to: 'pending', attempt: attempt('pending') })
  await step(BOOK.inDoubt, { to: 'in_doubt', attempt: attempt('in_doubt') })
  for (const number of [BOOK.paid, BOOK.returned])
    await step(number, { to: 'paid', attempt: attempt('paid'), ...booked('settle') })
  await step(BOOK.returned, { to: 'returned', attempt: attempt('returned'), ...booked('return') })
  for (const number of [BOOK.failed, BOOK.recalled])
    await step(number, { to: 'failed', attempt: dead, ...booked('fail') })
  await step(BOOK.recalled, booked('recall'))
  await step(BOOK.second, {
    to: 'queued',
    attempt: dead,
    queue: { kind: 'put', dueInMs: 0, why: null, counted: true },
    ...booked('requeue'),
  })
  await send(store, at(BOOK.second))
  await step(BOOK.second, { to: 'paid', attempt: attempt('paid', 2), ...booked('settle') })
}

/** Runs SQL as a superuser with every trigger and foreign key asleep. Constraints are dropped where they would refuse. */
export async function byHand(url: string, sql: string): Promise<void> {
  const superuser = new URL(url)
  // The embedded server's superuser has the password of its ordinary user; any other test server is given a superuser.
  if (superuser.username === 'quittance') superuser.username = 'postgres'
  const client = new pg.Client({ connectionString: superuser.href })
  await client.connect()
  try {
    await client.query('begin; set local session_replication_role = replica')
    await client.query(sql)
    await client.query('commit')
  } finally {
    await client.end()
  }
}
