// Whole dispatchers over real Postgres, with a real provider on loopback that counts what arrives.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { openProvider, openWorld, PAID, PENDING, type World } from '../../test/dispatch-kit.ts'
import { ACCOUNT, BDT, MERCHANT } from '../../test/store-kit.ts'
import { Unavailable } from '../errors.ts'
import { systemClock } from '../lib/clock.ts'
import { createHold } from './hold.ts'
import { send } from './send.ts'

let world: World
afterEach(() => world.close())

test('two dispatchers share the queue and each payout arrives once', async () => {
  world = await openWorld()
  world.provider.onPay = () => PAID
  await world.accept(1n, 200)
  const dispatchers = [world.dispatcher(), world.dispatcher()]
  for (const dispatcher of dispatchers) dispatcher.start()
  await until(async () => (await count('paid')) === 200)
  expect(world.provider.arrived).toHaveLength(200)
  expect(new Set(world.provider.arrived).size).toBe(200)
  expect(
    dispatchers.map(dispatcher => dispatcher.status().rows.get('S16') ?? 0).every(rows => rows > 0),
  ).toBe(true)
  expect(await world.broken()).toEqual([])
}, 30_000)

test('a payout is sent as soon as somebody wakes the dispatcher', async () => {
  world = await openWorld()
  const dispatcher = world.dispatcher({ limits: { pollMs: 60_000 } })
  dispatcher.start()
  await wait(100)
  await world.accept(1n)
  dispatcher.wakePayouts()
  await world.reach(1n, 'pending')
})

test('a payout is sent without anybody waking the dispatcher', async () => {
  world = await openWorld()
  world.dispatcher().start()
  await world.accept(1n)
  await world.reach(1n, 'pending')
})

test('what is pending is asked about until it is known', async () => {
  world = await openWorld()
  world.provider.onInquiry = () => (world.provider.inquired.length < 2 ? PENDING : PAID)
  await world.accept(1n)
  const dispatcher = world.dispatcher()
  dispatcher.start()
  await world.reach(1n, 'paid')
  expect(world.provider.arrived).toHaveLength(1)
  expect(world.provider.inquired).toHaveLength(2)
  expect(dispatcher.status().rows).toEqual(
    new Map([
      ['S16', 1],
      ['Q4', 2],
    ]),
  )
})

test("the age of an attempt is the database's, whatever this process believes the time to be", async () => {
  world = await openWorld({ capabilities: { failedIsFinalAfterMs: 86_400_000 } })
  world.provider.onInquiry = () => ({ says: { said: 'failed', failure: 'failed' } })
  let jump = 0
  const clock = { ...systemClock, now: () => systemClock.now() + jump }
  await world.accept(1n)
  world.dispatcher({ clock }).start()
  await until(async () => world.provider.inquired.length >= 1)
  jump = 10 * 86_400_000
  await until(async () => world.provider.inquired.length >= 3)
  expect(await world.payout(1n)).toMatchObject({ state: 'pending' })
})

test('a send that lost its process is found, is in doubt, and is asked about', async () => {
  world = await openWorld()
  world.provider.onInquiry = () => PAID
  await world.accept(1n)
  await world.claim(1n)
  // The intent of a process that is gone: committed long ago, and no end recorded.
  const due = await world.db.store.findForStep(MERCHANT, 1n)
  const ready = world.accounts().get(ACCOUNT)
  if (due === null || ready === undefined) throw new Error('nothing to send')
  const { rows } = await world.db.pool.query<{ claim: bigint }>('select claim from queue')
  const gone = new AbortController()
  gone.abort()
  await send(
    { payout: due.payout, claim: rows[0]?.claim ?? 0n, tries: 0 },
    { ready, hold: createHold(systemClock, () => 0) },
    world.needs({ givenUp: gone.signal }),
  )
  expect(await world.payout(1n)).toMatchObject({ state: 'sending' })
  await world.db.pool.query('alter table attempt disable trigger user')
  await world.db.pool.query(`update attempt set created_at = now() - interval '1 hour', next_look_at = now()`)
  world.dispatcher().start()
  await world.reach(1n, 'paid')
  const events = await world.db.store.payoutEvents(MERCHANT, 1n)
  expect(events.map(({ state }) => state)).toEqual(['queued', 'sending', 'in_doubt', 'paid'])
  expect(world.provider.arrived).toHaveLength(1)
})

