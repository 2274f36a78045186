import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { openProvider, openWorld, PAID, type World } from '../../test/dispatch-kit.ts'
import { releaseByTwo } from '../../test/people-kit.ts'
import { ACCOUNT, BDT, MERCHANT } from '../../test/store-kit.ts'
import { Unavailable } from '../errors.ts'
import { systemClock } from '../lib/clock.ts'
import { type SendScopes, type SwitchKey, switchesOf } from '../payout/stop.ts'
import type { TrippedSwitch } from '../store/store.ts'
import type { Call } from './call.ts'
import { createHold } from './hold.ts'
import { send } from './send.ts'
import { followSwitches, type Switches, sendingNote, stopWords } from './switches.ts'
import { TRIP_ACKNOWLEDGED_AFTER_MS, tripAndWait } from './trip.ts'

const SEND: SendScopes = { merchantId: MERCHANT, currency: 'BDT', rail: 'test', providerAccountId: ACCOUNT }
const GLOBAL: SwitchKey = { scope: 'global', id: '' }
const LOG = { info: () => {}, warn: () => {}, error: () => {} }

let stack = new AsyncDisposableStack()
afterEach(async () => {
  await stack.disposeAsync()
  stack = new AsyncDisposableStack()
})

// ---- what a process knows ----------------------------------------------------------------------------------------

test('what was read is good for one second from before the question, and without it everything is stopped', async () => {
  const told = teller()
  let nowMs = 5_000
  const switches = await followed(told, { ...systemClock, now: () => nowMs, monotonic: () => nowMs })
  told.answer = () => new Promise(() => {})
  await until(() => told.asked === 2)
  nowMs = 6_000
  expect(switches.stops(SEND)).toBeNull()
  expect(sendingNote(switches)).toEqual({})
  nowMs = 6_001
  expect(switches.stops(SEND)).toEqual({ kind: 'unseen' })
  expect(switches.stopsAll()).toEqual({ kind: 'unseen' })
  expect(sendingNote(switches)).toEqual({ sending: 'stopped', why: 'the kill switch cannot be read' })
})

test('an answer that was long under way is as old as its question', async () => {
  const told = teller()
  const switches = await followed(told)
  told.answer = async () => {
    await wait(1_300)
    return []
  }
  await until(() => told.asked >= 4)
  // It has had answers all the time, and none of them was of use.
  expect(switches.stops(SEND)).toEqual({ kind: 'unseen' })
})

test('a machine that slept does not believe what it knew before, and asks again by itself', async () => {
  const told = teller()
  let slept = 0
  const switches = await followed(told, { ...systemClock, now: () => systemClock.now() + slept })
  slept = 60_000
  expect(switches.stops(SEND)).toEqual({ kind: 'unseen' })
  await until(() => switches.stops(SEND) === null)
})

test('a store that fails stops everything within a second, and it goes on by itself', async () => {
  const told = teller()
  const switches = await followed(told)
  told.answer = () => Promise.reject(new Unavailable('unavailable', 'gone'))
  await until(() => switches.stops(SEND) !== null)
  told.answer = async () => []
  await until(() => switches.stops(SEND) === null)
})

test('who cannot read it even once is told so', async () => {
  const told = teller()
  told.answer = () => Promise.reject(new Unavailable('unavailable', 'gone'))
  await expect(followed(told)).rejects.toThrow(Unavailable)
})

test.each(switchesOf(SEND))('each switch stops its own and nothing else: $scope $id', async key => {
  const told = teller()
  told.answer = async () => [tripped(key)]
  const switches = await followed(told)
  expect(switches.stops(SEND)).toEqual({ kind: 'tripped', by: key })
  expect(stopWords({ kind: 'tripped', by: key })).toMatch(/^It waits: .* is stopped for now\.$/)
  const others = { merchantId: 'm_o', currency: 'EUR', rail: 'o', providerAccountId: 'pa_o' }
  for (const other of Object.keys(SEND)) {
    const stop = switches.stops({ ...others, [other]: SEND[other as keyof SendScopes] })
    const isIts = key.scope === 'global' || SEND[other as keyof SendScopes] === key.id
    expect(stop !== null, `${key.scope} and ${other}`).toBe(isIts)
  }
  expect(switches.stopsAll() !== null).toBe(key.scope === 'global')
})

