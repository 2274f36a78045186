// Every watched invariant is broken by hand on books that real payouts made; each must be found, by both kinds of pass.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type AuditedStore, BOOK, byHand, openAuditedStore, writeBook } from '../../test/auditor-kit.ts'
import { releaseByTwo } from '../../test/people-kit.ts'
import { booked, MERCHANT, newPayout, payoutStep, send } from '../../test/store-kit.ts'
import type { Breach } from './breach.ts'
import { changedPass, type PassResult, type Report, wholePass } from './pass.ts'
import { recordFindings } from './record.ts'

// Each test makes a database of its own, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let db: AuditedStore
let seen: Breach[]
beforeEach(async () => {
  db = await openAuditedStore()
  seen = []
})
afterEach(() => db.close())

const report: Report = async (breaches, snapshot) => {
  seen.push(...breaches)
  await recordFindings(db.session, breaches, snapshot)
}
const whole = () => wholePass(db.session, report)
const changed = ({ seen }: PassResult) => changedPass(db.session, seen, report)

const ATTEMPT = `insert into attempt (state, merchant_id, payout_number, attempt_no, provider_account_id, reference,
  request_hash, contract_id, incarnation, doubt, proof_kind)`
const HASH = `'\\x${'00'.repeat(32)}'`
const POSTING =
  'insert into posting (merchant_id, number, sequence, leg, recipe, debit, credit, currency, minor)'

const BREAKS: readonly (readonly [name: string, invariants: readonly string[], sql: string])[] = [
  [
    'a second attempt while the first is in doubt',
    ['I1'],
    `drop index one_live_attempt;
     ${ATTEMPT} values ('sending', '${MERCHANT}', 6, 2, 'pa_other', 'x', ${HASH}, 'c', 1, null, null);
     update payout set attempts = 2 where payout_number = 6`,
  ],
  [
    'a second attempt after one that paid',
    ['I1'],
    `drop index one_live_attempt;
     ${ATTEMPT} values ('paid', '${MERCHANT}', 7, 2, 'pa_other', 'x', ${HASH}, 'c', 1, null, null);
     update payout set attempts = 2 where payout_number = 7`,
  ],
  ['a dead attempt without its proof', ['I1'], 'delete from proof where payout_number = 8'],
  [
    'a dead attempt by another proof than its own',
    ['I1'],
    `update proof set kind = 'failed_final' where payout_number = 8`,
  ],
  [
    'an attempt in doubt that is called dead without a proof',
    ['I1'],
    `update attempt set state = 'dead', doubt = null, proof_kind = 'refused' where payout_number = 6`,
  ],
  ['a balance that was raised', ['I5'], `update balance set minor = minor + 1 where account = 'available'`],
  ['a float that was raised', ['I5'], `update balance set minor = minor + 1 where account = 'float:pa_test'`],
  [
    'money from nothing, with its balances',
    ['I5'],
    `${POSTING} values ('${MERCHANT}', 900, 1, 1, 'fund', 'float:pa_test', 'available', 'BDT', 700);
     update balance set minor = minor + 700 where account = 'available';
     update balance set minor = minor - 700 where account = 'float:pa_test'`,
  ],
  ['a posting that is gone', ['I5', 'I8'], `delete from posting where number = 7 and recipe = 'settle'`],
  [
    'a posting of another amount',
    ['I5', 'I8'],
    `update posting set minor = 999 where number = 8 and recipe = 'fail'`,
  ],
  [
    'a hold that was released twice',
    ['I6', 'I8'],
    `${POSTING} values ('${MERCHANT}', 3, 9, 1, 'release', 'held', 'available', 'BDT', 1000);
     update balance set minor = minor + 1000 where account = 'available';
     update balance set minor = minor - 1000 where account = 'held'`,
  ],
  [
    'a merchant account below zero',
    ['I6'],
    `alter table balance drop constraint balance_not_negative;
     ${POSTING} values ('${MERCHANT}', 2, 9, 1, 'fee', 'available', 'fees', 'BDT', 5000000);
     insert into balance values ('${MERCHANT}', 'fees', 'BDT', 5000000);
     update balance set minor = minor - 5000000 where account = 'available'`,
  ],
  [
    'money in doubt that went back to available',
    ['I6', 'I8'],
    `${POSTING} values ('${MERCHANT}', 6, 9, 1, 'fail', 'in_flight', 'available', 'BDT', 1000);
     update balance set minor = minor + 1000 where account = 'available';
     update balance set minor = minor - 1000 where account = 'in_flight'`,
  ],
  [
    'a payment through the float of another account',
    ['I5', 'I8'],
    `update posting set credit = 'float:pa_other' where number = 7 and recipe = 'settle'`,
  ],
  [
    'a recall of more than the payout',
    ['I5', 'I8'],
    `update posting set minor = 1001 where number = 11 and recipe = 'recall'`,
  ],
  ['an event that is gone', ['I7'], 'delete from payout_event where payout_number = 7 and sequence = 2'],
  [
    'a payout that is paid without a step',
    ['I1', 'I7'],
    `update payout set state = 'paid', paid_at = now() where payout_number = 6`,
  ],
  [
    'a step after the end',
    ['I7', 'I8'],
    `update payout_event set state = 'failed' where payout_number = 9 and sequence = 3`,
  ],
]

