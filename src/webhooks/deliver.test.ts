import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  booked,
  changed,
  MERCHANT,
  newPayout,
  openTestStore,
  payoutStep,
  send,
  type TestStore,
} from '../../test/store-kit.ts'
import { createCall } from '../dispatch/call.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import type { DoorNotices } from '../protocols/protocol.ts'
import { createDelivery, type Delivery, type DeliveryNeeds } from './deliver.ts'
import { noticesFor } from './notice.ts'
import { judgeTarget, mayReachAddress } from './target.ts'

const RULES = { allowLoopback: true }
const NOTICES: DoorNotices = {
  states: ['paid', 'returned'],
  scheduleMs: [0, 20, 40],
  timeoutMs: 500,
  request({ payout, state, atMs, url }) {
    if (url.endsWith('/throws')) throw new Error('a mistake')
    return {
      method: 'POST',
      url,
      headers: { 'content-type': 'text/plain' },
      body: `${payout.reference} ${state} ${atMs}`,
    }
  },
  acknowledged: answer => answer.status === 200 && Buffer.from(answer.body).toString() === 'OK',
}

let db: TestStore
let receiver: Server
let url: string
let delivery: Delivery
let heard: string[]
let answer: (body: string) => { status: number; body: string; location?: string } | 'silent'
let number = 0n
const call = createCall({ clock: systemClock, mayReach: address => mayReachAddress(address, RULES) })

