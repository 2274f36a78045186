import { createHash } from 'node:crypto'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ACCOUNT,
  BDT,
  changed,
  MERCHANT,
  openTestStore,
  payoutStep,
  purse,
  send,
  type TestStore,
} from '../../test/store-kit.ts'
import { createDesk } from '../desk/desk.ts'
import { createDirectory, type Directory } from '../desk/directory.ts'
import { Unavailable } from '../errors.ts'
import { createServer } from '../http/server.ts'
import { systemClock } from '../lib/clock.ts'
import { sha256 } from '../lib/digest.ts'
import { createLog } from '../lib/log.ts'
import { systemRandom } from '../lib/random.ts'
import { money } from '../money/money.ts'
import { parsePayoutId, payoutId } from '../payout/number.ts'
import type { Store } from '../store/store.ts'
import { apiRoutes, mountApi } from './api.ts'
import { type ApiRoute, SCOPES, type Scope } from './call.ts'
import type { ApiNeeds } from './needs.ts'
import { payoutShown } from './schema.ts'

const log = createLog({ level: 'silent' })
const KEY = 'qk_test_one_secretOfOne'
const OTHER_KEY = 'qk_test_two_secretOfTwo'
const READER_KEY = 'qk_test_three_secretOfThree'

let db: TestStore
let directory: Directory
let server: FastifyInstance
let needs: ApiNeeds
/** What stands between the desk and the real store; a test may put a fault here. */
const fault: { acceptPayouts: Store['acceptPayouts'] | null } = { acceptPayouts: null }

beforeAll(async () => {
  db = await openTestStore(100_000_000n)
  await db.store.putMerchant({ merchantId: 'm_other', name: 'Other', active: true })
  await db.store.fundMerchant({
    merchantId: 'm_other',
    providerAccountId: ACCOUNT,
    amount: money(1_000_000n, BDT),
    reference: 'opening',
    note: '',
  })
  await db.store.putProviderAccount({
    id: ACCOUNT,
    protocol: 'paypro',
    name: 'Test',
    baseUrl: 'http://127.0.0.1:1',
    settings: {},
    callbackSecret: 's',
    ratePerSecond: null,
    concurrency: null,
    active: true,
  })
  for (const merchantId of [MERCHANT, 'm_other']) {
    await db.store.putRoute({
      merchantId,
      providerAccountId: ACCOUNT,
      priority: 1,
      currency: BDT,
      method: 'bkash',
      active: true,
    })
  }
  await putKey(KEY, MERCHANT, SCOPES)
  await putKey(OTHER_KEY, 'm_other', SCOPES)
  await putKey(READER_KEY, MERCHANT, ['payouts:read'])
  directory = await createDirectory({ store: db.store, clock: systemClock, log })
  const store: Store = {
    ...db.store,
    acceptPayouts: batch => (fault.acceptPayouts ?? db.store.acceptPayouts)(batch),
  }
  const desk = createDesk({
    store,
    directory,
    clock: systemClock,
    random: systemRandom,
    log,
    onAccepted: () => {},
    drawReceipt: async payout => Buffer.from(`picture of ${payout.reference}`),
    noticesFor: () => [],
  })
  server = createServer({ log, clock: systemClock, random: systemRandom })
  needs = { desk, directory, clock: systemClock, log, livemode: false }
  mountApi(server, needs)
  await server.ready()
})
afterAll(async () => {
  await server.close()
  await directory.stop()
  await db.close()
})

function putKey(key: string, merchantId: string, scopes: readonly string[]): Promise<void> {
  const keyId = key.slice(0, key.lastIndexOf('_'))
  return db.store.putApiKey({ keyId, merchantId, live: false, hash: sha256(key), scopes, active: true })
}

function body(reference: string, change: Record<string, unknown> = {}) {
  return {
    reference,
    amount: '10.50',
    currency: 'BDT',
    beneficiary: { kind: 'wallet', operator: 'bkash', number: '01712345678' },
    ...change,
  }
}

interface Sent {
  readonly key?: string
  readonly idempotencyKey?: string | null
  readonly headers?: Readonly<Record<string, string | string[]>>
}

