// Looks at attempts, against real Postgres and a real provider on loopback.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  FAILED,
  IMPATIENT,
  NOT_FOUND,
  openWorld,
  PAID,
  PENDING,
  type Reaction,
  type World,
} from '../../test/dispatch-kit.ts'
import { ACCOUNT, MERCHANT } from '../../test/store-kit.ts'
import { systemClock } from '../lib/clock.ts'
import type { CapabilityOverrides } from '../protocols/capabilities.ts'
import type { DueAttempt } from '../store/store.ts'
import type { ReadyAccount } from './accounts.ts'
import { createHold } from './hold.ts'
import { type Inquired, inquire } from './inquire.ts'
import { send } from './send.ts'
import { exchangeStep } from './steps.ts'
import { toldExchange } from './told.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS

/** Failures grow old before they are final, and "not found" is never a proof. */
const CAUTIOUS: Partial<CapabilityOverrides> = {
  failedIsFinalAfterMs: DAY_MS,
  refusalConfirmedBy: 'inquiry',
  inquiryTimesMs: {
    first: [10_000, 10 * MINUTE_MS],
    thenEveryMs: 10 * MINUTE_MS,
    untilMs: DAY_MS,
    afterwardsEveryMs: 60 * MINUTE_MS,
  },
}
/** Nobody to ask: what a signed callback says decides. */
const UNASKED: Partial<CapabilityOverrides> = { queryableByOurReference: false, callbackDecides: true }

/** "Not found" is a proof when it is said often and late enough. */
const SURE: Partial<CapabilityOverrides> = {
  notFoundIsFinalAfterMs: 60 * MINUTE_MS,
  maxProcessingMs: 30 * MINUTE_MS,
  queryLagMs: 30 * MINUTE_MS,
}

let worlds: Record<'plain' | 'cautious' | 'unasked' | 'sure', World>
let world: World
let number = 0n
beforeAll(async () => {
  const [plain, cautious, unasked, sure] = await Promise.all([
    openWorld({ capabilities: IMPATIENT }),
    openWorld({ capabilities: { ...IMPATIENT, ...CAUTIOUS } }),
    openWorld({ capabilities: { ...IMPATIENT, ...UNASKED } }),
    openWorld({ capabilities: { ...IMPATIENT, ...SURE } }),
  ])
  worlds = { plain, cautious, unasked, sure }
})
beforeEach(() => {
  use('plain')
})
afterAll(() => Promise.all(Object.values(worlds).map(each => each.close())))

// ---- lost ------------------------------------------------------------------------------------------------------

test('S5: a send without an end is in doubt once its time is over, and was not asked about before', async () => {
  await sent('hang', { giveUp: true })
  const due = await attempt()
  expect(due.attempt.state).toBe('sending')
  expect(await look(due, 15_700)).toEqual({ kind: 'kept' })
  expect(await world.payout(number)).toMatchObject({ state: 'sending' })
  expect(await look(due, 15_800)).toMatchObject({ kind: 'lost', row: 'S5', recorded: 'recorded' })
  expect(await world.payout(number)).toMatchObject({ state: 'in_doubt' })
  expect(await world.db.store.payoutAttempts(MERCHANT, number)).toMatchObject([{ doubt: 'lost' }])
  expect(world.provider.inquired).toEqual([])
  expect(world.provider.arrived).toHaveLength(1)
  expect(await world.broken()).toEqual([])
})

test('an attempt that was lost is asked about soon after', async () => {
  await sent('hang', { giveUp: true })
  await look(await attempt(), 20_000)
  const { attempt: lost } = await attempt()
  expect(inMs(lost.nextInquiryAtMs)).toBeLessThan(2_000)
})

test('whoever finds a lost send after somebody else did writes nothing', async () => {
  await sent('hang', { giveUp: true })
  const due = await attempt()
  await Promise.all([look(due, 20_000), look(due, 20_000)])
  const exchanges = await world.db.store.payoutExchanges(MERCHANT, number)
  expect(exchanges.filter(({ row }) => row === 'S5')).toHaveLength(1)
})

