// Going on takes two persons (SAFETY.md sections 9 to 11): what the desk refuses with words, and what the database keeps by
// itself where nobody asks the desk.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { byHand } from '../../test/auditor-kit.ts'
import {
  auditWhole,
  confirmed,
  openTestPeople,
  type TestPeople,
  type TestPerson,
} from '../../test/people-kit.ts'
import {
  ACCOUNT,
  BDT,
  MERCHANT,
  newPayout,
  openTestStore,
  send,
  type TestStore,
} from '../../test/store-kit.ts'
import type { SwitchKey } from '../payout/stop.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const GLOBAL: SwitchKey = { scope: 'global', id: '' }
const FAR = 'FFFFFF/0'

let db: TestStore
let kit: TestPeople
let operator: TestPerson
let approver: TestPerson
beforeEach(async () => {
  db = await openTestStore(10_000_000n)
  kit = openTestPeople(db)
  operator = await kit.person(['operator'])
  approver = await kit.person(['approver'])
  await db.store.putProviderAccount({
    ...{ id: ACCOUNT, protocol: 'test', name: ACCOUNT, baseUrl: 'http://127.0.0.1:1', settings: {} },
    ...{ callbackSecret: 'secret', ratePerSecond: null, concurrency: null, active: true },
  })
  await db.store.putRoute({
    ...{ merchantId: MERCHANT, providerAccountId: ACCOUNT, priority: 1, currency: BDT, method: null },
    active: true,
  })
})
afterEach(() => db.close())

const trip = (key: SwitchKey = GLOBAL, why = 'a test') => db.store.tripSwitch({ ...key, by: 'host:x', why })

async function proposeSwitch(by = operator, key: SwitchKey = GLOBAL): Promise<string> {
  const answer = await kit.desk.proposeSwitchRelease(by.actor(), { ...key, because: 'it is mended' })
  return answer.kind === 'refused' ? answer.code : answer.proposal.proposalId
}

async function proposeAccount(by = operator): Promise<string> {
  const asked = { providerAccountId: ACCOUNT, because: 'all was found' }
  const answer = await kit.desk.proposeSafeModeRelease(by.actor(), asked)
  return answer.kind === 'refused' ? answer.code : answer.proposal.proposalId
}

const tripped = async () => (await db.store.trippedSwitches()).length
const inSafeMode = async () => (await kit.people.stoppedAccounts(null)).length

test('one person proposes, sees what would go on, and another one confirms it with a code', async () => {
  await db.store.acceptPayouts([newPayout(1n), newPayout(2n)])
  await trip(GLOBAL, 'the provider pays twice')
  const shown = await kit.desk.stops(approver.actor())
  expect(shown).toMatchObject({
    switches: [{ ...GLOBAL, waiting: [{ count: 2, amount: { minor: 2_000n, currency: 'BDT' } }] }],
  })
  const id = await proposeSwitch()
  const proposed = await kit.desk.proposal(approver.actor(), id)
  expect(proposed).toMatchObject({
    proposal: {
      current: true,
      content: {
        tripped_why: 'the provider pays twice',
        waiting: [{ count: 2, amount: '20.00', currency: 'BDT' }],
      },
    },
  })
  expect(await tripped()).toBe(1)
  expect(await kit.desk.confirm(approver.actor(), id, '000000')).toMatchObject({
    code: 'one_time_code_refused',
  })
  expect(await kit.desk.confirm(approver.actor(), id, null)).toMatchObject({ code: 'one_time_code_refused' })
  expect(await tripped()).toBe(1)
  expect(await confirmed(kit, id, approver)).toBe('confirmed')
  expect(await tripped()).toBe(0)
  expect((await db.store.switchEvents(1))[0]).toMatchObject({
    ...{ act: 'release', by: operator.personId, confirmedBy: approver.personId, why: 'it is mended' },
  })
  expect(await confirmed(kit, id, approver)).toBe('proposal_not_open')
})

test('a scope counts what it stops, and no more', async () => {
  await db.store.acceptPayouts([newPayout(1n)])
  await trip({ scope: 'currency', id: 'EUR' })
  await trip({ scope: 'rail', id: 'test' })
  await trip({ scope: 'provider_account', id: ACCOUNT })
  await trip({ scope: 'merchant', id: MERCHANT })
  const stopped = await kit.people.stoppedSwitches(null)
  expect(stopped.map(({ scope, waiting }) => [scope, waiting.map(({ count }) => count)])).toEqual([
    ['currency', []],
    ['rail', [1]],
    ['provider_account', [1]],
    ['merchant', [1]],
  ])
  expect(await kit.people.stoppedSwitches({ scope: 'merchant', id: MERCHANT })).toHaveLength(1)
  expect(await kit.people.stoppedSwitches({ scope: 'merchant', id: 'm_other' })).toEqual([])
})