test('while a provider cannot be reached its payouts stay queued, few of them are tried, and all are sent afterwards', async () => {
  world = await openWorld({ account: { concurrency: 5 } })
  world.provider.onPay = () => PAID
  await world.accept(1n, 50)
  const { port } = world.provider
  await world.provider.close()
  const dispatcher = world.dispatcher()
  dispatcher.start()
  await until(async () => dispatcher.status().accounts[0]?.state === 'down')
  await wait(1500)
  expect(dispatcher.status().accounts).toEqual([
    { providerAccountId: ACCOUNT, state: 'down', why: 'connection refused' },
  ])
  expect(await count('queued')).toBe(50)
  await wait(1500)
  // Five at once in the first moment, then one at a time finds out; the others wait for it.
  expect(await tried()).toBeLessThanOrEqual(5 + 3)
  const held = await world.db.store.listPayouts(MERCHANT, {
    limit: 50,
    before: null,
    state: null,
    reference: null,
  })
  expect(held.filter(({ why }) => why?.includes('connection refused') ?? false)).toHaveLength(50)

  const back = await openProviderAt(port)
  await until(async () => (await count('paid')) === 50)
  expect(back.arrived).toBe(50)
  expect(dispatcher.status().accounts[0]?.state).toBe('up')
  await back.close()
  expect(await world.broken()).toEqual([])
}, 30_000)

test('no more runs through a provider account at once than it allows', async () => {
  world = await openWorld({ account: { concurrency: 3 } })
  let running = 0
  let most = 0
  world.provider.onPay = async () => {
    running += 1
    most = Math.max(most, running)
    await wait(30)
    running -= 1
    return PAID
  }
  await world.accept(1n, 20)
  // A place that is given back is taken again at once, without waiting for the next poll.
  world.dispatcher({ limits: { pollMs: 60_000 } }).start()
  await until(async () => (await count('paid')) === 20)
  expect(most).toBe(3)
}, 20_000)

test('a provider account that is full holds up no other, and is never asked for more than it allows', async () => {
  world = await openWorld()
  const slow = await openProvider()
  let running = 0
  let most = 0
  slow.onPay = async () => {
    running += 1
    most = Math.max(most, running)
    await wait(400)
    running -= 1
    return PAID
  }
  world.provider.onPay = () => PAID
  const { store } = world.db
  const usual = { protocol: 'test', settings: {}, callbackSecret: 's', ratePerSecond: null, active: true }
  await store.putProviderAccount({
    ...{ ...usual, id: 'pa_slow', name: 'Slow', concurrency: 1 },
    baseUrl: `http://127.0.0.1:${slow.port}`,
  })
  await store.putRoute({
    ...{ merchantId: MERCHANT, providerAccountId: 'pa_slow', priority: 0, currency: BDT },
    ...{ method: 'rocket', active: true },
  })
  const configuration = await store.readConfiguration()
  const rocket = { beneficiary: { kind: 'wallet', operator: 'rocket', number: '01712345678' } } as const
  await world.accept(1n, 40, rocket)
  await world.accept(101n, 40)
  const dispatcher = world.dispatcher({ configuration: () => configuration, limits: { sends: 8 } })
  dispatcher.start()
  await until(async () => world.provider.arrived.length === 40)
  expect(slow.arrived.length).toBeLessThan(20)
  expect(most).toBe(1)
  await dispatcher.stop()
  await slow.close()
}, 20_000)

test('no more goes to a provider account per second than it allows, and inquiries are not starved by sends', async () => {
  world = await openWorld({ account: { ratePerSecond: 20, concurrency: 50 } })
  world.provider.onInquiry = () => PAID
  await world.accept(1n, 60)
  const dispatcher = world.dispatcher()
  dispatcher.start()
  await wait(3_000)
  // Half of the rate is theirs: ten in the first moment and ten in each second after it.
  expect(world.provider.arrived.length).toBeGreaterThanOrEqual(30)
  expect(world.provider.arrived.length).toBeLessThanOrEqual(42)
  expect(world.provider.inquired.length).toBeGreaterThan(5)
}, 20_000)

