import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { Unavailable } from '../../errors.ts'
import { PAYOUT_STATES, type PayoutState } from '../../payout/payout.ts'
import { bdt, type MemoryDesk, memoryDesk, payoutOf } from '../desk.fixture.ts'
import type { DoorAnswer, DoorCredential, DoorRequest, ProofImage } from '../protocol.ts'
import { overSocket } from '../socket.fixture.ts'
import { proofapiDoor } from './door.ts'

const NOW_MS = 1_729_947_461_317
const KEY = 'sandbox-proof-api-key'
const SECRET = 'sandbox-proof-secret'

function keyId(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex')
}

const credential: DoorCredential = {
  door: 'proofapi',
  publicId: keyId(KEY),
  merchantId: 'm1',
  secret: SECRET,
  active: true,
  settings: { pids: 'PID001, PID002=m2 ,7,PID003=' },
}
const credentials: readonly DoorCredential[] = [
  credential,
  { ...credential, publicId: keyId('switched-off'), active: false },
  { ...credential, publicId: keyId('elsewhere'), settings: { pids: 'PID001', addresses: '198.51.100.7' } },
  { ...credential, publicId: keyId('nowhere'), settings: { pids: 'PID001', addresses: ' , ' } },
  { ...credential, publicId: keyId('no-secret'), secret: '' },
  { ...credential, publicId: keyId('no-pids'), settings: {} },
  { ...credential, publicId: 'in-clear' },
]

const png: ProofImage = { mediaType: 'image/png', bytes: Buffer.from('89504e470d0a1a0a', 'hex') }
const webp: ProofImage = { mediaType: 'image/webp', bytes: Buffer.from('RIFF0000WEBP') }
const PNG_URI = 'data:image/png;base64,iVBORw0KGgo='

function deskWith(state: PayoutState, { merchantId = 'm1', reference = 'ORDER_123456' } = {}): MemoryDesk {
  const desk = memoryDesk({ credentials, nowMs: NOW_MS })
  const submission = {
    merchantId,
    door: 'another',
    doorCredentialId: '',
    requestId: null,
    reference,
    idempotencyKey: null,
    fingerprint: new Uint8Array(32),
    amount: bdt(30_000n),
    beneficiary: { kind: 'wallet', operator: 'bkash', number: '01123456789' },
    description: null,
    metadata: null,
    notifyUrl: null,
    needsConfirmation: false,
    firstAnswer: () => '',
  } as const
  desk.put({ ...payoutOf(submission, { number: 5n, tag: 7, nowMs: NOW_MS }), state })
  desk.prove(reference, [png, webp])
  return desk
}

/** The rule of the document, written here again, so that the door is not judged by its own signature. */
function signed(pid: unknown = 'PID001', orderId: unknown = 'ORDER_123456', secret = SECRET): string {
  const signature = createHash('sha256').update(`${pid}${secret}${orderId}`).digest('hex')
  return JSON.stringify({ pid, order_id: orderId, signature })
}

interface Sent {
  readonly keys?: readonly string[] | null
  readonly more?: Partial<DoorRequest>
}

function ask(
  desk: MemoryDesk,
  body: string = signed(),
  { keys = [KEY], more = {} }: Sent = {},
): Promise<DoorAnswer> {
  const [route] = proofapiDoor.routes
  if (route === undefined) throw new Error('the door has a route')
  return overSocket(
    proofapiDoor,
    {
      method: 'POST',
      path: route.path,
      query: 'pid=PID001',
      params: {},
      headers: new Map(keys === null ? [] : [['x-api-key', keys]]),
      body: Buffer.from(body),
      bodyTooLarge: false,
      remoteAddress: '192.0.2.1',
      publicUrls: [],
      nowMs: NOW_MS,
      requestId: 'request-1',
      ...more,
    },
    desk,
  )
}

function refusal(status: number, message: string): DoorAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: `{"status":"error","message":"${message}"}`,
  }
}

const NOT_FOUND = refusal(200, 'Transaction not found')

// ---- what is served ------------------------------------------------------------------------------------------------

test('one path is served, for every method, with bodies up to 16 KiB, and nothing is called back', () => {
  expect(
    proofapiDoor.routes.map(({ method, path, bodyLimitBytes }) => [method, path, bodyLimitBytes]),
  ).toEqual([['ANY', '/payout/api/proof/get_data.php', 16_384]])
  expect(proofapiDoor.notices).toBeNull()
})

test('the proof of a payout that came by another door, byte for byte', async () => {
  expect(await ask(deskWith('paid'))).toEqual({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: `{"status":"success","order_id":"ORDER_123456","transaction_status":"Approved","proof_images":["${PNG_URI}"]}`,
  })
})

