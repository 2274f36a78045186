import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { currencyOf } from '../money/currency.ts'
import type { Payout, PayoutState } from '../payout/payout.ts'
import type { DoorCredential, DoorNotices } from '../protocols/protocol.ts'
import { createCallbacks } from './callbacks.ts'
import { isLoopback, loopbackExchanger } from './exchange.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

test('a callback is repeated as the schedule says, with the same bytes, until it is acknowledged', async () => {
  const receiver = await receive(['500', '200 no', '200 OK', '200 OK'])
  const { callbacks, settled } = calling()
  callbacks.tell(payout('paid', receiver.url), CREDENTIAL)
  await settled()
  expect(receiver.bodies).toEqual(['paid a secret', 'paid a secret', 'paid a secret'])
  expect(receiver.waitsMs[1]).toBeGreaterThanOrEqual(38)
  expect(receiver.waitsMs[2]).toBeGreaterThanOrEqual(78)
})

test('a callback that nobody acknowledges is given up at the end of the schedule', async () => {
  const receiver = await receive(['500', '500', '500', '200 OK'])
  const { callbacks, settled } = calling()
  callbacks.tell(payout('failed', receiver.url), CREDENTIAL)
  await settled()
  expect(receiver.bodies).toHaveLength(3)
})

test('a state that the door does not tell, and an order without an address, are not told', async () => {
  const receiver = await receive(['200 OK'])
  const { callbacks, settled } = calling()
  callbacks.tell(payout('pending', receiver.url), CREDENTIAL)
  callbacks.tell(payout('paid', null), CREDENTIAL)
  await settled()
  expect(receiver.bodies).toEqual([])
})

test('no address off this machine is ever called, however it is written', async () => {
  const exchanger = loopbackExchanger()
  stops.push(exchanger.close)
  const receiver = await receive(['200 OK', '200 OK'])
  const port = new URL(receiver.url).port
  const ask = (url: string) => exchanger.exchange({ method: 'POST', url, headers: {}, body: 'x' }, 2_000)
  const foreign = [
    '127.0.0.1.nip.io',
    'example.com',
    'localhost.',
    '0.0.0.0',
    '127.0.0.2',
    '10.0.0.1',
    '[::]',
    '127.0.0.1@example.com',
  ]
  for (const host of foreign) expect(await ask(`http://${host}:${port}/`), host).toBeNull()
  expect(receiver.bodies).toEqual([])
  expect((await ask(receiver.url))?.status).toBe(200)
})

test('only the plain names of this machine are this machine', () => {
  const names = ['127.0.0.1', 'LOCALHOST', '[::1]', '0x7f000001', '127.1']
  for (const host of names) expect(isLoopback(`http://${host}:1/`), host).toBe(true)
  const others = [
    '127.0.0.1.nip.io',
    'localhost.',
    'localhost.example.com',
    '[::ffff:127.0.0.1]',
    '127.0.0.2',
    'example.com',
  ]
  for (const host of others) expect(isLoopback(`http://${host}:1/`), host).toBe(false)
  expect(isLoopback('localhost')).toBe(false)
})

test('a receiver that does not answer, or closes, is an exchange without an answer', async () => {
  const exchanger = loopbackExchanger()
  stops.push(exchanger.close)
  const silent = await listen(createServer(() => {}))
  const closing = await listen(createServer(request => request.socket.destroy()))
  for (const url of [silent, closing, 'http://127.0.0.1:1/'])
    expect(await exchanger.exchange({ method: 'POST', url, headers: {}, body: '' }, 100)).toBeNull()
})

test('after stop nothing more is sent', async () => {
  const receiver = await receive(['500', '200 OK'])
  const { callbacks, settled } = calling()
  callbacks.tell(payout('paid', receiver.url), CREDENTIAL)
  while (receiver.bodies.length === 0) await systemClock.sleep(1)
  callbacks.stop()
  await settled()
  await systemClock.sleep(60)
  expect(receiver.bodies).toHaveLength(1)
})

test('more callbacks than may be on the line at once are all told', async () => {
  const receiver = await receive([])
  const { callbacks, settled, openMost } = calling()
  for (let count = 0; count < 200; count += 1) callbacks.tell(payout('paid', receiver.url), CREDENTIAL)
  await settled()
  expect(receiver.bodies).toHaveLength(200)
  expect(openMost()).toBe(64)
})

const CREDENTIAL: DoorCredential = {
  door: 'some',
  publicId: '42',
  merchantId: 'rail',
  secret: 'a secret',
  active: true,
  settings: {},
}

const FORM: DoorNotices = {
  states: ['paid', 'failed'],
  scheduleMs: [10_000, 40, 80],
  timeoutMs: 2_000,
  request: ({ url, state }, credential) => ({
    method: 'POST',
    url,
    headers: { 'content-type': 'text/plain' },
    body: `${state} ${credential.secret}`,
  }),
  acknowledged: ({ status, body }) => status === 200 && new TextDecoder().decode(body) === 'OK',
}

function calling() {
  let [open, most] = [0, 0]
  const exchanger = loopbackExchanger()
  const callbacks = createCallbacks({
    noticesOf: door => (door === 'some' ? FORM : null),
    clock: systemClock,
    log: createLog({ level: 'silent' }),
    exchange: async (request, timeoutMs) => {
      open += 1
      most = Math.max(most, open)
      const answer = await exchanger.exchange(request, timeoutMs)
      open -= 1
      return answer
    },
  })
  stops.push(callbacks.stop, exchanger.close)
  const settled = async (): Promise<void> => {
    for (let round = 0; round < 1_000 && callbacks.waiting() > 0; round += 1) await systemClock.sleep(5)
    expect(callbacks.waiting()).toBe(0)
  }
  return { callbacks, settled, openMost: () => most }
}

/** Answers each request with the next of `answers`, a status and a body; after the last, with 200 OK. */
async function receive(answers: string[]) {
  const bodies: string[] = []
  const waitsMs: number[] = []
  let last = systemClock.monotonic()
  const server = createServer(async (request, response) => {
    waitsMs.push(systemClock.monotonic() - last)
    last = systemClock.monotonic()
    let body = ''
    for await (const chunk of request) body += chunk
    bodies.push(body)
    const [status, ...words] = (answers.shift() ?? '200 OK').split(' ')
    response.writeHead(Number(status)).end(words.join(' '))
  })
  return { url: await listen(server), bodies, waitsMs }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => {
    server.closeAllConnections()
    server.close()
  })
  // An address of a listening TCP server is never a path.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function payout(state: PayoutState, notifyUrl: string | null): Payout {
  const currency = currencyOf('BDT')
  if (currency === null) throw new Error('BDT')
  return {
    merchantId: 'rail',
    number: 1n,
    tag: 1,
    reference: 'A1',
    amount: { minor: 1000n, currency },
    beneficiary: { kind: 'wallet', operator: 'bkash', number: '01711111111' },
    method: 'bkash',
    description: null,
    metadata: null,
    door: 'some',
    doorCredentialId: '42',
    requestId: null,
    notifyUrl,
    state,
    waitReason: null,
    why: null,
    createdAtMs: 0,
    stateSinceMs: 0,
    paidAtMs: null,
    version: 1,
    attempts: 1,
  }
}