function create(content: unknown, sent: Sent = {}): Promise<LightMyRequestResponse> {
  const { idempotencyKey = systemRandom.text('abcdef', 20) } = sent
  return server.inject({
    method: 'POST',
    url: '/v1/payouts',
    headers: {
      authorization: `Bearer ${sent.key ?? KEY}`,
      'content-type': 'application/json',
      ...(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey }),
      ...sent.headers,
    },
    payload: typeof content === 'string' || content instanceof Buffer ? content : JSON.stringify(content),
  })
}

function get(url: string, key = KEY): Promise<LightMyRequestResponse> {
  return server.inject({ url, headers: { authorization: `Bearer ${key}` } })
}

function cancel(id: string, key = KEY, payload = ''): Promise<LightMyRequestResponse> {
  return server.inject({
    method: 'POST',
    url: `/v1/payouts/${id}/cancel`,
    headers: { authorization: `Bearer ${key}` },
    payload,
  })
}

async function createdPayout(reference: string, change: Record<string, unknown> = {}) {
  const answer = await create(body(reference, change))
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return payoutShown.parse(answer.json())
}

async function count(reference: string): Promise<number> {
  const { rows } = await db.pool.query('select count(*)::int as count from payout where reference = $1', [
    reference,
  ])
  return rows[0]?.count
}

test('a payout is created, and read back by both forms of its id, exactly as its schema says', async () => {
  const answer = await create(body('a-1', { description: 'November', metadata: { order: '42' } }))
  expect(answer.statusCode).toBe(201)
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json',
    'quittance-version': '2026-11-21',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  const payout = payoutShown.parse(answer.json())
  expect(payout).toMatchObject({
    object: 'payout',
    livemode: false,
    reference: 'a-1',
    amount: '10.50',
    currency: 'BDT',
    method: 'bkash',
    beneficiary: { kind: 'wallet', operator: 'bkash', number: '01••••••678' },
    description: 'November',
    metadata: { order: '42' },
    state: 'queued',
    money: 'held',
    safe_to_retry: false,
    door: 'api',
    attempts: 0,
  })
  for (const id of [payout.id, payout.number]) {
    const read = await get(`/v1/payouts/${id}`)
    expect(read.statusCode).toBe(200)
    expect({ ...read.json(), since: payout.since }).toEqual(payout)
  }
})

test('a repeat with the same key gets the first answer byte for byte', async () => {
  const first = await create(body('a-2', { description: 'é ✓ \\ "' }), { idempotencyKey: 'key-2' })
  const written =
    '{ "beneficiary":{"number":"01712345678","operator":"bkash","kind":"wallet"}, "metadata":null,'
  const repeat = await create(
    `${written}"description":"\\u00e9 ✓ \\\\ \\"","currency":"BDT","amount":"10.5","reference":"a-2"}`,
    {
      idempotencyKey: 'key-2',
    },
  )
  expect(repeat.statusCode).toBe(201)
  expect(repeat.rawPayload.equals(first.rawPayload)).toBe(true)
  expect(repeat.headers['idempotency-replayed']).toBe('true')
  expect(first.headers['idempotency-replayed']).toBeUndefined()
})

test('the first answer stays the answer to a repeat when the payout has moved on', async () => {
  const first = await create(body('a-3'), { idempotencyKey: 'key-3' })
  const { id, number } = first.json()
  await send(db.store, BigInt(number))
  expect((await get(`/v1/payouts/${id}`)).json()).toMatchObject({
    state: 'sending',
    money: 'in_flight',
    attempts: 1,
  })
  const repeat = await create(body('a-3'), { idempotencyKey: 'key-3' })
  expect(repeat.body).toBe(first.body)
})

