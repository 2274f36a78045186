// Rows 1 to 8 of section 7: who is not let in reads the same page, and the desk is asked for nothing.
import { expect, test } from 'vitest'
import type { DoorRequest } from '../protocol.ts'
import {
  ask,
  atDoor,
  CHECK,
  CREATE,
  credential,
  fieldsIn,
  newDesk,
  ORDER,
  PAY,
  type Sent,
  signedRequest,
  waitingOrder,
} from './door.fixture.ts'

const PAGE =
  '<!DOCTYPE html>\n<html>\n<head><title>403</title></head>\n<body><p>Access is denied</p></body>\n</html>\n'

function orderDesk(credentials = [credential]) {
  const desk = newDesk(credentials)
  desk.put(waitingOrder())
  return desk
}

async function denied(sent: Sent, desk = orderDesk()): Promise<void> {
  const answer = await ask(desk, sent)
  expect([answer.status, answer.headers['Content-Type'], answer.body]).toEqual([403, 'text/html', PAGE])
  expect(desk.payout('3').state).toBe('waiting')
}

test('the request that the others differ from is taken, at the endpoint and at its group', async () => {
  expect(fieldsIn(await ask(orderDesk())).type).toBe('async-response')
  const group = await ask(orderDesk(), { path: '/paynet/api/v4/payout-pay/group/1' })
  expect(fieldsIn(group)).toMatchObject({ type: 'async-response', 'end-point-id': '39915' })
})

test('row 1: a body that is too large is answered 413 without a body', async () => {
  for (const more of [{ bodyTooLarge: true }, { body: Buffer.alloc(65_537, 'a') }]) {
    const desk = orderDesk()
    const answer = await ask(desk, { more })
    expect([answer.status, answer.body, desk.calls()]).toEqual([413, '', 0])
  }
})

const header = signedRequest().headers.get('authorization')?.[0] ?? ''

test.each<readonly [string, Sent]>([
  ['no Content-Type', { headers: { 'content-type': [] } }],
  ['a JSON Content-Type', { headers: { 'content-type': 'application/json' } }],
  ['two Content-Types', { headers: { 'content-type': ['application/x-www-form-urlencoded', 'text/plain'] } }],
  ['a query', { more: { query: 'x=1' } }],
  ['no Authorization', { authorization: null }],
  ['two Authorizations', { headers: { authorization: [header, header] } }],
  ['another scheme', { authorization: header.replace('OAuth', 'Bearer') }],
  ['no quotes', { authorization: header.replaceAll('"', '') }],
  ['a comma at the end', { authorization: `${header},` }],
  ['text behind it', { authorization: `${header} x` }],
  ['a broken escape', { authorization: header.replace('%', '%zz') }],
  ['a parameter of another kind', { authorization: `${header}, foo="1"` }],
  ['a parameter of another kind, signed', { oauth: { foo: '1' } }],
])('row 2: %s', async (_, sent) => {
  await denied(sent)
})

test('row 2: a charset beside the form, and any letter case of it, is looked through', async () => {
  const type = 'Application/X-WWW-Form-Urlencoded; charset=UTF-8'
  expect((await ask(orderDesk(), { headers: { 'content-type': type } })).status).toBe(200)
})

test.each<readonly [string, Sent]>([
  ['a nonce twice', { authorization: `${header}, oauth_nonce="x"` }],
  ['a signature twice', { authorization: `${header}, oauth_signature="AAAA"` }],
  ['another method', { oauth: { oauth_signature_method: 'HMAC-SHA256' } }],
  ['another version', { oauth: { oauth_version: '1' } }],
  ['an empty nonce', { oauth: { oauth_nonce: '' } }],
  ['a nonce of 129 characters', { oauth: { oauth_nonce: 'n'.repeat(129) } }],
  ['a nonce that is not ASCII', { oauth: { oauth_nonce: 'é' } }],
  ['a timestamp with a sign', { oauth: { oauth_timestamp: '+1677831012' } }],
  ['a timestamp with a leading zero', { oauth: { oauth_timestamp: '01677831012' } }],
  ['an oauth_ parameter in the body', { params: { ...ORDER, oauth_token: 'x' } }],
])('row 3: %s', async (_, sent) => {
  await denied(sent)
})