test('a payout without a usable route stays in the queue and is counted', async () => {
  world = await openWorld({ account: { active: false } })
  await world.accept(1n)
  const dispatcher = world.dispatcher()
  dispatcher.start()
  await wait(400)
  expect(await world.payout(1n)).toMatchObject({ state: 'queued', attempts: 0 })
  expect(world.provider.arrived).toEqual([])
})

test('a store that is gone stops nothing for good, and is told once', async () => {
  world = await openWorld()
  const warnings: string[] = []
  const log = {
    info: (_: object, text: string) => warnings.push(text),
    warn: (_: object, text: string) => warnings.push(text),
    error: () => {},
  }
  let down = true
  const { store } = world.db
  const dispatcher = world.dispatcher({
    log,
    store: {
      ...store,
      claimDue: claim =>
        down ? Promise.reject(new Unavailable('unavailable', 'gone')) : store.claimDue(claim),
    },
  })
  await world.accept(1n)
  dispatcher.start()
  await wait(900)
  expect(dispatcher.status().storeDown).not.toBeNull()
  down = false
  await world.reach(1n, 'pending')
  expect(dispatcher.status().storeDown).toBeNull()
  expect(warnings).toEqual([
    'the store cannot be reached; dispatch waits',
    'the store is back; dispatch goes on',
  ])
})

test('stopping lets calls that are under way end, records them, and sends nothing more', async () => {
  world = await openWorld()
  let release = () => {}
  world.provider.onPay = () =>
    new Promise(resolve => {
      release = () => resolve(PAID)
    })
  await world.accept(1n)
  const dispatcher = world.dispatcher()
  dispatcher.start()
  await until(async () => world.provider.arrived.length === 1)
  await world.accept(2n, 20)
  const stopped = dispatcher.stop()
  dispatcher.wakePayouts()
  setTimeout(release, 200)
  await stopped
  expect(await world.payout(1n)).toMatchObject({ state: 'paid' })
  await wait(300)
  expect(world.provider.arrived).toHaveLength(1)
  expect(dispatcher.status()).toMatchObject({ sending: 0, looking: 0, stopping: true })
})

test('stopping does not wait longer than it was told; what was under way is found as lost', async () => {
  world = await openWorld({ capabilities: { timeoutsMs: { connect: 500, headers: 5_000, total: 5_000 } } })
  world.provider.onPay = () => 'hang'
  await world.accept(1n)
  const dispatcher = world.dispatcher({ limits: { stopWithinMs: 300 } })
  dispatcher.start()
  await until(async () => world.provider.arrived.length === 1)
  const began = systemClock.monotonic()
  await dispatcher.stop()
  expect(systemClock.monotonic() - began).toBeLessThan(1_500)
  expect(await world.payout(1n)).toMatchObject({ state: 'sending' })
})

// ---- the harness -----------------------------------------------------------------------------------------------

async function until(is: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (await is()) return
    await wait(20)
  }
  throw new Error('it did not come to that')
}

async function count(state: string): Promise<number> {
  const { rows } = await world.db.pool.query<{ count: bigint }>(
    'select count(*) as count from payout where state = $1',
    [state],
  )
  return Number(rows[0]?.count ?? 0n)
}

async function tried(): Promise<number> {
  const { rows } = await world.db.pool.query('select from attempt')
  return rows.length
}

/** A provider that pays everything, at the port where there was one before. */
async function openProviderAt(port: number) {
  const provider = { arrived: 0, close: async () => {} }
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const { reference, amount } = JSON.parse(text) as { reference: string; amount: string }
    provider.arrived += 1
    const body = JSON.stringify({ said: 'paid', failure: null, theirId: 'p-1', reference, amount })
    response.writeHead(200, { 'content-length': Buffer.byteLength(body) }).end(body)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  provider.close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return provider
}
