import { expect, test } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import type { ProofReading, ProviderAccount } from '../protocol.ts'
import { proofapiConnector } from './connector.ts'

const account: ProviderAccount = {
  id: 'pa_1',
  protocol: 'proofapi',
  baseUrl: 'https://provider.example/base',
  settings: { pid: 'PID001', api_key: 'sandbox-proof-api-key', secret: 'sandbox-proof-secret' },
}
const subject = { reference: 'ORDER_123456' }
const at = { nowMs: 0, nonce: '' }
const SIGNATURE = 'b98affccd04167914ae597102c522c04887036f977fd48f7e68e61f7009d856d'
const PNG = 'data:image/png;base64,iVBORw0KGgo='

function read(body: string | Uint8Array, status = 200): ProofReading {
  return proofapiConnector.read({ status, headers: {}, body: Buffer.from(body) }, subject, account)
}

function found(members: Readonly<Record<string, unknown>>): ProofReading {
  const body = {
    status: 'success',
    order_id: 'ORDER_123456',
    transaction_status: 'Approved',
    proof_images: [PNG],
  }
  return read(JSON.stringify({ ...body, ...members }))
}

test('the request is the one of the contract, to the byte', () => {
  expect(proofapiConnector.request(subject, account, at)).toEqual({
    method: 'POST',
    url: 'https://provider.example/base/payout/api/proof/get_data.php',
    headers: { 'content-type': 'application/json', 'X-API-KEY': 'sandbox-proof-api-key' },
    body: `{"pid":"PID001","order_id":"ORDER_123456","signature":"${SIGNATURE}"}`,
  })
})

test('it is asked 1 min, 10 min, 1 h and 6 h after the payment, and then daily for seven days', () => {
  const hours = proofapiConnector.scheduleMs.map(ms => ms / 3_600_000)
  expect(hours).toEqual([1 / 60, 1 / 6, 1, 6, 24, 48, 72, 96, 120, 144, 168])
})

test('it promises proof, answers of up to 16 MiB, and nothing by which a payout could be judged', () => {
  expect(proofapiConnector.capabilities(account)).toMatchObject({
    proof: true,
    maxAnswerBytes: 16_777_216,
    queryableByOurReference: false,
    idempotentOnOurReference: false,
    notFoundIsFinalAfterMs: 'never',
    callsBack: false,
  })
})

// ---- the answer ------------------------------------------------------------------------------------------------------

test('an approved order is said to be paid, with its pictures', () => {
  const images = [{ mediaType: 'image/png', bytes: new Uint8Array(Buffer.from(PNG.slice(22), 'base64')) }]
  expect(found({})).toEqual({ kind: 'found', said: 'paid', images, dropped: [] })
  expect(found({ transaction_status: 'APPROVED' })).toMatchObject({ said: 'paid' })
})

test.each(['Pending', 'Failed', 'Returned', 'SUCCESS', '', null, undefined, 1, ['Approved'], 'Approved '])(
  'a transaction_status of %j says nothing',
  transaction_status => {
    expect(found({ transaction_status })).toMatchObject({ kind: 'found', said: 'unknown' })
  },
)

test.each([[], null, undefined, {}, 'x', { 0: PNG }])('proof_images of %j are no pictures', proof_images => {
  expect(found({ proof_images })).toEqual({ kind: 'found', said: 'paid', images: [], dropped: [] })
})

test('a picture that fails is dropped and reported, and the rest is kept', () => {
  const seen = found({
    proof_images: ['data:image/svg+xml;base64,PHN2Zy8+', PNG, 'data:image/png;base64,AAAA'],
  })
  expect(seen).toMatchObject({ kind: 'found', images: [{ mediaType: 'image/png' }] })
  expect(seen.kind === 'found' && seen.dropped).toHaveLength(2)
})

test.each([
  ['another order', { order_id: 'ORDER_999999' }],
  ['another letter case', { order_id: 'order_123456' }],
  ['no order', { order_id: undefined }],
  ['a list of orders', { order_id: ['ORDER_123456'] }],
])('an answer about %s is not taken, and asking again would not help', (_, members) => {
  expect(found(members)).toMatchObject({ kind: 'stop' })
})

test('an order that is named by an integer is named by its digits', () => {
  const body = '{"status":"success","order_id":0012,"transaction_status":"Approved","proof_images":[]}'
  const seen = (text: string) =>
    proofapiConnector.read(
      { status: 200, headers: {}, body: Buffer.from(text) },
      { reference: '12' },
      account,
    )
  expect(seen(body.replace('0012', '12'))).toMatchObject({ kind: 'found', said: 'paid' })
  expect(seen(body)).toMatchObject({ kind: 'not_yet' })
})

test.each([
  [400, '{"status":"error","message":"pid not provided"}'],
  [400, '<html></html>'],
  [401, '{"status":"error","message":"Verification failed"}'],
  [401, '{"status":"error","message":"Invalid API key"}'],
  [401, ''],
  [200, '{"status":"error","message":"Invalid user"}'],
])('HTTP %s with %j is our fault or our credentials: nobody asks again', (status, body) => {
  expect(read(body, status)).toMatchObject({ kind: 'stop' })
})