const STATUS: Readonly<Record<PayoutState, string>> = {
  accepted: 'Pending',
  waiting: 'Pending',
  queued: 'Pending',
  sending: 'Pending',
  pending: 'Pending',
  in_doubt: 'Pending',
  paid: 'Approved',
  failed: 'Failed',
  cancelled: 'Failed',
  returned: 'Returned',
}
test.each(PAYOUT_STATES)(
  'a payout that is %s has its status, and images only if it was ever paid',
  async state => {
    const images = state === 'paid' || state === 'returned' ? `["${PNG_URI}"]` : '[]'
    expect((await ask(deskWith(state))).body).toBe(
      `{"status":"success","order_id":"ORDER_123456","transaction_status":"${STATUS[state]}","proof_images":${images}}`,
    )
  },
)

test('images of a payout that was not paid are not even asked for', async () => {
  const desk = deskWith('failed')
  await ask(desk)
  expect(desk.calls()).toBe(1)
  const paid = deskWith('paid')
  await ask(paid)
  expect(paid.calls()).toBe(2)
})

test('a reference of the longest length, in another script, is found as it was given', async () => {
  const reference = 'ক'.repeat(128)
  const { body } = await ask(deskWith('paid', { reference }), signed('PID001', reference))
  expect(JSON.parse(body)).toMatchObject({ status: 'success', order_id: reference })
})

test('an integer is the same as its digits in quotes', async () => {
  const desk = deskWith('paid', { reference: '123456' })
  expect((await ask(desk, signed(7, 123456))).body).toContain('"order_id":"123456"')
})

// ---- section 7, row by row ------------------------------------------------------------------------------------------

const good = JSON.parse(signed())
function withMembers(members: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...good, ...members })
}

test.each([
  '',
  'pid=PID001&order_id=ORDER_123456',
  '[]',
  'null',
  '"{}"',
  `[${signed()}]`,
  `${signed()}x`,
  `\ufeff${signed()}`,
  `{"pid":"PID002",${signed().slice(1)}`,
  `{"p\\u0069d":"PID002",${signed().slice(1)}`,
  `{"signature":"",${signed().slice(1)}`,
])('row 1: %j is no request', async body => {
  expect(await ask(deskWith('paid'), body)).toEqual(refusal(400, 'Invalid request data'))
})

test('row 1: a body that is too large is no request, and one at the limit is', async () => {
  const padded = (size: number) => signed().padEnd(size, ' ')
  expect(await ask(deskWith('paid'), padded(16_385))).toEqual(refusal(400, 'Invalid request data'))
  expect((await ask(deskWith('paid'), padded(16_384))).body).toContain('Approved')
  const cut = { more: { body: new Uint8Array(0), bodyTooLarge: true } }
  expect(await ask(deskWith('paid'), '', cut)).toEqual(refusal(400, 'Invalid request data'))
})

test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'post'])(
  'row 1: %s is answered in the same words, whatever else is right',
  async method => {
    expect(await ask(deskWith('paid'), signed(), { more: { method } })).toEqual(
      refusal(400, 'Invalid request data'),
    )
  },
)

const NOT_PROVIDED = [undefined, null, '', true, false, [], ['PID001'], {}, 1.5]
test.each([...NOT_PROVIDED, 'x'.repeat(65)])('row 2: a pid of %j is not provided', async pid => {
  expect(await ask(deskWith('paid'), withMembers({ pid }))).toEqual(refusal(400, 'pid not provided'))
})

test.each([...NOT_PROVIDED, 'x'.repeat(129)])('row 3: an order_id of %j is not provided', async order_id => {
  expect(await ask(deskWith('paid'), withMembers({ order_id }))).toEqual(
    refusal(400, 'order_id not provided'),
  )
})

test.each([...NOT_PROVIDED, 0, 12])('row 4: a signature of %j is not provided', async signature => {
  expect(await ask(deskWith('paid'), withMembers({ signature }))).toEqual(
    refusal(400, 'signature not provided'),
  )
})

test.each([null, [], [''], [KEY, KEY], [KEY, 'other']])(
  'row 5: the headers %j hold no API key',
  async keys => {
    expect(await ask(deskWith('paid'), signed(), { keys })).toEqual(refusal(401, 'API key not provided'))
  },
)

test.each([
  ['unknown', 'nobody'],
  ['with a blank', ` ${KEY}`],
  ['in another letter case', KEY.toUpperCase()],
  ['the hash for the key', keyId(KEY)],
  ['what is kept for a key', 'in-clear'],
  ['switched off', 'switched-off'],
  ['not to be used from here', 'elsewhere'],
  ['not to be used from anywhere', 'nowhere'],
  ['very long', 'x'.repeat(100_000)],
])('row 6: an API key that is %s', async (_, key) => {
  expect(await ask(deskWith('paid'), signed(), { keys: [key] })).toEqual(refusal(401, 'Invalid API key'))
})

test.each(['198.51.100.7', '::ffff:198.51.100.7', '::FFFF:198.51.100.7'])(
  'row 6: an API key from the address %s that it may come from',
  async remoteAddress => {
    const sent = { keys: ['elsewhere'], more: { remoteAddress } }
    expect((await ask(deskWith('paid'), signed(), sent)).body).toContain('Approved')
  },
)

