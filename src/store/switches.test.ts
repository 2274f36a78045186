// The kill switch in the database: what it gives out and what it refuses, whatever a process believes.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { releaseByTwo } from '../../test/people-kit.ts'
import {
  ACCOUNT,
  BDT,
  booked,
  changed,
  currency,
  MERCHANT,
  newPayout,
  opened,
  openTestStore,
  payoutStep,
  send,
  type TestStore,
} from '../../test/store-kit.ts'
import { type SwitchKey, switchesOf } from '../payout/stop.ts'
import type { DuePayout, PayoutStep } from './store.ts'

const EUR = currency('EUR')
const OTHER = 'm_other'
const GLOBAL: SwitchKey = { scope: 'global', id: '' }
const RAIL = 'test'

let db: TestStore
let number = 0n
beforeAll(async () => {
  db = await openTestStore(10_000_000n)
  const { store } = db
  await store.putMerchant({ merchantId: OTHER, name: 'Other', active: true })
  for (const [merchantId, code] of [
    [MERCHANT, EUR],
    [OTHER, BDT],
  ] as const)
    await store.fundMerchant({
      ...{ merchantId, providerAccountId: ACCOUNT, amount: { minor: 10_000_000n, currency: code } },
      ...{ reference: `opening ${code}`, note: 'opening balance' },
    })
  for (const id of [ACCOUNT, 'pa_other'])
    await store.putProviderAccount({
      ...{ id, protocol: id === ACCOUNT ? RAIL : 'other', name: id, baseUrl: 'http://127.0.0.1:9' },
      ...{ settings: {}, callbackSecret: 's', ratePerSecond: null, concurrency: null, active: true },
    })
})
beforeEach(async () => {
  for (const key of await db.store.trippedSwitches()) await released(key)
  await db.store.claimDue({ limit: 1_000, leaseMs: 3_600_000 })
})
afterAll(() => db.close())

test('a new database has nothing tripped and no history', async () => {
  const fresh = await openTestStore(0n)
  expect(await fresh.store.trippedSwitches()).toEqual([])
  expect(await fresh.store.switchEvents(10)).toEqual([])
  await fresh.close()
})

test('a trip of a tripped switch changes nothing and is noted; each trip and release stays on record', async () => {
  const before = (await db.store.switchEvents(1_000)).length
  expect(await db.store.tripSwitch({ ...GLOBAL, by: 'ana', why: 'first' })).toBe('tripped')
  expect(await db.store.tripSwitch({ ...GLOBAL, by: 'ben', why: 'second' })).toBe('already')
  expect(await db.store.trippedSwitches()).toMatchObject([{ ...GLOBAL, by: 'ana', why: 'first' }])
  expect(await released(GLOBAL)).toBe('confirmed')
  expect(await released(GLOBAL)).toBe('not_found')
  const events = await db.store.switchEvents(1_000)
  expect(events.slice(0, events.length - before)).toMatchObject([
    { act: 'release', by: expect.stringMatching(/^pe_/), confirmedBy: expect.stringMatching(/^pe_/) },
    { act: 'trip', by: 'ben', confirmedBy: null, why: 'second' },
    { act: 'trip', by: 'ana', confirmedBy: null, why: 'first' },
  ])
})

test('a switch for a name that nobody has is not tripped, and whoever mistyped it hears that', async () => {
  for (const scope of ['merchant', 'provider_account', 'rail'] as const)
    expect(await trip({ scope, id: 'm_tset' })).toBe('unknown')
  expect(await db.store.trippedSwitches()).toEqual([])
})

test.each([
  ['kill_switch_by_event_only', 'update kill_switch set tripped = false'],
  ['kill_switch_by_event_only', 'delete from kill_switch'],
  ['refuse_change', 'truncate kill_switch'],
  ['refuse_change', 'delete from kill_switch_event'],
  ['refuse_change', `update kill_switch_event set why = 'other'`],
  ['refuse_change', 'truncate kill_switch_event'],
  ['kill_switch_release_is_confirmed', event(`'release', 'ana', null`)],
  ['kill_switch_release_by_two', event(`'release', 'ana', 'ana'`)],
  ['kill_switch_release_is_agreed', event(`'release', 'ana', 'ben'`)],
  ['kill_switch_event_confirmed_by_check', event(`'release', 'ana', ' '`)],
  ['kill_switch_names_its_scope', event(`'trip', 'ana', null`, `'global', 'm_test'`)],
  ['kill_switch_names_its_scope', event(`'trip', 'ana', null`, `'merchant', ''`)],
  ['kill_switch_release_of_tripped', event(`'release', 'ana', 'ben'`, `'merchant', 'm_test'`)],
])('the database refuses: %s', async (constraint, sql) => {
  await trip(GLOBAL)
  await expect(db.pool.query(sql)).rejects.toMatchObject({ constraint })
  expect(await db.store.trippedSwitches()).toHaveLength(1)
})