// ---- asking ----------------------------------------------------------------------------------------------------

test('a cut after the bytes left is in doubt and only inquiry settles it', async () => {
  await sent('reset')
  expect(await world.payout(number)).toMatchObject({ state: 'in_doubt' })
  world.provider.onInquiry = () => PAID
  expect(await look(await attempt(), 1_000)).toMatchObject({ kind: 'looked', row: 'Q4' })
  expect(await world.payout(number)).toMatchObject({ state: 'paid' })
  expect(world.provider.arrived).toHaveLength(1)
  expect(await world.broken()).toEqual([])
})

const unchanged: readonly (readonly [string, string, Reaction])[] = [
  ['Q1', 'a cut', 'reset'],
  ['Q1', 'silence', 'hang'],
  ['Q1', 'a 500', { status: 500, body: '' }],
  ['Q1', 'a 404', { status: 404, body: '' }],
  ['Q1', 'text that cannot be read', { status: 200, body: '<html>' }],
  ['Q2', 'an answer about another payout', { says: { said: 'paid', reference: 'somebody-else' } }],
  ['Q2', 'an answer that does not say about which', { says: { said: 'paid', reference: null } }],
  ['Q8', 'a failure that is not listed', { says: { said: 'failed', failure: 'unlisted' } }],
  ['Q11', '"not found"', NOT_FOUND],
]
for (const [row, title, reaction] of unchanged) {
  test(`${row}: ${title} leaves a doubt as it is, and it is asked again`, async () => {
    await sent('reset')
    world.provider.onInquiry = () => reaction
    expect(await look(await attempt(), 5 * MINUTE_MS)).toMatchObject({ kind: 'looked', row })
    expect(await world.payout(number)).toMatchObject({ state: 'in_doubt', version: 3 })
    const { attempt: after } = await attempt()
    expect(after).toMatchObject({ state: 'in_doubt', inquiries: 1, theirId: null })
    expect(inMs(after.nextInquiryAtMs)).toBeGreaterThan(0)
    expect(await world.db.store.payoutExchanges(MERCHANT, number)).toMatchObject([
      { kind: 'send' },
      { kind: 'inquiry', row, verdict: 'unchanged' },
    ])
  })
}

test('"not found", however often and late, never frees a payout under a contract that says never', async () => {
  await sent('reset')
  world.provider.onInquiry = () => NOT_FOUND
  for (let day = 1; day <= 5; day++) await look(await attempt(), day * 30 * DAY_MS)
  expect(await world.payout(number)).toMatchObject({ state: 'in_doubt', attempts: 1 })
})

test('Q7: a failure that is final at once ends the payout at the first inquiry', async () => {
  await sent('reset')
  world.provider.onInquiry = () => FAILED
  expect(await look(await attempt(), 1_000)).toMatchObject({ row: 'Q7' })
  expect(await world.payout(number)).toMatchObject({
    state: 'failed',
    why: expect.stringContaining('not paid'),
  })
  expect(await world.db.store.payoutAttempts(MERCHANT, number)).toMatchObject([{ proof: 'failed_final' }])
  expect(await world.broken()).toEqual([])
})

test('Q7: a failure that grows old is final only when it was seen that long, counted by the database', async () => {
  use('cautious')
  await sent('reset')
  world.provider.onInquiry = () => FAILED
  expect(await look(await attempt(), 60_000)).toMatchObject({ row: 'Q8' })
  expect(await look(await attempt(), 60_000 + DAY_MS - 1_000)).toMatchObject({ row: 'Q8' })
  expect(await world.payout(number)).toMatchObject({ state: 'in_doubt' })
  expect(await look(await attempt(), 60_000 + DAY_MS + 1_000)).toMatchObject({ row: 'Q7' })
  expect(await world.payout(number)).toMatchObject({ state: 'failed' })
})