test('the same key with another body is refused, and the payout that stands is named', async () => {
  const first = await create(body('a-4'), { idempotencyKey: 'key-4' })
  for (const change of [
    { amount: '10.51' },
    { reference: 'a-4-other' },
    { beneficiary: { kind: 'wallet', operator: 'bkash', number: '01712345679' } },
    { description: 'new' },
    { metadata: { order: '1' } },
  ]) {
    const other = await create(body('a-4', change), { idempotencyKey: 'key-4' })
    expect(other.statusCode).toBe(422)
    expect(other.json()).toMatchObject({ code: 'idempotency_key_reused', payout_id: first.json().id })
  }
  expect(await count('a-4-other')).toBe(0)
})

test('a reference that is known under another key is refused with the id of its payout', async () => {
  const first = await create(body('a-5'))
  const other = await create(body('a-5'))
  expect(other.statusCode).toBe(409)
  expect(other.json()).toMatchObject({
    code: 'reference_reused',
    payout_id: first.json().id,
    retryable: false,
  })
  expect(await count('a-5')).toBe(1)
})

test('two requests with one key at the same moment make one payout', async () => {
  const before = await purse(db.store)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => create(body('a-6'), { idempotencyKey: 'key-6' })),
  )
  expect(answers.map(answer => answer.statusCode)).toEqual(answers.map(() => 201))
  expect(new Set(answers.map(answer => answer.body)).size).toBe(1)
  expect(answers.filter(answer => answer.headers['idempotency-replayed'] === 'true').length).toBe(19)
  expect(await count('a-6')).toBe(1)
  const [was] = before.split(' ')
  expect((await purse(db.store)).split(' ')[0]).toBe(String(BigInt(was ?? '') - 1_050n))
})

test('an answer is never given before its commit', async () => {
  const { promise: committed, resolve: commit } = Promise.withResolvers<void>()
  fault.acceptPayouts = async batch => {
    await committed
    return db.store.acceptPayouts(batch)
  }
  let answered = false
  const answer = create(body('a-7')).finally(() => {
    answered = true
  })
  await new Promise(resolve => setTimeout(resolve, 100))
  expect(answered).toBe(false)
  expect(await count('a-7')).toBe(0)
  fault.acceptPayouts = null
  commit()
  expect((await answer).statusCode).toBe(201)
  expect(await count('a-7')).toBe(1)
})

test('with the database down the create is refused with 503 and nothing is half-accepted', async () => {
  const before = await purse(db.store)
  fault.acceptPayouts = () =>
    Promise.reject(new Unavailable('unavailable', 'connection refused by db.internal'))
  const refused = await create(body('a-8'), { idempotencyKey: 'key-8' })
  fault.acceptPayouts = null
  expect(refused.statusCode).toBe(503)
  expect(refused.headers['retry-after']).toBe('1')
  expect(refused.json()).toMatchObject({ code: 'unavailable', retryable: true })
  expect(refused.body).not.toContain('db.internal')
  expect(await count('a-8')).toBe(0)
  expect(await purse(db.store)).toBe(before)
  expect((await create(body('a-8'), { idempotencyKey: 'key-8' })).statusCode).toBe(201)
})

test('a payout whose commit was not confirmed is found by the same key', async () => {
  fault.acceptPayouts = async batch => {
    await db.store.acceptPayouts(batch)
    throw new Unavailable('unavailable', 'the connection ended after the commit')
  }
  expect((await create(body('a-9'), { idempotencyKey: 'key-9' })).statusCode).toBe(503)
  fault.acceptPayouts = null
  const again = await create(body('a-9'), { idempotencyKey: 'key-9' })
  expect(again.statusCode).toBe(201)
  expect(again.headers['idempotency-replayed']).toBe('true')
  expect(await count('a-9')).toBe(1)
})

test('a JSON number as amount is refused by name, and so is every other spelling that is not exact', async () => {
  for (const amount of ['10.5', '10', '1e3', '-0', '12345678901234567890']) {
    const answer = await create(JSON.stringify(body('a-10')).replace('"10.50"', amount))
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({
      code: 'invalid_request',
      errors: [
        { pointer: '/amount', message: 'must be a JSON string such as "10.50"; a JSON number loses digits' },
      ],
    })
  }
  for (const amount of [
    '0',
    '0.00',
    '-1',
    '+1',
    '1e3',
    '1,000',
    '010',
    '.5',
    '5.',
    '10.505',
    ' 10',
    '10 ',
    '١',
    '9'.repeat(30),
    '',
  ]) {
    const answer = await create(body('a-10', { amount }))
    expect(answer.json(), amount).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/amount' }] })
  }
  expect(await count('a-10')).toBe(0)
})