test('trips and releases are told once each', async () => {
  const told = teller()
  const moved: unknown[] = []
  const switches = await followed(told, systemClock, change => moved.push(change))
  told.answer = async () => [tripped(GLOBAL)]
  await until(() => switches.stopsAll() !== null)
  const asked = told.asked
  await until(() => told.asked > asked + 1)
  told.answer = async () => []
  await until(() => switches.stopsAll() === null)
  expect(moved).toEqual([
    { trips: [tripped(GLOBAL)], releases: [] },
    { trips: [], releases: [tripped(GLOBAL)] },
  ])
})

test('a trip is acknowledged after every process has seen it or is stopped, and not before it is committed', async () => {
  const order: string[] = []
  const clock = { ...systemClock, sleep: async (ms: number) => void order.push(`waited ${ms}`) }
  const store = {
    tripSwitch: async () => {
      await wait(20)
      order.push('committed')
      return 'tripped' as const
    },
  }
  expect(await tripAndWait({ ...GLOBAL, by: 'ana', why: 'w' }, { store, clock })).toBe('tripped')
  expect(order).toEqual(['committed', `waited ${TRIP_ACKNOWLEDGED_AFTER_MS}`])
  expect(TRIP_ACKNOWLEDGED_AFTER_MS).toBe(1_500)
})

// ---- what is sent --------------------------------------------------------------------------------------------------

test('a trip between the intent and the first byte: nothing leaves, the attempt is dead, and no try is counted', async () => {
  const { world, switches } = await openStopped()
  await world.accept(1n)
  const due = await world.claim(1n)
  const call = stoppedOnTheWay(world, switches)
  const ready = world.accounts().get(ACCOUNT)
  if (ready === undefined) throw new Error('no account')
  const through = { ready, hold: createHold(systemClock, () => 0) }
  const sent = await send(due, through, world.needs({ call, switches }))
  expect(sent).toEqual({ kind: 'tried', row: 'S1', recorded: 'recorded' })
  expect(world.provider.arrived).toEqual([])
  expect(await world.payout(1n)).toMatchObject({ state: 'queued', attempts: 1 })
  const { rows } = await world.db.pool.query('select tries from queue')
  expect(rows).toEqual([{ tries: 0 }])
  expect(await world.broken()).toEqual([])
})

test('a process that believes it may send is refused by the database, and sends nothing', async () => {
  const { world } = await openStopped()
  await world.accept(1n)
  const due = await world.claim(1n)
  await trip(world, GLOBAL)
  const ready = world.accounts().get(ACCOUNT)
  if (ready === undefined) throw new Error('no account')
  // Its needs are those of the kit, in which nothing is ever tripped.
  const sent = await send(due, { ready, hold: createHold(systemClock, () => 0) }, world.needs())
  expect(sent).toEqual({ kind: 'not_tried', why: 'stale' })
  expect(world.provider.arrived).toEqual([])
  expect(await world.payout(1n)).toMatchObject({ state: 'queued', attempts: 0 })
})

test.each<SwitchKey>([
  { scope: 'provider_account', id: ACCOUNT },
  { scope: 'rail', id: 'test' },
])(
  'payouts that would go through a stopped $scope wait and say so; the others are sent',
  async key => {
    const { world, switches } = await openStopped()
    world.provider.onPay = () => PAID
    const other = stack.use(disposing(await openProvider()))
    other.onPay = () => PAID
    const { store } = world.db
    await store.putProviderAccount({
      ...{ id: 'pa_other', protocol: 'other', name: 'Other', baseUrl: `http://127.0.0.1:${other.port}` },
      ...{ settings: {}, callbackSecret: 's', ratePerSecond: null, concurrency: null, active: true },
    })
    await store.putRoute({
      ...{ merchantId: MERCHANT, providerAccountId: 'pa_other', priority: 0, currency: BDT },
      ...{ method: 'rocket', active: true },
    })
    const configuration = await store.readConfiguration()
    await trip(world, key)
    await until(() => switches.stops(SEND) !== null)
    await world.accept(1n, 3)
    const rocket = { beneficiary: { kind: 'wallet', operator: 'rocket', number: '01712345678' } } as const
    await world.accept(11n, 3, rocket)
    world.dispatcher({ switches, configuration: () => configuration }).start()
    for (const number of [11n, 12n, 13n]) await world.reach(number, 'paid')
    await until(async () => (await world.payout(3n)).why !== null)
    for (const number of [1n, 2n, 3n])
      expect(await world.payout(number)).toMatchObject({
        ...{ state: 'queued', attempts: 0 },
        why: stopWords({ kind: 'tripped', by: key }),
      })
    expect(world.provider.arrived).toEqual([])
    await release(world, key)
    await until(async () => (await world.payout(3n)).state === 'paid')
  },
  40_000,
)