test('Q7: a pending between two failures starts the count again', async () => {
  use('cautious')
  await sent('reset')
  const says = async (reaction: Reaction, ageMs: number) => {
    world.provider.onInquiry = () => reaction
    return look(await attempt(), ageMs)
  }
  await says(FAILED, 60_000)
  await says(PENDING, 120_000)
  expect(await says(FAILED, 60_000 + DAY_MS + 1_000)).toMatchObject({ row: 'Q8' })
  expect(await world.payout(number)).toMatchObject({ state: 'pending' })
})

test('Q9: "not found" after a refusal that an inquiry has to confirm ends the payout', async () => {
  use('cautious')
  await sent({ says: { said: 'failed', failure: 'refused' } })
  expect(await world.payout(number)).toMatchObject({ state: 'in_doubt' })
  world.provider.onInquiry = () => NOT_FOUND
  expect(await look(await attempt(), 60_000)).toMatchObject({ row: 'Q9' })
  expect(await world.payout(number)).toMatchObject({ state: 'failed' })
})

test('Q9: the same at another endpoint than the send proves nothing', async () => {
  use('cautious')
  await sent({ says: { said: 'failed', failure: 'refused' } })
  world.provider.onInquiry = () => NOT_FOUND
  const ready = account()
  const moved = {
    ...ready,
    account: { ...ready.account, baseUrl: ready.account.baseUrl.replace('127.0.0.1', 'localhost') },
  }
  expect(await look(await attempt(), 60_000, moved)).toMatchObject({ row: 'Q11' })
  expect(await world.payout(number)).toMatchObject({ state: 'in_doubt' })
})

test('Q10: "not found" often and late enough proves that it never arrived, and a person decides what follows', async () => {
  use('sure')
  await sent('reset')
  world.provider.onInquiry = () => NOT_FOUND
  for (const minutes of [10, 30, 59]) {
    expect(await look(await attempt(), minutes * MINUTE_MS)).toMatchObject({ row: 'Q11' })
  }
  expect(await look(await attempt(), 61 * MINUTE_MS)).toMatchObject({ row: 'Q10' })
  expect(await world.payout(number)).toMatchObject({ state: 'waiting', waitReason: 'review' })
  expect(await world.db.store.payoutAttempts(MERCHANT, number)).toMatchObject([{ proof: 'never_arrived' }])
  expect(await world.broken()).toEqual([])
})

test('Q10: while the end of its send is not known, "not found" proves nothing however late', async () => {
  use('sure')
  await sent('hang', { giveUp: true })
  await look(await attempt(), 20_000)
  world.provider.onInquiry = () => NOT_FOUND
  for (let day = 1; day <= 4; day++) await look(await attempt(), day * DAY_MS)
  expect(await world.payout(number)).toMatchObject({ state: 'in_doubt' })
})

test('Q6: a payout that was paid and returned is both, in that order, with both postings', async () => {
  await sent(PENDING)
  world.provider.onInquiry = () => ({ says: { said: 'returned' } })
  expect(await look(await attempt(), 60_000)).toMatchObject({ row: 'Q6', recorded: 'recorded' })
  const events = await world.db.store.payoutEvents(MERCHANT, number)
  expect(events.map(({ state }) => state)).toEqual(['queued', 'sending', 'pending', 'paid', 'returned'])
  const postings = await world.db.store.payoutPostings(MERCHANT, number)
  expect(postings.map(({ recipe }) => recipe)).toEqual(['hold', 'dispatch', 'settle', 'return'])
  const { attempt: after } = await attempt()
  expect(after).toMatchObject({ state: 'returned', inquiries: 1, nextInquiryAtMs: null })
  expect(await world.broken()).toEqual([])
})