test('every field that is wrong is named, and none of their values is repeated', async () => {
  const answer = await create({
    amount: true,
    currency: 'taka-secret',
    beneficiary: { kind: 'wallet', operator: 'secret-operator', number: 'secret-number', extra: 1 },
    description: 'a\u202eb',
    metadata: { order: 42 },
    merchant_id: 'm_other',
    state: 'paid',
  })
  expect(answer.statusCode).toBe(400)
  const pointers = answer.json().errors.map((error: { pointer: string }) => error.pointer)
  expect(pointers.sort()).toEqual([
    '/amount',
    '/beneficiary/extra',
    '/beneficiary/number',
    '/beneficiary/operator',
    '/currency',
    '/description',
    '/merchant_id',
    '/metadata/order',
    '/reference',
    '/state',
  ])
  expect(answer.body).not.toContain('secret')
})

test('a currency that is none, and more decimals than it has, are refused by name', async () => {
  expect((await create(body('a-11', { currency: 'XXQ' }))).json().errors).toMatchObject([
    { pointer: '/currency' },
  ])
  expect((await create(body('a-11', { currency: 'JPY', amount: '1.5' }))).json().errors).toMatchObject([
    { pointer: '/amount', message: 'has more decimals than its currency' },
  ])
})

test('a body that two readers could read differently is refused', async () => {
  const good = JSON.stringify(body('a-12'))
  const bodies = [
    '',
    '[]',
    '"text"',
    'null',
    good.slice(0, -1),
    `${good}{}`,
    good.replace('{', '{"amount":"1",'),
    good.replace('{', '{"\\u0061mount":"1",'),
    good.replace('{', '{"__proto__":{},'),
    good.replace('a-12', '\\ud800'),
    `\ufeff${good}`,
    good.replace('"01712345678"', '[[[[[[[[]]]]]]]]'),
    Buffer.from(good.replace('a-12', 'é'), 'latin1'),
  ]
  for (const wrong of bodies) {
    const answer = await create(wrong)
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'malformed_json'])
  }
  expect(await count('a-12')).toBe(0)
})

test('a body that is not said to be JSON in UTF-8, or is compressed, or is too large, is refused', async () => {
  const types = [
    'text/plain',
    'application/json; charset=utf-16',
    'application/jsonp',
    'application/json; a=b',
    '',
  ]
  for (const type of types) {
    const answer = await create(body('a-13'), { headers: { 'content-type': type } })
    expect([answer.statusCode, answer.json().code], type).toEqual([415, 'unsupported_media_type'])
  }
  expect((await create(body('a-13'), { headers: { 'content-encoding': 'gzip' } })).statusCode).toBe(415)
  for (const size of [256 * 1024 + 1, 3_000_000]) {
    const large = await create(' '.repeat(size))
    expect([large.statusCode, large.json().code]).toEqual([413, 'payload_too_large'])
  }
  expect((await create(' '.repeat(256 * 1024))).json().code).toBe('malformed_json')
  const good = await create(body('a-13'), { headers: { 'content-type': 'Application/JSON ; charset=UTF-8' } })
  expect(good.statusCode).toBe(201)
})

test('an Idempotency-Key is needed, once, of 1 to 255 printable characters', async () => {
  expect((await create(body('a-14'), { idempotencyKey: null })).json().code).toBe('idempotency_key_missing')
  for (const key of ['', 'x'.repeat(256), 'ü', 'a\tb']) {
    const answer = await create(body('a-14'), { idempotencyKey: key })
    expect([answer.statusCode, answer.json().code], key).toEqual([400, 'idempotency_key_invalid'])
  }
  const twice = await create(body('a-14'), {
    idempotencyKey: null,
    headers: { 'idempotency-key': ['a', 'a'] },
  })
  expect(twice.json().code).toBe('idempotency_key_invalid')
  expect(await count('a-14')).toBe(0)
  expect((await create(body('a-14'), { idempotencyKey: `"${'~ '.repeat(126)}"` })).statusCode).toBe(201)
})

