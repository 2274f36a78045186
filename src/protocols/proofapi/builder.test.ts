import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { BuilderOrder, DoorCredential, DoorRequest } from '../protocol.ts'
import { proofapiBuilder } from './builder.ts'
import { PROOFAPI_CHECKS } from './checks.ts'
import { proofapiDocument } from './document.ts'
import { proofapiDoor } from './door.ts'
import { proofapiSandbox } from './sandbox.ts'

const KEY = 'sandbox-proof-api-key'
const SECRET = 'sandbox-proof-secret'
const PATH = '/payout/api/proof/get_data.php'
const at = { nowMs: 0, nonce: '' }
const [client] = proofapiSandbox.credentials(null)

function order(change: Partial<BuilderOrder> = {}): BuilderOrder {
  if (client === undefined) throw new Error('the sandbox has a credential')
  const fields = new Map([['order_id', 'ORDER_123456']])
  return {
    call: 'proof',
    fields,
    credential: client,
    baseUrl: 'https://x.example',
    path: null,
    at,
    ...change,
  }
}

// ---- building --------------------------------------------------------------------------------------------------------

test('the sandbox request is the one of the contract, with its text and digest', () => {
  const signature = 'b98affccd04167914ae597102c522c04887036f977fd48f7e68e61f7009d856d'
  expect(proofapiBuilder.build(order())).toEqual({
    ok: true,
    request: {
      method: 'POST',
      url: `https://x.example${PATH}`,
      headers: { 'content-type': 'application/json', 'X-API-KEY': KEY },
      body: `{"pid":"PID001","order_id":"ORDER_123456","signature":"${signature}"}`,
    },
    canonical: 'PID001ORDER_123456',
    hashed: [
      { text: 'PID001', secret: false },
      { text: SECRET, secret: true },
      { text: 'ORDER_123456', secret: false },
    ],
    algorithm: 'SHA-256',
    signature: Buffer.from(signature, 'hex'),
  })
})

test('what is hashed gives the signature, for a key held in the place of the id too', () => {
  const built = proofapiBuilder.build(
    order({
      fields: new Map([
        ['order_id', 'É'],
        ['pid', 'P'],
        ['note', 'x'],
      ]),
      credential: { publicId: 'my-key', secret: 's', settings: {} },
      path: '/other.php',
    }),
  )
  if (!built.ok) throw new Error(built.why)
  const digest = createHash('sha256').update(built.hashed.map(({ text }) => text).join(''))
  expect(built.request.url).toBe('https://x.example/other.php')
  expect(built.request.headers['X-API-KEY']).toBe('my-key')
  expect(built.request.body).toBe(
    `{"pid":"P","order_id":"É","signature":"${digest.digest('hex')}","note":"x"}`,
  )
})

test.each([
  ['no secret', { credential: { publicId: 'k', secret: '', settings: { pids: 'P' } } }],
  ['no pid', { credential: { publicId: 'k', secret: 's', settings: {} } }],
  ['no order', { fields: new Map() }],
  ['no key', { credential: { publicId: '', secret: 's', settings: { pids: 'P' } } }],
  ['a key that is no header', { credential: { publicId: 'a\nb', secret: 's', settings: { pids: 'P' } } }],
  ['half a character', { fields: new Map([['order_id', '\ud800']]) }],
])('with %s nothing is built, and it is said why', (_, change) => {
  expect(proofapiBuilder.build(order(change))).toEqual({ ok: false, why: expect.stringMatching(/\w{3}/) })
})

test('a call that is not in the list is a mistake of ours', () => {
  expect(() => proofapiBuilder.build(order({ call: 'other' }))).toThrow('one of the list')
})

// ---- explaining ------------------------------------------------------------------------------------------------------

