// Two steps over real Postgres, with a real provider on loopback: the first creates, the second pays, and each arrives
// at most once whatever happens between them.
import { afterEach, expect, test } from 'vitest'
import { NO_SAFE_MODE, openWorld, PENDING, type Reaction, type World } from '../../test/dispatch-kit.ts'
import { ACCOUNT, MERCHANT } from '../../test/store-kit.ts'
import { systemClock } from '../lib/clock.ts'
import type { DueAttempt } from '../store/store.ts'
import { commit } from './commit.ts'
import { parseFacts } from './facts.ts'
import { createHold } from './hold.ts'

const CREATED: Reaction = { says: { said: 'created' } }
const ACCEPTED: Reaction = { says: { said: 'pending', theirRequestId: 'request-7' } }
const PAID: Reaction = { says: { said: 'paid' } }
const FAILED: Reaction = { says: { said: 'failed', failure: 'failed' } }

let world: World
afterEach(() => world.close())

async function openTwoSteps(change: Parameters<typeof openWorld>[0] = {}): Promise<void> {
  world = await openWorld({
    ...change,
    capabilities: { twoStep: true, createAloneNeverPays: true, ...change.capabilities },
  })
  world.provider.onPay = () => CREATED
  world.provider.onCommit = () => ACCEPTED
  world.provider.onInquiry = () => PAID
}

async function states(number = 1n): Promise<readonly string[]> {
  return (await world.db.store.payoutEvents(MERCHANT, number)).map(({ state }) => state)
}

async function attemptAsDue(number = 1n): Promise<DueAttempt> {
  const found = await world.db.store.findForStep(MERCHANT, number)
  if (found?.attempt == null) throw new Error('no attempt')
  return { ...found, attempt: found.attempt }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await holds()) return
    await new Promise(resolve => systemClock.after(20, () => resolve(undefined)))
  }
  throw new Error('it never held')
}

test('an order is created, then paid, then asked about by the request that paid it', async () => {
  await openTwoSteps()
  await world.accept(1n)
  world.dispatcher().start()
  await world.reach(1n, 'paid')
  expect([world.provider.arrived.length, world.provider.committed.length]).toEqual([1, 1])
  expect(await states()).toEqual(['queued', 'sending', 'sending', 'sending', 'pending', 'paid'])
  expect(world.provider.questions.at(-1)).toMatchObject({ step: 'second', payRequestId: 'request-7' })
  expect(await world.broken()).toEqual([])
})

test('an order whose check takes its time is asked about, and paid only once it is created', async () => {
  await openTwoSteps()
  world.provider.onPay = () => PENDING
  let created = false
  world.provider.onInquiry = () => {
    if (world.provider.committed.length > 0) return PAID
    return created ? CREATED : PENDING
  }
  await world.accept(1n)
  world.dispatcher().start()
  await until(() => world.provider.inquired.length >= 2)
  expect(world.provider.committed).toEqual([])
  expect(await world.payout(1n)).toMatchObject({ state: 'sending' })
  expect(world.provider.questions[0]).toMatchObject({ step: 'first', payRequestId: null })
  created = true
  await world.reach(1n, 'paid')
  expect([world.provider.arrived.length, world.provider.committed.length]).toEqual([1, 1])
})

test('a check that says no ends the payout, and nothing is ever paid', async () => {
  await openTwoSteps()
  world.provider.onPay = () => PENDING
  world.provider.onInquiry = () => FAILED
  await world.accept(1n)
  world.dispatcher().start()
  await world.reach(1n, 'failed')
  expect(world.provider.committed).toEqual([])
  expect(await world.broken()).toEqual([])
})

test('a first step whose answer was lost is asked about, and its order is paid when it turns out to exist', async () => {
  await openTwoSteps()
  world.provider.onPay = () => 'reset'
  world.provider.onInquiry = () => (world.provider.committed.length > 0 ? PAID : CREATED)
  await world.accept(1n)
  world.dispatcher().start()
  await world.reach(1n, 'paid')
  expect([world.provider.arrived.length, world.provider.committed.length]).toEqual([1, 1])
  expect(await states()).toEqual(
    expect.arrayContaining(['sending', 'in_doubt', 'in_doubt', 'pending', 'paid']),
  )
})

test('a second step whose answer was lost is in doubt, asked about, and never sent again', async () => {
  await openTwoSteps()
  world.provider.onCommit = () => 'reset'
  world.provider.onInquiry = () => (world.provider.inquired.length < 3 ? CREATED : PAID)
  await world.accept(1n)
  world.dispatcher().start()
  await world.reach(1n, 'in_doubt')
  await world.reach(1n, 'paid')
  expect([world.provider.arrived.length, world.provider.committed.length]).toEqual([1, 1])
  expect(world.provider.questions.at(-1)).toMatchObject({ step: 'second', payRequestId: null })
})

test('before the second step nothing that the provider says is taken for a payment', async () => {
  await openTwoSteps()
  world.provider.onPay = () => PENDING
  world.provider.onInquiry = () => PAID
  await world.accept(1n)
  world.dispatcher().start()
  await until(() => world.provider.inquired.length >= 3)
  expect(await world.payout(1n)).toMatchObject({ state: 'sending' })
  expect(world.provider.committed).toEqual([])
})