test('card numbers are refused and not repeated, whatever else is wrong', async () => {
  const answer = await create({ beneficiary: { kind: 'card', number: '4111111111111111' } })
  expect([answer.statusCode, answer.json().code]).toEqual([422, 'card_number_refused'])
  expect(answer.body).not.toContain('4111')
})

test('too little money, and a method without a route, are refused and leave key and reference free', async () => {
  const poor = await create(body('a-15', { amount: '99999999.00' }), { idempotencyKey: 'key-15' })
  expect([poor.statusCode, poor.json().code]).toEqual([422, 'insufficient_funds'])
  const elsewhere = { beneficiary: { kind: 'wallet', operator: 'nagad', number: '01712345678' } }
  const unroutable = await create(body('a-15', elsewhere), { idempotencyKey: 'key-15' })
  expect([unroutable.statusCode, unroutable.json().code]).toEqual([422, 'method_not_available'])
  expect((await create(body('a-15'), { idempotencyKey: 'key-15' })).statusCode).toBe(201)
})

test('a key or reference of one merchant means nothing to another', async () => {
  const mine = await create(body('a-16'), { idempotencyKey: 'key-16' })
  const theirs = await create(body('a-16'), { idempotencyKey: 'key-16', key: OTHER_KEY })
  expect(theirs.statusCode).toBe(201)
  expect(theirs.json().id).not.toBe(mine.json().id)
})

test('a call without a valid key is refused, in the same words whatever is wrong with it', async () => {
  const wrong = [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic cWs6',
    `Bearer ${KEY.slice(0, -1)}`,
    `Bearer ${KEY}x`,
    `Bearer ${KEY.toUpperCase()}`,
    'Bearer qk_test_one',
    'Bearer qk_test_one_',
    'Bearer qk_test_unknown_secretOfOne',
    'Bearer qk_live_one_secretOfOne',
    `Bearer ${KEY},Bearer ${KEY}`,
  ]
  const answers = await Promise.all(
    wrong.map(authorization =>
      server.inject({ url: '/v1/balances', headers: authorization === undefined ? {} : { authorization } }),
    ),
  )
  for (const answer of answers) {
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="quittance"')
    expect(answer.headers['quittance-version']).toBe('2026-11-21')
  }
  const words = answers.map(answer => ({ ...answer.json(), request_id: '' }))
  expect(words).toEqual(words.map(() => words[0]))
  const twice = { authorization: [`Bearer ${KEY}`, `Bearer ${OTHER_KEY}`] }
  // Two headers in the raw list, as a client can send them.
  expect((await server.inject({ url: '/v1/balances', headers: twice as never })).statusCode).toBe(401)
  expect((await get('/v1/balances')).statusCode).toBe(200)
  expect(
    (await server.inject({ url: '/v1/balances', headers: { authorization: `bearer   ${KEY}` } })).statusCode,
  ).toBe(200)
})

test('a key does what its scopes say and nothing else', async () => {
  expect((await get('/v1/payouts', READER_KEY)).statusCode).toBe(200)
  const balances = await get('/v1/balances', READER_KEY)
  expect([balances.statusCode, balances.json().code]).toEqual([403, 'forbidden'])
  const { id } = await createdPayout('a-17')
  expect((await cancel(id, READER_KEY)).statusCode).toBe(403)
  expect((await create(body('a-18'), { key: READER_KEY })).statusCode).toBe(403)
  expect(await count('a-18')).toBe(0)
  expect((await get(`/v1/payouts/${id}`)).json().state).toBe('queued')
})