test('nobody may trip or release by right of being connected, and a role that may trip can do nothing else', async () => {
  const role = `auditor_${process.pid}`
  const client = await db.pool.connect()
  const refused = async (sql: string) => {
    await client.query('savepoint before')
    await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' })
    await client.query('rollback to before')
  }
  try {
    // Rolled back at the end, and the role with it.
    await client.query('begin')
    await client.query(`create role ${role}`)
    await client.query(`grant ${role} to current_user`)
    await client.query(`set local role ${role}`)
    await refused(`select trip_switch('global', '', 'auditor', 'found')`)
    await client.query('reset role')
    await client.query(`grant execute on function trip_switch(text, text, text, text, text) to ${role}`)
    await client.query(`set local role ${role}`)
    // A table of the caller's own under that name is not the one that is written to.
    await client.query('set local search_path = pg_temp, public')
    await refused('select from kill_switch')
    await refused(`select effect_release_switch(null, null)`)
    await refused(event(`'trip', 'ana', null`))
    const { rows } = await client.query(
      `select trip_switch('global', '', 'auditor', 'I6', 'finding 7') as done`,
    )
    expect(rows).toEqual([{ done: true }])
    await client.query('reset role')
    const { rows: events } = await client.query(
      'select acted_by, finding from kill_switch_event order by event_no desc limit 1',
    )
    expect(events).toEqual([{ acted_by: 'auditor', finding: 'finding 7' }])
  } finally {
    await client.query('rollback')
    client.release()
  }
})

// ---- the claim ---------------------------------------------------------------------------------------------------

test('nothing is claimed while everything is stopped, and all of it afterwards', async () => {
  const all = await accept(MERCHANT, BDT, 3)
  await trip(GLOBAL)
  expect(await claimed(100)).toEqual([])
  await released(GLOBAL)
  expect(await claimed(100)).toEqual(all)
})

test.each<[string, SwitchKey]>([
  ['merchant', { scope: 'merchant', id: MERCHANT }],
  ['currency', { scope: 'currency', id: 'BDT' }],
])('payouts of a stopped %s are passed over, and take nothing from those behind them', async (_, key) => {
  const stopped = await accept(MERCHANT, BDT, 40)
  const behind = key.scope === 'merchant' ? await accept(OTHER, BDT, 3) : await accept(MERCHANT, EUR, 3)
  await trip(key)
  expect(await claimed(5)).toEqual(behind)
  await released(key)
  expect(await claimed(100)).toEqual(stopped)
})

test('a stopped provider account or rail does not touch the claim, because nobody knows yet which way a payout goes', async () => {
  await trip({ scope: 'provider_account', id: ACCOUNT })
  await trip({ scope: 'rail', id: RAIL })
  const all = await accept(MERCHANT, BDT, 2)
  expect(await claimed(100)).toEqual(all)
})

// ---- the intent --------------------------------------------------------------------------------------------------

const OF_TEST = switchesOf({
  ...{ merchantId: MERCHANT, currency: 'BDT', rail: RAIL, providerAccountId: ACCOUNT },
})
const OF_OTHERS: readonly SwitchKey[] = [
  { scope: 'merchant', id: OTHER },
  { scope: 'currency', id: 'EUR' },
  { scope: 'rail', id: 'other' },
  { scope: 'provider_account', id: 'pa_other' },
]

test.each(OF_TEST)('no send right is given under a tripped switch: $scope $id', async key => {
  const due = await one()
  await trip(key)
  expect(await db.store.advancePayouts([intent(due)])).toEqual([{ kind: 'stale' }])
  expect(await db.store.payoutAttempts(MERCHANT, due.payout.number)).toEqual([])
  expect(await db.store.findForStep(MERCHANT, due.payout.number)).toMatchObject({
    payout: { state: 'queued', version: 1 },
  })
  await released(key)
  expect(await db.store.advancePayouts([intent(due)])).toEqual([{ kind: 'done', version: 2 }])
})

