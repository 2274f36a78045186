// What may happen between two steps, over real Postgres and a real provider on loopback: answers that come late, looks that
// cross a send, records that are written twice. Each of these once paid, failed or forgot what it should not have.
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { openWorld, PAID, PENDING, type Reaction, type World } from '../../test/dispatch-kit.ts'
import { ACCOUNT, MERCHANT } from '../../test/store-kit.ts'
import { Unavailable } from '../errors.ts'
import { systemClock } from '../lib/clock.ts'
import type { DueAttempt } from '../store/store.ts'
import type { Advance } from './advance.ts'
import type { Call } from './call.ts'
import { commit } from './commit.ts'
import { parseFacts } from './facts.ts'
import { createHold } from './hold.ts'
import { inquire } from './inquire.ts'
import { send } from './send.ts'
import { rememberStep } from './steps.ts'

const CREATED: Reaction = { says: { said: 'created' } }
const FAILED: Reaction = { says: { said: 'failed', failure: 'failed' } }
const HOUR_MS = 3_600_000

let world: World
afterEach(() => world.close())

async function open(timeoutsMs = { connect: 500, headers: 2_000, total: 2_500 }): Promise<void> {
  world = await openWorld({ capabilities: { twoStep: true, createAloneNeverPays: true, timeoutsMs } })
  world.provider.onPay = () => CREATED
  world.provider.onCommit = () => ({ says: { said: 'pending', theirRequestId: 'request-7' } })
  world.provider.onInquiry = () => PAID
  await world.accept(1n)
}

function through() {
  const ready = world.accounts().get(ACCOUNT)
  if (ready === undefined) throw new Error('no account')
  return { ready, hold: createHold(systemClock, () => 0) }
}

async function due(): Promise<DueAttempt> {
  const found = await world.db.store.findForStep(MERCHANT, 1n)
  if (found?.attempt == null) throw new Error('no attempt')
  return { ...found, attempt: found.attempt }
}

async function remembered() {
  return parseFacts((await due()).facts)
}

/** Asks about the attempt as if it were this old. */
async function look(ageMs: number, change: Parameters<World['needs']>[0] = {}, at?: DueAttempt) {
  const asked = at ?? (await due())
  return inquire(asked, through().ready, asked.attempt.createdAtMs + ageMs, world.needs(change))
}

/** The first step is sent and its answer lost; nobody looks at the attempt by itself. */
async function openLost(): Promise<void> {
  await open()
  world.provider.onPay = () => 'reset'
  world.provider.onInquiry = () => CREATED
  const asleep = { ...world.db.store, claimAttempts: async () => [] }
  const dispatcher = world.dispatcher({ store: asleep })
  dispatcher.start()
  await world.reach(1n, 'in_doubt')
  await dispatcher.stop()
}

/** A line on which a call waits until it is let go. */
function held(): { call: Call; reached: Promise<void>; go(): void } {
  const reached = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const call: Call = {
    ...world.call,
    async callOnce(...args) {
      reached.resolve()
      await gate.promise
      return world.call.callOnce(...args)
    },
  }
  return { call, reached: reached.promise, go: () => gate.resolve() }
}

test('the outcome of the first step that is written again keeps the name of the request that paid', async () => {
  await open()
  let calls = 0
  const advance: Advance = {
    ...world.advance,
    async step(step) {
      calls += 1
      const verdict = await world.advance.step(step)
      if (calls !== 2) return verdict
      // Committed, its answer lost; and the order is paid before it is tried again.
      await commit(await due(), through(), () => 1_000, world.needs())
      throw new Unavailable('unavailable', 'the answer was lost')
    },
  }
  await send(await world.claim(1n), through(), world.needs({ advance }))
  expect(await remembered()).toMatchObject({ payRequestId: 'request-7', stepsSent: 2 })
  expect(world.provider.committed).toHaveLength(1)
})

test('a first sender that wakes late changes nothing of a payment that was sent meanwhile', async () => {
  await open()
  const call: Call = {
    ...world.call,
    async callOnce(...args) {
      const result = await world.call.callOnce(...args)
      // It sleeps beyond its time: others find it lost, ask, and pay.
      await look(HOUR_MS)
      world.provider.onInquiry = () => CREATED
      await look(HOUR_MS + 1_000)
      await commit(await due(), through(), () => HOUR_MS + 2_000, world.needs())
      return result
    },
  }
  await send(await world.claim(1n), through(), world.needs({ call }))
  expect(await remembered()).toMatchObject({ payRequestId: 'request-7', stepsSent: 2 })
  expect((await due()).payout.state).toBe('pending')
})

