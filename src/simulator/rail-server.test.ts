import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { request } from 'undici'
import { afterEach, expect, test } from 'vitest'
import { mountDoor } from '../http/mount.ts'
import { createServer } from '../http/server.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { currencyOf } from '../money/currency.ts'
import type { ConnectorOrder, InquirySubject, ProviderAccount, WireRequest } from '../protocols/protocol.ts'
import { protocolNamed } from '../protocols/registry.ts'
import { railCredentials, railProtocols } from './credentials.ts'
import { behaviourNamed } from './magic.ts'
import { startRailServer } from './rail-server.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

test('a client of the protocol is paid by the simulated provider, called back and answered', async () => {
  const receiver = await receive()
  const { pay, inquire, books } = await provider({ callbackUrl: receiver.url })
  expect(await pay('r1', '01711111111')).toMatchObject({ kind: 'read', said: 'pending' })
  await until(() => receiver.bodies.length > 0)
  const [body = ''] = receiver.bodies
  const reading = account().connector.readCallback(
    { method: 'POST', query: '', headers: new Map(), body: Buffer.from(body) },
    account().providerAccount(''),
  )
  expect(reading).toMatchObject({ kind: 'verified', reference: 'r1', said: 'paid' })
  expect(await inquire('r1')).toMatchObject({
    kind: 'read',
    said: 'paid',
    echo: { reference: 'same', amount: 'same' },
  })
  expect(await books()).toMatchObject([{ reference: 'r1', amount: '12.50', state: 'paid', timesPaid: 1 }])
})

// What a client reads of the submission, and how often the order then stands in the books and is paid.
const READ: Record<string, { read: unknown; accepted: number; arrived: number; paid: number }> = {
  paid_at_once: { read: { kind: 'read', said: 'paid' }, accepted: 1, arrived: 1, paid: 1 },
  failed_at_once: {
    read: { kind: 'read', said: 'failed', failure: 'failed' },
    accepted: 1,
    arrived: 1,
    paid: 0,
  },
  refused: { read: { kind: 'read', said: 'failed', failure: 'refused' }, accepted: 0, arrived: 0, paid: 0 },
  no_response: { read: { kind: 'unread' }, accepted: 1, arrived: 1, paid: 1 },
  called_duplicate: { read: { kind: 'read', said: 'unknown' }, accepted: 1, arrived: 1, paid: 1 },
  never_arrived: { read: 'cut', accepted: 0, arrived: 0, paid: 0 },
  answer_lost: { read: 'cut', accepted: 1, arrived: 1, paid: 1 },
  answer_lost_then_failed: { read: 'cut', accepted: 1, arrived: 1, paid: 0 },
  answer_reset: { read: 'cut', accepted: 1, arrived: 1, paid: 1 },
  answer_half: { read: 'cut', accepted: 1, arrived: 1, paid: 1 },
  answer_garbage: { read: { kind: 'unreadable' }, accepted: 1, arrived: 1, paid: 1 },
  answer_empty: { read: { kind: 'unreadable' }, accepted: 1, arrived: 1, paid: 1 },
  answer_server_error: { read: { kind: 'unread' }, accepted: 1, arrived: 1, paid: 1 },
  answer_client_error: { read: { kind: 'unread' }, accepted: 1, arrived: 1, paid: 1 },
  answer_redirected: { read: { kind: 'unread' }, accepted: 1, arrived: 1, paid: 1 },
  request_doubled: { read: { kind: 'read', said: 'pending' }, accepted: 1, arrived: 2, paid: 1 },
}

test.each(Object.entries(READ))(
  '%s: as a client sees it, and as the books have it',
  async (name, expected) => {
    const { pay, books } = await provider({})
    const read = await pay('r1', behaviourNamed(name)?.wallet ?? '')
    if (typeof expected.read === 'string') expect(read).toBe(expected.read)
    else expect(read).toMatchObject(expected.read as object)
    if (expected.paid > 0) await until(async () => (await books())[0]?.state === 'paid')
    const [order] = await books()
    expect({
      accepted: order?.timesAccepted ?? 0,
      arrived: order?.timesArrived ?? 0,
      paid: order?.timesPaid ?? 0,
    }).toEqual({ accepted: expected.accepted, arrived: expected.arrived, paid: expected.paid })
  },
)

test('an order that is hidden is not found, and found later', async () => {
  const { pay, inquire } = await provider({})
  expect(await pay('r1', behaviourNamed('hidden_for_a_while')?.wallet ?? '')).toBe('cut')
  expect(await inquire('r1')).toMatchObject({ kind: 'read', said: 'unknown' })
  await systemClock.sleep(3_100)
  expect(await inquire('r1')).toMatchObject({ kind: 'read', said: 'paid' })
})