test('a paid payout is asked about again after an hour, a day and a week, and a return is found then', async () => {
  await sent(PAID)
  const { attempt: paid } = await attempt()
  expect(inMs(paid.nextInquiryAtMs)).toBeGreaterThan(59 * MINUTE_MS)
  world.provider.onInquiry = () => PAID
  expect(await look(await attempt(), 61 * MINUTE_MS)).toMatchObject({ row: 'Q4' })
  expect(await world.payout(number)).toMatchObject({ state: 'paid' })
  expect(inMs((await attempt()).attempt.nextInquiryAtMs)).toBeGreaterThan(20 * 60 * MINUTE_MS)
  world.provider.onInquiry = () => ({ says: { said: 'returned' } })
  expect(await look(await attempt(), DAY_MS + MINUTE_MS)).toMatchObject({ row: 'Q6' })
  expect(await world.payout(number)).toMatchObject({ state: 'returned' })
})

test('Q8: a failure about a paid payout changes nothing and is an alarm, once', async () => {
  await sent(PAID)
  world.provider.onInquiry = () => FAILED
  await look(await attempt(), 61 * MINUTE_MS)
  await look(await attempt(), 62 * MINUTE_MS)
  expect(await world.payout(number)).toMatchObject({ state: 'paid' })
  expect(world.alarms).toMatchObject([{ kind: 'look_Q8' }])
})

test('Q3: a dead attempt that is paid after all is an incident, is booked to be recalled once, and stops its account', async () => {
  await sent(FAILED)
  expect(await world.payout(number)).toMatchObject({ state: 'failed' })
  world.provider.onInquiry = () => PAID
  for (const ageMs of [60_000, 120_000]) {
    expect(await look(await attempt(), ageMs)).toMatchObject({
      row: 'Q3',
      recorded: 'recorded',
      stopsAccount: true,
    })
  }
  expect(await world.payout(number)).toMatchObject({ state: 'failed' })
  const postings = await world.db.store.payoutPostings(MERCHANT, number)
  // Whoever reads the payout from now on is told that a second one is not safe.
  expect((await world.payout(number)).disputed).toBe(true)
  expect(postings.map(({ recipe }) => recipe)).toEqual(['hold', 'dispatch', 'fail', 'recall'])
  expect(await incidents()).toContain('paid_after_death')
  expect((await attempt()).attempt.nextInquiryAtMs).toBeNull()
  expect(world.mistakes).toEqual([])
})

test('Q3: "pending" that was asked before a failure ended the attempt contradicts nothing, and is asked once more', async () => {
  await sent(PENDING)
  await overtaken(FAILED, PENDING)
  expect(await world.payout(number)).toMatchObject({ state: 'failed', disputed: false })
  expect(await incidents()).toEqual([])
  const { attempt: ended } = await attempt()
  expect(ended).toMatchObject({ state: 'dead', proof: 'failed_final' })
  expect(inMs(ended.nextInquiryAtMs)).toBeLessThan(2_000)

  // Nobody knew that it was older: what the provider says now is the answer.
  world.provider.onInquiry = () => FAILED
  expect(await look(await attempt(), 61_000)).toMatchObject({ row: 'Q3', stopsAccount: false })
  expect((await attempt()).attempt.nextInquiryAtMs).toBeNull()
  expect(await incidents()).toEqual([])
  expect(await world.broken()).toEqual([])
})

test('Q3: a provider that goes on saying "pending" of what it called failed is an incident at the next question', async () => {
  await sent(PENDING)
  await overtaken(FAILED, PENDING)
  world.provider.onInquiry = () => PENDING
  expect(await look(await attempt(), 61_000)).toMatchObject({ row: 'Q3', stopsAccount: true })
  expect(await incidents()).toContain('paid_after_death')
})

test('Q3: "paid" contradicts a death whenever it was asked', async () => {
  await sent(PENDING)
  expect(await overtaken(FAILED, PAID)).toMatchObject({ row: 'Q3', stopsAccount: true })
  expect(await incidents()).toContain('paid_after_death')
})

test('Q3: "pending" contradicts at once what was proven in another way than by its end', async () => {
  use('cautious')
  await sent({ says: { said: 'failed', failure: 'refused' } })
  expect(await overtaken(NOT_FOUND, PENDING)).toMatchObject({ row: 'Q3', stopsAccount: true })
  expect(await incidents()).toContain('paid_after_death')
})