test('while everything is stopped payouts come in, callbacks and inquiries go on, and an order that was created is not paid', async () => {
  const { world, switches } = await openStopped({ twoStep: true, createAloneNeverPays: true })
  world.provider.onPay = () => ({ says: { said: 'created' } })
  world.provider.onInquiry = () => ({
    says: { said: world.provider.committed.length === 0 ? 'created' : 'paid' },
  })
  await world.accept(1n)
  const asleep = { ...world.db.store, claimAttempts: async () => [] }
  const first = world.dispatcher({ switches, store: asleep })
  first.start()
  await until(() => world.provider.arrived.length === 1)
  await first.stop()
  await trip(world, GLOBAL)
  await until(() => switches.stopsAll() !== null)
  world.dispatcher({ switches }).start()
  await world.accept(2n)
  await until(() => world.provider.inquired.length >= 2)
  expect(await world.payout(1n)).toMatchObject({
    state: 'sending',
    why: 'It waits: all sending is stopped for now.',
  })
  expect(await world.payout(2n)).toMatchObject({
    state: 'queued',
    why: 'It waits: all sending is stopped for now.',
  })
  expect([world.provider.arrived.length, world.provider.committed.length]).toEqual([1, 0])
  await release(world, GLOBAL)
  await world.reach(1n, 'paid')
  await world.reach(2n, 'paid')
  expect(await world.broken()).toEqual([])
}, 40_000)

// ---- the harness -----------------------------------------------------------------------------------------------

function teller() {
  const told = {
    asked: 0,
    answer: async (): Promise<readonly TrippedSwitch[]> => [],
    trippedSwitches() {
      told.asked += 1
      return told.answer()
    },
  }
  return told
}

async function followed(
  store: Parameters<typeof followSwitches>[0]['store'],
  clock = systemClock,
  changed = (_: unknown): void => {},
): Promise<Switches> {
  const switches = await followSwitches({ store, clock, log: LOG, changed })
  // One that waits for an answer for ever would be waited for as long.
  stack.defer(() => Promise.race([switches.stop(), wait(100)]))
  return switches
}

function tripped(key: SwitchKey): TrippedSwitch {
  return { ...key, sinceMs: 1, by: 'ana', why: 'w' }
}

async function openStopped(capabilities: NonNullable<Parameters<typeof openWorld>[0]>['capabilities'] = {}) {
  const world = await openWorld({ capabilities })
  stack.defer(() => world.close())
  const switches = await followed(world.db.store)
  return { world, switches }
}

/** A line on which somebody trips the switch before the connection stands. */
function stoppedOnTheWay(world: World, switches: Switches): Pick<Call, 'callOnce' | 'ask'> {
  return {
    ask: world.call.ask,
    async callOnce(request, limits, lastCheck) {
      await trip(world, GLOBAL)
      await until(() => switches.stopsAll() !== null)
      return world.call.callOnce(request, limits, lastCheck)
    },
  }
}

async function trip(world: World, key: SwitchKey): Promise<void> {
  expect(await world.db.store.tripSwitch({ ...key, by: 'ana', why: 'a test' })).toBe('tripped')
}

async function release(world: World, key: SwitchKey): Promise<void> {
  expect(await releaseByTwo(world.db, key)).toBe('confirmed')
}

function disposing<Closed extends { close(): Promise<void> }>(closed: Closed): Closed & AsyncDisposable {
  return Object.assign(closed, { [Symbol.asyncDispose]: () => closed.close() })
}

async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 3_000; tries += 1) {
    if (await is()) return
    await wait(10)
  }
  throw new Error('it did not come to that')
}
