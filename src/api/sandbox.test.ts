import { createHash } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { createServer } from '../http/server.ts'
import { systemClock } from '../lib/clock.ts'
import { sha256 } from '../lib/digest.ts'
import { createLog } from '../lib/log.ts'
import { seededRandom, systemRandom } from '../lib/random.ts'
import type { DoorCredential } from '../protocols/protocol.ts'
import { PROTOCOLS } from '../protocols/registry.ts'
import { mountApi } from './api.ts'
import type { ApiNeeds } from './needs.ts'
import { explanationShown, problemShown, signedShown } from './schema.ts'

const KEY = 'qk_test_one_secretOfOne'
const SECRET = 'sandbox-paypro-secret'
const OTHER_SECRET = 'secret-of-another-merchant'
const log = createLog({ level: 'silent' })
const credentials: readonly DoorCredential[] = [
  { door: 'paypro', publicId: '1000000001', merchantId: 'm1', secret: SECRET, active: true, settings: {} },
  {
    door: 'paypro',
    publicId: '1000000002',
    merchantId: 'm2',
    secret: OTHER_SECRET,
    active: true,
    settings: {},
  },
]

const byHand = {
  protocols: PROTOCOLS,
  random: seededRandom(1),
  publicUrls: () => ['http://pay.example:8080'],
  sandboxKeys: () => null,
}
const needs = {
  desk: {},
  directory: {
    apiKey: (keyId: string) => ({
      ...{ keyId, merchantId: 'm1', live: false, active: true },
      hash: sha256(KEY),
      scopes: ['payouts:read', 'payouts:write'],
    }),
    credential: (door: string, publicId: string) =>
      credentials.find(one => one.door === door && one.publicId === publicId) ?? null,
  },
  clock: systemClock,
  log,
  livemode: false,
  byHand,
} as unknown as ApiNeeds // the desk is never asked

const server = serverOf(needs)
const withoutHands = serverOf({ ...needs, byHand: undefined } as unknown as ApiNeeds)
const live = serverOf({
  ...needs,
  livemode: true,
  directory: {
    ...needs.directory,
    apiKey: keyId => ({
      ...{ keyId, merchantId: 'm1', live: true, active: true },
      hash: sha256(KEY.replace('test', 'live')),
      scopes: ['payouts:read', 'payouts:write'],
    }),
  },
})
afterAll(() => Promise.all([server.close(), withoutHands.close(), live.close()]))

const FIELDS = {
  timestamp: '1728611780130',
  tradeNo: 'test_00000001',
  amount: '300',
  notifyUrl: 'https://google.com',
  wayCode: 'EWALLET_BKASH',
  walletId: '01123456789',
  remark: 'test',
}

test('a request is built and signed as the contract has it', async () => {
  const answer = await ask('sign/paypro', { fields: FIELDS })
  expect(answer.statusCode).toBe(200)
  const shown = signedShown.parse(answer.json())
  expect(shown.hex).toBe('4d26c829e27711906aaa39b205ffb47d')
  expect(shown.request.url).toBe('http://pay.example:8080/v1/paypro/payout')
  expect(shown.hashed).toMatch(/<secret>$/)
  expect(answer.body).not.toContain(SECRET)
  const number = await ask('sign/paypro', '{"fields":{"amount":300.10,"timestamp":"1"}}')
  expect(number.json().request.body).toContain('"amount":300.10')
})

test('a secret that is given is used, and that of another merchant is not', async () => {
  const text =
    'amount=300notifyUrl=https://google.comremark=testtimestamp=1728611780130tradeNo=test_00000001walletId=01123456789wayCode=EWALLET_BKASH'
  const md5 = (salt: string) =>
    createHash('md5')
      .update(text + salt)
      .digest('hex')
  const hex = async (body: object) => (await ask('sign/paypro', { fields: FIELDS, ...body })).json().hex
  expect(await hex({ id: '77', secret: 's' })).toBe(md5('s'))
  expect(await hex({ id: '1000000001' })).toBe(md5(SECRET))
  expect(await hex({ id: '1000000002' })).not.toBe(md5(OTHER_SECRET))
})