test.each([
  [200, '{"status":"error","message":"Transaction not found"}'],
  [200, '{"status":"error","message":"invalid user"}'],
  [200, '{"status":"error"}'],
  [200, '{"status":"Success","order_id":"ORDER_123456","transaction_status":"Approved","proof_images":[]}'],
  [200, '{"status":"success","status":"success","order_id":"ORDER_123456","transaction_status":"Approved"}'],
  [
    200,
    '{"status":"success","order_id":"ORDER_9","order_id":"ORDER_123456","transaction_status":"Approved"}',
  ],
  [200, '[]'],
  [200, ''],
  [200, '<html></html>'],
  [201, '{"status":"success","order_id":"ORDER_123456","transaction_status":"Approved","proof_images":[]}'],
  [302, ''],
  [404, ''],
  [429, '{"status":"error","message":"Too many requests"}'],
  [500, '{"status":"error","message":"Temporary error"}'],
  [502, '<html></html>'],
])('HTTP %s with %j is asked again on the schedule', (status, body) => {
  expect(read(body, status)).toMatchObject({ kind: 'not_yet' })
})

test('an answer of the largest size is read in a bounded time', () => {
  const large = `data:image/png;base64,iVBORw0KGgo${'A'.repeat(15 * 1_048_576)}`
  const padded = large.padEnd(large.length + ((4 - ((large.length - 22) % 4)) % 4), 'A')
  const startMs = systemClock.monotonic()
  expect(found({ proof_images: [padded] })).toMatchObject({ kind: 'found', images: [{}], dropped: [] })
  expect(systemClock.monotonic() - startMs).toBeLessThan(5_000)
})

test('what is said of a reading repeats nothing of the answer', () => {
  for (const body of ['{"status":"error","message":"canary"}', 'canary', '{"status":"canary"}']) {
    expect(JSON.stringify(read(body))).not.toContain('canary')
  }
})

// ---- the account -----------------------------------------------------------------------------------------------------

test('a complete account is taken', () => {
  expect(proofapiConnector.checkAccount(account)).toBeNull()
  expect(proofapiConnector.checkAccount({ ...account, baseUrl: 'http://127.0.0.1:9' })).toBeNull()
})

const { settings } = account
test.each([
  ['baseUrl', { baseUrl: 'provider.example' }],
  ['baseUrl', { baseUrl: 'https://provider.example/' }],
  ['baseUrl', { baseUrl: 'https://provider.example/?x' }],
  ['baseUrl', { baseUrl: 'ftp://provider.example' }],
  ['pid', { settings: { ...settings, pid: '' } }],
  ['pid', { settings: { ...settings, pid: 'x'.repeat(65) } }],
  ['pid', { settings: { ...settings, pid: 'PID001\n' } }],
  ['pid', { settings: { api_key: 'k', secret: 's' } }],
  ['api_key', { settings: { ...settings, api_key: '' } }],
  ['api_key', { settings: { ...settings, api_key: 'a b' } }],
  ['api_key', { settings: { ...settings, api_key: 'schlüssel' } }],
  ['api_key', { settings: { ...settings, api_key: 'x\r\nX-Other: y' } }],
  ['secret', { settings: { ...settings, secret: '' } }],
  ['secret', { settings: { ...settings, secret: ' canary' } }],
  ['secret', { settings: { ...settings, secret: '\ud800' } }],
  ['settings', { settings: { ...settings, schedule: '1' } }],
])('an account with a wrong %s is refused by a sentence without its values', (name, change) => {
  const why = proofapiConnector.checkAccount({ ...account, ...change })
  expect(why).toMatch(new RegExp(`^${name} `))
  expect(why).not.toContain('canary')
})

// ---- transcripts -----------------------------------------------------------------------------------------------------

test('a transcript keeps the exchange, without key, signature and pictures', () => {
  const whole =
    'POST /payout/api/proof/get_data.php\nX-API-KEY: sandbox-proof-api-key\n\n' +
    `{"pid":"PID001","order_id":"ORDER_123456","signature":"${SIGNATURE}"}\n` +
    `{"status":"success","order_id":"ORDER_123456","transaction_status":"Approved","proof_images":["${PNG}","${PNG}"]}`
  expect(proofapiConnector.scrub(whole)).toBe(
    'POST /payout/api/proof/get_data.php\nX-API-KEY: [removed]\n\n' +
      '{"pid":"PID001","order_id":"ORDER_123456","signature":"[removed]"}\n' +
      '{"status":"success","order_id":"ORDER_123456","transaction_status":"Approved","proof_images":["[image]","[image]"]}',
  )
})

test.each([
  ['an escaped slash', '"data:image\\/png;base64,iVBORw0KGgo\\/canary=="'],
  ['another type', "'data:image/svg+xml;utf8,<svg>canary</svg>'"],
  ['a picture that was cut', '["data:image/png;base64,iVBORcanary'],
  ['JSON in JSON', '"{\\"signature\\":\\"canary\\",\\"x-api-key\\":\\"canary\\"}"'],
  ['a header in a record', '{"X-API-KEY":"canary","api_key":"canary","secret":"canary"}'],
  ['the rest of a picture', `${'iVBORw0KGgo/'.repeat(20)}canary`],
])('nothing is left of %s', (_, whole) => {
  expect(proofapiConnector.scrub(whole)).not.toContain('canary')
})

test('scrubbing twice is scrubbing once', () => {
  const once = proofapiConnector.scrub(`{"signature":"${SIGNATURE}","proof_images":["${PNG}"]}`)
  expect(proofapiConnector.scrub(once)).toBe(once)
})