test.each([
  ['failed', FAILED],
  ['pending', PENDING],
  ['paid', PAID],
])('an answer "%s" to a question about the first step says nothing of the second', async (_, answer) => {
  await openLost()
  const sending = held()
  let paying: Promise<unknown> = Promise.resolve()
  const call: Call = {
    ...world.call,
    async ask(...args) {
      world.provider.onInquiry = () => answer
      const result = await world.call.ask(...args)
      world.provider.onInquiry = () => CREATED
      await look(2_000)
      paying = commit(await due(), through(), () => 3_000, world.needs({ call: sending.call }))
      await sending.reached
      return result
    },
  }
  await look(1_000, { call })
  expect((await due()).payout.state).toBe('in_doubt')
  sending.go()
  await paying
  expect((await due()).payout.state).toBe('pending')
  expect(world.provider.committed).toHaveLength(1)
})

test('a contradiction that was noted meanwhile stops the second step, and stays', async () => {
  await openLost()
  await look(1_000)
  const claimed = await due()
  expect(parseFacts(claimed.facts).created).toBe(true)
  const facts = { ...parseFacts(claimed.facts), contradicted: true }
  await world.advance.step(
    rememberStep(claimed.payout, claimed.attempt, { facts, nextLookInMs: 60_000, incident: null }),
  )
  expect(await commit(claimed, through(), () => 2_000, world.needs())).toEqual({
    ...{ kind: 'not_tried', why: 'stale' },
  })
  expect(await remembered()).toMatchObject({ contradicted: true, stepsSent: 1 })
  expect(world.provider.committed).toEqual([])
})

test('while the step that pays is on its way, a callback wakes no question that could end the payout', async () => {
  await openLost()
  await look(1_000)
  const sending = held()
  const paying = commit(await due(), through(), () => 2_000, world.needs({ call: sending.call }))
  await sending.reached
  world.provider.onInquiry = () => FAILED
  world.dispatcher().start()
  const callback = { merchantId: MERCHANT, number: 1n, attemptNo: 1, hash: new Uint8Array(32) }
  await world.db.store.recordCallbacks([{ ...callback, raw: 'x', verified: true, said: 'failed' }])
  await wait(800)
  expect((await due()).payout.state).toBe('in_doubt')
  world.provider.onInquiry = () => PENDING
  sending.go()
  await paying
  expect((await due()).payout.state).toBe('pending')
})

test('a look that found the first step lost does not call the second one lost', async () => {
  await open()
  let early: DueAttempt | null = null
  const call: Call = {
    ...world.call,
    async callOnce(...args) {
      early = await due()
      return world.call.callOnce(...args)
    },
  }
  await send(await world.claim(1n), through(), world.needs({ call }))
  const sending = held()
  const paying = commit(await due(), through(), () => 20_000, world.needs({ call: sending.call }))
  await sending.reached
  await look(19_500, {}, early ?? undefined)
  expect((await due()).payout.state).toBe('sending')
  sending.go()
  await paying
})

test('an order that may not be paid now is still asked about, and its end is learned', async () => {
  await open()
  const asleep = { ...world.db.store, claimAttempts: async () => [] }
  const dispatcher = world.dispatcher({ store: asleep })
  dispatcher.start()
  for (let tries = 0; tries < 200 && !(await isCreated()); tries += 1) await wait(20)
  await dispatcher.stop()
  const configuration = {
    ...world.configuration(),
    providerAccounts: world.configuration().providerAccounts.map(one => ({ ...one, active: false })),
  }
  world.provider.onInquiry = () => FAILED
  world.dispatcher({ configuration: () => configuration }).start()
  await world.reach(1n, 'failed')
  expect(world.provider.committed).toEqual([])
})

test('a check that lasts for days is told to people', async () => {
  await open()
  world.provider.onPay = () => PENDING
  world.provider.onInquiry = () => PENDING
  await send(await world.claim(1n), through(), world.needs())
  await look(12 * HOUR_MS)
  expect(world.alarms).toEqual([])
  await look(25 * HOUR_MS)
  expect(world.alarms).toMatchObject([{ detail: 'pending for 24 hours' }])
})

test('an order that is created without a name is asked about until it has one', async () => {
  await openLost()
  const named = () => world.provider.inquired.length > 1
  world.provider.onInquiry = () => (named() ? CREATED : { says: { said: 'created', theirId: null } })
  world.dispatcher().start()
  await world.reach(1n, 'pending', 'paid')
  expect(world.provider.committed).toHaveLength(1)
})

async function isCreated(): Promise<boolean> {
  const found = await world.db.store.findForStep(MERCHANT, 1n)
  return parseFacts(found?.facts ?? null).created
}