test('Q3: "pending" contradicts at once a failure that rests on nothing else having been said for a time', async () => {
  use('cautious')
  await sent('reset')
  world.provider.onInquiry = () => FAILED
  await look(await attempt(), 60_000)
  expect(await overtaken(FAILED, PENDING, 60_000 + DAY_MS + 1_000)).toMatchObject({
    row: 'Q3',
    stopsAccount: true,
  })
})

test('Q3: a payout that is queued again after its attempt was proven dead is not sent when that attempt was paid', async () => {
  await sent(PENDING, { unreachable: true })
  expect(await world.payout(number)).toMatchObject({ state: 'queued', attempts: 1 })
  await world.db.pool.query('update queue set due_at = now() where payout_number = $1', [number])
  const claimed = await world.claim(number)
  world.provider.onInquiry = () => PAID
  expect(await look(await attempt(), 60_000)).toMatchObject({ row: 'Q3', recorded: 'recorded' })
  expect(await world.payout(number)).toMatchObject({ state: 'waiting', waitReason: 'review' })
  // Whoever claimed it before can send it no more.
  await send(claimed, { ready: account(), hold: createHold(systemClock, () => 0) }, world.needs())
  expect(world.provider.arrived).toEqual([])
  const postings = await world.db.store.payoutPostings(MERCHANT, number)
  expect(postings.map(({ recipe }) => recipe)).toEqual(['hold', 'dispatch', 'requeue', 'recall'])
})

test('Q3: beside a live attempt the recall of a dead one is booked, and the live one goes on', async () => {
  await sent(PENDING, { unreachable: true })
  const first = await attempt()
  await world.db.pool.query('update queue set due_at = now() where payout_number = $1', [number])
  const through = { ready: account(), hold: createHold(systemClock, () => 0) }
  await send(await world.claim(number), through, world.needs())
  world.provider.onInquiry = () => PAID
  expect(await look({ ...first, payout: await world.payout(number) }, 60_000)).toMatchObject({ row: 'Q3' })
  expect(await world.payout(number)).toMatchObject({ state: 'pending', attempts: 2 })
  expect(await look(await attempt(), 60_000)).toMatchObject({ row: 'Q4', recorded: 'recorded' })
  const postings = await world.db.store.payoutPostings(MERCHANT, number)
  const recipes = ['hold', 'dispatch', 'requeue', 'dispatch', 'recall', 'settle']
  expect(postings.map(({ recipe }) => recipe)).toEqual(recipes)
})

test('an inquiry that met a payout which moved on is judged again from where it is', async () => {
  await sent(PENDING)
  const due = await attempt()
  world.provider.onInquiry = async () => {
    // Another inquiry was faster.
    const found = await attempt()
    world.provider.onInquiry = () => PAID
    await look(found, 60_000)
    return PENDING
  }
  expect(await look(due, 60_000)).toMatchObject({ recorded: 'recorded' })
  expect(await world.payout(number)).toMatchObject({ state: 'paid' })
  expect(await world.broken()).toEqual([])
})

test('a doubt that lasts raises an alarm at 15 minutes, at an hour and at a day, each once', async () => {
  await sent('reset')
  world.provider.onInquiry = () => 'reset'
  for (const minutes of [14, 16, 17, 59, 61, 120, 1441, 3000])
    await look(await attempt(), minutes * MINUTE_MS)
  expect(world.alarms.map(({ detail }) => detail)).toEqual([
    'doubt for 15 minutes',
    'doubt for 1 hour',
    'doubt for 24 hours',
  ])
})

test('a connector that throws while asking or reading changes nothing, and the attempt comes again', async () => {
  const ready = account()
  const throws = () => {
    throw new Error('a mistake')
  }
  for (const broken of [{ inquire: throws }, { readInquiry: throws }]) {
    await sent('reset')
    await look(await attempt(), 60_000, { ...ready, connector: { ...ready.connector, ...broken } })
    expect(await world.payout(number)).toMatchObject({ state: 'in_doubt' })
    expect(inMs((await attempt()).attempt.nextInquiryAtMs)).toBeGreaterThan(0)
  }
  expect(world.mistakes).toHaveLength(2)
})

