// The heart, against real Postgres and a real provider on loopback that keeps books of its own.
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  FAILED,
  IMPATIENT,
  NOT_FOUND,
  openWorld,
  PAID,
  PENDING,
  REFUSED,
  type Reaction,
  testConnector,
  type World,
} from '../../test/dispatch-kit.ts'
import { ACCOUNT, MERCHANT } from '../../test/store-kit.ts'
import { Unavailable } from '../errors.ts'
import { systemClock } from '../lib/clock.ts'
import { attemptReference } from '../payout/attempt.ts'
import type { DuePayout, PayoutStep, Store } from '../store/store.ts'
import type { ReadyAccount } from './accounts.ts'
import { createAdvance } from './advance.ts'
import { createHold, type Hold } from './hold.ts'
import { send } from './send.ts'
import type { Sent } from './send-right.ts'

let world: World
let number = 0n
beforeAll(async () => {
  world = await openWorld({ capabilities: IMPATIENT })
})
beforeEach(async () => {
  number += 1n
  world.provider.onPay = () => PENDING
  world.provider.arrived.length = 0
  world.alarms.length = 0
  world.mistakes.length = 0
  await world.accept(number)
})
afterAll(() => world.close())

// ---- the order of the three steps ------------------------------------------------------------------------------

test('nothing leaves before the intent is committed', async () => {
  const due = await world.claim(number)
  let stored: unknown
  world.provider.onPay = async () => {
    // Asked over a connection of its own, which sees what is committed and nothing else.
    stored = await world.db.store.payoutAttempts(MERCHANT, number)
    return PENDING
  }
  expect(await sendNow(due)).toEqual({ kind: 'tried', row: 'S16', recorded: 'recorded' })
  expect(stored).toMatchObject([{ attemptNo: 1, state: 'sending', reference: reference(1) }])
  expect(world.provider.arrived).toEqual([reference(1)])
  expect(await world.payout(number)).toMatchObject({ state: 'pending', attempts: 1 })
})

test('an intent that is stale sends nothing', async () => {
  const due = await world.claim(number)
  await cancelled(due)
  expect(await sendNow(due)).toEqual({ kind: 'not_tried', why: 'stale' })
  expect(world.provider.arrived).toEqual([])
})

test('an intent without its claim sends nothing', async () => {
  const due = await world.claim(number)
  expect(await sendNow({ ...due, claim: due.claim + 1_000_000n })).toEqual({
    kind: 'not_tried',
    why: 'stale',
  })
  expect(world.provider.arrived).toEqual([])
})

test('an intent whose commit lost its answer sends nothing, and is found as lost', async () => {
  const due = await world.claim(number)
  const needs = world.needs({ advance: losesAnswers(world.db.store) })
  expect(await send(due, through(), needs)).toEqual({ kind: 'not_tried', why: 'unavailable' })
  expect(await world.payout(number)).toMatchObject({ state: 'sending', attempts: 1 })
  expect(world.provider.arrived).toEqual([])
})

test('two workers with the same claimed payout send it once', async () => {
  const due = await world.claim(number)
  const both = await Promise.all([sendNow(due), sendNow(due)])
  expect(both.map(({ kind }) => kind).sort()).toEqual(['not_tried', 'tried'])
  expect(world.provider.arrived).toEqual([reference(1)])
})

test('a stalled worker whose lease ended can never send a second time', async () => {
  const first = await world.claim(number)
  // The lease ends and another worker claims the payout; the first one wakes up before and after it has sent.
  await world.db.pool.query('update queue set due_at = now() where payout_number = $1', [number])
  const second = await world.claim(number)
  expect(second.claim).not.toBe(first.claim)
  expect(await sendNow(first)).toEqual({ kind: 'not_tried', why: 'stale' })
  expect(await sendNow(second)).toMatchObject({ kind: 'tried' })
  expect(await sendNow(first)).toEqual({ kind: 'not_tried', why: 'stale' })
  expect(world.provider.arrived).toEqual([reference(1)])
})

test('a worker that stalls between its intent and its first byte sends nothing and says so', async () => {
  const due = await world.claim(number)
  let now = 0
  // By the monotonic clock more time has passed than the sender has, in the moment before the bytes would leave.
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + now }
  const callOnce: World['call']['callOnce'] = (request, limits, lastCheck) => {
    now = 15_000
    return world.call.callOnce(request, limits, lastCheck)
  }
  expect(await send(due, through(), world.needs({ clock, call: { ...world.call, callOnce } }))).toMatchObject(
    { row: 'S1' },
  )
  expect(world.provider.arrived).toEqual([])
  expect(await world.payout(number)).toMatchObject({ state: 'queued', attempts: 1 })
})

