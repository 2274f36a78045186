// Callbacks, against real Postgres; the addresses are those that the provider was given with each send.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { FAILED, openWorld, PAID, PENDING, type Reaction, type World } from '../../test/dispatch-kit.ts'
import { ACCOUNT, MERCHANT } from '../../test/store-kit.ts'
import { Unavailable } from '../errors.ts'
import { systemClock } from '../lib/clock.ts'
import type { ReadyAccount } from './accounts.ts'
import { createHold } from './hold.ts'
import { inquire } from './inquire.ts'
import { createReceiver, type Receiver, type ReceiverOptions } from './receive.ts'
import { send } from './send.ts'

let world: World
let receiver: Receiver
let refused: string[]
let wakes: number
let number = 0n
beforeAll(async () => {
  world = await openWorld()
})
beforeEach(() => {
  refused = []
  wakes = 0
  world.alarms.length = 0
  world.mistakes.length = 0
  world.provider.onInquiry = () => PENDING
  world.provider.inquired.length = 0
  receiver = newReceiver()
})
afterAll(() => world.close())

test('a verified callback is kept, acknowledged, and wakes an inquiry that decides', async () => {
  const path = await sent(PENDING)
  expect(await call(path, { said: 'paid' })).toMatchObject({ status: 200, body: 'OK' })
  expect(wakes).toBe(1)
  expect(await world.payout(number)).toMatchObject({ state: 'pending' })
  expect(await stored()).toBe(1)
  expect(await isDueNow()).toBe(true)
  expect(await world.db.store.payoutExchanges(MERCHANT, number)).toMatchObject([
    { kind: 'send' },
    { kind: 'callback', row: 'W3', verdict: 'told paid' },
  ])
  world.provider.onInquiry = () => PAID
  await look()
  expect(await world.payout(number)).toMatchObject({ state: 'paid' })
})

test('a callback alone never moves a payout, whatever it says', async () => {
  const path = await sent(PENDING)
  for (const said of ['paid', 'failed', 'returned', 'pending', 'unknown']) {
    expect(await call(path, { said, failure: said === 'failed' ? 'failed' : null })).toMatchObject({
      status: 200,
    })
  }
  expect(await world.payout(number)).toMatchObject({ state: 'pending', version: 3 })
})

test('the same bytes again are acknowledged and have no effect', async () => {
  const path = await sent(PENDING)
  await call(path, { said: 'paid' })
  await look()
  const before = await world.db.store.payoutExchanges(MERCHANT, number)
  for (let index = 0; index < 5; index++) {
    expect(await call(path, { said: 'paid' })).toMatchObject({ status: 200, body: 'OK' })
  }
  expect(await stored()).toBe(1)
  expect(await isDueNow()).toBe(false)
  expect(wakes).toBe(1)
  expect(await world.db.store.payoutExchanges(MERCHANT, number)).toHaveLength(before.length)
})

test('the same bytes at another process are acknowledged and wake nobody', async () => {
  const path = await sent(PENDING)
  await call(path, { said: 'paid' })
  receiver = newReceiver()
  wakes = 0
  expect(await call(path, { said: 'paid' })).toMatchObject({ status: 200 })
  expect(wakes).toBe(0)
  expect(await stored()).toBe(1)
})