test('a refusal of the second step is final only where creating alone never pays', async () => {
  await openTwoSteps()
  world.provider.onCommit = () => ({ says: { said: 'failed', failure: 'refused' } })
  await world.accept(1n)
  world.dispatcher().start()
  await world.reach(1n, 'failed')
  expect(await world.broken()).toEqual([])
  await world.close()

  await openTwoSteps({ capabilities: { createAloneNeverPays: false } })
  world.provider.onCommit = () => ({ says: { said: 'failed', failure: 'refused' } })
  world.provider.onInquiry = () => PENDING
  await world.accept(1n)
  world.dispatcher().start()
  await world.reach(1n, 'pending')
  expect((await states()).includes('in_doubt')).toBe(true)
})

test('of two processes that found the order created, one sends the second step', async () => {
  await openTwoSteps()
  await world.accept(1n)
  // Created, and nobody looks at it: the second step is left to this test.
  const asleep = { ...world.db.store, claimAttempts: async () => [] }
  const dispatcher = world.dispatcher({ store: asleep })
  dispatcher.start()
  await until(async () => parseFacts((await attemptAsDueOrNull())?.facts).created)
  await dispatcher.stop()
  const due = await attemptAsDue()
  const ready = world.accounts().get(ACCOUNT)
  if (ready === undefined) throw new Error('no account')
  const through = { ready, hold: createHold(systemClock, () => 0) }
  const sent = await Promise.all([1, 2, 3, 4].map(() => commit(due, through, () => 1_000, world.needs())))
  expect(sent.filter(({ kind }) => kind === 'tried')).toHaveLength(1)
  expect(sent.filter(one => one.kind === 'not_tried' && one.why === 'stale')).toHaveLength(3)
  expect(world.provider.committed).toHaveLength(1)
})

test('a second step that was stopped before its first byte is dead, and another attempt follows', async () => {
  await openTwoSteps()
  world.provider.onInquiry = () => PAID
  await world.accept(1n)
  const asleep = { ...world.db.store, claimAttempts: async () => [] }
  const dispatcher = world.dispatcher({ store: asleep })
  dispatcher.start()
  await until(async () => parseFacts((await attemptAsDueOrNull())?.facts).created)
  await dispatcher.stop()
  const ready = world.accounts().get(ACCOUNT)
  if (ready === undefined) throw new Error('no account')
  const through = { ready, hold: createHold(systemClock, () => 0) }
  await commit(await attemptAsDue(), through, () => 1_000, world.needs({ stopping: () => true }))
  expect(world.provider.committed).toEqual([])
  expect(await world.payout(1n)).toMatchObject({ state: 'queued', attempts: 1 })
  world.dispatcher().start()
  await world.reach(1n, 'paid')
  expect([world.provider.arrived.length, world.provider.committed.length]).toEqual([2, 1])
  expect(await world.broken()).toEqual([])
})

test('an order that was found after a restore is asked about, and its second step is never sent', async () => {
  await openTwoSteps()
  // The lost part of the database may have sent it already; the order still says what it said before that.
  world.provider.onInquiry = () => CREATED
  await world.accept(1n)
  world.dispatcher({ safeMode: { ...NO_SAFE_MODE, asksFirst: () => true } }).start()
  await until(async () => (await attemptFacts())?.created === true)
  const asked = world.provider.inquired.length
  await until(async () => {
    await world.db.pool.query('update attempt set next_look_at = now()')
    return world.provider.inquired.length > asked + 1
  })
  expect([world.provider.arrived, world.provider.committed]).toEqual([[], []])
  expect((await states()).at(-1)).toBe('in_doubt')
})

async function attemptFacts() {
  const found = await world.db.store.findForStep(MERCHANT, 1n)
  return found?.attempt == null ? null : parseFacts(found.facts)
}

test('the second step never goes to another place than the first', async () => {
  await openTwoSteps()
  await world.accept(1n)
  const asleep = { ...world.db.store, claimAttempts: async () => [] }
  const dispatcher = world.dispatcher({ store: asleep })
  dispatcher.start()
  await until(async () => parseFacts((await attemptAsDueOrNull())?.facts).created)
  await dispatcher.stop()
  const ready = world.accounts().get(ACCOUNT)
  if (ready === undefined) throw new Error('no account')
  const moved = { ...ready, account: { ...ready.account, baseUrl: 'http://127.0.0.1:1' } }
  const through = { ready: moved, hold: createHold(systemClock, () => 0) }
  const sent = await commit(await attemptAsDue(), through, () => 1_000, world.needs())
  expect(sent).toEqual({ kind: 'not_tried', why: 'review' })
  expect(world.alarms.at(-1)).toMatchObject({ kind: 'not_committed' })
  expect(world.provider.committed).toEqual([])
})

async function attemptAsDueOrNull() {
  return world.db.store.findForStep(MERCHANT, 1n)
}