test('a wall clock that jumped ahead stops a send, and one that jumped back does not make it later', async () => {
  const due = await world.claim(number)
  let jump = 0
  const clock = { ...systemClock, now: () => systemClock.now() + jump }
  const jumping = (ms: number): World['call']['callOnce'] => {
    return (request, limits, lastCheck) => {
      jump = ms
      return world.call.callOnce(request, limits, lastCheck)
    }
  }
  const ahead = world.needs({ clock, call: { ...world.call, callOnce: jumping(20_000) } })
  expect(await send(due, through(), ahead)).toMatchObject({ row: 'S1' })
  await dueAgain()
  const back = world.needs({ clock, call: { ...world.call, callOnce: jumping(-86_400_000) } })
  expect(await send(await world.claim(number), through(), back)).toMatchObject({ row: 'S16' })
  expect(world.provider.arrived).toEqual([reference(2)])
})

test('after the process began to stop nothing leaves: the payout is queued again and no try is counted', async () => {
  const due = await world.claim(number)
  let stopping = false
  const callOnce: World['call']['callOnce'] = (request, limits, lastCheck) => {
    stopping = true
    return world.call.callOnce(request, limits, lastCheck)
  }
  const needs = world.needs({ stopping: () => stopping, call: { ...world.call, callOnce } })
  expect(await send(due, through(), needs)).toMatchObject({ row: 'S1' })
  expect(world.provider.arrived).toEqual([])
  await dueAgain()
  expect(await world.claim(number)).toMatchObject({ tries: 0, payout: { state: 'queued', attempts: 1 } })
})

test('the bytes that are sent are the bytes whose hash was committed, under a derived reference', async () => {
  const due = await world.claim(number)
  const ready = account()
  let builds = 0
  const connector = {
    ...ready.connector,
    pay: (...given: Parameters<typeof ready.connector.pay>) => {
      builds += 1
      return ready.connector.pay(...given)
    },
  }
  await send(due, { ...through(), ready: { ...ready, connector } }, world.needs())
  expect(builds).toBe(1)
  expect(world.provider.arrived).toEqual([
    attemptReference(
      { merchantId: MERCHANT, reference: `ref-${number}`, attemptNo: 1 },
      { alphabet: '0123456789abcdefghijklmnopqrstuvwxyz', length: 24 },
    ),
  ])
})

// ---- what became of it -----------------------------------------------------------------------------------------

interface Case {
  readonly title: string
  readonly provider: Reaction
  readonly row: string
  readonly state: string
  readonly attempt: object
  readonly recipes: readonly string[]
}