const forgeries: readonly (readonly [string, string, (path: string) => string])[] = [
  ['another code', 'address', path => `${path.slice(0, -1)}${path.endsWith('0') ? '1' : '0'}`],
  ['a code of another case', 'address', path => path.slice(0, -32) + path.slice(-32).toUpperCase()],
  ['a shorter code', 'address', path => path.slice(0, -1)],
  ['another attempt', 'address', path => path.replace(/\/1\/([0-9a-f]{32})$/, '/2/$1')],
  ['another merchant', 'address', path => path.replace(MERCHANT, 'm_other')],
  ['another payout', 'address', path => path.replace(/\/([0-9a-z]{16})\//, '/000000000000000z/')],
  ['another account', 'account', path => path.replace(ACCOUNT, 'pa_other')],
  ['another protocol', 'account', path => path.replace('/test/', '/other/')],
  ['nothing behind it', 'address', () => '/callbacks/'],
  ['something behind it', 'address', path => `${path}/more`],
]
for (const [title, why, forge] of forgeries) {
  test(`an address with ${title} is refused and stores nothing`, async () => {
    const path = await sent(PENDING)
    const answer = await call(forge(path), { said: 'paid' })
    expect([400, 404]).toContain(answer.status)
    expect(refused).toEqual([why])
    expect(await stored()).toBe(0)
    expect(await isDueNow()).toBe(false)
  })
}

test('an address whose payout has another tag is refused: the number alone can be guessed', async () => {
  const path = await sent(PENDING)
  await world.db.pool.query('alter table payout disable trigger user')
  await world.db.pool.query('update payout set tag = (tag + 1) % 1000 where payout_number = $1', [number])
  await world.db.pool.query('alter table payout enable trigger user')
  expect(await call(path, { said: 'paid' })).toMatchObject({ status: 400 })
  expect(refused).toEqual(['payout'])
})

test('a callback without a good signature is refused in the words of the protocol and stores nothing', async () => {
  const path = await sent(PENDING)
  expect(await call(path, { said: 'paid', good: false })).toEqual({ status: 400, headers: {}, body: 'no' })
  expect(refused).toEqual(['signature'])
  expect(await stored()).toBe(0)
})

test('a signed callback that names another reference is refused and an alarm', async () => {
  const path = await sent(PENDING)
  expect(await call(path, { said: 'paid', reference: 'of-another-payout' })).toMatchObject({ status: 400 })
  expect(refused).toEqual(['reference'])
  expect(world.alarms).toMatchObject([{ kind: 'callback_reference' }])
  expect(await stored()).toBe(0)
})

test('a callback about a dead attempt wakes it, and what the provider then says is an incident', async () => {
  const path = await sent(FAILED)
  expect(await world.payout(number)).toMatchObject({ state: 'failed' })
  expect(await call(path, { said: 'paid' })).toMatchObject({ status: 200 })
  expect(await isDueNow()).toBe(true)
  world.provider.onInquiry = () => PAID
  const [due] = (await world.db.store.claimAttempts({ limit: 10, leaseMs: 60_000 })).filter(
    ({ payout }) => payout.number === number,
  )
  if (due === undefined) throw new Error('the dead attempt was not claimed')
  expect(await inquire(due, account(), Date.UTC(2100, 1), world.needs())).toMatchObject({ row: 'Q3' })
})

test('a callback that arrives before our send returned is kept and settles nothing before its time', async () => {
  let path = ''
  await sent(PENDING, async reference => {
    path = pathOf(reference)
    expect(await call(path, { said: 'paid' }, reference)).toMatchObject({ status: 200 })
    expect(await world.payout(number)).toMatchObject({ state: 'sending' })
  })
  expect(await world.payout(number)).toMatchObject({ state: 'pending' })
  expect(await stored()).toBe(1)
  world.provider.onInquiry = () => PAID
  await look()
  expect(await world.payout(number)).toMatchObject({ state: 'paid' })
})

test('a callback is acknowledged only when it is committed', async () => {
  const path = await sent(PENDING)
  const { store } = world.db
  let down = true
  receiver = newReceiver({
    store: {
      findForStep: store.findForStep,
      payoutAttempts: store.payoutAttempts,
      recordCallbacks(batch) {
        if (down) throw new Unavailable('unavailable', 'gone')
        return store.recordCallbacks(batch)
      },
    },
  })
  expect(await call(path, { said: 'paid' })).toMatchObject({ status: 503 })
  expect(refused).toEqual(['unavailable'])
  expect(await stored()).toBe(0)
  down = false
  expect(await call(path, { said: 'paid' })).toMatchObject({ status: 200 })
  expect(await stored()).toBe(1)
})

test('a connector that throws over a callback refuses it for now', async () => {
  const path = await sent(PENDING)
  expect(await receiver.receive(path, request('this is no JSON'))).toMatchObject({ status: 503 })
  expect(world.mistakes).toHaveLength(1)
})

test('many callbacks at once are each kept once', async () => {
  const path = await sent(PENDING)
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => call(path, { said: 'pending', theirId: `p-${index % 10}` })),
  )
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  expect(await stored()).toBe(10)
})

// ---- the harness -----------------------------------------------------------------------------------------------

function newReceiver(change: Partial<ReceiverOptions> = {}): Receiver {
  return createReceiver({
    store: world.db.store,
    advance: world.advance,
    accounts: world.accounts,
    connectorOf: () => world.connector,
    clock: systemClock,
    alarm: alarm => world.alarms.push(alarm),
    refused: why => refused.push(why),
    failed: error => world.mistakes.push(error),
    wake: () => {
      wakes += 1
    },
    ...change,
  })
}

function account(): ReadyAccount {
  const ready = world.accounts().get(ACCOUNT)
  if (ready === undefined) throw new Error('there is no account')
  return ready
}

/** Sends a new payout; gives the path under which its provider calls back. */
async function sent(
  reaction: Reaction,
  meanwhile: (reference: string) => Promise<void> = async () => {},
): Promise<string> {
  number += 1n
  await world.accept(number)
  let sentAs = ''
  world.provider.onPay = async reference => {
    sentAs = reference
    await meanwhile(reference)
    return reaction
  }
  const through = { ready: account(), hold: createHold(systemClock, () => 0) }
  await send(await world.claim(number), through, world.needs())
  return pathOf(sentAs)
}

function pathOf(reference: string): string {
  return new URL(world.provider.callbackUrls.get(reference) ?? '').pathname
}

async function call(path: string, says: Record<string, unknown>, reference?: string) {
  const found = await world.db.store.findForStep(MERCHANT, number)
  const usual = {
    ...{ good: true, failure: null, theirId: null, amount: null },
    reference: reference ?? found?.attempt?.reference,
  }
  return receiver.receive(path, request(JSON.stringify({ ...usual, ...says })))
}

function request(body: string) {
  return { method: 'POST', query: '', headers: new Map(), body: Buffer.from(body) }
}

async function look(): Promise<void> {
  const found = await world.db.store.findForStep(MERCHANT, number)
  if (found?.attempt == null) throw new Error('there is no attempt')
  const due = { ...found, attempt: found.attempt }
  await inquire(due, account(), due.attempt.createdAtMs + 5_000, world.needs())
}

async function stored(): Promise<number> {
  const { rows } = await world.db.pool.query('select from callback where payout_number = $1', [number])
  return rows.length
}

async function isDueNow(): Promise<boolean> {
  const { rows } = await world.db.pool.query<{ due: boolean | null }>(
    'select next_look_at <= now() as due from attempt where payout_number = $1',
    [number],
  )
  return rows[0]?.due ?? false
}