describe('broken by hand and found', () => {
  test.each(BREAKS)('%s', async (_name, invariants, sql) => {
    const before = await whole()
    await writeBook(db)
    await byHand(db.url, sql)
    await changed(before)
    expectFound(invariants)
    // A pass may find it on several pages; what it trips is one switch, and never another one.
    expect(new Set((await db.trips()).map(scopeOf))).toEqual(new Set([`merchant ${MERCHANT}`]))
    // However long ago it was: the whole pass finds the same, and nothing is found or tripped a second time by it.
    const found = [...seen]
    seen = []
    await whole()
    expectFound(invariants)
    for (const breach of found) expect(seen).toContainEqual(breach)
    expect(new Set(await db.findings()).size).toBe((await db.findings()).length)
  })

  test('before it was broken, the same book has no finding', async () => {
    const before = await whole()
    await writeBook(db)
    const after = await changed(before)
    expect(after.payouts).toBeGreaterThanOrEqual(Object.keys(BOOK).length)
    await changed(after)
    const all = await whole()
    expect(all.payouts).toBe(Object.keys(BOOK).length)
    expect(seen).toEqual([])
    expect(await db.trips()).toEqual([])
  })
})

function scopeOf(trip: string): string {
  return trip.slice(0, trip.lastIndexOf(' '))
}

function expectFound(invariants: readonly string[]): void {
  const found = new Set(seen.map(({ invariant }) => invariant as string))
  for (const invariant of invariants) expect([...found]).toContain(invariant)
}

test('a breach that stays is one finding and one trip, however many passes see it', async () => {
  await writeBook(db)
  await byHand(db.url, `update balance set minor = minor + 1 where account = 'available'`)
  const first = await whole()
  const found = await db.findings()
  const second = await changed(first)
  // Two people look and let the merchant go on; the breach is the same, and known.
  expect(await releaseByTwo(db, { scope: 'merchant', id: MERCHANT }, 'it is being looked into')).toBe(
    'confirmed',
  )
  await writeBook(db, 100n)
  await changed(second)
  await whole()
  expect(await db.findings()).toEqual(found)
  expect(await db.trips()).toHaveLength(1)
})

test('a payout whose state was changed long ago, without a step, is in no sum of its state', async () => {
  await writeBook(db)
  const before = await changed(await whole())
  await byHand(db.url, `update payout set state = 'cancelled', wait_reason = null where payout_number = 1`)
  // Nothing tells of it but the row itself, and nothing of it is under way: the next pass finds it only where it reads
  // old rows again, because something elsewhere on the server was under way then. The whole pass always does.
  await changed(before)
  await whole()
  expectFound(['I6', 'I7'])
})

test('what lies with no merchant that is known stops everybody', async () => {
  await byHand(db.url, `insert into balance values ('m_nobody', 'available', 'BDT', 5)`)
  await whole()
  expect(await db.trips()).toEqual([expect.stringMatching(/^global I5$/)])
})

test('a transaction that was long in commit is not missed, and not counted before it is seen', async () => {
  const before = await whole()
  const client = await db.pool.connect()
  await client.query('begin')
  await client.query(
    `insert into posting (merchant_id, number, sequence, leg, recipe, debit, credit, currency, minor)
     values ('${MERCHANT}', 900, 1, 1, 'fund', 'float:pa_test', 'available', 'BDT', 700)`,
  )
  const during = await changed(before)
  expect(seen).toEqual([])
  // Younger transactions come and go meanwhile.
  await db.pool.query('create table younger ()')
  const later = await changed(during)
  expect(seen).toEqual([])
  await client.query('commit')
  client.release()
  await changed(later)
  expect(seen.map(({ subject }) => subject)).toEqual([`posting 900 of ${MERCHANT}`])
})

test('rows that came from another server are no false alarm', async () => {
  await writeBook(db)
  await byHand(
    db.url,
    'update posting set written_by = written_by + 5; update payout_event set written_by = written_by + 5',
  )
  let pass = await whole()
  for (let more = 0; more < 8; more += 1) {
    await db.pool.query(`create table another_${more} ()`)
    pass = await changed(pass)
  }
  expect(seen).toEqual([])
})

test('where the switch cannot be tripped no finding is kept, and the next pass says it again', async () => {
  await byHand(db.url, `update balance set minor = minor + 1 where account = 'available'`)
  await db.pool.query('alter function trip_switch rename to trip_switch_away')
  await expect(whole()).rejects.toThrow('trip_switch')
  expect(await db.findings()).toEqual([])
  await db.pool.query('alter function trip_switch_away rename to trip_switch')
  await whole()
  expect(await db.findings()).not.toEqual([])
  expect(await db.trips()).toHaveLength(1)
})

test('a busy database gives no finding, whatever moment a pass falls into', async () => {
  let pass = await whole()
  let busy = true
  const work = async (first: bigint): Promise<void> => {
    for (let number = first; busy; number += 1n) {
      await db.store.acceptPayouts([newPayout(number)])
      await send(db.store, number).catch(() => {})
      const payout = await db.store.findPayout(MERCHANT, { by: 'number', number })
      if (payout?.state !== 'sending') continue
      await db.store.advancePayouts([
        payoutStep(payout, {
          to: 'paid',
          attempt: { ...PAID_CHANGE, attemptNo: payout.attempts },
          ...booked('settle'),
        }),
      ])
    }
  }
  const working = Promise.all([10_000n, 20_000n, 30_000n].map(work))
  for (let passes = 0; passes < 12; passes += 1) pass = passes % 4 === 3 ? await whole() : await changed(pass)
  busy = false
  await working
  await changed(pass)
  expect(pass.payouts).toBeGreaterThan(0)
  expect(seen).toEqual([])
})

const PAID_CHANGE = {
  kind: 'changed',
  state: 'paid',
  theirId: null,
  doubt: null,
  proof: null,
  nextLookInMs: null,
  inquired: false,
  facts: null,
  revision: null,
} as const