test('neither the host, nor one person twice, nor somebody without the role, nor one of a single merchant', async () => {
  await trip()
  const host = { kind: 'host', user: 'root' } as const
  expect(await kit.desk.proposeSwitchRelease(host, { ...GLOBAL, because: 'x' })).toMatchObject({
    code: 'second_person_needed',
  })
  const both = await kit.person(['operator', 'approver'], { keys: 2 })
  const own = await proposeSwitch(both)
  expect(await kit.desk.confirm(both.actor(1), own, both.code())).toMatchObject({
    code: 'second_person_needed',
  })
  expect(await confirmed(kit, own, await kit.person(['operator', 'viewer', 'admin']))).toBe('forbidden')
  const local = await kit.person(['operator', 'approver', 'admin'], { merchantId: MERCHANT })
  expect(await proposeSwitch(local)).toBe('forbidden')
  expect(await kit.desk.stops(local.actor())).toMatchObject({ code: 'forbidden' })
  expect(await confirmed(kit, own, local)).toBe('not_found')
  expect(await proposeSwitch(await kit.person(['viewer', 'maker', 'approver']))).toBe('forbidden')
  expect(await tripped()).toBe(1)
})

test('a release is of the trip that was shown: tripped once more, it is void, and so is one of a switch that was released', async () => {
  await trip()
  const first = await proposeSwitch()
  const second = await proposeSwitch(await kit.person(['operator']))
  await trip(GLOBAL, 'it pays twice again')
  expect(await kit.desk.proposal(approver.actor(), first)).toMatchObject({ proposal: { current: false } })
  expect(await confirmed(kit, first, approver)).toBe('proposal_not_open')
  expect(await kit.desk.proposal(approver.actor(), first)).toMatchObject({ proposal: { state: 'void' } })
  const third = await proposeSwitch()
  expect(await confirmed(kit, third, await kit.person(['approver']))).toBe('confirmed')
  expect(await confirmed(kit, second, await kit.person(['approver']))).toBe('proposal_not_open')
  await trip()
  expect(await tripped()).toBe(1)
})

test('safe mode stays while the sweep goes on, and until the auditor has passed over everything since', async () => {
  await db.store.acceptPayouts([newPayout(1n), newPayout(2n)])
  await send(db.store, 1n)
  await auditWhole(db)
  await db.store.checkInstallation(FAR, [])
  expect(await hindrance()).toBe('safe_mode_sweep_goes_on')
  expect(await proposeAccount()).toBe('release_too_early')
  await lookedAt()
  expect(await hindrance()).toBe('safe_mode_sweep_goes_on')
  await answerQuestions(60_000)
  // Not found once, it is asked again: the sweep goes on.
  expect(await hindrance()).toBe('safe_mode_sweep_goes_on')
  await answerQuestions(null)
  // The pass from before the entry counts no more.
  expect(await hindrance()).toBe('safe_mode_needs_an_audit')
  expect(await proposeAccount()).toBe('release_too_early')
  // What came in after the restore is asked for before its first send, and holds up nothing.
  await db.store.acceptPayouts([newPayout(3n)])
  await auditWhole(db)
  expect(await hindrance()).toBeNull()
  const id = await proposeAccount()
  expect(await confirmed(kit, id, approver)).toBe('confirmed')
  expect(await inSafeMode()).toBe(0)
})

test('books that are not clean keep it in safe mode, also where the breach is known', async () => {
  await db.store.checkInstallation(FAR, [])
  await byHand(db.url, `update balance set minor = minor + 1 where account = 'available'`)
  expect(await auditWhole(db)).toBeGreaterThan(0)
  expect(await auditWhole(db)).toBeGreaterThan(0)
  expect(await hindrance()).toBe('safe_mode_needs_clean_books')
  await byHand(db.url, `update balance set minor = minor - 1 where account = 'available'`)
  expect(await hindrance()).toBe('safe_mode_needs_clean_books')
  expect(await auditWhole(db)).toBe(0)
  expect(await hindrance()).toBeNull()
})

test('the database keeps the same of a release that was proposed in time and is confirmed too early', async () => {
  await db.store.checkInstallation(FAR, [])
  await auditWhole(db)
  const id = await proposeAccount()
  await db.pool.query('update auditor_heartbeat set whole_breaches = 1')
  expect(await confirmed(kit, id, approver)).toBe('release_too_early')
  await db.pool.query('update auditor_heartbeat set whole_snapshot = null')
  expect(await confirmed(kit, id, approver)).toBe('release_too_early')
  expect(await inSafeMode()).toBe(1)
  await auditWhole(db)
  expect(await confirmed(kit, id, approver)).toBe('confirmed')
})