const right = String(good.signature)
test.each([
  right.toUpperCase(),
  `${right}\n`,
  ` ${right}`,
  right.slice(1),
  '0'.repeat(64),
  Buffer.from(right, 'hex').toString('base64'),
  createHash('sha256').update(`PID001ORDER_123456${SECRET}`).digest('hex'),
  'x'.repeat(10_000),
])('row 7: the signature %j', async signature => {
  const desk = deskWith('paid')
  expect(await ask(desk, withMembers({ signature }))).toEqual(refusal(401, 'Verification failed'))
  expect(desk.calls()).toBe(0)
})

test('row 7: a key without a secret lets nobody in', async () => {
  const body = signed('PID001', 'ORDER_123456', '')
  expect(await ask(deskWith('paid'), body, { keys: ['no-secret'] })).toEqual(
    refusal(401, 'Verification failed'),
  )
})

test.each(['PID777', 'PID00', 'pid001', 'PID001 ', 'PID001,PID002', 'm1', 'PID003', '=m2', 'PID002=m2'])(
  'row 8: the pid %j is not of this key',
  async pid => {
    const desk = deskWith('paid')
    expect(await ask(desk, signed(pid))).toEqual(refusal(200, 'Invalid user'))
    expect(desk.calls()).toBe(0)
  },
)

test('row 8: a key without pids stands for nobody', async () => {
  expect(await ask(deskWith('paid'), signed(), { keys: ['no-pids'] })).toEqual(refusal(200, 'Invalid user'))
})

test.each(['ORDER_NONE', 'order_123456', ' ORDER_123456', 'ORDER_123456\0', '\0', '5'])(
  'row 9: the order %j is not found',
  async orderId => {
    expect(await ask(deskWith('paid'), signed('PID001', orderId))).toEqual(NOT_FOUND)
  },
)

test('row 9: a reference that no database can hold is not even asked for', async () => {
  const desk = deskWith('paid')
  await ask(desk, signed('PID001', 'ORDER\0'))
  expect(desk.calls()).toBe(0)
})

test('row 9: an order is found under the pid of its merchant alone', async () => {
  expect((await ask(deskWith('paid'), signed('PID001'))).body).toContain('Approved')
  expect(await ask(deskWith('paid'), signed('PID002'))).toEqual(NOT_FOUND)
  const others = deskWith('paid', { merchantId: 'm2' })
  expect((await ask(others, signed('PID002'))).body).toContain('Approved')
  expect(await ask(others, signed('PID001'))).toEqual(NOT_FOUND)
})

test('of all rows that fail the first is answered', async () => {
  const rows: readonly (readonly [string, string, readonly string[] | null])[] = [
    ['Invalid request data', '{', null],
    ['pid not provided', '{}', null],
    ['order_id not provided', '{"pid":"X"}', null],
    ['signature not provided', '{"pid":"X","order_id":"X"}', null],
    ['API key not provided', '{"pid":"X","order_id":"X","signature":"X"}', null],
    ['Invalid API key', '{"pid":"X","order_id":"X","signature":"X"}', ['nobody']],
    ['Verification failed', '{"pid":"X","order_id":"X","signature":"X"}', [KEY]],
    ['Invalid user', signed('X', 'X'), [KEY]],
    ['Transaction not found', signed('PID001', 'X'), [KEY]],
  ]
  for (const [message, body, keys] of rows) {
    expect(JSON.parse((await ask(deskWith('paid'), body, { keys })).body)).toEqual({
      status: 'error',
      message,
    })
  }
})

// ---- outside the document --------------------------------------------------------------------------------------------

test('a key that asks too often is told so, after its signature and before anything of the desk', async () => {
  const desk = deskWith('paid')
  desk.setMayAsk(false)
  expect(await ask(desk)).toEqual(refusal(429, 'Too many requests'))
  expect(await ask(desk, signed('PID777'))).toEqual(refusal(429, 'Too many requests'))
  expect(desk.calls()).toBe(0)
  expect(await ask(desk, withMembers({ signature: 'x' }))).toEqual(refusal(401, 'Verification failed'))
})

test('sixty requests a minute are what a key may ask', async () => {
  const asked: unknown[] = []
  const desk = deskWith('paid')
  const counting = { ...desk, mayAsk: (one: unknown, perMinute: number) => asked.push([one, perMinute]) > 0 }
  await ask(counting)
  expect(asked).toEqual([[credential, 60]])
})

test('a fault of ours is no answer about the order', async () => {
  for (const error of [new Unavailable('unavailable', 'no database'), new Error('anything')]) {
    const desk = deskWith('paid')
    desk.breakWith(error)
    expect(await ask(desk)).toEqual(refusal(500, 'Temporary error'))
  }
})

test('a desk that gives the payout of another merchant is a fault, and nothing of it is shown', async () => {
  const desk = deskWith('paid', { merchantId: 'm2' })
  const wrong = { ...desk, find: async () => desk.payout('ORDER_123456') }
  expect(await ask(wrong)).toEqual(refusal(500, 'Temporary error'))
})
