// A plan that was cached while the tables were empty must be the plan for full ones. Nothing here looks at a plan; it
// counts what the indexes had to read for each look-up, which is what a wrong plan costs.
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  booked,
  changed,
  MERCHANT,
  newPayout,
  opened,
  openTestStore,
  payoutStep,
  type TestStore,
} from '../../test/store-kit.ts'

const PAYOUTS = 3_000
const BATCH = 50

test('from empty tables on, no hot statement reads more than the rows it is about', async () => {
  const db = await openTestStore(10_000_000n, 1)
  // One connection, so that every statement runs on the plan of its first calls; and nobody analyses in between.
  for (const table of [
    'payout',
    'payout_event',
    'queue',
    'attempt',
    'exchange',
    'callback',
    'posting',
    'notice',
  ])
    await db.pool.query(`alter table ${table} set (autovacuum_enabled = false)`)
  for (let single = 1; single <= 12; single += 1) await wholeLife(db, [BigInt(single)])
  const before = await reads(db)
  for (let first = 1_000; first < 1_000 + PAYOUTS; first += BATCH)
    await wholeLife(
      db,
      Array.from({ length: BATCH }, (_, place) => BigInt(first + place)),
    )
  const after = await reads(db)

  for (const [name, now] of after) {
    const begun = before.get(name) ?? { scans: 0, read: 0 }
    const scans = now.scans - begun.scans
    const read = now.read - begun.read
    // A claim reads its whole batch in one scan; dead versions of moved rows are read until they are vacuumed.
    expect({ name, read, fits: read <= scans * 12 + PAYOUTS * 6 }).toMatchObject({ fits: true })
  }
  await db.close()
}, 60_000)

test('every hot function plans its statements once, with its rows found by key', async () => {
  const db = await openTestStore(1n, 1)
  const { rows } = await db.pool.query<{ name: string }>(
    `select p.proname as name from pg_proc p
      where p.proname = any ($1) and not coalesce(p.proconfig @> '{plan_cache_mode=force_generic_plan}', false)`,
    [HOT],
  )
  // A function that is replaced loses its settings: the migration that replaces it says them again.
  expect(rows).toEqual([])
  await db.close()
})

const HOT = [
  ...[
    'accept_payouts',
    'advance_payouts',
    'claim_due',
    'claim_attempts',
    'record_callbacks',
    'claim_notices',
  ],
  ...['record_notices', 'payout_event_follows', 'posting_moves_balances'],
]

async function wholeLife({ store }: TestStore, numbers: readonly bigint[]): Promise<void> {
  await store.acceptPayouts(numbers.map(number => newPayout(number, { idempotencyKey: `key-${number}` })))
  const due = await store.claimDue({ limit: numbers.length, leaseMs: 60_000 })
  await store.advancePayouts(
    due.map(({ payout, claim }) =>
      payoutStep(payout, {
        to: 'sending',
        claim,
        queue: { kind: 'drop' },
        attempt: opened(1, payout.number),
        ...booked('dispatch'),
      }),
    ),
  )
  await store.advancePayouts(
    due.map(({ payout }) =>
      payoutStep(
        { number: payout.number, version: 2 },
        {
          to: 'pending',
          attempt: changed(1, { state: 'pending', theirId: 'T', nextLookInMs: 3_600_000 }),
          exchange: EXCHANGE,
        },
      ),
    ),
  )
  await store.recordCallbacks(
    due.map(({ payout }) => ({
      merchantId: MERCHANT,
      number: payout.number,
      attemptNo: 1,
      hash: new Uint8Array(32).fill(4),
      raw: '{}',
      verified: true,
      said: 'paid',
    })),
  )
  await store.claimAttempts({ limit: numbers.length, leaseMs: 60_000 })
  await store.advancePayouts(
    due.map(({ payout }) =>
      payoutStep(
        { number: payout.number, version: 3 },
        {
          to: 'paid',
          attempt: changed(1, { state: 'paid' }),
          exchange: EXCHANGE,
          notices: [{ target: 'door', url: 'http://127.0.0.1:9/', dueInMs: 0 }],
          ...booked('settle'),
        },
      ),
    ),
  )
  await store.claimNotices({ limit: numbers.length, leaseMs: 60_000 })
  await store.recordNotices(
    due.map(({ payout }) => ({
      merchantId: MERCHANT,
      number: payout.number,
      sequence: 4,
      target: 'door',
      status: 200,
      said: 'OK',
      next: { kind: 'acknowledged' },
    })),
  )
}

const EXCHANGE = {
  attemptNo: 1,
  kind: 'send',
  startedAtMs: 1,
  durationMs: 1,
  status: 200,
  row: 'S16',
  verdict: 'accepted pending',
  request: null,
  answer: null,
} as const

/** Scans and entries read of each index of the hot tables, and of their sequential scans. */
async function reads(db: TestStore): Promise<Map<string, { scans: number; read: number }>> {
  // Counters are reported at the end of a transaction, at most once a second.
  await wait(1_200)
  await db.pool.query('select 1')
  await wait(200)
  const { rows } = await db.pool.query<{ name: string; scans: bigint; read: bigint }>(
    `select indexrelname as name, idx_scan as scans, idx_tup_read as read from pg_stat_user_indexes
      union all
      select relname || ' read whole', 0, seq_tup_read from pg_stat_user_tables
        where relname in ('payout', 'payout_event', 'attempt', 'exchange', 'callback', 'posting', 'notice')`,
  )
  return new Map(rows.map(row => [row.name, { scans: Number(row.scans), read: Number(row.read) }]))
}