test('row 3: a nonce of 128 characters is one', async () => {
  expect((await ask(orderDesk(), { nonce: '~ '.repeat(64) })).status).toBe(200)
})

test('row 4: an unknown or inactive consumer key, and an address outside the list', async () => {
  await denied({ consumerKey: 'nobody' })
  await denied({}, orderDesk([{ ...credential, active: false }]))
  const listed = { ...credential, settings: { ...credential.settings, addresses: '192.0.2.7, 2001:db8::1' } }
  await denied({}, orderDesk([listed]))
  await denied({}, orderDesk([{ ...listed, settings: { ...listed.settings, addresses: ' ' } }]))
  for (const remoteAddress of ['192.0.2.7', '::ffff:192.0.2.7', '2001:DB8::1'])
    expect((await ask(orderDesk([listed]), { more: { remoteAddress } })).status).toBe(200)
})

test('row 5: 900 seconds either way are inside, one more is not', async () => {
  for (const seconds of [-900, 900])
    expect((await ask(orderDesk(), { timestamp: String(1_677_831_012 + seconds) })).status).toBe(200)
  for (const seconds of [-901, 901]) await denied({ timestamp: String(1_677_831_012 + seconds) })
})

test('row 6: every public address counts, and the Host header never does', async () => {
  expect((await ask(orderDesk(), { signedUrl: `https://door.example:8443${PAY}` })).status).toBe(200)
  const headers = { host: 'another.example' }
  await denied({ signedUrl: `https://another.example${PAY}`, headers })
  await denied({ signedUrl: `https://sandbox.payneteasy.com${PAY}x` })
  await denied({ more: { publicUrls: [] } })
})

test('row 6: a body that cannot be decoded was signed by nobody, nor is anything without a public key', async () => {
  for (const body of ['client_orderid=%', 'client_orderid=%ff', 'client_orderid=\xff'])
    await denied({ more: { body: Buffer.from(body, 'latin1') } })
  const { public_key: _, ...keyless } = credential.settings
  await denied({}, orderDesk([{ ...credential, settings: keyless }]))
  await denied({}, orderDesk([{ ...credential, settings: { ...keyless, public_key: 'x' } }]))
})

test('rows 2 to 6 ask the desk for nothing', async () => {
  const desk = orderDesk()
  await ask(desk, { timestamp: '1' })
  await ask(desk, { signedUrl: 'https://another.example/' })
  expect(desk.calls()).toBe(0)
})

test('row 7: the same request again gets the stored answer, whatever has happened since, and has no effect', async () => {
  const desk = newDesk()
  const request = signedRequest({ path: CHECK, params: CREATE })
  const first = await atDoor(request, desk)
  desk.move('order-1', 'paid', 1)
  expect(await atDoor({ ...request, requestId: 'request-2' }, desk)).toEqual(first)
  expect(desk.recorded).toHaveLength(1)

  const unknown = newDesk()
  const before = await ask(unknown)
  expect(fieldsIn(before)['error-code']).toBe('105')
  unknown.put(waitingOrder())
  expect(await ask(unknown)).toEqual(before)
  expect(unknown.payout('3').state).toBe('waiting')
})

test('row 7: a nonce on another request is denied, another consumer key or second has it anew', async () => {
  const desk = orderDesk([credential, { ...credential, publicId: 'test-merchant' }])
  expect(fieldsIn(await ask(desk, { params: { ...ORDER, client_orderid: '4' } }))['error-code']).toBe('106')
  const again = await ask(desk)
  expect([again.status, again.body]).toEqual([403, PAGE])
  expect((await ask(desk, { timestamp: '1677831013' })).status).toBe(200)
  expect((await ask(desk, { consumerKey: 'test-merchant' })).status).toBe(200)
})

