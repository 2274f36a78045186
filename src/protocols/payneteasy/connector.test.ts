import { createHash, createPublicKey, createVerify } from 'node:crypto'
import { expect, test } from 'vitest'
import { money } from '../../money/money.ts'
import type { ConnectorOrder, InquirySubject, WireAnswer, WireRequest } from '../protocol.ts'
import { payneteasyConnector as connector } from './connector.ts'
import { BDT, baseString, EUR, fail, type Pairs, PUBLIC_KEY, USD } from './door.fixture.ts'
import { account, judgedInquiry, judgedPay, judgedStatus } from './judge.fixture.ts'

const AT = { nowMs: 1_677_831_012_999, nonce: 'b5E31Tw6SVjauE29uOf2jOLnuUSXmVdE' }
const SERIAL = '00000000-0000-0000-0000-000002e2c322'
const amount = money(10_000n, EUR)
const order: ConnectorOrder = {
  reference: 'k3v9q0z1x8w7c5b4n2m6a9d1',
  amount,
  beneficiary: { kind: 'wallet', operator: 'bkash', number: '01712345678' },
  description: null,
  callbackUrl: 'https://switch.example/callbacks/x',
}
const subject: InquirySubject = {
  reference: order.reference,
  theirId: null,
  amount,
  step: 'first',
  payRequestId: null,
}
const atOnce = { ...account, settings: { ...account.settings, pay_at_once: 'yes' } }

function answer(fields: Pairs, status = 200): WireAnswer {
  return {
    status,
    headers: {},
    body: Buffer.from(fields.map(([name, value]) => `${name}=${value}\n`).join('&')),
  }
}
function step(type: string, change: Readonly<Record<string, string>> = {}): WireAnswer {
  const fields = {
    'serial-number': SERIAL,
    'merchant-order-id': order.reference,
    'paynet-order-id': '900258',
  }
  return answer(Object.entries({ type, ...fields, ...change }).filter(([, value]) => value !== ''))
}
function status(value: string, change: Readonly<Record<string, string>> = {}): WireAnswer {
  return step('status-response', { status: value, amount: '100.00', currency: 'EUR', ...change })
}
function bodyOf({ body }: WireRequest) {
  return Object.fromEntries(new URLSearchParams(body ?? ''))
}
/** Verified by node:crypto over a base string that is put together by hand. */
function isSigned(request: WireRequest): boolean {
  const header = request.headers.authorization ?? ''
  const oauth = [...header.matchAll(/(oauth_\w+)="([^"]*)"/g)].map(
    ([, name = '', value = '']) => [name, decodeURIComponent(value)] as const,
  )
  const signature = oauth.find(([name]) => name === 'oauth_signature')?.[1] ?? ''
  const params = [...Object.entries(bodyOf(request)), ...oauth.filter(([name]) => name !== 'oauth_signature')]
  const verify = createVerify('RSA-SHA256').update(baseString(request.url, params))
  return verify.verify(createPublicKey(PUBLIC_KEY), signature, 'base64')
}