beforeAll(async () => {
  db = await openTestStore(10_000_000n)
  receiver = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => {
      heard.push(body)
      const said = answer(body)
      if (said === 'silent') return
      response.writeHead(said.status, said.location === undefined ? {} : { location: said.location })
      response.end(said.body)
    })
  })
  await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/notify`
})
afterAll(async () => {
  receiver.closeAllConnections()
  receiver.close()
  await call.close()
  await db.close()
})
beforeEach(() => {
  heard = []
  answer = () => ({ status: 200, body: 'OK' })
  delivery = newDelivery(call.ask)
  delivery.start()
})
afterEach(() => delivery.stop())

test('a step is told once acknowledged, with the same bytes at every try until then', async () => {
  let tries = 0
  answer = () => {
    tries += 1
    return tries < 3 ? { status: 200, body: 'please wait' } : { status: 200, body: 'OK' }
  }
  const payout = await paid(url)
  await until(payout, 'acknowledged')
  expect(heard).toHaveLength(3)
  expect(new Set(heard).size).toBe(1)
  expect(await notices(payout)).toMatchObject([{ sequence: 3, tries: 3, lastStatus: 200, lastSaid: 'OK' }])
})

test('after the last try of its schedule a notice is parked with what was said, and never lost', async () => {
  answer = () => ({ status: 500, body: 'no\nthanks' })
  const payout = await paid(url)
  await until(payout, 'parked')
  expect(heard).toHaveLength(3)
  expect(await notices(payout)).toMatchObject([{ state: 'parked', lastStatus: 500, lastSaid: 'no thanks' }])
})

test('a redirect is a failed delivery and is not followed', async () => {
  answer = () => ({ status: 302, body: '', location: `${url}/elsewhere` })
  const payout = await paid(url)
  await until(payout, 'parked')
  expect(heard).toHaveLength(3)
})

test('a receiver who never answers holds up nobody else', async () => {
  answer = body =>
    body.includes('returned') || body.includes('silent') ? 'silent' : { status: 200, body: 'OK' }
  const silent = await paid(url, 'silent')
  const other = await paid(url)
  await until(other, 'acknowledged')
  expect((await notices(silent))[0]?.state).toBe('due')
  await until(silent, 'parked')
})

test('an address that may not be called is parked without a connection', async () => {
  const payout = await paid('http://169.254.169.254/latest')
  await until(payout, 'parked')
  expect(heard).toEqual([])
  expect(await notices(payout)).toMatchObject([{ lastSaid: 'the address is not public' }])
})

test('a name that resolves to an address that may not be called is parked without a connection', async () => {
  await delivery.stop()
  const inward = createCall({
    clock: systemClock,
    mayReach: address => mayReachAddress(address, RULES),
    resolve: async () => ['93.184.216.34', '10.0.0.1'],
  })
  delivery = newDelivery(inward.ask)
  delivery.start()
  const payout = await paid('http://merchant.example.com/notify')
  await until(payout, 'parked')
  expect(await notices(payout)).toMatchObject([{ tries: 1, lastSaid: 'the address is not allowed' }])
  await inward.close()
})

test('a notice that cannot be built holds up no other and is tried again later', async () => {
  const broken = await paid('http://127.0.0.1:1/throws')
  const other = await paid(url)
  await until(other, 'acknowledged')
  await wait(50)
  expect(await notices(broken)).toMatchObject([
    { state: 'due', tries: 1, lastSaid: 'the notice could not be told' },
  ])
})

test('the return is told only after the payment was acknowledged', async () => {
  let refuse = true
  answer = () => (refuse ? { status: 503, body: '' } : { status: 200, body: 'OK' })
  const payout = await paid(url)
  await db.store.advancePayouts([
    payoutStep(
      { number: payout, version: 3 },
      {
        to: 'returned',
        attempt: changed(1, { state: 'returned' }),
        notices: [{ target: 'door', url, dueInMs: 0 }],
        ...booked('return'),
      },
    ),
  ])
  await wait(30)
  refuse = false
  await until(payout, 'acknowledged', 2)
  const states = heard.map(body => body.split(' ')[1])
  expect(states.lastIndexOf('paid')).toBeLessThan(states.indexOf('returned'))
})

test('only the states that the door tells, and only where an address was given, make a notice', () => {
  const payout = { door: 'paypro', notifyUrl: url } as Parameters<typeof noticesFor>[0]
  expect(noticesFor(payout, 'paid', () => NOTICES)).toEqual([{ target: 'door', url, dueInMs: 0 }])
  expect(noticesFor(payout, 'pending', () => NOTICES)).toEqual([])
  expect(noticesFor(payout, 'paid', () => null)).toEqual([])
  expect(noticesFor({ ...payout, notifyUrl: null }, 'paid', () => NOTICES)).toEqual([])
})

async function paid(notifyUrl: string, reference = 'order'): Promise<bigint> {
  number += 1n
  const mine = number
  await db.store.acceptPayouts([newPayout(mine, { reference: `${reference}-${mine}`, notifyUrl })])
  await send(db.store, mine)
  await db.store.advancePayouts([
    payoutStep(
      { number: mine, version: 2 },
      {
        to: 'paid',
        attempt: changed(1, { state: 'paid', theirId: 'T' }),
        notices: [{ target: 'door', url: notifyUrl, dueInMs: 0 }],
        ...booked('settle'),
      },
    ),
  ])
  delivery.wake()
  return mine
}

const notices = (payout: bigint) => db.store.payoutNotices(MERCHANT, payout)

async function until(payout: bigint, state: string, count = 1): Promise<void> {
  for (let round = 0; round < 200; round += 1) {
    const all = await notices(payout)
    if (all.length >= count && all.every(notice => notice.state === state)) return
    await wait(25)
  }
  throw new Error(`the notices of ${payout} did not become ${state}`)
}

function newDelivery(ask: DeliveryNeeds['ask']): Delivery {
  return createDelivery({
    store: db.store,
    noticesOf: () => NOTICES,
    credential: (door, publicId) => ({
      door,
      publicId,
      merchantId: MERCHANT,
      secret: 's',
      active: true,
      settings: {},
    }),
    judgeTarget: target => judgeTarget(target, RULES),
    ask,
    clock: systemClock,
    log: createLog({ level: 'silent' }),
  })
}