const credential: DoorCredential = {
  door: 'proofapi',
  publicId: createHash('sha256').update(KEY).digest('hex'),
  merchantId: 'm1',
  secret: SECRET,
  active: true,
  settings: { pids: 'PID001' },
}
const credentials = [
  credential,
  { ...credential, publicId: createHash('sha256').update('off').digest('hex'), active: false },
  {
    ...credential,
    publicId: createHash('sha256').update('far').digest('hex'),
    settings: { addresses: '198.51.100.7' },
  },
]

function requestOf(change: Partial<DoorRequest> = {}, body: string = bodyOf()): DoorRequest {
  return {
    method: 'POST',
    path: PATH,
    query: '',
    params: {},
    headers: new Map([['x-api-key', [KEY]]]),
    body: Buffer.from(body),
    bodyTooLarge: false,
    remoteAddress: '192.0.2.1',
    publicUrls: [],
    nowMs: 0,
    requestId: 'r',
    ...change,
  }
}

function bodyOf(signature = digestOf(`PID001${SECRET}ORDER_123456`), pid = 'PID001'): string {
  return JSON.stringify({ pid, order_id: 'ORDER_123456', signature })
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function explain(request: DoorRequest) {
  return proofapiBuilder.explain(request, id => credentials.find(({ publicId }) => publicId === id) ?? null)
}

test('of a good request every check holds, one for each of the door, and its address', () => {
  const checks = explain(requestOf())
  expect(checks).toHaveLength(Object.keys(PROOFAPI_CHECKS).length + 1)
  expect(checks.every(({ ok, why }) => ok && why === null)).toBe(true)
})

test('where the explanation sees no mistake the door refuses for none, and the other way round', async () => {
  const [route] = proofapiDoor.routes
  for (const request of [requestOf(), ...WRONG.map(([, one]) => one)]) {
    const answer = await route?.handle(request, {
      ...NO_DESK,
      credential: (_, id) => credentials.find(({ publicId }) => publicId === id) ?? null,
    })
    const isRefused = answer?.body !== '{"status":"error","message":"Transaction not found"}'
    expect(explain(request).some(({ ok }) => !ok)).toBe(isRefused)
  }
})

const key = (name: string) => new Map([['x-api-key', [name]]])
const WRONG: readonly (readonly [string, DoorRequest])[] = [
  ['"GET"', requestOf({ method: 'GET' })],
  ['empty', requestOf({}, '')],
  ['a form', requestOf({}, 'pid=PID001')],
  ['no object', requestOf({}, '[]')],
  ['no JSON', requestOf({}, '{"pid":1,"pid":2}')],
  ['larger than 16384', requestOf({ bodyTooLarge: true })],
  ['missing or empty', requestOf({}, '{}')],
  ['1 to 64', requestOf({}, '{"pid":[]}')],
  ['1 to 128', requestOf({}, `{"pid":"P","order_id":"${'x'.repeat(129)}"}`)],
  ['member of the body', requestOf({}, '{"pid":"P","order_id":"O","signature":""}')],
  ['header is missing', requestOf({ headers: new Map() })],
  ['came 2 times', requestOf({ headers: new Map([['x-api-key', [KEY, KEY]]]) })],
  ['another installation', requestOf({ headers: key('nobody') })],
  ['switched off', requestOf({ headers: key('off') })],
  ['192.0.2.1', requestOf({ headers: key('far') })],
  ['"PID009"', requestOf({}, bodyOf(digestOf(`PID009${SECRET}ORDER_123456`), 'PID009'))],
]

test.each(WRONG)(
  'a request that fails for %j is explained by it, after every check that held',
  (words, request) => {
    const checks = explain(request)
    expect(checks.filter(({ ok }) => !ok)).toHaveLength(1)
    expect(new Set(checks.map(({ says }) => says)).size).toBe(checks.length)
    expect(checks.at(-1)).toMatchObject({ ok: false, why: expect.stringContaining(words) })
  },
)

test('another path is said to be another one', () => {
  expect(explain(requestOf({ path: '/payout/api/request.php' }))).toEqual([
    { says: "the address is the door's", ok: false, why: expect.stringContaining('/payout/api/request.php') },
  ])
})

const right = digestOf(`PID001${SECRET}ORDER_123456`)
test.each([
  ['upper case', right.toUpperCase()],
  ['line end around the signature', `${right}\n`],
  ['Base64', Buffer.from(right, 'hex').toString('base64')],
  ['in front', digestOf(`${SECRET}PID001ORDER_123456`)],
  ['at the end', digestOf(`PID001ORDER_123456${SECRET}`)],
  ['exchanged', digestOf(`ORDER_123456${SECRET}PID001`)],
  ['order_id is missing', digestOf(`PID001${SECRET}`)],
  ['pid is missing', digestOf(`${SECRET}ORDER_123456`)],
  ['secret is missing', digestOf('PID001ORDER_123456')],
  ['line end in the hashed text', digestOf(`PID001${SECRET}ORDER_123456\n`)],
  ['line end in the hashed text', digestOf(`PID001${SECRET}\nORDER_123456`)],
  ['stands between', digestOf(`PID001|${SECRET}|ORDER_123456`)],
  ['another letter case', digestOf(`PID001${SECRET}order_123456`)],
  ['MD5', createHash('md5').update(`PID001${SECRET}ORDER_123456`).digest('hex')],
  ['HMAC', '935dd027692e9cea3af27cc97a08b61b9ed5fc7baa29e8216f176aec1c84acce'],
  ['has 3 characters', 'abc'],
  ['usually the secret is another one', digestOf('PID001another secretORDER_123456')],
])('a signature that is wrong for %j is explained by it, without the secret', (words, signature) => {
  const last = explain(requestOf({}, bodyOf(signature))).at(-1)
  expect(last).toMatchObject({
    says: 'the signature is right',
    ok: false,
    why: expect.stringContaining(words),
  })
  expect(last?.why).not.toContain(SECRET)
})

// ---- what readers are told -------------------------------------------------------------------------------------------

test('the document shows every answer of the contract, as JSON, and an example that is signed right', () => {
  const [operation] = proofapiDocument.operations
  expect(operation).toMatchObject({ call: 'proof', path: PATH, method: 'POST' })
  const bodies = operation?.answers.map(({ body }) => JSON.parse(body)) ?? []
  expect(bodies.filter(({ status }) => status === 'error').map(({ message }) => message)).toEqual([
    'Invalid request data',
    'pid not provided',
    'order_id not provided',
    'signature not provided',
    'API key not provided',
    'Invalid API key',
    'Verification failed',
    'Invalid user',
    'Transaction not found',
    'Too many requests',
    'Temporary error',
  ])
  const fields = Object.fromEntries(operation?.fields.map(({ name, example }) => [name, example]) ?? [])
  const { pid, order_id, signature } = fields
  const headers = new Map([['x-api-key', [fields['X-API-KEY'] ?? '']]])
  const checks = explain(requestOf({ headers }, JSON.stringify({ pid, order_id, signature })))
  expect(checks.filter(({ ok }) => !ok)).toEqual([])
})

test('sandbox and rail never share a key, a secret or a pid', () => {
  const rail = proofapiSandbox.rail.credentials(null)
  const texts = [client, ...rail].flatMap(one => [one?.publicId, one?.secret, one?.settings.pids])
  expect(new Set(texts).size).toBe(6)
  expect(proofapiSandbox.rail.currencies).toEqual([])
  const { pid, api_key = '', secret } = proofapiSandbox.rail.accountSettings(null)
  expect(rail).toEqual([{ publicId: digestOf(api_key), secret, settings: { pids: pid, api_key } }])
})

const NO_DESK = {
  submit: () => Promise.reject(new Error('nothing is submitted')),
  find: () => Promise.resolve(null),
  balances: () => Promise.resolve([]),
  confirm: () => Promise.reject(new Error('nothing is confirmed')),
  once: () => Promise.reject(new Error('nothing is done once')),
  proofImages: () => Promise.resolve([]),
  mayAsk: () => true,
}