test('a key that was revoked, or whose merchant was switched off, works no more', async () => {
  const revoked = 'qk_test_four_secretOfFour'
  await putKey(revoked, MERCHANT, SCOPES)
  await directory.refresh()
  expect((await get('/v1/balances', revoked)).statusCode).toBe(200)
  await db.store.putApiKey({
    keyId: 'qk_test_four',
    merchantId: MERCHANT,
    live: false,
    hash: sha256(revoked),
    scopes: [...SCOPES],
    active: false,
  })
  await directory.refresh()
  expect((await get('/v1/balances', revoked)).statusCode).toBe(401)
})

test('a foreign payout id answers like an unknown one', async () => {
  const mine = await createdPayout('a-19')
  const unknown = [
    'po_00000cbfxf2iecch',
    '999999999',
    'po_',
    'nonsense',
    '0',
    '-1',
    '01',
    '9'.repeat(16),
    '9'.repeat(40),
    `${mine.id}x`,
    mine.id.toUpperCase(),
    '%00',
  ]
  const paths = ['', '/events', '/postings', '/attempts', '/notices', '/proof_images']
  for (const path of paths) {
    const expected = (await get(`/v1/payouts/999999999${path}`)).json()
    expect(expected).toMatchObject({ code: 'not_found', detail: 'There is no such payout.' })
    for (const id of [mine.id, mine.number]) {
      const foreign = await get(`/v1/payouts/${id}${path}`, OTHER_KEY)
      expect(foreign.statusCode).toBe(404)
      expect({ ...foreign.json(), request_id: '' }).toEqual({ ...expected, request_id: '' })
      expect((await get(`/v1/payouts/${id}${path}`)).statusCode).toBe(200)
    }
  }
  for (const id of unknown) {
    expect((await get(`/v1/payouts/${id}`)).json(), id).toMatchObject({ detail: 'There is no such payout.' })
  }
  expect((await cancel(mine.id, OTHER_KEY)).json()).toMatchObject({ detail: 'There is no such payout.' })
  expect((await get(`/v1/payouts/${mine.id}`)).json().state).toBe('queued')
})

test('the right number under another tag is no payout, neither to read nor to cancel', async () => {
  const { id } = await createdPayout('a-20')
  const parts = parsePayoutId(id)
  if (parts === null) throw new Error('the id is one of ours')
  const wrong = payoutId(parts.number, parts.tag === 0 ? 1 : parts.tag - 1)
  expect((await get(`/v1/payouts/${wrong}`)).statusCode).toBe(404)
  expect((await cancel(wrong)).statusCode).toBe(404)
  expect((await get(`/v1/payouts/${id}`)).json().state).toBe('queued')
})

test('a payout that was not sent is cancelled, and cancelling it again answers it again', async () => {
  const { id } = await createdPayout('a-21')
  const before = await purse(db.store)
  const first = await cancel(id, KEY, '{}')
  expect(first.statusCode).toBe(200)
  expect(payoutShown.parse(first.json())).toMatchObject({
    id,
    state: 'cancelled',
    money: 'available',
    safe_to_retry: true,
    why: 'cancelled by the merchant',
  })
  const again = await cancel(id)
  expect(again.statusCode).toBe(200)
  expect(again.body).toBe(first.body)
  expect(await purse(db.store)).not.toBe(before)
})

test('a payout that was sent is not cancelled, and the answer says why', async () => {
  const { id, number } = await createdPayout('a-22')
  await send(db.store, BigInt(number))
  const answer = await cancel(id)
  expect(answer.statusCode).toBe(409)
  expect(answer.json()).toMatchObject({
    code: 'payout_not_cancellable',
    detail: 'The payout is sending: already_sent.',
    payout_id: id,
    retryable: false,
  })
})

test('a cancellation with a body is refused, for whoever sends one expects it to be read', async () => {
  const { id } = await createdPayout('a-23')
  for (const payload of ['{"reason":"x"}', '[]', 'x']) {
    expect((await cancel(id, KEY, payload)).json()).toMatchObject({ code: 'invalid_request' })
  }
  expect((await get(`/v1/payouts/${id}`)).json().state).toBe('queued')
})

