import { createHash, createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import type { BuilderOrder, Built, Check, DoorRequest } from '../protocol.ts'
import { avanorBuilder } from './builder.ts'
import { AVANOR_PATHS, avanorCheck } from './checks.ts'
import { avanorDocument } from './document.ts'
import {
  ask,
  credentials,
  methods,
  NOW,
  newDesk,
  order,
  requestOf,
  SECRET,
  send,
  signed,
} from './door.fixture.ts'

const at = { nowMs: 1_779_640_542_000, nonce: '0123456789abcdefghijABCDEFGHIJ01' }

function built(
  call: string,
  fields: Readonly<Record<string, string>>,
  more: Partial<BuilderOrder> = {},
): Built {
  const credential = { publicId: '202203', secret: SECRET, settings: {} }
  const entries = new Map(Object.entries(fields))
  return avanorBuilder.build({
    call,
    fields: entries,
    credential,
    baseUrl: 'http://127.0.0.1:8080',
    path: null,
    at,
    ...more,
  })
}

test("the document's own example is signed as the document signs it", () => {
  const fields = {
    amount: '104.04',
    currency: '840',
    payway: 'payway_usd',
    shop_id: '202203',
    shop_order_id: '1994',
  }
  const { hashed, signature, canonical, request } = wellBuilt(built('invoice/create', fields))
  expect(canonical).toBe('104.04:840:payway_usd:202203:1994')
  expect(hashed).toEqual([
    { text: '104.04:840:payway_usd:202203:1994', secret: false },
    { text: SECRET, secret: true },
  ])
  const sign = '05f6d3712417f62af6cbf66ca81c2f0b249f7dc1b4cbe3a50e3f8d67a1fb35a2'
  expect(Buffer.from(signature).toString('hex')).toBe(sign)
  expect(request.body).toBe(
    `{"amount":"104.04","currency":840,"payway":"payway_usd","shop_id":202203,"shop_order_id":"1994","sign":"${sign}"}`,
  )
})

test('the seed method has its own fields filled in, and goes to the documented path or another', () => {
  const { request } = wellBuilt(built('withdraw/status', { withdraw_id: '123' }))
  expect(request).toEqual({
    method: 'POST',
    url: 'http://127.0.0.1:8080/gateway/v1/withdraw/status',
    headers: { 'content-type': 'application/json' },
    body: `{"now":"${NOW}","shop_id":202203,"sign":"248cbb857b1f522a9128cf0ff306dfcf91ead351292561c7bc2c3d51652db435","withdraw_id":123}`,
  })
  const elsewhere = wellBuilt(built('withdraw/status', { withdraw_id: '123' }, { path: '/withdraw/status' }))
  expect(elsewhere.request.url).toBe('http://127.0.0.1:8080/withdraw/status')
})

test('a number stays the number that it was given as, and what is no number stays text', () => {
  const given = { ...texts(order), amount: '150.00', withdraw_id: '12x' }
  const numbers = new Set(['amount', 'account'])
  const { request, canonical } = wellBuilt(
    built('withdraw/create', given, { numbers } as Partial<BuilderOrder>),
  )
  expect(canonical).toBe('4111111111111111:150.00:ps_amount:card_usd:840:202203:order-1')
  expect(request.body).toContain('"account":4111111111111111,"amount":150.00,')
  expect(request.body).toContain('"withdraw_id":"12x"')
})

test('what cannot be signed is refused with a sentence', () => {
  const why = (result: Built): string => (result.ok ? '' : result.why)
  expect(why(built('withdraw/create', { account: '1' }))).toContain('amount is missing')
  expect(why(built('invoice/create', { amout: '104.04', currency: '840' }))).toContain('misprint')
  expect(why(built('shop_balance', { 'a b': '1' }))).toContain('a b')
  const credential = { publicId: '202203', secret: '', settings: {} }
  expect(why(built('shop_balance', {}, { credential }))).toContain('empty secret')
})

// ---- the explanation -----------------------------------------------------------------------------------------------

function explain(method: string, body: string, more: Partial<DoorRequest> = {}): readonly Check[] {
  const request = requestOf(`/gateway/v1/${method}`, body, more)
  return avanorBuilder.explain(
    request,
    publicId => credentials.find(one => one.publicId === publicId) ?? null,
  )
}

function whyOf(checks: readonly Check[]): string {
  expect(checks.slice(0, -1).every(({ ok }) => ok)).toBe(true)
  expect(checks.at(-1)?.ok).toBe(false)
  expect(JSON.stringify(checks)).not.toContain(SECRET)
  return checks.at(-1)?.why ?? ''
}

const good = signed('withdraw/create', order)

test('a good request passes every check, in the order of the contract', () => {
  const checks = explain('withdraw/create', good)
  expect(checks.every(({ ok, why }) => ok && why === null)).toBe(true)
  expect(checks.map(({ says }) => says)).toEqual([
    "the address is one of the door's",
    'the body is one JSON object',
    'shop_id names a shop',
    'the shop is known',
    'the shop is active',
    'the shop may come from this address',
    'every signed field and sign are there',
    'the signature is right',
    'every field is well-formed',
    'the shop has the payway in that currency',
    'the account is one of the payway',
    'the amount is within the limits of the payway',
  ])
  expect(explain('shop_balance', signed('shop_balance', { now: NOW, shop_id: 202_203 }))).toHaveLength(9)
})

test('the explanation stops where the door refuses, and says what was found there', () => {
  const create = (fields: object): string => signed('withdraw/create', { ...order, ...fields })
  const rows: readonly (readonly [number, string, RegExp])[] = [
    [2, 'shop_id=1&x=2', /form/],
    [2, '', /empty/],
    [2, '[]', /no object/],
    [3, '{}', /shop_id is missing/],
    [3, '{"shop_id":"x"}', /1 to 18 digits/],
    [4, '{"shop_id":9}', /nobody has/],
    [5, '{"shop_id":1}', /switched off/],
    [6, '{"shop_id":2}', /192\.0\.2\.1/],
    [7, '{"shop_id":202203,"account":"1","amout":"1"}', /amount is missing.*misprint/],
    [9, create({ amount: '0' }), /above zero/],
    [10, create({ payway: 'nobody' }), /card_usd pays card in USD/],
    [11, create({ account: '12' }), /account/],
    [12, create({ amount: '1' }), /too small/],
  ]
  for (const [checks, body, why] of rows) {
    const explained = explain('withdraw/create', body)
    expect([body, explained.length]).toEqual([body, checks])
    expect(whyOf(explained)).toMatch(why)
  }
  expect(whyOf(explain('nowhere', good))).toContain('none of the door')
  expect(whyOf(explain('withdraw/create', good, { method: 'GET' }))).toContain('GET')
  expect(whyOf(explain('withdraw/create', '', { bodyTooLarge: true }))).toContain('larger')
})

test('the usual mistakes of a signature are each told by their name', () => {
  const text = '4111111111111111:150.00:ps_amount:card_usd:840:202203:order-1'
  const sha = (signedText: string): string => createHash('sha256').update(signedText).digest('hex')
  const rows: readonly (readonly [string, RegExp])[] = [
    [sha(text + SECRET).toUpperCase(), /upper case/],
    [`${sha(text + SECRET)}\n`, /blanks around it/],
    [sha(`${text}:${SECRET}`), /joined with a colon/],
    [sha(SECRET + text), /in front/],
    [sha(text), /missing from the hashed/],
    [sha(`${text}${SECRET}\n`), /line end/],
    [sha(`${text} ${SECRET}`), /blanks/],
    [sha(`4111111111111111:150.00:ps_amount:hello:card_usd:840:202203:order-1${SECRET}`), /every field/],
    [sha(`order-1:150.00:4111111111111111:ps_amount:card_usd:840:202203${SECRET}`), /not ordered/],
    [sha(`${text.replace('150.00', '150')}${SECRET}`), /written anew/],
    [sha(text.replaceAll(':', '') + SECRET), /colons do/],
    [createHmac('sha256', SECRET).update(text).digest('hex'), /HMAC/],
    [
      createHash('md5')
        .update(text + SECRET)
        .digest('hex'),
      /MD5/,
    ],
    [
      createHash('sha1')
        .update(text + SECRET)
        .digest('hex'),
      /SHA-1/,
    ],
    ['abc', /3 characters/],
    [sha('something else'), /expected is the SHA-256 of 4111111111111111:150\.00:.*<secret>/],
  ]
  const { shop_payment_id, amount, account, ...rest } = order
  const unordered = { shop_payment_id, amount, account, ...rest, description: 'hello' }
  for (const [sign, why] of rows)
    expect(whyOf(explain('withdraw/create', JSON.stringify({ ...unordered, sign })))).toMatch(why)
})

test('explanation and door give one verdict, because both make the same checks', async () => {
  const bodies = [
    good,
    '[]',
    '{}',
    '{"shop_id":1}',
    good.replace('150.00', '150.01'),
    good.replace('"sign"', '"sing"'),
  ]
  for (const body of bodies) {
    const checked = avanorCheck(
      requestOf('/withdraw/create', body),
      'withdraw/create',
      id => credentials.find(one => one.publicId === id) ?? null,
    )
    const { body: said } = await send(newDesk(), 'withdraw/create', body)
    expect(explain('withdraw/create', body).every(({ ok }) => ok)).toBe(checked.ok)
    expect(said.includes('"result":true')).toBe(checked.ok)
  }
})

// ---- the document --------------------------------------------------------------------------------------------------

test('the document tells of every method, and its answers have the form of those that the door gives', async () => {
  expect(avanorDocument.operations.map(({ path }) => AVANOR_PATHS.get(path))).toEqual(methods)
  for (const { call, answers, fields } of avanorDocument.operations) {
    const desk = newDesk()
    await ask(desk, 'withdraw/create', order)
    // A create of its own: with other content the first one's reference would be taken.
    const reference = call === 'withdraw/create' ? 'order-2' : 'order-1'
    const asked = { ...order, shop_payment_id: reference, now: NOW, withdraw_id: 1_000_001 }
    const { body } = await ask(desk, call ?? '', asked)
    expect([call, shapeOf(JSON.parse(answers[0]?.body ?? ''))]).toEqual([call, shapeOf(JSON.parse(body))])
    expect(fields.map(({ name }) => name)).toContain('sign')
    for (const { status, body: example } of answers.slice(1))
      expect(
        status === 500 || Object.keys(JSON.parse(example)).join() === 'data,error_code,message,result',
      ).toBe(true)
  }
})

/** What is there, whatever its values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.entries(value).map(([name, member]) => [name, shapeOf(member)])
}

function wellBuilt(result: Built): Extract<Built, { ok: true }> {
  if (!result.ok) throw new Error(result.why)
  return result
}

function texts(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]))
}