test('an attempt whose account is gone or whose terms cannot be read proves nothing and raises an alarm', async () => {
  await sent('reset')
  const due = await attempt()
  expect(await inquire(due, null, Date.UTC(2100, 1), world.needs())).toEqual({ kind: 'kept' })
  expect(await look({ ...due, contract: { capabilities: { twoStep: 'no' } } }, 60_000)).toEqual({
    kind: 'kept',
  })
  expect(world.alarms.map(({ kind }) => kind)).toEqual(['not_asked', 'not_asked'])
  expect(await world.payout(number)).toMatchObject({ state: 'in_doubt' })
})

// ---- beside what callbacks told --------------------------------------------------------------------------------

test('W3: a callback says paid and the inquiry says failed: nobody decides, a person looks', async () => {
  await sent(PENDING)
  await told('paid')
  world.provider.onInquiry = () => FAILED
  expect(await look(await attempt(), 60_000)).toMatchObject({ row: 'W3' })
  expect(await world.payout(number)).toMatchObject({ state: 'in_doubt', attempts: 1 })
  expect(await world.db.store.payoutAttempts(MERCHANT, number)).toMatchObject([{ doubt: 'contradiction' }])
  expect((await attempt()).facts).toMatchObject({ contradicted: true })
  // And no later answer proves a death.
  await look(await attempt(), 60_000 + 40 * DAY_MS)
  expect(await world.payout(number)).toMatchObject({ state: 'in_doubt', attempts: 1 })
  expect(await incidents()).toContain('contradiction')
})

test('W3: the other way round it is the same', async () => {
  await sent(PENDING)
  await told('failed', 'failed')
  world.provider.onInquiry = () => PAID
  await look(await attempt(), 60_000)
  expect(await world.payout(number)).toMatchObject({ state: 'in_doubt' })
})

test('W3: a callback says failed before that is final, and then it is paid: it is paid, and an alarm', async () => {
  use('cautious')
  await sent(PENDING)
  await told('failed', 'failed')
  world.provider.onInquiry = () => PENDING
  await look(await attempt(), 60_000)
  expect(await world.payout(number)).toMatchObject({ state: 'pending' })
  world.provider.onInquiry = () => PAID
  await look(await attempt(), 120_000)
  expect(await world.payout(number)).toMatchObject({ state: 'paid' })
  expect((await attempt()).facts).toMatchObject({
    contradicted: false,
    alarmed: expect.arrayContaining(['Q4']),
  })
  // Whoever asks again later, whether its money came back, meets the same callback.
  await look(await attempt(), DAY_MS)
  expect((await attempt()).facts).toMatchObject({ contradicted: false })
  expect(await incidents()).not.toContain('contradiction')
})

test('W3: a callback and an inquiry that agree settle the payout', async () => {
  await sent(PENDING)
  await told('paid')
  world.provider.onInquiry = () => PAID
  expect(await look(await attempt(), 60_000)).toMatchObject({ row: 'Q4' })
  expect(await world.payout(number)).toMatchObject({ state: 'paid' })
})

test('W3: a callback that the provider does not confirm yet is asked about again soon', async () => {
  use('cautious')
  await sent(PENDING)
  world.provider.onInquiry = () => PENDING
  await look(await attempt(), 20_000)
  expect(inMs((await attempt()).attempt.nextInquiryAtMs)).toBeGreaterThan(9 * MINUTE_MS)
  await told('paid')
  await look(await attempt(), 21_000)
  expect(inMs((await attempt()).attempt.nextInquiryAtMs)).toBeLessThan(2_500)
  await look(await attempt(), 5 * MINUTE_MS)
  expect(inMs((await attempt()).attempt.nextInquiryAtMs)).toBeGreaterThan(25_000)
  expect(await world.payout(number)).toMatchObject({ state: 'pending' })
})