test('the order is created by payout-check, released by payout-pay and asked about by status', () => {
  const created = connector.pay({ ...order, description: 'x'.repeat(70) }, account, AT)
  expect(created.url).toBe('https://sandbox.payneteasy.com/paynet/api/v4/payout-check/39915')
  expect(bodyOf(created)).toEqual({
    login: 'test-merchant',
    client_orderid: order.reference,
    amount: '100.00',
    currency: 'EUR',
    order_desc: 'x'.repeat(64),
    account_number: '01712345678',
    bank_name: 'bkash',
    server_callback_url: order.callbackUrl,
  })
  const released =
    connector.commit?.request({ reference: 'r', theirId: '900258', amount }, account, AT) ?? fail('a commit')
  expect(released.url).toBe('https://sandbox.payneteasy.com/paynet/api/v4/payout-pay/39915')
  expect(bodyOf(released)).toEqual({ login: 'test-merchant', client_orderid: 'r', orderid: '900258' })
  const looked = connector.inquire(subject, account, AT)
  expect(looked.url).toBe('https://sandbox.payneteasy.com/paynet/api/v4/status/39915')
  expect(bodyOf(looked)).toEqual({ login: 'test-merchant', client_orderid: order.reference })
  for (const request of [created, released, looked]) {
    expect(isSigned(request)).toBe(true)
    expect(isSigned({ ...request, url: `${request.url}x` })).toBe(false)
    expect(request.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(request.headers.authorization).toContain('oauth_timestamp="1677831012"')
  }
})

test('only the second step is asked about by its serial number', () => {
  const known = { ...subject, theirId: '900258', payRequestId: SERIAL }
  expect(bodyOf(connector.inquire({ ...known, step: 'first' }, account, AT))).not.toHaveProperty(
    'by-request-sn',
  )
  expect(bodyOf(connector.inquire({ ...known, step: 'second' }, account, AT))).toMatchObject({
    orderid: '900258',
    'by-request-sn': SERIAL,
  })
})

test("the document's request is made with the document's body, byte for byte", () => {
  const request = connector.commit?.request({ reference: '3', theirId: '900258', amount }, account, AT)
  expect(request?.body).toHaveLength(51)
  expect([...new URLSearchParams(request?.body ?? '')].sort()).toEqual([
    ['client_orderid', '3'],
    ['login', 'test-merchant'],
    ['orderid', '900258'],
  ])
})

test('a description is our reference where there is none, and an address that they would not call stays here', () => {
  const sent = bodyOf(connector.pay({ ...order, callbackUrl: 'http://127.0.0.1:9999/x' }, account, AT))
  expect(sent.order_desc).toBe(order.reference)
  expect(sent).not.toHaveProperty('server_callback_url')
})

test('what cannot be carried is not sent', () => {
  const cases: readonly Partial<ConnectorOrder>[] = [
    { amount: money(0n, EUR) },
    { amount: money(1_000_000_000n, EUR) },
    { amount: money(1n, USD) },
    { amount: money(1n, BDT) },
    { reference: '' },
    { reference: 'x'.repeat(129) },
    { description: 'a\nb' },
    { beneficiary: { kind: 'wallet', operator: 'bkash', number: '12' } },
    { beneficiary: { kind: 'card', number: '4242' } },
    { beneficiary: { kind: 'bank_account', account: 'x', bank: null, holder: null } },
    { beneficiary: { kind: 'bank_account', account: 'DE89370400', bank: 'bKash', holder: null } },
    { beneficiary: { kind: 'bank_account', account: 'DE89370400', bank: null, holder: 'a\u0000b' } },
  ]
  expect(connector.cannotCarry(order, account)).toBeNull()
  for (const change of cases) expect(connector.cannotCarry({ ...order, ...change }, account)).toMatch(/\w/)
})

test('an acceptance names both orders, or it is none', () => {
  expect(connector.readPay(step('async-response'), order, account)).toMatchObject({
    said: 'pending',
    theirId: '900258',
    echo: { reference: 'same' },
  })
  expect(connector.readPay(step('async-response'), order, atOnce)).toMatchObject({ said: 'created' })
  expect(connector.readPay(step('async-response'), order, account)).not.toHaveProperty('theirRequestId')
  for (const id of ['', 'x', '0'])
    expect(
      connector.readPay(step('async-response', { 'paynet-order-id': id }), order, account),
    ).toMatchObject({
      said: 'unknown',
      theirId: null,
    })
  expect(
    connector.readPay(step('async-response', { 'merchant-order-id': 'x' }), order, account),
  ).toMatchObject({
    echo: { reference: 'other' },
  })
})

test('the second step tells its serial number, and is never more than pending', () => {
  const commit = { reference: order.reference, theirId: '900258', amount }
  const read = (wire: WireAnswer) => connector.commit?.read(wire, commit, atOnce)
  expect(read(step('async-response'))).toMatchObject({ said: 'pending', theirRequestId: SERIAL })
  expect(read(step('async-response', { 'serial-number': '' }))).not.toHaveProperty('theirRequestId')
  expect(read(step('async-response', { 'paynet-order-id': '' }))).toMatchObject({ said: 'unknown' })
  expect(read(step('validation-error'))).toMatchObject({ said: 'failed', failure: 'refused' })
  expect(read(step('validation-error', { 'paynet-order-id': '' }))).toMatchObject({ said: 'failed' })
  // A refusal is a proof, so it has to be a whole message of theirs.
  for (const serial of ['', 'a b', 'x'.repeat(65)])
    for (const one of [read, (wire: WireAnswer) => connector.readPay(wire, order, account)])
      expect(one(step('validation-error', { 'serial-number': serial }))).toMatchObject({
        said: 'unknown',
        failure: null,
      })
  for (const type of ['error', 'status-response', 'sync-response', 'Async-Response'])
    expect(read(step(type))).toMatchObject({ said: 'unknown', failure: null })
  expect(read(answer([['status', 'approved']]))).toEqual({ kind: 'unreadable' })
  expect(read({ ...step('async-response'), status: 201 })).toEqual({ kind: 'unread' })
})

test('an answer to payout-pay that is a page, has no serial number or names an order that is none kills nothing', () => {
  const serial = `&serial-number=${SERIAL}\n&merchant-order-id=1\n`
  expect(judgedPay(`type=validation-error\n${serial}`)).toEqual(['failed', expect.any(String)])
  expect(judgedPay(`type=validation-error\n${serial}&paynet-order-id=900258\n`)[0]).toBe('failed')
  for (const body of [
    '<!DOCTYPE html>\n<a href="/gate?next=%2F&type=validation-error&x=1">',
    'upstream connect error&type=validation-error',
    'upstream&type=validation-error',
    'type=validation-error\n&error-code=1\n',
    ...['null', '0900259', '0', '-', ' ', '900258 ', '1234567890123456789'].map(
      id => `type=validation-error\n${serial}&paynet-order-id=${id}\n`,
    ),
  ])
    expect([body, judgedPay(body)[0]]).toEqual([body, 'unknown'])
})

test('an order id that is none is the id of another order, in every answer', () => {
  const about = { ...subject, step: 'second', payRequestId: SERIAL } as const
  const commit = { reference: order.reference, theirId: '900258', amount }
  for (const id of ['null', '0900259', '0']) {
    const change = { 'paynet-order-id': id }
    for (const read of [
      connector.readInquiry(status('declined', change), about, account),
      connector.readPay(step('validation-error', change), order, account),
      connector.commit?.read(step('validation-error', change), commit, account),
    ])
      expect(read).toMatchObject({ theirId: null, echo: { reference: 'other' } })
  }
  expect(connector.readInquiry(status('declined', { 'paynet-order-id': '' }), about, account)).toMatchObject({
    said: 'failed',
    echo: { reference: 'same' },
  })
})

test.each([
  ['first', null, { approved: 'created', processing: 'pending', declined: 'failed', filtered: 'failed' }],
  ['first', SERIAL, { approved: 'created', processing: 'pending', declined: 'failed', filtered: 'failed' }],
  ['second', SERIAL, { approved: 'paid', processing: 'pending', declined: 'failed', filtered: 'failed' }],
  ['second', null, { approved: 'unknown', processing: 'pending', declined: 'failed', filtered: 'failed' }],
  ['only', null, { approved: 'paid', processing: 'pending', declined: 'failed', filtered: 'failed' }],
] as const)('a status about the %s step with serial number %s', (which, payRequestId, meanings) => {
  const about = { ...subject, step: which, payRequestId }
  const failure = which === 'second' && payRequestId === null ? 'unlisted' : 'failed'
  for (const [value, said] of Object.entries({
    ...meanings,
    error: 'unknown',
    unknown: 'unknown',
    '': 'unknown',
  })) {
    const read = connector.readInquiry(status(value), about, account)
    expect([value, read.kind === 'read' ? [read.said, read.failure] : read.kind]).toEqual([
      value,
      [said, said === 'failed' ? failure : null],
    ])
  }
})

test('a decline that is not tied to the payment proves nothing, and is told where the order is believed to be paid', () => {
  for (const value of ['declined', 'filtered']) {
    expect(judgedStatus(value, 'second', true)).toBe('unknown')
    expect(judgedInquiry(value, 'second', true, 'in_doubt')).toMatchObject({ row: 'Q8', alarm: false })
    expect(judgedInquiry(value, 'second', true, 'paid')).toMatchObject({ row: 'Q8', alarm: true })
  }
  // What people decided on other evidence is not contradicted by an approval, of whichever step.
  expect(judgedInquiry('approved', 'second', true, 'paid')).toMatchObject({ row: 'Q8', alarm: false })
})

test('an account that pays at once takes an order that is known for one that can be paid', () => {
  const read = (about: InquirySubject) => connector.readInquiry(status('processing'), about, atOnce)
  expect(read(subject)).toMatchObject({ said: 'created' })
  expect(read({ ...subject, step: 'second', payRequestId: SERIAL })).toMatchObject({ said: 'pending' })
})

test('a status carries our order back, or is about another one', () => {
  const echo = (change: Readonly<Record<string, string>>) => {
    const read = connector.readInquiry(status('approved', change), subject, account)
    return read.kind === 'read' ? read.echo : fail('an echo')
  }
  expect(echo({})).toMatchObject({ reference: 'same', amount: 'same', currency: 'same' })
  expect(echo({ amount: '100.000' })).toMatchObject({ amount: 'same' })
  expect(echo({ amount: '100.01' })).toMatchObject({ amount: 'other' })
  expect(echo({ currency: 'USD' })).toMatchObject({ currency: 'other' })
  expect(echo({ amount: '', currency: '' })).toMatchObject({ amount: 'absent', currency: 'absent' })
  expect(connector.readInquiry(step('validation-error'), subject, account)).toMatchObject({ said: 'unknown' })
})

// ---- callbacks -------------------------------------------------------------------------------------------------------

function callback(change: Readonly<Record<string, string>> = {}, method = 'GET') {
  const fields = {
    status: 'approved',
    orderid: '900258',
    client_orderid: '3',
    type: 'payout',
    amount: '100.00',
    ...change,
  }
  const text = `${fields.status}${fields.orderid}${fields.client_orderid}sandbox-merchant-control`
  const control = createHash('sha1').update(text).digest('hex')
  const query = new URLSearchParams({ ...fields, control, ...change }).toString()
  return connector.readCallback({ method, query, headers: new Map(), body: new Uint8Array(0) }, account)
}

test('a callback says what its status says, and neither its type nor its amount changes that', () => {
  for (const [value, said] of [
    ['approved', 'paid'],
    ['declined', 'failed'],
    ['filtered', 'failed'],
    ['processing', 'pending'],
    ['error', 'unknown'],
  ] as const) {
    for (const type of ['payout', 'reversal', ''])
      expect(callback({ status: value, type })).toMatchObject({
        kind: 'verified',
        reference: '3',
        theirId: '900258',
        amount: '100.00',
        said,
      })
  }
  expect(callback({ amount: 'x' })).toMatchObject({ kind: 'verified', amount: null })
})

test('a callback by POST, without a control, or with one that does not fit is refused', () => {
  expect(callback({}, 'POST').kind).toBe('refused')
  for (const change of [
    { control: '' },
    { control: 'f37af14345764670dd52c91a6dd860311ec06890' },
    { orderid: 'x' },
    { status: '' },
  ])
    expect(callback(change).kind).toBe('refused')
  const doubled = { method: 'GET', query: 'status=a&status=a', headers: new Map(), body: new Uint8Array(0) }
  expect(connector.readCallback(doubled, account).kind).toBe('refused')
})

test('the first looks come within seconds, and the contract is two-step, signed and never decided by a callback', () => {
  const contract = connector.capabilities(account)
  expect(contract).toMatchObject({
    twoStep: true,
    createAloneNeverPays: true,
    idempotentOnOurReference: false,
    notFoundIsFinalAfterMs: 'never',
    failedIsFinalAfterMs: 0,
    refusalConfirmedBy: 'answer',
    refusalStatuses: [],
    callsBack: true,
    callbackSigned: true,
    callbackDecides: false,
    givesTheirId: true,
    proof: false,
  })
  expect(contract.inquiryTimesMs.first[0]).toBe(1_000)
})