test('row 7: the use of a nonce is kept for twice the window and a second, by timestamp and nonce', async () => {
  const uses: unknown[] = []
  const desk = orderDesk()
  const watched = {
    ...desk,
    async once(use: unknown) {
      uses.push(use)
      return { kind: 'other' as const }
    },
  }
  expect((await ask(watched, { nonce: 'n' })).status).toBe(403)
  expect(uses).toEqual([
    {
      door: 'payneteasy',
      publicId: 'TestMerchant',
      key: '1677831012 n',
      fingerprint: expect.any(Uint8Array),
      keepMs: 1_801_000,
    },
  ])
})

test.each([
  '/paynet/api/v4/payout-pay/39999',
  '/paynet/api/v4/payout-pay/1',
  '/paynet/api/v4/payout-pay/x',
  '/paynet/api/v4/payout-pay/039915',
  '/paynet/api/v4/payout-pay/group/39915',
  '/paynet/api/v4/payout-pay/group/2',
])("row 8: %s is no endpoint or group of the merchant's", async path => {
  const desk = orderDesk()
  await denied({ path }, desk)
  // It is an answer like any other behind the nonce, and given again.
  await denied({ path }, desk)
})

test('row 8: a setting with two endpoints of one currency is refused like one that cannot be read', async () => {
  for (const endpoints of ['39915=EUR,39916=EUR', '39915=EUR,39916=USD,39917=USD', '39915'])
    for (const path of [PAY, PAY.replace('39915', '39916'), PAY.replace('39915', 'group/1')]) {
      const settings = { ...credential.settings, endpoints }
      await denied({ path }, orderDesk([{ ...credential, settings }]))
    }
})

test('row 6: a form beyond its limits is denied, however well it is signed', async () => {
  const more = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, place) => [`x${place}`, '']))
  expect((await ask(orderDesk(), { params: { ...ORDER, ...more(61) } })).status).toBe(200)
  await denied({ params: { ...ORDER, ...more(62) } })
  await denied({ params: { ...ORDER, ['n'.repeat(65)]: '' } })
  await denied({ params: { ...ORDER, x: 'a\0' } })
})

test('a fault of ours is a 500 without a body, wherever it comes', async () => {
  for (const error of [new Error('x'), 'text', { nothing: true }]) {
    for (const sent of [{}, { path: CHECK, params: CREATE }, { path: PAY.replace('payout-pay', 'status') }]) {
      const desk = orderDesk()
      desk.breakWith(error)
      expect(await ask(desk, sent)).toMatchObject({ status: 500, body: '' })
    }
  }
  const broken = {
    ...orderDesk(),
    credential: () => {
      throw new Error('no')
    },
  }
  expect(await ask(broken)).toMatchObject({ status: 500, body: '' })
})

test('a fault behind the nonce is not kept: the same request again is answered', async () => {
  const desk = orderDesk()
  const find = desk.find
  const failing = {
    ...desk,
    find: async () => {
      throw new Error('gone')
    },
  }
  expect((await ask(failing)).status).toBe(500)
  expect((await ask({ ...desk, find })).status).toBe(200)
})

test('the largest body of the smallest parameters is judged in bounded time', async () => {
  const body = Buffer.from(Array.from({ length: 13_000 }, (_, place) => `a${place % 977}`).join('&'))
  const request: DoorRequest = { ...signedRequest(), body: body.subarray(0, 65_536) }
  const began = process.cpuUsage()
  for (let round = 0; round < 10; round += 1) expect((await atDoor(request, newDesk())).status).toBe(403)
  expect(process.cpuUsage(began).user / 10_000).toBeLessThan(200)
})