test('W4: where nobody can be asked, a signed callback decides; what was judged is not judged twice', async () => {
  use('unasked')
  await sent(PENDING)
  await look(await attempt(), 60_000)
  expect(await world.payout(number)).toMatchObject({ state: 'pending' })
  await told('paid')
  expect(await look(await attempt(), 61_000)).toMatchObject({ row: 'W4' })
  expect(await world.payout(number)).toMatchObject({ state: 'paid' })
  expect(await look(await attempt(), 62_000)).toMatchObject({ row: 'none' })
  expect(world.provider.inquired).toEqual([])
  expect(await world.broken()).toEqual([])
})

test('W4: a callback without the declared echoes decides nothing', async () => {
  use('unasked')
  await sent(PENDING)
  await told('paid', null, 'absent')
  await look(await attempt(), 61_000)
  expect(await world.payout(number)).toMatchObject({ state: 'pending' })
  expect(world.alarms).toMatchObject([{ kind: 'look_W4' }])
})

// ---- the harness -----------------------------------------------------------------------------------------------

function use(name: keyof typeof worlds): void {
  world = worlds[name]
  world.provider.onInquiry = () => PENDING
  world.provider.inquired.length = 0
  world.provider.arrived.length = 0
  world.alarms.length = 0
  world.mistakes.length = 0
}

function account(): ReadyAccount {
  const ready = world.accounts().get(ACCOUNT)
  if (ready === undefined) throw new Error('there is no account')
  return ready
}

/** A payout that was sent, and answered so. `giveUp`: its sender ends before it records; `unreachable`: nothing leaves. */
async function sent(reaction: Reaction, { giveUp = false, unreachable = false } = {}): Promise<void> {
  number += 1n
  await world.accept(number)
  world.provider.onPay = () => reaction
  const due = await world.claim(number)
  const ended = new AbortController()
  const needs = giveUp ? world.needs({ givenUp: ended.signal }) : world.needs()
  if (giveUp) ended.abort()
  const ready = account()
  const nowhere = { ...ready, account: { ...ready.account, baseUrl: 'http://127.0.0.1:1' } }
  const through = { ready: unreachable ? nowhere : ready, hold: createHold(systemClock, () => 0) }
  await send(due, through, needs)
}

async function attempt(): Promise<DueAttempt> {
  const found = await world.db.store.findForStep(MERCHANT, number)
  if (found?.attempt == null) throw new Error('there is no attempt')
  return { ...found, attempt: found.attempt }
}

/** Looks at an attempt as if it had this age by the database's clock. */
function look(due: DueAttempt, ageMs: number, ready = account()): Promise<Inquired> {
  return inquire(due, ready, due.attempt.createdAtMs + ageMs, world.needs())
}

/** A look gets `older`, and before it is recorded another one gets `newer` and ends the attempt. */
async function overtaken(newer: Reaction, older: Reaction, ageMs = 60_000): Promise<Inquired> {
  const due = await attempt()
  world.provider.onInquiry = async () => {
    world.provider.onInquiry = () => newer
    await look(await attempt(), ageMs)
    return older
  }
  return look(due, ageMs)
}

/** A verified callback, as receive.ts leaves it. */
async function told(
  said: 'paid' | 'failed',
  failure: 'failed' | null = null,
  amount: 'same' | 'absent' = 'same',
) {
  const { payout } = await attempt()
  const echo = { reference: 'same', amount, currency: 'absent', beneficiary: 'absent' } as const
  const exchange = toldExchange({
    ...{ attemptNo: 1, atMs: 0, row: 'W3', body: new Uint8Array(), connector: world.connector },
    answer: { kind: 'read', said, failure, theirId: null, echo },
  })
  await world.advance.step(exchangeStep(payout, exchange))
}

function inMs(atMs: number | null): number {
  return (atMs ?? Number.POSITIVE_INFINITY) - systemClock.now()
}

async function incidents(): Promise<string[]> {
  const { rows } = await world.db.pool.query<{ kind: string }>(
    'select kind from incident where payout_number = $1 order by incident_no',
    [number],
  )
  return rows.map(({ kind }) => kind)
}