test('each switch stops its own and nothing else: with all the others tripped a right is given', async () => {
  const due = await one()
  for (const key of OF_OTHERS) expect(await trip(key)).toBe('tripped')
  expect(await db.store.advancePayouts([intent(due)])).toEqual([{ kind: 'done', version: 2 }])
})

test.each(OF_TEST)('no right to pay an order that was created is given either: $scope $id', async key => {
  const created = { facts: { stepsSent: 1, created: true }, nextLookInMs: 3_600_000 }
  await accept(MERCHANT, BDT, 1)
  await send(db.store, number)
  await db.store.advancePayouts([payoutStep({ number, version: 2 }, { attempt: changed(1, created) })])
  await trip(key)
  const pays = payoutStep(
    { number, version: 2 },
    {
      to: 'sending',
      attempt: changed(1, { facts: { stepsSent: 2, payRequestHash: 'aa' }, nextLookInMs: 60_000 }),
    },
  )
  expect(await db.store.advancePayouts([pays])).toEqual([{ kind: 'stale' }])
  // It says so, and is looked at as soon as it may be paid.
  expect((await db.store.findPayout(MERCHANT, { by: 'number', number }))?.why).toMatch(
    /^It waits: .* is stopped/,
  )
  await released(key)
  expect(await db.store.findPayout(MERCHANT, { by: 'number', number })).toMatchObject({ why: null })
  const looked = await db.store.claimAttempts({ limit: 100, leaseMs: 60_000 })
  expect(looked.map(({ payout }) => payout.number)).toContain(number)
  expect(await db.store.advancePayouts([pays])).toEqual([{ kind: 'done', version: 3 }])
})

test.each(OF_TEST)('no right to send an attempt again is given either: $scope $id', async key => {
  await accept(MERCHANT, BDT, 1)
  await send(db.store, number)
  const doubt = { state: 'in_doubt', doubt: 'reset', facts: { stepsSent: 1, repeats: 1 } } as const
  const inDoubt = payoutStep({ number, version: 2 }, { to: 'in_doubt', attempt: changed(1, doubt) })
  expect(await db.store.advancePayouts([inDoubt])).toEqual([{ kind: 'done', version: 3 }])
  await trip(key)
  const note = (repeats: number) =>
    payoutStep(
      { number, version: 3 },
      { to: null, attempt: changed(1, { facts: { stepsSent: 1, repeats } }) },
    )
  expect(await db.store.advancePayouts([note(2)])).toEqual([{ kind: 'stale' }])
  // What was given before is no new right.
  expect(await db.store.advancePayouts([note(1)])).toEqual([{ kind: 'done', version: 3 }])
  await released(key)
  expect(await db.store.advancePayouts([note(2)])).toEqual([{ kind: 'done', version: 3 }])
})

test('what happened is recorded during a trip, in one batch with a right that is refused', async () => {
  const due = await one()
  await accept(MERCHANT, BDT, 1)
  const sent = number
  await send(db.store, sent)
  const paying = { stepsSent: 2, payRequestHash: 'aa' }
  await db.store.advancePayouts([
    payoutStep(
      { number: sent, version: 2 },
      { attempt: changed(1, { facts: paying, nextLookInMs: 60_000 }) },
    ),
  ])
  await trip(GLOBAL)
  const paid = payoutStep(
    { number: sent, version: 2 },
    { to: 'paid', attempt: changed(1, { state: 'paid', facts: paying }), ...booked('settle') },
  )
  expect(await db.store.advancePayouts([intent(due), paid])).toEqual([
    { kind: 'stale' },
    { kind: 'done', version: 3 },
  ])
})

test('no attempt is opened under a tripped switch by anybody, with or without the hot function', async () => {
  const due = await one()
  await trip({ scope: 'rail', id: RAIL })
  const attempt = `insert into attempt (state, merchant_id, payout_number, attempt_no, provider_account_id, reference,
    request_hash, contract_id, incarnation)
    values ('sending', '${MERCHANT}', ${due.payout.number}, 1, '${ACCOUNT}', 'x', '\\x${'00'.repeat(32)}', 'c', 1)`
  await expect(db.pool.query(attempt)).rejects.toMatchObject({ constraint: 'attempt_opens_unstopped' })
})