test('restored once more, what was proposed before is void', async () => {
  await db.store.checkInstallation(FAR, [])
  await auditWhole(db)
  const id = await proposeAccount()
  await db.store.checkInstallation(FAR, [])
  expect(await hindrance()).toBe('safe_mode_needs_an_audit')
  await auditWhole(db)
  expect(await confirmed(kit, id, approver)).toBe('proposal_not_open')
  expect(await inSafeMode()).toBe(1)
})

const AGREED = `insert into agreement (proposal_id, confirmed_by, credential, code_step) values ($1, $2, 'x', 1)`

test('whoever writes SQL and asks nobody releases nothing without two persons, and not a thing that they did not agree on', async () => {
  await trip()
  await trip({ scope: 'merchant', id: MERCHANT })
  await db.store.checkInstallation(FAR, [])
  await auditWhole(db)
  const id = await proposeSwitch()
  const account = await proposeAccount()
  const event = (scope: string, scopeId: string, by: string, other: string, proposal: string) =>
    `insert into kill_switch_event (scope, scope_id, act, acted_by, confirmed_by, why, proposal_id)
      values ('${scope}', '${scopeId}', 'release', '${by}', '${other}', 'why', ${proposal})`
  const released = (proposal: string, by: string, other: string) =>
    `update safe_mode set released_at = now(), proposed_by = '${by}', confirmed_by = '${other}', proposal_id = ${proposal}`
  const [one, two] = [operator.personId, approver.personId]
  // Nobody has agreed yet.
  await refused(event('global', '', one, two, `'${id}'`), 'kill_switch_event_proposal_id_fkey')
  await refused(event('global', '', 'ana', 'ben', 'null'), 'kill_switch_release_is_agreed')
  await refused(released(`'${account}'`, one, two), 'safe_mode_release_is_agreed')
  // Agreed on, by somebody who wrote a code of its own, and it is of that stop and those persons alone.
  await db.pool.query(`insert into one_time_code (person_id, step) values ($1, 1)`, [two])
  await db.pool.query(AGREED, [id, two])
  await refused(event('merchant', MERCHANT, one, two, `'${id}'`), 'kill_switch_release_is_agreed')
  await refused(event('global', '', one, 'ben', `'${id}'`), 'kill_switch_release_is_agreed')
  await refused(released(`'${id}'`, one, two), 'safe_mode_release_is_agreed')
  await db.pool.query(`select trip_switch('global', '', 'host:y', 'once more')`)
  await refused(event('global', '', one, two, `'${id}'`), 'kill_switch_release_is_agreed')
  expect([await tripped(), await inSafeMode()]).toEqual([2, 1])
})

test.each([
  ['the host', `update proposal set proposed_by = 'host:root'`],
  [
    'somebody who was stopped',
    `update person set active = false where person_id = (select proposed_by from proposal where kind = 'release_switch')`,
  ],
  ['somebody without the role', `delete from person_role where role = 'operator'`],
  ['a role of one merchant', `update person_role set merchant_id = 'm_test' where role = 'operator'`],
  ['another role for the second word', `update proposal set confirmed_by_role = 'admin'`],
])('the database takes no agreement on what was proposed by or with %s', async (_who, sql) => {
  await trip()
  const both = await kit.person(['approver', 'admin'])
  const id = await proposeSwitch()
  await byHand(db.url, sql)
  await db.pool.query(`insert into one_time_code (person_id, step) values ($1, 1)`, [both.personId])
  await expect(db.pool.query(AGREED, [id, both.personId])).rejects.toMatchObject({
    constraint: expect.stringMatching(/^agreement_(release_is_of_two_persons|is_of_people_let_in)$/),
  })
})

async function refused(sql: string, constraint: string): Promise<void> {
  await expect(db.pool.query(sql), sql).rejects.toMatchObject({ constraint })
}

async function hindrance(): Promise<string | null> {
  const [account] = await kit.people.stoppedAccounts(ACCOUNT)
  return account === undefined ? 'released' : account.hindrance
}

async function lookedAt(): Promise<void> {
  await db.pool.query(
    `update attempt set next_look_at = now() + interval '1 hour' where next_look_at is not null`,
  )
}

/** All that are due now. */
async function answerQuestions(nextInMs: number | null): Promise<void> {
  await db.pool.query('update reference_question set next_at = now() where next_at is not null')
  for (const { payout, attemptNo, providerAccountId } of await db.store.claimReferenceQuestions({
    limit: 100,
    leaseMs: 0,
  }))
    await db.store.answerReferenceQuestion({
      ...{ merchantId: MERCHANT, number: payout.number, attemptNo, providerAccountId },
      ...{ said: 'not_found', nextInMs },
    })
}