test('a payout in doubt says so, when it is asked about next, and that it is not safe to pay again', async () => {
  const { id, number } = await createdPayout('a-24')
  await send(db.store, BigInt(number))
  await db.store.advancePayouts([
    payoutStep(
      { number: BigInt(number), version: 2 },
      {
        to: 'in_doubt',
        why: 'the provider did not answer in time',
        attempt: changed(1, { state: 'in_doubt', doubt: 'timeout', nextLookInMs: 60_000 }),
        exchange: {
          attemptNo: 1,
          kind: 'send',
          startedAtMs: 1_795_000_000_000,
          durationMs: 30_000,
          status: null,
          row: 'S6',
          verdict: 'in_doubt timeout',
          request: 'POST /pay',
          answer: null,
        },
      },
    ),
  ])
  const payout = payoutShown.parse((await get(`/v1/payouts/${id}`)).json())
  expect(payout).toMatchObject({ state: 'in_doubt', money: 'in_flight', safe_to_retry: false, attempts: 1 })
  expect(Date.parse(payout.next_check_at ?? '')).toBeGreaterThan(Date.parse(payout.since))
  const attempts = (await get(`/v1/payouts/${id}/attempts`)).json()
  expect(attempts).toMatchObject({
    object: 'list',
    has_more: false,
    next_cursor: null,
    data: [
      {
        object: 'attempt',
        number: 1,
        state: 'in_doubt',
        doubt: 'timeout',
        provider_account: ACCOUNT,
        exchanges: [
          { kind: 'send', row: 'S6', verdict: 'in_doubt timeout', status: null, request: 'POST /pay' },
        ],
      },
    ],
  })
  expect((await cancel(id)).json()).toMatchObject({ detail: 'The payout is in_doubt: payout_in_doubt.' })
})

test('events and postings tell the whole life of a payout in order', async () => {
  const { id } = await createdPayout('a-25')
  await cancel(id)
  expect((await get(`/v1/payouts/${id}/events`)).json().data).toMatchObject([
    { object: 'event', sequence: 1, state: 'queued', attempt: null },
    { object: 'event', sequence: 2, state: 'cancelled', why: 'cancelled by the merchant' },
  ])
  expect((await get(`/v1/payouts/${id}/postings`)).json().data).toMatchObject([
    {
      object: 'posting',
      sequence: 1,
      recipe: 'hold',
      debit: 'available',
      credit: 'held',
      amount: '10.50',
      currency: 'BDT',
    },
    {
      object: 'posting',
      sequence: 2,
      recipe: 'release',
      debit: 'held',
      credit: 'available',
      amount: '10.50',
    },
  ])
  expect((await get(`/v1/payouts/${id}/notices`)).json()).toMatchObject({ object: 'list', data: [] })
})

test('a payout that was paid is proven by its pictures, and one that was not by none', async () => {
  const { id, number } = await createdPayout('a-26')
  expect((await get(`/v1/payouts/${id}/proof_images`)).json()).toMatchObject({ object: 'list', data: [] })
  await db.pool.query('alter table payout disable trigger user')
  await db.pool.query(`update payout set state = 'paid', paid_at = now() where payout_number = $1`, [number])
  await db.pool.query('alter table payout enable trigger user')
  const bytes = Buffer.from('picture of a-26')
  const picture = {
    object: 'proof_image',
    source: 'own',
    media_type: 'image/png',
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    data_uri: `data:image/png;base64,${bytes.toString('base64')}`,
  }
  expect((await get(`/v1/payouts/${id}/proof_images`)).json().data).toEqual([picture])
})

test('a list is newest first, page by page, without gaps, repeats or payouts of others', async () => {
  const created: string[] = []
  for (let at = 0; at < 5; at += 1) {
    const answer = await create(body(`a-26-${at}`), { key: OTHER_KEY })
    created.unshift(answer.json().id)
  }
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const behind: string = cursor === null ? '' : `&cursor=${cursor}`
    const page = (await get(`/v1/payouts?limit=2${behind}`, OTHER_KEY)).json()
    expect(page.data.length).toBeLessThanOrEqual(2)
    expect(page.has_more).toBe(page.next_cursor !== null)
    for (const payout of page.data) seen.push(payoutShown.parse(payout).id)
    cursor = page.next_cursor
  } while (cursor !== null && seen.length < 50)
  expect(seen.slice(0, 5)).toEqual(created)
  expect(new Set(seen).size).toBe(seen.length)
  const { rows } = await db.pool.query(
    `select count(*)::int as count from payout where merchant_id = 'm_other'`,
  )
  expect(seen.length).toBe(rows[0]?.count)
})