const cases: readonly Case[] = [
  {
    title: 'pending is accepted, and looked at again',
    provider: PENDING,
    row: 'S16',
    state: 'pending',
    attempt: { state: 'pending', theirId: expect.stringMatching(/^p-/) },
    recipes: ['hold', 'dispatch'],
  },
  {
    title: 'paid is settled',
    provider: PAID,
    row: 'S16',
    state: 'paid',
    attempt: { state: 'paid' },
    recipes: ['hold', 'dispatch', 'settle'],
  },
  {
    title: 'a refusal that proves itself fails the payout and gives the money back',
    provider: REFUSED,
    row: 'S17',
    state: 'failed',
    attempt: { state: 'dead', proof: 'refused', nextInquiryAtMs: null },
    recipes: ['hold', 'dispatch', 'fail'],
  },
  {
    title: 'a failure that is final at once fails the payout',
    provider: FAILED,
    row: 'S19',
    state: 'failed',
    attempt: { state: 'dead', proof: 'failed_final' },
    recipes: ['hold', 'dispatch', 'fail'],
  },
  {
    title: 'a reset after the bytes left is in doubt, with its money in flight',
    provider: 'reset',
    row: 'S6',
    state: 'in_doubt',
    attempt: { state: 'in_doubt', doubt: 'reset' },
    recipes: ['hold', 'dispatch'],
  },
  {
    title: 'silence is in doubt',
    provider: 'hang',
    row: 'S6',
    state: 'in_doubt',
    attempt: { state: 'in_doubt', doubt: 'timeout' },
    recipes: ['hold', 'dispatch'],
  },
  {
    title: 'a redirect is in doubt and an alarm',
    provider: { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } },
    row: 'S8',
    state: 'in_doubt',
    attempt: { doubt: 'redirect' },
    recipes: ['hold', 'dispatch'],
  },
  {
    title: 'a 502 is in doubt',
    provider: { status: 502, body: '<html>bad gateway</html>' },
    row: 'S9',
    state: 'in_doubt',
    attempt: { doubt: 'status' },
    recipes: ['hold', 'dispatch'],
  },
  {
    title: 'a 404 is in doubt',
    provider: { status: 404, body: '' },
    row: 'S12',
    state: 'in_doubt',
    attempt: { doubt: 'status' },
    recipes: ['hold', 'dispatch'],
  },
  {
    title: 'a 200 that cannot be read is in doubt',
    provider: { status: 200, body: '<html>hello</html>' },
    row: 'S13',
    state: 'in_doubt',
    attempt: { doubt: 'unreadable' },
    recipes: ['hold', 'dispatch'],
  },
  {
    title: 'an answer about another amount is in doubt, and its id is not kept',
    provider: { says: { said: 'paid', amount: '999999' } },
    row: 'S14',
    state: 'in_doubt',
    attempt: { doubt: 'mismatch', theirId: null },
    recipes: ['hold', 'dispatch'],
  },
  {
    title: '"not found" to a send is in doubt',
    provider: NOT_FOUND,
    row: 'S22',
    state: 'in_doubt',
    attempt: { doubt: 'unknown' },
    recipes: ['hold', 'dispatch'],
  },
]

for (const { title, provider, row, state, attempt, recipes } of cases) {
  test(`${row}: ${title}`, async () => {
    world.provider.onPay = () => provider
    expect(await sendNow(await world.claim(number))).toEqual({ kind: 'tried', row, recorded: 'recorded' })
    expect(await world.payout(number)).toMatchObject({ state, attempts: 1 })
    expect(await world.db.store.payoutAttempts(MERCHANT, number)).toMatchObject([attempt])
    const postings = await world.db.store.payoutPostings(MERCHANT, number)
    expect(postings.map(({ recipe }) => recipe)).toEqual(recipes)
    expect(await world.db.store.payoutExchanges(MERCHANT, number)).toMatchObject([
      { kind: 'send', attemptNo: 1, row, status: statusOf(provider) },
    ])
    expect(world.provider.arrived).toHaveLength(1)
    expect(await world.broken()).toEqual([])
  })
}

test('an answer about another payout stops its provider account and raises an alarm', async () => {
  world.provider.onPay = () => ({ says: { said: 'paid', reference: 'somebody-else' } })
  const hold = newHold()
  await send(await world.claim(number), { ready: account(), hold }, world.needs())
  expect(hold.state().state).toBe('stopped')
  expect(hold.enter()).not.toBeNull()
  expect(world.alarms).toMatchObject([{ kind: 'send_S14', attemptNo: 1, providerAccountId: ACCOUNT }])
})

test('a provider that cannot be reached leaves a queued payout that says so and is tried later, and later again', async () => {
  const nowhere = { ...account(), account: { ...account().account, baseUrl: 'http://127.0.0.1:1' } }
  const hold = newHold()
  for (const [tries, words] of [
    [0, 'next try in 1 second'],
    [1, 'next try in 2 seconds'],
  ] as const) {
    const due = await world.claim(number)
    expect(due.tries).toBe(tries)
    await send(due, { ready: nowhere, hold }, world.needs())
    const { state, why } = await world.payout(number)
    expect(state).toBe('queued')
    expect(why).toBe(`Provider account ${ACCOUNT} cannot be reached (connection refused); ${words}.`)
    await dueAgain()
  }
  expect(hold.state()).toEqual({ state: 'down', why: 'connection refused' })
  expect((await world.db.store.payoutAttempts(MERCHANT, number)).map(({ proof }) => proof)).toEqual([
    'not_sent',
    'not_sent',
  ])
  expect(await world.broken()).toEqual([])
  // Reached again, and the third attempt pays.
  world.provider.onPay = () => PAID
  await sendNow(await world.claim(number))
  expect(await world.payout(number)).toMatchObject({ state: 'paid', attempts: 3 })
  expect(world.provider.arrived).toEqual([reference(3)])
})