test('a trip waits for a right that is being given, and whoever comes after it gets none', async () => {
  const [first, second] = [await one(), await one()]
  const holder = await db.pool.connect()
  await holder.query('begin')
  await holder.query('select pg_advisory_xact_lock_shared(kill_switch_lock())')
  let isTripped = false
  const tripping = trip(GLOBAL).then(() => {
    isTripped = true
  })
  await waiting('advisory')
  // Behind the trip, although that has not committed: rights are given in the order in which they were asked for.
  const after = db.store.advancePayouts([intent(second)])
  expect(isTripped).toBe(false)
  await holder.query('commit')
  holder.release()
  await tripping
  expect(await after).toEqual([{ kind: 'stale' }])
  expect(await db.store.advancePayouts([intent(first)])).toEqual([{ kind: 'stale' }])
})

test('stopping always works: a transaction that does not let go holds up no trip', async () => {
  const holder = await db.pool.connect()
  await holder.query('begin')
  await holder.query('select pg_advisory_xact_lock_shared(kill_switch_lock())')
  expect(await trip(GLOBAL)).toBe('tripped')
  expect(await db.store.trippedSwitches()).toHaveLength(1)
  await holder.query('rollback')
  holder.release()
})

test('a payout that is stopped says so in words that tell no reason, and only while it is', async () => {
  const due = await one()
  const why = async () => {
    const [listed] = await db.store.listPayouts(MERCHANT, {
      limit: 1,
      before: null,
      state: null,
      reference: null,
    })
    return listed?.why ?? null
  }
  await db.store.tripSwitch({ scope: 'currency', id: 'BDT', by: 'ana', why: 'we suspect somebody' })
  expect(await why()).toBe('It waits: sending in BDT is stopped for now.')
  await trip(GLOBAL)
  expect(await why()).toBe('It waits: all sending is stopped for now.')
  await released(GLOBAL)
  await released({ scope: 'currency', id: 'BDT' })
  expect(await why()).toBeNull()
  await db.store.advancePayouts([intent(due)])
  await trip(GLOBAL)
  expect(await why()).toBeNull()
})

// ---- the harness ---------------------------------------------------------------------------------------------------

function event(act: string, key = `'global', ''`): string {
  return `insert into kill_switch_event (scope, scope_id, act, acted_by, confirmed_by, why) values (${key}, ${act}, 'why')`
}

function trip(key: SwitchKey) {
  return db.store.tripSwitch({ ...key, by: 'ana', why: 'a test' })
}

function released(key: SwitchKey) {
  return releaseByTwo(db, key)
}

async function accept(merchantId: string, code: typeof BDT, count: number): Promise<readonly bigint[]> {
  const batch = Array.from({ length: count }, () => {
    number += 1n
    return newPayout(number, { merchantId, amount: { minor: 1_000n, currency: code } })
  })
  const verdicts = await db.store.acceptPayouts(batch)
  expect(verdicts.every(({ kind }) => kind === 'accepted')).toBe(true)
  return batch.map(payout => payout.number)
}

async function claimed(limit: number): Promise<readonly bigint[]> {
  const due = await db.store.claimDue({ limit, leaseMs: 3_600_000 })
  return due.map(({ payout }) => payout.number).sort((one, other) => Number(one - other))
}

/** A payout that is accepted and claimed. */
async function one(): Promise<DuePayout> {
  await accept(MERCHANT, BDT, 1)
  const due = (await db.store.claimDue({ limit: 100, leaseMs: 3_600_000 })).find(
    ({ payout }) => payout.number === number,
  )
  if (due === undefined) throw new Error(`payout ${number} is not due`)
  return due
}

function intent({ payout, claim }: DuePayout): PayoutStep {
  return payoutStep(payout, {
    ...{ to: 'sending', claim, queue: { kind: 'drop' }, attempt: opened(1, payout.number) },
    ...booked('dispatch'),
  })
}

/** Until some session waits for a lock of that kind. */
async function waiting(kind: string): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const { rowCount } = await db.pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and wait_event = $1`,
      [kind],
    )
    if (rowCount === 1) return
  }
  throw new Error('nobody waits')
}