test('what was signed is taken, what was changed is explained, and no secret is told', async () => {
  const { request, curl } = (await ask('sign/paypro', {})).json()
  const path = '/v1/paypro/payout'
  const sent = { method: 'POST', path, headers: request.headers, body: request.body }
  for (const body of [{ request: sent }, { text: curl }]) {
    const answer = await ask('explain/paypro', body)
    expect(answer.statusCode).toBe(200)
    expect(explanationShown.parse(answer.json()).taken).toBe(true)
  }
  const broken = { ...sent, body: request.body.replace('"300"', '"301"') }
  const answer = await ask('explain/paypro', { request: broken })
  const { taken, checks } = explanationShown.parse(answer.json())
  expect([answer.statusCode, taken, checks.at(-1)]).toMatchObject([
    200,
    false,
    { says: 'the signature is right', ok: false },
  ])
  expect(answer.body).not.toContain(SECRET)
})

test("another merchant's credential is nobody here", async () => {
  const request = { path: '/v1/paypro/payout', headers: { merchantNo: '1000000002' }, body: '{}' }
  const answer = await ask('explain/paypro', { request })
  expect(answer.json().checks.at(-1)).toMatchObject({ ok: false, says: 'the merchant is known and active' })
})

test('what is wrong with the body is a problem that names the field', async () => {
  const wrong: readonly (readonly [string, unknown, string | null])[] = [
    ['sign/paypro', { fields: [] }, '/fields'],
    ['sign/paypro', { fields: { a: {} } }, '/fields'],
    ['sign/paypro', { secret: 1 }, '/secret'],
    ['sign/paypro', { colour: 'red' }, '/colour'],
    ['sign/paypro', { call: 'payin' }, null],
    ['sign/paypro', { url: 'here' }, null],
    ['sign/paypro', { settings: { salt_position: 'middle' } }, null],
    ['sign/paypro', '{', null],
    ['sign/paypro', [], null],
    ['explain/paypro', {}, '/request'],
    ['explain/paypro', { request: { path: '/' }, text: 'curl h' }, '/request'],
    ['explain/paypro', { request: { path: 'x' } }, '/request'],
    ['explain/paypro', { text: 'POST' }, '/text'],
    ['explain/paypro', { text: 'curl h', at: 'now' }, '/at'],
    ['explain/paypro', '[]', null],
  ]
  for (const [path, body, pointer] of wrong) {
    const answer = await ask(path, body)
    expect(answer.statusCode, JSON.stringify(body)).toBe(400)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    const problem = problemShown.parse(answer.json())
    if (pointer !== null) expect(problem.errors?.[0]?.pointer).toBe(pointer)
  }
})

test('neither a live installation nor an unknown protocol has these addresses', async () => {
  for (const kind of ['sign', 'explain']) {
    const liveKey = KEY.replace('test', 'live')
    for (const [from, path, key] of [
      [server, `${kind}/nobody`, KEY],
      [withoutHands, `${kind}/paypro`, KEY],
      [live, `${kind}/paypro`, liveKey],
    ] as const) {
      const answer = await ask(path, {}, from, key)
      expect([answer.statusCode, answer.json().code], path).toEqual([404, 'not_found'])
    }
  }
})

test('nobody is served without an API key', async () => {
  const answer = await server.inject({ method: 'POST', url: '/v1/sandbox/sign/paypro', payload: {} })
  expect(answer.statusCode).toBe(401)
})

function serverOf(used: ApiNeeds) {
  const made = createServer({ log, clock: systemClock, random: systemRandom })
  mountApi(made, used)
  return made
}

function ask(path: string, body: unknown, from = server, key = KEY) {
  return from.inject({
    method: 'POST',
    url: `/v1/sandbox/${path}`,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  })
}
