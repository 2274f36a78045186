import { constants, createSign } from 'node:crypto'
import { expect, test } from 'vitest'
import { newRsaKeys } from '../../lib/rsa.ts'
import type { DoorRequest } from '../protocol.ts'
import { payneteasyBuilder } from './builder.ts'
import {
  atDoor,
  CHECK,
  CREATE,
  credential,
  fieldsIn,
  NOW_MS,
  newDesk,
  ORDER,
  PRIVATE_KEY,
  rsa,
  type Sent,
  signedRequest,
} from './door.fixture.ts'
import { payneteasyExplain } from './explain.ts'
import { payneteasyBaseString, payneteasySignatureBytes } from './sign.ts'

const known = (publicId: string) => (publicId === credential.publicId ? credential : null)

function last(request: DoorRequest) {
  const checks = payneteasyExplain(request, known)
  expect(checks.slice(0, -1).every(({ ok, why }) => ok && why === null)).toBe(true)
  return checks.at(-1) ?? { says: '', ok: false, why: '' }
}

test('a good request passes every check that needs no desk', () => {
  const checks = payneteasyExplain(signedRequest(), known)
  expect(checks).toHaveLength(14)
  expect(checks.every(({ ok }) => ok)).toBe(true)
})

test.each<readonly [string, Sent, RegExp]>([
  ['another path', { path: '/paynet/api/v4/sale/1' }, /none of the door's/],
  ['another method', { more: { method: 'GET' } }, /^GET .* none of the door's/],
  ['a query', { more: { query: 'a=1' } }, /query is not signed/],
  ['a Bearer', { authorization: 'Bearer x' }, /not OAuth/],
  ['another method', { oauth: { oauth_signature_method: 'PLAINTEXT' } }, /not RSA-SHA256/],
  ['a stranger', { consumerKey: 'x' }, /not known/],
  ['milliseconds', { timestamp: '1677831012000' }, /seconds, not milliseconds/],
  ['a foreign endpoint', { path: '/paynet/api/v4/payout-pay/1' }, /an endpoint is no group/],
  ['a missing parameter', { params: { client_orderid: '3', login: 'x' } }, /101 Missing parameter: orderid/],
  ['a foreign login', { params: { ...ORDER, login: 'x' } }, /Login does not match/],
])('%s is told, and nothing after it', (_, sent, why) => {
  expect(last(signedRequest(sent))).toMatchObject({ ok: false, why: expect.stringMatching(why) })
})

const URL = 'https://sandbox.payneteasy.com/paynet/api/v4/payout-check/39915'
const oauth = [
  ['oauth_consumer_key', 'TestMerchant'],
  ['oauth_nonce', 'n'],
  ['oauth_signature_method', 'RSA-SHA256'],
  ['oauth_timestamp', '1677831012'],
  ['oauth_version', '1.0'],
] as const
const params = [...Object.entries({ ...CREATE, purpose: '' })]
const right = payneteasyBaseString(URL, [...params, ...oauth])
const unencoded = `POST&${encodeURIComponent(URL)}&${encodeURIComponent(
  [...params, ...oauth]
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&'),
)}`
function pss(text: string): string {
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return createSign('RSA-SHA256').update(text).sign({ key: PRIVATE_KEY, padding }, 'base64')
}

test.each<readonly [string, string, RegExp]>([
  ['a line end', `${right}\n`, /line end/],
  ['lower-case hex', right.replace(/%[0-9A-F]{2}/g, hex => hex.toLowerCase()), /lower-case hex/],
  ['a lower-case method', right.replace('POST', 'post'), /lower case; it is POST/],
  ['no body', payneteasyBaseString(URL, oauth), /body were left out/],
  ['no oauth', payneteasyBaseString(URL, params), /oauth_ parameters were left out/],
  ['no empty values', payneteasyBaseString(URL, [...params.slice(0, -1), ...oauth]), /without a value/],
  ['http', payneteasyBaseString(URL.replace('https', 'http'), [...params, ...oauth]), /another scheme/],
  ['a slash', payneteasyBaseString(`${URL}/`, [...params, ...oauth]), /slash behind/],
  ['a port', payneteasyBaseString(URL.replace('.com', '.com:443'), [...params, ...oauth]), /default port/],
  [
    'the other documented host',
    payneteasyBaseString(URL.replace('sandbox', 'gate'), [...params, ...oauth]),
    /host gate\.payneteasy\.com/,
  ],
  [
    'another public address',
    payneteasyBaseString(`https://door.example:8443${CHECK}/`, [...params, ...oauth]),
    /slash behind/,
  ],
  [
    'the host that was called',
    payneteasyBaseString(`http://switch.example:9${CHECK}`, [...params, ...oauth]),
    /host switch\.example:9/,
  ],
  [
    'another call',
    payneteasyBaseString(URL.replace('payout-check', 'payout-pay'), [...params, ...oauth]),
    /was signed for \/paynet\/api\/v4\/payout-pay\/39915/,
  ],
  [
    'another endpoint',
    payneteasyBaseString(URL.replace('39915', '39916'), [...params, ...oauth]),
    /was signed for \/paynet\/api\/v4\/payout-check\/39916/,
  ],
  [
    'the group',
    payneteasyBaseString(URL.replace('39915', 'group/1'), [...params, ...oauth]),
    /was signed for \/paynet\/api\/v4\/payout-check\/group\/1/,
  ],
  ['an empty query', payneteasyBaseString(`${URL}?`, [...params, ...oauth]), /query behind/],
  [
    'the body as a query',
    payneteasyBaseString(`${URL}?${new URLSearchParams(params)}`, [...params, ...oauth]),
    /query behind/,
  ],
  ['GET', right.replace('POST', 'GET'), /method GET/],
  ['names and values as they are', unencoded, /names and values were not encoded/],
  ['a URL as it is', right.replace(encodeURIComponent(URL), URL), /URL is not encoded/],
  ['something else', 'x', /expected is RSA-SHA256 .* over POST&/],
])('a signature over %s is recognised', (_, text, why) => {
  const header = [...oauth, ['oauth_signature', rsa(text)] as const]
    .map(([name, value]) => `${name}="${encodeURIComponent(value)}"`)
    .join(', ')
  const headers = { host: 'switch.example:9' }
  const request = signedRequest({ path: CHECK, params, authorization: `OAuth ${header}`, headers })
  expect(last(request)).toEqual({
    says: 'the signature is right',
    ok: false,
    why: expect.stringMatching(why),
  })
})

test.each<readonly [string, (text: string) => string, RegExp]>([
  ['SHA-1', text => rsa(text, PRIVATE_KEY, 'RSA-SHA1'), /SHA-1; it is SHA-256/],
  ['SHA-512', text => rsa(text, PRIVATE_KEY, 'RSA-SHA512'), /SHA-512; it is SHA-256/],
  ['PSS', pss, /PSS; it is PKCS#1 v1\.5/],
])('a signature with %s is recognised, over the right text alone', (_, sign, why) => {
  const lastWhy = (text: string) => {
    const header = [...oauth, ['oauth_signature', sign(text)] as const]
      .map(([name, value]) => `${name}="${encodeURIComponent(value)}"`)
      .join(', ')
    return last(signedRequest({ path: CHECK, params, authorization: `OAuth ${header}` })).why
  }
  expect(lastWhy(right)).toMatch(why)
  expect(lastWhy('x')).toMatch(/expected is/)
})

test('another key of another length is told by its length', () => {
  const key = newRsaKeys(3072).privateKey
  const header = [...oauth, ['oauth_signature', rsa(right, key)] as const]
    .map(([name, value]) => `${name}="${encodeURIComponent(value)}"`)
    .join(', ')
  expect(last(signedRequest({ path: CHECK, params, authorization: `OAuth ${header}` })).why).toMatch(
    /384 bytes, and the key here signs with 256/,
  )
})

// ---- the builder ---------------------------------------------------------------------------------------------------------

const client = { ...credential, settings: { private_key: PRIVATE_KEY, logins: 'test-merchant' } }
const baseUrl = 'https://sandbox.payneteasy.com'
const at = { nowMs: NOW_MS, nonce: 'b5E31Tw6SVjauE29uOf2jOLnuUSXmVdE' }

test('the request of the document is built, with its normalized parameters and its base string', () => {
  const fields = new Map(Object.entries({ client_orderid: '3', orderid: '900258' }))
  const built = payneteasyBuilder.build({
    call: 'payout-pay',
    fields,
    credential: client,
    baseUrl,
    path: null,
    at,
  })
  if (!built.ok) throw new Error(built.why)
  expect(built.canonical).toMatch(
    /^client_orderid=3&login=test-merchant&oauth_consumer_key=TestMerchant&.*&orderid=900258$/,
  )
  expect(built.hashed).toEqual([{ text: expect.stringMatching(/^POST&https%3A/), secret: false }])
  expect([built.algorithm, built.signature.length]).toEqual(['RSA-SHA256', 256])
  // The signature of the vector pne-sign-worked: deterministic, so anybody's signer gives it.
  expect(Buffer.from(built.signature).toString('hex')).toMatch(/^0ebde2a7bc511c162716f1558e842a25/)
  expect(payneteasySignatureBytes(Buffer.from(built.signature).toString('base64'))?.length).toBe(256)
})

test('a built create is taken by the door', async () => {
  const [call] = payneteasyBuilder.calls
  if (call === undefined) throw new Error('a call')
  const fields = new Map(Object.entries(call.example(at)))
  const built = payneteasyBuilder.build({
    call: call.name,
    fields,
    credential: client,
    baseUrl,
    path: null,
    at,
  })
  if (!built.ok) throw new Error(built.why)
  const { authorization = '' } = built.request.headers
  const request = signedRequest({ path: call.path, authorization })
  const answer = await atDoor({ ...request, body: Buffer.from(built.request.body ?? '') }, newDesk())
  expect(fieldsIn(answer).type).toBe('async-response')
})

test('what cannot be built is said, and never with the key in it', () => {
  const order = {
    call: 'payout-pay',
    fields: new Map<string, string>(),
    credential: client,
    baseUrl,
    path: null,
    at,
  }
  const without = (settings: Readonly<Record<string, string>>) => ({ ...client, settings })
  for (const bad of [
    { ...order, credential: without({}) },
    { ...order, credential: without({ private_key: `${PRIVATE_KEY.slice(0, 900)}` }) },
    { ...order, baseUrl: 'nowhere' },
    { ...order, path: '/x?y=1' },
    { ...order, fields: new Map([['a', '\ud800']]) },
    { ...order, call: 'status-v2', credential: { ...client, secret: '' } },
  ]) {
    const built = payneteasyBuilder.build(bad)
    expect(built).toMatchObject({ ok: false, why: expect.stringMatching(/\w/) })
    expect(JSON.stringify(built)).not.toContain('BEGIN')
  }
})