test('what the protocol cannot carry waits for a person, without an attempt', async () => {
  number += 1n
  await world.accept(number, 1, { description: 'cannot' })
  expect(await sendNow(await world.claim(number))).toEqual({ kind: 'not_tried', why: 'review' })
  expect(await world.payout(number)).toMatchObject({
    state: 'waiting',
    waitReason: 'review',
    attempts: 0,
    why: 'The provider cannot take this payout as it is: it says that it cannot.',
  })
  expect(world.alarms).toMatchObject([{ kind: 'cannot_carry' }])
  expect(world.provider.arrived).toEqual([])
  expect(await world.broken()).toEqual([])
})

test('a connector that throws while building sends nothing; one that throws while reading leaves a doubt', async () => {
  const ready = account()
  const throws = () => {
    throw new Error('a mistake')
  }
  await send(
    await world.claim(number),
    { ready: { ...ready, connector: { ...ready.connector, pay: throws } }, hold: newHold() },
    world.needs(),
  )
  expect(await world.payout(number)).toMatchObject({ state: 'waiting', waitReason: 'review' })
  number += 1n
  await world.accept(number)
  await send(
    await world.claim(number),
    { ready: { ...ready, connector: { ...ready.connector, readPay: throws } }, hold: newHold() },
    world.needs(),
  )
  expect(await world.payout(number)).toMatchObject({ state: 'in_doubt' })
  expect(world.mistakes).toHaveLength(2)
})

test('secrets do not reach the stored exchange', async () => {
  const ready = account()
  const connector = {
    ...ready.connector,
    pay: (...given: Parameters<typeof ready.connector.pay>) => ({
      ...ready.connector.pay(...given),
      headers: { 'x-key': 'secret' },
      body: `${ready.connector.pay(...given).body?.replace('{', '{"key":"secret",')}`,
    }),
  }
  await send(await world.claim(number), { ready: { ...ready, connector }, hold: newHold() }, world.needs())
  const [exchange] = await world.db.store.payoutExchanges(MERCHANT, number)
  expect(exchange?.request).toContain('[removed]')
  expect(`${exchange?.request}${exchange?.answer}`).not.toContain('secret')
})

// ---- a record that meets others, or no database ----------------------------------------------------------------

test('an outcome is written when the database comes back, however long that takes, and the provider is called once', async () => {
  const due = await world.claim(number)
  world.provider.onPay = () => PAID
  let down = 0
  const advancePayouts: Store['advancePayouts'] = batch => {
    // The intent goes through; the next five commits do not.
    if (batch[0]?.to !== 'sending' && down < 5) {
      down += 1
      throw new Unavailable('unavailable', 'gone')
    }
    return world.db.store.advancePayouts(batch)
  }
  const clock = { ...systemClock, sleep: () => systemClock.sleep(1) }
  const needs = world.needs({ clock, advance: createAdvance({ advancePayouts }) })
  expect(await send(due, through(), needs)).toMatchObject({ recorded: 'recorded' })
  expect(down).toBe(5)
  expect(world.provider.arrived).toHaveLength(1)
  expect(await world.payout(number)).toMatchObject({ state: 'paid' })
})

test('an outcome whose commit lost its answer is not booked twice', async () => {
  const due = await world.claim(number)
  world.provider.onPay = () => REFUSED
  let lost = 0
  const advancePayouts: Store['advancePayouts'] = async batch => {
    const verdicts = await world.db.store.advancePayouts(batch)
    if (batch[0]?.to !== 'sending' && lost === 0) {
      lost += 1
      throw new Unavailable('unavailable', 'the answer was lost')
    }
    return verdicts
  }
  const needs = world.needs({ advance: createAdvance({ advancePayouts }) })
  expect(await send(due, through(), needs)).toMatchObject({ row: 'S17', recorded: 'recorded' })
  const postings = await world.db.store.payoutPostings(MERCHANT, number)
  expect(postings.map(({ recipe }) => recipe)).toEqual(['hold', 'dispatch', 'fail'])
  expect(await world.broken()).toEqual([])
})