test('faults are set by name on the control address, strike as often as was said, and are taken away', async () => {
  const { pay, control } = await provider({})
  const set = await control('POST', '/_rail/faults', {
    name: 'lost_after',
    rate: '1.0',
    count: 2,
    path: '/v1/paypro/payout',
  })
  expect(set).toEqual({
    status: 200,
    body: { faults: [{ name: 'lost_after', rate: 1, count: 2, path: '/v1/paypro/payout' }] },
  })
  const seen = [
    await pay('r1', '01711111111'),
    await pay('r2', '01711111111'),
    await pay('r3', '01711111111'),
  ]
  expect(seen.map(one => (one === 'cut' ? 'cut' : 'answered'))).toEqual(['cut', 'cut', 'answered'])
  await control('POST', '/_rail/faults', { name: 'failed_at_once' })
  expect(await pay('r4', '01711111111')).toMatchObject({ said: 'failed' })
  expect((await control('DELETE', '/_rail/faults')).status).toBe(200)
  expect(await pay('r5', '01711111111')).toMatchObject({ said: 'pending' })
  expect(await control('GET', '/_rail/faults')).toEqual({ status: 200, body: { faults: [] } })
})

test('what is no fault is refused with a reason and changes nothing', async () => {
  const { control } = await provider({})
  const wrong = [
    { name: 'earthquake' },
    { name: 'held', rate: '2' },
    { name: 'held', count: 0 },
    { name: 'held', more: 1 },
    [],
  ]
  for (const body of wrong) {
    const answer = await control('POST', '/_rail/faults', body)
    expect(answer.status, JSON.stringify(body)).toBe(400)
    expect(answer.body).toMatchObject({ error: expect.any(String) })
  }
  expect((await control('GET', '/_rail/faults')).body).toEqual({ faults: [] })
})

test('another secret is no credential of the simulated provider', async () => {
  const { pay, books } = await provider({ secret: 'sandbox-paypro-secret' })
  expect(await pay('r1', '01711111111')).toMatchObject({ kind: 'read', said: 'unknown' })
  expect(await books()).toEqual([])
})

test('health says how much is in the books, and the server listens on loopback alone', async () => {
  const { url, control } = await provider({})
  expect(new URL(url).hostname).toBe('127.0.0.1')
  expect((await control('GET', '/_rail/health')).body).toEqual({ ok: true, orders: 0, callbacksWaiting: 0 })
})

function account() {
  const protocol = protocolNamed('paypro')
  const connector = protocol?.connector
  const [credential] = protocol === null ? [] : railCredentials(protocol, null)
  if (connector == null || credential === undefined) throw new Error('paypro is not simulated')
  const providerAccount = (baseUrl: string, secret = credential.secret): ProviderAccount => ({
    id: 'account',
    protocol: 'paypro',
    baseUrl,
    settings: { merchant_no: credential.publicId, secret, proven_refusals: '990010' },
  })
  return { connector, providerAccount }
}

async function provider({
  callbackUrl = 'http://127.0.0.1:1/none',
  secret,
}: {
  callbackUrl?: string
  secret?: string
}) {
  const server = await startRailServer(
    {
      protocols: railProtocols('paypro'),
      keys: null,
      port: 0,
      seed: 1,
      latencyMs: 0,
      clock: systemClock,
      log: createLog({ level: 'silent' }),
    },
    { createServer, mountDoor },
  )
  stops.push(server.stop)
  const { connector, providerAccount } = account()
  const at = { nowMs: systemClock.now(), nonce: 'n'.repeat(32) }
  const my = providerAccount(server.url, secret)
  const order = (reference: string, number: string): ConnectorOrder => ({
    reference,
    amount: { minor: 1250n, currency: taka() },
    beneficiary: { kind: 'wallet', operator: 'bkash', number },
    description: null,
    callbackUrl,
  })
  return {
    url: server.url,
    pay: async (reference: string, wallet: string) => {
      const answer = await call(connector.pay(order(reference, wallet), my, at))
      return answer === null ? 'cut' : connector.readPay(answer, order(reference, wallet), my)
    },
    inquire: async (reference: string) => {
      const subject: InquirySubject = {
        ...{ reference, theirId: null, amount: { minor: 1250n, currency: taka() } },
        ...{ step: 'only', payRequestId: null },
      }
      const answer = await call(connector.inquire(subject, my, at))
      return answer === null ? 'cut' : connector.readInquiry(answer, subject, my)
    },
    control: async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) => {
      const answer = await request(server.url + path, {
        method,
        body: body === undefined ? null : JSON.stringify(body),
      })
      return { status: answer.statusCode, body: await answer.body.json() }
    },
    books: async () => {
      const answer = await request(`${server.url}/_rail/books`)
      const { orders } = (await answer.body.json()) as { orders: Record<string, unknown>[] }
      return orders
    },
  }
}

async function call({ method, url, headers, body }: WireRequest) {
  try {
    const answer = await request(url, { method, headers, body, reset: true })
    return { status: answer.statusCode, headers: {}, body: await answer.body.bytes() }
  } catch {
    return null
  }
}

async function receive() {
  const bodies: string[] = []
  const server = createHttpServer(async (incoming, response) => {
    let body = ''
    for await (const chunk of incoming) body += chunk
    bodies.push(body)
    response.end('OK')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  stops.push(async () => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`, bodies }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 500; round += 1) {
    if (await condition()) return
    await systemClock.sleep(10)
  }
  throw new Error('it did not happen in time')
}

function taka() {
  const currency = currencyOf('BDT')
  if (currency === null) throw new Error('BDT')
  return currency
}
