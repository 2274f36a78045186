// The rules that the database keeps by itself (SAFETY.md section 4): each is broken by hand, and refused.
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  booked,
  changed,
  MERCHANT,
  newPayout,
  opened,
  openTestStore,
  payoutStep,
  send,
  type TestStore,
} from '../../test/store-kit.ts'
import { PAYOUT_EVENT_KINDS, type PayoutEvent, transition } from '../payout/lifecycle.ts'
import { PAYOUT_STATES } from '../payout/payout.ts'

let db: TestStore
beforeAll(async () => {
  db = await openTestStore()
  await db.store.acceptPayouts([newPayout(1n), newPayout(2n), newPayout(3n)])
  await send(db.store, 1n)
})
afterAll(() => db.close())

const ATTEMPT = `insert into attempt (state, merchant_id, payout_number, attempt_no, provider_account_id, reference,
  request_hash, contract_id, incarnation)`

test.each([
  [
    'one_live_attempt',
    `${ATTEMPT} values ('sending', '${MERCHANT}', 1, 2, 'other', 'x', '\\x${'00'.repeat(32)}', 'c', 1)`,
  ],
  [
    'attempt_reference',
    `${ATTEMPT} values ('sending', '${MERCHANT}', 2, 1, 'pa_test', 'our-1-1', '\\x${'00'.repeat(32)}', 'c', 1)`,
  ],
  ['attempt_is_dead_by_proof', `update attempt set state = 'dead' where payout_number = 1`],
  ['attempt_is_dead_by_proof', `update attempt set proof_kind = 'refused' where payout_number = 1`],
  ['attempt_says_its_doubt', `update attempt set state = 'in_doubt' where payout_number = 1`],
  ['refuse_change', `update attempt set reference = 'changed' where payout_number = 1`],
  ['refuse_change', 'delete from attempt'],
  [
    'balance_not_negative',
    `insert into posting (merchant_id, number, sequence, leg, recipe, debit, credit, currency, minor)
    values ('${MERCHANT}', 2, 9, 1, 'hold', 'available', 'held', 'BDT', 999999999)`,
  ],
  [
    'posting_has_two_sides',
    `insert into posting (merchant_id, number, sequence, leg, recipe, debit, credit, currency, minor)
    values ('${MERCHANT}', 2, 9, 1, 'hold', 'held', 'held', 'BDT', 1)`,
  ],
  [
    'posting_minor_check',
    `insert into posting (merchant_id, number, sequence, leg, recipe, debit, credit, currency, minor)
    values ('${MERCHANT}', 2, 9, 1, 'hold', 'available', 'held', 'BDT', -1)`,
  ],
  ['refuse_change', 'update posting set minor = 1'],
  ['refuse_change', 'delete from posting'],
  ['refuse_change', 'truncate posting'],
  ['balance_by_posting_only', `update balance set minor = minor + 1 where account = 'available'`],
  ['balance_by_posting_only', `insert into balance values ('${MERCHANT}', 'fees', 'BDT', 5)`],
  ['balance_by_posting_only', 'delete from balance'],
  [
    'payout_legal_step',
    `update payout set state = 'paid', paid_at = now(), version = 2 where payout_number = 2`,
  ],
  ['payout_version', `update payout set state = 'cancelled', version = 7 where payout_number = 2`],
  [
    'payout_begins',
    `insert into payout (state, version, state_since, merchant_id, payout_number, tag, reference, fingerprint,
    currency, minor, method, beneficiary, beneficiary_fingerprint, door, door_credential_id, first_answer, created_at, paid_at)
    select 'paid', 1, now(), merchant_id, 99, tag, 'r99', fingerprint, currency, minor, method, beneficiary,
    beneficiary_fingerprint, door, door_credential_id, first_answer, now(), now() from payout where payout_number = 2`,
  ],
  [
    'payout_reference',
    `insert into payout (state, version, state_since, merchant_id, payout_number, tag, reference, fingerprint,
    currency, minor, method, beneficiary, beneficiary_fingerprint, door, door_credential_id, first_answer, created_at)
    select 'queued', 1, now(), merchant_id, 99, tag, reference, fingerprint, currency, minor, method, beneficiary,
    beneficiary_fingerprint, door, door_credential_id, first_answer, now() from payout where payout_number = 2`,
  ],
  ['refuse_change', `update payout set minor = 1 where payout_number = 2`],
  ['refuse_change', `update payout set first_answer = 'other' where payout_number = 2`],
  ['refuse_change', 'delete from payout'],
  ['refuse_change', 'delete from payout_event'],
  ['refuse_change', 'update exchange set answer = null'],
  [
    'proof_kind_check',
    `insert into proof (merchant_id, payout_number, attempt_no, kind, premises)
    values ('${MERCHANT}', 1, 1, 'timeout', '{}')`,
  ],
])('the database refuses: %s', async (constraint, sql) => {
  await expect(db.pool.query(sql)).rejects.toMatchObject({ constraint })
})

test('a proven death opens the next attempt, and nothing leaves dead', async () => {
  await send(db.store, 2n)
  const dead = changed(1, { state: 'dead', proof: { kind: 'refused', premises: { row: 'S17' } } })
  const [verdict] = await db.store.advancePayouts([
    payoutStep(
      { number: 2n, version: 2 },
      {
        to: 'queued',
        attempt: dead,
        queue: { kind: 'put', dueInMs: 0, counted: true, why: null },
        ...booked('requeue'),
      },
    ),
  ])
  expect(verdict).toEqual({ kind: 'done', version: 3 })
  await send(db.store, 2n)
  await expect(
    db.pool.query(
      `update attempt set state = 'pending', proof_kind = null where payout_number = 2 and attempt_no = 1`,
    ),
  ).rejects.toMatchObject({ constraint: 'attempt_legal_step' })
  const attempts = await db.store.payoutAttempts(MERCHANT, 2n)
  expect(attempts.map(({ state, proof }) => [state, proof])).toEqual([
    ['dead', 'refused'],
    ['sending', null],
  ])
})

test('a second attempt beside a living one fails the whole batch and writes nothing', async () => {
  await send(db.store, 3n)
  const version = 2
  await expect(
    db.store.advancePayouts([payoutStep({ number: 3n, version }, { attempt: opened(2, 3n) })]),
  ).rejects.toMatchObject({ constraint: 'one_live_attempt' })
  expect(await db.store.payoutAttempts(MERCHANT, 3n)).toHaveLength(1)
})

test('the steps that the database allows are those of the lifecycle, no more and no fewer', async () => {
  const { rows } = await db.pool.query<{ o: string; n: string }>(
    `select o, n from unnest($1::text[]) o cross join unnest($1::text[]) n where payout_legal_step(o, n)`,
    [PAYOUT_STATES],
  )
  const inDatabase = rows.map(({ o, n }) => `${o} ${n}`).sort()
  const inLifecycle = new Set<string>()
  for (const state of PAYOUT_STATES)
    for (const event of everyEvent()) {
      const result = transition(state, event)
      if (result.ok && state !== 'accepted') inLifecycle.add(`${state} ${result.to}`)
    }
  expect(inDatabase).toEqual([...inLifecycle].sort())
})

function everyEvent(): PayoutEvent[] {
  return PAYOUT_EVENT_KINDS.flatMap((kind): PayoutEvent[] => {
    switch (kind) {
      case 'wait':
        return [{ kind, reason: 'review' }]
      case 'doubt':
        return [{ kind, why: 'lost' }]
      case 'dead':
        return (['queued', 'review', 'failed'] as const).map(next => ({ kind, proof: 'refused', next }))
      default:
        return [{ kind }]
    }
  })
}