test('a list is narrowed by state and by reference', async () => {
  const { id } = await createdPayout('a-27')
  await cancel(id)
  expect((await get('/v1/payouts?reference=a-27')).json().data).toMatchObject([{ id }])
  expect((await get('/v1/payouts?reference=a-27&state=queued')).json().data).toEqual([])
  const cancelled = (await get('/v1/payouts?state=cancelled&limit=100')).json().data
  expect(cancelled.length).toBeGreaterThan(0)
  expect(cancelled.every((payout: { state: string }) => payout.state === 'cancelled')).toBe(true)
})

test('a query that is not understood is refused, never answered with something else', async () => {
  const wrong = {
    'limit=0': 'limit',
    'limit=101': 'limit',
    'limit=1e1': 'limit',
    'limit=': 'limit',
    'limit=5&limit=6': 'limit',
    'cursor=x': 'cursor',
    'cursor=MTox%3D': 'cursor',
    'state=accepted': 'state',
    'state=Paid': 'state',
    'reference=%0a': 'reference',
    'order=asc': 'order',
    'x=%zz': '',
  }
  for (const [query, pointer] of Object.entries(wrong)) {
    const answer = await get(`/v1/payouts?${query}`)
    expect([answer.statusCode, answer.json().code], query).toEqual([400, 'invalid_request'])
    expect(answer.json().errors, query).toMatchObject([{ pointer }])
  }
})

test('balances are those of the ledger, one line for each currency', async () => {
  const [available, held, inFlight] = (await purse(db.store)).split(' ')
  const text = (minor: string | undefined) => (Number.parseInt(minor ?? '', 10) / 100).toFixed(2)
  expect((await get('/v1/balances')).json()).toEqual({
    object: 'list',
    data: [
      {
        object: 'balance',
        currency: 'BDT',
        available: text(available),
        held: text(held),
        in_flight: text(inFlight),
      },
    ],
    has_more: false,
    next_cursor: null,
  })
})

test('the one version may be named, another one is refused', async () => {
  const ask = (version: string) =>
    server.inject({
      url: '/v1/balances',
      headers: { authorization: `Bearer ${KEY}`, 'quittance-version': version },
    })
  expect((await ask('2026-11-21')).statusCode).toBe(200)
  for (const version of ['2026-11-20', '', 'latest', '2026-11-21 ']) {
    const answer = await ask(version)
    if (version.trim() === '2026-11-21') continue
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'unsupported_version'])
    expect(answer.headers['quittance-version']).toBe('2026-11-21')
  }
})

test('another method on a path of the API is a problem that names those it has', async () => {
  for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'] as const) {
    const answer = await server.inject({ method, url: '/v1/payouts', payload: 'x' })
    expect(answer.statusCode).toBe(405)
    expect(answer.headers.allow).toBe('POST, GET')
  }
  expect((await server.inject({ method: 'DELETE', url: '/v1/balances' })).json()).toMatchObject({
    code: 'method_not_allowed',
  })
})

test('a route that does not say who may call it does not start', async () => {
  const start = (scope: Scope | undefined) => {
    const unguarded = createServer({ log, clock: systemClock, random: systemRandom })
    const [first] = apiRoutes(needs)
    // The type already refuses it; what is tested is the wall behind the type.
    mountApi(unguarded, needs, [{ ...first, path: '/v1/all', scope } as ApiRoute])
    return unguarded.ready()
  }
  await expect(start(undefined)).rejects.toThrow('the route POST /v1/all declares its scope')
  await expect(start('everybody' as Scope)).rejects.toThrow('declares its scope')
  await start('payouts:read')
})