test('a step that the database refuses for itself is given up after a few tries, and the attempt stays to be found', async () => {
  const due = await world.claim(number)
  const advancePayouts: Store['advancePayouts'] = batch => {
    if (batch[0]?.to !== 'sending') throw new Error('check constraint')
    return world.db.store.advancePayouts(batch)
  }
  const clock = { ...systemClock, sleep: () => systemClock.sleep(1) }
  const needs = world.needs({ clock, advance: createAdvance({ advancePayouts }) })
  expect(await send(due, through(), needs)).toMatchObject({ recorded: 'lost' })
  expect(world.mistakes.length).toBeGreaterThan(0)
  expect(await world.payout(number)).toMatchObject({ state: 'sending' })
})

test('an answer that comes after an inquiry said pending may still say paid', async () => {
  await whileSending(PAID, { to: 'pending', state: 'pending' })
  expect(await world.payout(number)).toMatchObject({ state: 'paid' })
  expect(await world.broken()).toEqual([])
})

test('a refusal that comes after an inquiry found the payout proves nothing: an incident, and the payout stays', async () => {
  await whileSending(REFUSED, { to: 'pending', state: 'pending' })
  expect(await world.payout(number)).toMatchObject({ state: 'pending' })
  expect(await incidents()).toEqual(['contradiction'])
  const found = await world.db.store.findForStep(MERCHANT, number)
  expect(found?.facts).toMatchObject({ contradicted: true })
})

test('a cut that is noticed after an inquiry found the payout does not put it in doubt', async () => {
  await whileSending('reset', { to: 'pending', state: 'pending' })
  expect(await world.payout(number)).toMatchObject({ state: 'pending' })
  expect(await incidents()).toEqual([])
})

test('an answer that comes after its attempt counted as lost still settles it', async () => {
  await whileSending(PAID, { to: 'in_doubt', state: 'in_doubt', doubt: 'lost' })
  expect(await world.payout(number)).toMatchObject({ state: 'paid' })
})

// ---- the harness -----------------------------------------------------------------------------------------------

function account(): ReadyAccount {
  const ready = world.accounts().get(ACCOUNT)
  if (ready === undefined) throw new Error('there is no account')
  return ready
}

function newHold(): Hold {
  return createHold(systemClock, () => 0)
}

function through() {
  return { ready: account(), hold: newHold() }
}

function sendNow(due: DuePayout): Promise<Sent> {
  return send(due, through(), world.needs())
}

function reference(attemptNo: number): string {
  return attemptReference(
    { merchantId: MERCHANT, reference: `ref-${number}`, attemptNo },
    testConnector().capabilities(account().account).reference,
  )
}

function statusOf(provider: Reaction): number | null {
  if (typeof provider === 'string') return null
  return 'says' in provider ? 200 : provider.status
}

async function cancelled({ payout }: DuePayout): Promise<void> {
  await world.db.pool.query('delete from queue where payout_number = $1', [payout.number])
}

async function dueAgain(): Promise<void> {
  await world.db.pool.query('update queue set due_at = now() where payout_number = $1', [number])
}

async function incidents(): Promise<string[]> {
  const { rows } = await world.db.pool.query<{ kind: string }>(
    'select kind from incident where payout_number = $1 order by incident_no',
    [number],
  )
  return rows.map(({ kind }) => kind)
}

/** Commits batches and then says that nobody knows. */
function losesAnswers(store: Store) {
  return createAdvance({
    async advancePayouts(batch) {
      await store.advancePayouts(batch)
      throw new Unavailable('unavailable', 'the answer was lost')
    },
  })
}

/** Sends, and while the provider has not answered yet somebody else moves the payout. */
async function whileSending(
  reaction: Reaction,
  other: { to: 'pending' | 'in_doubt'; state: 'pending' | 'in_doubt'; doubt?: 'lost' },
): Promise<void> {
  world.provider.onPay = async () => {
    const found = await world.db.store.findForStep(MERCHANT, number)
    if (found === null) throw new Error('no payout')
    const step: PayoutStep = {
      ...{ merchantId: MERCHANT, number, version: found.payout.version, to: other.to },
      ...{ waitReason: null, why: null, claim: null, recipe: null, postings: [], queue: { kind: 'keep' } },
      ...{ notices: [], exchange: null, incident: null, confirmation: null },
      attempt: {
        ...{ kind: 'changed', attemptNo: 1, state: other.state, theirId: null, doubt: other.doubt ?? null },
        ...{ proof: null, nextLookInMs: 60_000, inquired: true, facts: null, revision: null },
      },
    }
    await world.db.store.advancePayouts([step])
    await wait(10)
    return reaction
  }
  await sendNow(await world.claim(number))
}
