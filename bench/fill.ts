// Payouts that have ended, made by the database itself: a million of them through the API would take as long as the bench.
// Each has what a paid payout has: four events, one attempt, three postings, an exchange, a callback and a notice. The
// postings move the balances as always, so that the books are right.
import type { Pool } from '../src/store/postgres.ts'
import { BENCH_ACCOUNT, BENCH_MERCHANT, BENCH_MINOR } from './merchant.ts'

/** In one statement: more would hold its transition tables in memory. */
const CHUNK = 50_000
const RULES = ['payout_begins', 'payout_event_of_acceptance'] as const

/** `from`: how many are there. Adds up to `to`. */
export async function fill(pool: Pool, from: number, to: number, say: (line: string) => void): Promise<void> {
  // These two say that a payout begins at its beginning; the payouts made here begin at their end.
  for (const rule of RULES) await pool.query(`alter table payout disable trigger ${rule}`)
  // Above every number that was given, and what is given next is above these.
  const { rows } = await pool.query<{ last: bigint }>('select last_value as last from payout_number_block')
  const base = (rows[0]?.last ?? 0n) + BLOCK
  for (let first = from + 1; first <= to; first += CHUNK) {
    const last = Math.min(first + CHUNK - 1, to)
    for (const statement of STATEMENTS) await pool.query(statement, [first, last, base])
    if (last % (10 * CHUNK) === 0) say(`       ${last} payouts are stored`)
  }
  for (const rule of RULES) await pool.query(`alter table payout enable trigger ${rule}`)
  await pool.query(`select setval('payout_number_block', $1)`, [base + BigInt(to) + BLOCK])
  await pool.query(
    'vacuum (analyze) payout, payout_event, attempt, posting, exchange, callback, notice, balance',
  )
}

/** Numbers are given in blocks of so many. */
const BLOCK = 1_000n
const NUMBER = '$3::bigint + n'
const SPAN = 'from generate_series($1::int, $2::int) n'
const WHOSE = `'${BENCH_MERCHANT}', ${NUMBER}`
const AT = `timestamptz '2026-01-01' + n * interval '1 millisecond'`
const REFERENCE = `md5(n::text)`

const STATEMENTS: readonly string[] = [
  `insert into payout (state, version, attempts, state_since, paid_at, merchant_id, payout_number, tag, reference,
     idempotency_key, fingerprint, currency, minor, method, beneficiary, beneficiary_fingerprint, description, door,
     door_credential_id, first_answer, created_at)
   select 'paid', 4, 1, ${AT}, ${AT}, ${WHOSE}, 5, ${REFERENCE}, 'key ' || ${REFERENCE}, sha256(n::text::bytea), 'BDT',
     ${BENCH_MINOR}, 'wallet/bkash', repeat('b', 150), sha256(n::text::bytea), 'bench', 'native', 'qk_test_bench',
     repeat('a', 400), ${AT} ${SPAN}`,
  `insert into payout_event (merchant_id, payout_number, sequence, state, attempt_no, at)
   select ${WHOSE}, v, (array['queued', 'sending', 'pending', 'paid'])[v], nullif(least(v - 1, 1), 0), ${AT}
   ${SPAN}, generate_series(1, 4) v`,
  `insert into attempt (state, merchant_id, payout_number, attempt_no, provider_account_id, reference, request_hash,
     contract_id, incarnation, next_look_at)
   select 'paid', ${WHOSE}, 1, '${BENCH_ACCOUNT}', ${REFERENCE}, sha256(n::text::bytea), 'bench', 1,
     now() + interval '30 days' + n * interval '1 millisecond' ${SPAN}`,
  `insert into posting (merchant_id, number, sequence, leg, recipe, debit, credit, currency, minor, at)
   select ${WHOSE}, v, 1, (array['hold', 'dispatch', null, 'settle'])[v], (array['available', 'held', null, 'in_flight'])[v],
     (array['held', 'in_flight', null, 'float:${BENCH_ACCOUNT}'])[v], 'BDT', ${BENCH_MINOR}, ${AT}
   ${SPAN}, unnest(array[1, 2, 4]) v`,
  `insert into exchange (merchant_id, payout_number, exchange_no, attempt_no, kind, started_at, duration_ms, status, row_name,
     verdict, request, answer)
   select ${WHOSE}, 1, 1, 'send', ${AT}, 20, 200, 'S16', 'accepted pending', repeat('r', 200), repeat('a', 200) ${SPAN}`,
  `insert into callback (merchant_id, payout_number, attempt_no, hash, raw, verified, said)
   select ${WHOSE}, 1, sha256(n::text::bytea), repeat('c', 300), true, 'paid' ${SPAN}`,
  `insert into notice (merchant_id, payout_number, sequence, target, url, state, due_at, tries, acknowledged_at)
   select ${WHOSE}, 4, 'door', 'https://merchant.example/told', 'acknowledged', null, 1, ${AT} ${SPAN}`,
]
