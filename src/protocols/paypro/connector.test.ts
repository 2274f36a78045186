import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { currencyOf } from '../../money/currency.ts'
import { money } from '../../money/money.ts'
import { attemptReference } from '../../payout/attempt.ts'
import type { Answer } from '../../payout/outcome.ts'
import { bdt } from '../desk.fixture.ts'
import type { CallbackRequest, ConnectorOrder, ProviderAccount, WireAnswer } from '../protocol.ts'
import { payproConnector } from './connector.ts'

const SECRET = 'sandbox-paypro-secret'
const at = { nowMs: 1_728_611_780_130, nonce: 'x'.repeat(32) }
/** An attempt that was sent by the one step there is. */
const ONLY = { step: 'only', payRequestId: null } as const

function account(settings: Readonly<Record<string, string>> = {}): ProviderAccount {
  return {
    id: 'pa_1',
    protocol: 'paypro',
    baseUrl: 'https://provider.example/bgd-pay',
    settings: { merchant_no: '1000000001', secret: SECRET, ...settings },
  }
}

const order: ConnectorOrder = {
  reference: 'test00000001',
  amount: bdt(30_000n),
  beneficiary: { kind: 'wallet', operator: 'bkash', number: '01123456789' },
  description: 'test',
  callbackUrl: 'https://switch.example/callbacks/paypro/pa_1/m1/8rlfud1oh1ruceq7/1/00',
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

function answer(body: unknown, status = 200): WireAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, headers: {}, body: Buffer.from(text) }
}

function told(data: Readonly<Record<string, unknown>>): WireAnswer {
  return answer({ msg: 'success', code: '0000', success: true, data: { platFormTradeNo: 'n1', ...data } })
}

function read(value: Answer): Extract<Answer, { kind: 'read' }> {
  if (value.kind !== 'read') throw new Error(`the answer is ${value.kind}`)
  return value
}

// ---- what leaves us ---------------------------------------------------------------------------------------------

test('a create is one signed request of strings, in the order of the document', () => {
  const canonical =
    `amount=300notifyUrl=${order.callbackUrl}remark=testtimestamp=1728611780130` +
    'tradeNo=test00000001walletId=01123456789wayCode=EWALLET_BKASH'
  expect(payproConnector.pay(order, account(), at)).toEqual({
    method: 'POST',
    url: 'https://provider.example/bgd-pay/v1/paypro/payout',
    headers: { 'content-type': 'application/json;charset=utf-8', merchantNo: '1000000001' },
    body:
      `{"sign":"${md5(canonical + SECRET)}","timestamp":"1728611780130","tradeNo":"test00000001","amount":"300",` +
      `"notifyUrl":"${order.callbackUrl}","wayCode":"EWALLET_BKASH","walletId":"01123456789","remark":"test"}`,
  })
})

test('an empty remark is left out, so that both readings of the signature rule agree', () => {
  for (const description of [null, '']) {
    const body = payproConnector.pay({ ...order, description }, account(), at).body ?? ''
    expect(Object.keys(JSON.parse(body))).not.toContain('remark')
    const canonical =
      `amount=300notifyUrl=${order.callbackUrl}timestamp=1728611780130` +
      'tradeNo=test00000001walletId=01123456789wayCode=EWALLET_BKASH'
    expect(JSON.parse(body)).toMatchObject({ sign: md5(canonical + SECRET) })
  }
})

test.each([
  [30_000n, '300'],
  [30_050n, '300.50'],
  [1n, '0.01'],
  [99_999_999_999_999n, '999999999999.99'],
])('%s minor units are written as %s', (minor, amount) => {
  const body = payproConnector.pay({ ...order, amount: bdt(minor) }, account(), at).body ?? ''
  expect(JSON.parse(body)).toMatchObject({ amount })
})

test('a query asks by our reference, and a balance by nothing', () => {
  const query = payproConnector.inquire(
    { reference: 'r1', theirId: 'n1', amount: bdt(1n), ...ONLY },
    account(),
    at,
  )
  expect(query.url).toBe('https://provider.example/bgd-pay/v1/paypro/queryPayOutResult')
  expect(query.body).toBe(
    `{"sign":"${md5(`timestamp=1728611780130tradeNo=r1${SECRET}`)}","tradeNo":"r1","timestamp":"1728611780130"}`,
  )
  const balance = payproConnector.balance?.request(account(), at)
  expect(balance?.url).toBe('https://provider.example/bgd-pay/v1/paypro/queryBalance')
  expect(balance?.body).toBe(
    `{"sign":"${md5(`timestamp=1728611780130${SECRET}`)}","timestamp":"1728611780130"}`,
  )
})

test('the salt goes in front where the account says so', () => {
  const query = payproConnector.inquire(
    { reference: 'r1', theirId: null, amount: bdt(1n), ...ONLY },
    account({ salt_position: 'prepend' }),
    at,
  )
  expect(JSON.parse(query.body ?? '')).toMatchObject({
    sign: md5(`${SECRET}timestamp=1728611780130tradeNo=r1`),
  })
})

test('an order that fits is carried', () => {
  expect(payproConnector.cannotCarry(order, account())).toBeNull()
  expect(payproConnector.cannotCarry({ ...order, description: null }, account())).toBeNull()
  const reference = attemptReference({ merchantId: 'm', reference: 'r', attemptNo: 1 }, referenceForm())
  expect(payproConnector.cannotCarry({ ...order, reference }, account())).toBeNull()
})

const eur = currencyOf('EUR')
const cannot: readonly (readonly [string, Partial<ConnectorOrder>])[] = [
  ['another currency', { amount: money(30_000n, eur ?? order.amount.currency) }],
  ['nothing', { amount: bdt(0n) }],
  ['less than nothing', { amount: bdt(-1n) }],
  ['thirteen digits', { amount: bdt(100_000_000_000_000n) }],
  ['a bank account', { beneficiary: { kind: 'bank_account', account: '1', bank: null, holder: null } }],
  ['a card', { beneficiary: { kind: 'card', number: '4111111111111111' } }],
  ['a wallet with blanks', { beneficiary: { kind: 'wallet', operator: 'bkash', number: '01 123456789' } }],
  ['no wallet number', { beneficiary: { kind: 'wallet', operator: 'bkash', number: '' } }],
  ['no callback address', { callbackUrl: null }],
  ['a callback address with remark=', { callbackUrl: 'https://a.example/?remark=1' }],
  ['a callback address of another scheme', { callbackUrl: 'ftp://a.example/' }],
  ['a description of 256 characters', { description: 'x'.repeat(256) }],
  ['a description with a line break', { description: 'a\nb' }],
  ['a description with half a character', { description: '\ud800' }],
  ['a description that looks like fields', { description: 'x timestamp=1728611780130walletId=01999999999' }],
  ['a reference that is no tradeNo', { reference: 'a b' }],
]
test.each(cannot)('%s is not carried, and the sentence holds no value', (_what, change) => {
  const why = payproConnector.cannotCarry({ ...order, ...change }, account())
  expect(why).toMatch(/^[A-Za-z0-9 ,.=-]+$/)
  expect(why).not.toContain('01999999999')
})

// ---- the account ---------------------------------------------------------------------------------------------------

test.each([
  {},
  { salt_position: 'append', query: 'on', proven_refusals: '', returned_status: '' },
  { salt_position: 'prepend', query: 'off', proven_refusals: '990004, 990010', returned_status: '990020' },
  { timeout_total_ms: '' },
  { timeout_total_ms: '1000' },
  { timeout_total_ms: '120000' },
])('an account with %j is complete', settings => {
  expect(payproConnector.checkAccount(account(settings))).toBeNull()
})

test.each([
  ['merchant_no', { merchant_no: '' }],
  ['merchant_no', { merchant_no: 'a b' }],
  ['merchant_no', { merchant_no: '1000000001\r\nx: y' }],
  ['secret', { secret: '' }],
  ['secret', { secret: ' blank' }],
  ['salt_position', { salt_position: 'both' }],
  ['query', { query: 'yes' }],
  ['proven_refusals', { proven_refusals: '990004,,990010' }],
  ['proven_refusals', { proven_refusals: '0000' }],
  ['proven_refusals', { proven_refusals: '990004,0015' }],
  ['returned_status', { returned_status: '0000' }],
  ['returned_status', { returned_status: '0100119' }],
  ['returned_status', { returned_status: 'returned' }],
  ['timeout_total_ms', { timeout_total_ms: '999' }],
  ['timeout_total_ms', { timeout_total_ms: '120001' }],
  ['timeout_total_ms', { timeout_total_ms: '2e3' }],
  ['timeout_total_ms', { timeout_total_ms: '2000.5' }],
  ['settings', { salt_positon: 'prepend' }],
])('%s is named where it is wrong: %j', (name, settings) => {
  expect(payproConnector.checkAccount(account(settings))).toMatch(new RegExp(`^${name} `))
})

test.each([
  '',
  'provider.example',
  'ftp://provider.example',
  'https://provider.example/',
  'https://a.example?x',
  'https://a.example#x',
])('the base URL %j is refused', baseUrl => {
  expect(payproConnector.checkAccount({ ...account(), baseUrl })).toMatch(/^baseUrl /)
})

function referenceForm() {
  return payproConnector.capabilities(account()).reference
}

test('what is relied on is what the contract states, and the pessimistic default for the rest', () => {
  const contract = payproConnector.capabilities(account())
  expect(contract).toMatchObject({
    queryableByOurReference: true,
    queryableByTheirId: false,
    notFoundIsFinalAfterMs: 'never',
    failedIsFinalAfterMs: 0,
    refusalConfirmedBy: 'answer',
    idempotentOnOurReference: false,
    failures: {},
    bodyStatuses: [200],
    refusalStatuses: [],
    echoes: { send: [], inquiry: ['reference', 'amount'] },
    twoStep: false,
    cancelByReference: false,
    callsBack: true,
    callbackSigned: true,
    callbackDecides: false,
    proof: false,
  })
  expect(contract.reference).toEqual({ alphabet: '0123456789abcdefghijklmnopqrstuvwxyz', length: 24 })
})

test('only where the query is off does a signed callback decide', () => {
  const contract = payproConnector.capabilities(account({ query: 'off' }))
  expect(contract).toMatchObject({
    queryableByOurReference: false,
    callbackDecides: true,
    callbackSigned: true,
  })
  expect(payproConnector.capabilities(account({ query: 'on' })).callbackDecides).toBe(false)
})

test('an exchange takes as long as the account says, and no part of it longer than the whole', () => {
  const times = (settings: Readonly<Record<string, string>>) =>
    payproConnector.capabilities(account(settings)).timeoutsMs
  expect(times({})).toEqual({ connect: 5_000, headers: 45_000, total: 60_000 })
  expect(times({ timeout_total_ms: '2000' })).toEqual({ connect: 2_000, headers: 2_000, total: 2_000 })
  expect(times({ timeout_total_ms: '90000' })).toEqual({ connect: 5_000, headers: 90_000, total: 90_000 })
})

// ---- what comes back -------------------------------------------------------------------------------------------------

test('an answer to a create carries their number, and echoes nothing', () => {
  expect(payproConnector.readPay(told({ status: '0015' }), order, account())).toEqual({
    kind: 'read',
    said: 'pending',
    failure: null,
    theirId: 'n1',
    echo: { reference: 'absent', amount: 'absent', currency: 'absent', beneficiary: 'absent' },
  })
})

test('a create that is answered about another order is seen to be about another order', () => {
  const answered = payproConnector.readPay(
    told({ status: '0000', tradeNo: 'other', amount: '1' }),
    order,
    account(),
  )
  expect(read(answered).echo).toMatchObject({ reference: 'other', amount: 'other' })
})

test('a number is kept only where the answer is about ours', () => {
  const statuses = ['0000', '0015', '0100119', '00032', 'x']
  const numbers = statuses.map(
    status => read(payproConnector.readPay(told({ status }), order, account())).theirId,
  )
  expect(numbers).toEqual(['n1', 'n1', 'n1', null, null])
  const duplicate = told({ status: '0100119', desc: 'order exists' })
  expect(read(payproConnector.readPay(duplicate, order, account()))).toMatchObject({
    failure: 'duplicate',
    theirId: null,
  })
})

test.each([201, 204, 301, 400, 401, 404, 409, 429, 500, 502])('nothing under HTTP %i is read', status => {
  const paid = { ...told({ status: '0000', tradeNo: order.reference, amount: '300' }), status }
  const subject = { ...order, theirId: null, ...ONLY }
  expect(payproConnector.readPay(paid, order, account())).toEqual({ kind: 'unread' })
  expect(payproConnector.readInquiry(paid, subject, account())).toEqual({ kind: 'unread' })
  expect(payproConnector.balance?.read(paid, account())).toBeNull()
})

test.each([
  '',
  '<html></html>',
  '[]',
  '{"code":"0000"',
  '{"code":"0000","code":"0000"}',
  '\ufeff{"code":"0000"}',
  'null',
])('the body %j cannot be read', body => {
  expect(payproConnector.readPay(answer(body), order, account())).toEqual({ kind: 'unreadable' })
})

test.each([
  ['300', 'same'],
  ['300.0000', 'same'],
  ['0300', 'same'],
  [300, 'same'],
  ['300.01', 'other'],
  ['-300', 'other'],
  ['3e2', 'other'],
  ['three hundred', 'other'],
  ['300,00', 'other'],
  ['1'.repeat(400), 'other'],
  ['', 'absent'],
  [null, 'absent'],
  [{}, 'absent'],
  [undefined, 'absent'],
])('an inquiry that names the amount %j echoes %s', (amount, echo) => {
  const answered = payproConnector.readInquiry(
    told({ status: '0000', tradeNo: order.reference, amount }),
    { ...order, theirId: null, ...ONLY },
    account(),
  )
  expect(read(answered).echo).toMatchObject({ reference: 'same', amount: echo })
})

test.each([
  ['test00000001', 'same'],
  ['TEST00000001', 'other'],
  [' test00000001', 'other'],
  ['', 'absent'],
  [null, 'absent'],
])('an inquiry that names the tradeNo %j echoes %s', (tradeNo, echo) => {
  const answered = payproConnector.readInquiry(
    told({ status: '0000', tradeNo, amount: '300' }),
    { ...order, theirId: null, ...ONLY },
    account(),
  )
  expect(read(answered).echo).toMatchObject({ reference: echo, amount: 'same' })
})

test('a returned payout is read only where the account is stated to say so', () => {
  const returned = told({ status: '990020', tradeNo: order.reference, amount: '300' })
  const subject = { ...order, theirId: null, ...ONLY }
  expect(
    read(payproConnector.readInquiry(returned, subject, account({ returned_status: '990020' }))).said,
  ).toBe('returned')
  expect(read(payproConnector.readInquiry(returned, subject, account())).said).toBe('failed')
})

test('a refusal is proven only by a code that the account is stated to refuse with', () => {
  const body = {
    msg: 'insufficient balance',
    code: '990010',
    success: false,
    data: { platFormTradeNo: '', status: '990010' },
  }
  const proven = account({ proven_refusals: '990004, 990010' })
  expect(read(payproConnector.readPay(answer(body), order, proven))).toMatchObject({
    said: 'failed',
    failure: 'refused',
  })
  expect(read(payproConnector.readPay(answer(body), order, account()))).toMatchObject({
    said: 'unknown',
    failure: null,
  })
})

test.each([
  [{ availableAmount: '9998989.0000' }, '9998989.0000'],
  [{ availableAmount: 12.5 }, '12.5'],
  [{ availableAmount: '-3.00' }, '-3.00'],
  [{ availableAmount: '1e9' }, null],
  [{ availableAmount: '1,000.00' }, null],
  [{ availableAmount: '' }, null],
  [{ availableAmount: ['1'] }, null],
  [{}, null],
])('the balance %j is read as %j', (data, text) => {
  expect(payproConnector.balance?.read(answer({ code: '0000', success: true, data }), account())).toBe(text)
})

test('a balance under an outer failure is not read', () => {
  const failed = answer({ code: '990005', success: false, data: { availableAmount: '5.00' } })
  expect(payproConnector.balance?.read(failed, account())).toBeNull()
})

// ---- callbacks ---------------------------------------------------------------------------------------------------------

const facts = {
  status: '0000',
  message: 'success',
  platFormTradeNo: '8rlfud1oh1ruceq7',
  tradeNo: 'test00000001',
  amount: '300',
  timestamp: '1728611790130',
}
const CANONICAL =
  'amount=300message=successplatFormTradeNo=8rlfud1oh1ruceq7status=0000timestamp=1728611790130tradeNo=test00000001'

function callback(body: unknown, method = 'POST'): CallbackRequest {
  return { method, query: '', headers: new Map(), body: Buffer.from(JSON.stringify(body)) }
}

test('a callback that is signed is read, and the answer to it is exactly OK', () => {
  const reading = payproConnector.readCallback(
    callback({ ...facts, sign: md5(CANONICAL + SECRET) }),
    account(),
  )
  expect(reading).toEqual({
    kind: 'verified',
    reference: 'test00000001',
    amount: '300',
    theirId: '8rlfud1oh1ruceq7',
    said: 'paid',
    answer: {
      kind: 'read',
      said: 'paid',
      failure: null,
      theirId: '8rlfud1oh1ruceq7',
      echo: { reference: 'absent', amount: 'absent', currency: 'absent', beneficiary: 'absent' },
    },
  })
  expect(payproConnector.callbackTaken()).toEqual({
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: 'OK',
  })
  expect(payproConnector.callbackRefused().status).toBe(400)
})

test('upper-case hex and both readings of empty fields are looked through in callbacks', () => {
  const upper = md5(CANONICAL + SECRET).toUpperCase()
  expect(payproConnector.readCallback(callback({ ...facts, sign: upper }), account()).kind).toBe('verified')
  const literal = CANONICAL.replace('status=', 'remark=status=').replace(
    'timestamp=',
    'successTime=nulltimestamp=',
  )
  const empty = { ...facts, remark: '', successTime: null }
  for (const text of [CANONICAL, literal]) {
    const body = { ...empty, sign: md5(text + SECRET) }
    expect(payproConnector.readCallback(callback(body), account()).kind).toBe('verified')
  }
})

test('the secret of a callback stands where the account has it', () => {
  const body = { ...facts, sign: md5(SECRET + CANONICAL) }
  expect(payproConnector.readCallback(callback(body), account()).kind).toBe('refused')
  expect(payproConnector.readCallback(callback(body), account({ salt_position: 'prepend' })).kind).toBe(
    'verified',
  )
})

test.each([
  ['another amount', { ...facts, amount: '301', sign: md5(CANONICAL + SECRET) }],
  ['another secret', { ...facts, sign: md5(`${CANONICAL}other`) }],
  ['no signature', facts],
  ['a signature of another type', { ...facts, sign: [md5(CANONICAL + SECRET)] }],
  ['a nested field', { ...facts, extra: {}, sign: md5(CANONICAL + SECRET) }],
  ['a list', [facts]],
  ['no tradeNo', { status: '0000', sign: md5(`status=0000${SECRET}`) }],
])('a callback with %s is refused', (_what, body) => {
  expect(payproConnector.readCallback(callback(body), account()).kind).toBe('refused')
})

test('a callback by another method is refused', () => {
  const body = { ...facts, sign: md5(CANONICAL + SECRET) }
  expect(payproConnector.readCallback(callback(body, 'GET'), account()).kind).toBe('refused')
})

test.each([
  ['0000', 'paid'],
  ['0015', 'pending'],
  ['0100119', 'failed'],
  ['00032', 'unknown'],
  ['PAID', 'unknown'],
  ['', 'unknown'],
])('a callback with the status %j says %s', (status, said) => {
  const text = CANONICAL.replace('status=0000', status === '' ? '' : `status=${status}`)
  const reading = payproConnector.readCallback(
    callback({ ...facts, status, sign: md5(text + SECRET) }),
    account(),
  )
  expect(reading).toMatchObject({ kind: 'verified', said })
})

// ---- hostile answers -------------------------------------------------------------------------------------------------

test('no answer of arbitrary JSON throws, and none says paid but one with the status 0000 under an outer success', () => {
  const status = fc.oneof(fc.constantFrom('0000', '0015', '0100119'), fc.jsonValue())
  const data = fc.oneof(
    fc.jsonValue(),
    fc.record({ status, tradeNo: fc.jsonValue(), amount: fc.jsonValue() }),
  )
  const outer = fc.record({
    code: fc.oneof(fc.constant('0000'), fc.jsonValue()),
    success: fc.oneof(fc.constantFrom(true, 'true'), fc.jsonValue()),
    msg: fc.jsonValue(),
    data,
  })
  fc.assert(
    fc.property(outer, body => {
      const wire = answer(body)
      const subject = { ...order, theirId: null, ...ONLY }
      for (const seen of [
        payproConnector.readPay(wire, order, account()),
        payproConnector.readInquiry(wire, subject, account()),
      ]) {
        if (seen.kind !== 'read' || seen.said !== 'paid') continue
        expect(body).toMatchObject({ code: '0000', data: { status: '0000' } })
        expect(['true', true]).toContain(body.success)
      }
    }),
    { numRuns: 3_000 },
  )
})

test('an answer of a mebibyte is read in bounded time', () => {
  const long = 'x'.repeat(1_000_000)
  const bodies = [
    JSON.stringify({
      code: '0000',
      success: true,
      msg: long,
      data: { status: '0015', platFormTradeNo: long },
    }),
    `{"code":"0000","success":true,"data":{${Array.from({ length: 60_000 }, (_, n) => `"a${n}":${n}`).join(',')}}}`,
    '['.repeat(1_000_000),
  ]
  const began = process.cpuUsage()
  for (const body of bodies) payproConnector.readPay(answer(body), order, account())
  const { user } = process.cpuUsage(began)
  expect(user / 1_000).toBeLessThan(2_000)
})

// ---- what a transcript keeps -----------------------------------------------------------------------------------------

test('a scrubbed transcript has its twin: no signature, no secret, no whole wallet', () => {
  const sign = md5(CANONICAL + SECRET)
  const whole = [
    'POST /v1/paypro/payout',
    'merchantNo: 1000000001',
    'Authorization: Bearer-1',
    `{"sign":"${sign}","timestamp":"1728611780130","tradeNo":"x","amount":"300","walletId":"01123456789","remark":"r"}`,
    `{\\"sign\\":\\"${sign.toUpperCase()}\\",\\"walletId\\":\\"01123456789\\",\\"walletId\\":1123456789}`,
    `amount=300tradeNo=xwalletId=+8801123456789wayCode=EWALLET_BKASH ${sign} app_secret=${SECRET}`,
    '{"desc":"wallet 01123456789 or +8801998765432 is closed","walletId":"123"}',
    `notifyUrl https://s.example/callbacks/paypro/pa_1/m1/8rlfud1oh1ruceq7/1/${sign} 1728611780130`,
  ].join('\n')
  const scrubbed = [
    'POST /v1/paypro/payout',
    'merchantNo: 1000000001',
    'Authorization: [removed]',
    '{"sign":"[removed]","timestamp":"1728611780130","tradeNo":"x","amount":"300","walletId":"01••••••789","remark":"r"}',
    '{\\"sign\\":\\"[removed]\\",\\"walletId\\":\\"01••••••789\\",\\"walletId\\":11•••••789}',
    'amount=300tradeNo=xwalletId=+8•••••••••789wayCode=EWALLET_BKASH [removed] app_secret=[removed]',
    '{"desc":"wallet 01••••••789 or +8•••••••••432 is closed","walletId":"•••"}',
    'notifyUrl https://s.example/callbacks/paypro/pa_1/m1/8rlfud1oh1ruceq7/1/[removed] 1728611780130',
  ].join('\n')
  expect(payproConnector.scrub(whole)).toBe(scrubbed)
})

test('a wallet of any form is masked wherever the text repeats it', () => {
  const text = '{"walletId":"+77123456"} tradeNo=a77123456b, wallet 77123456; walletId=77123456wayCode'
  expect(payproConnector.scrub(text)).toBe(
    '{"walletId":"+7••••456"} tradeNo=a77•••456b, wallet 77•••456; walletId=77•••456wayCode',
  )
})

test('what we send and what our door sends back leaves no signature and no wallet behind', () => {
  const { body } = payproConnector.pay(order, account(), at)
  const scrubbed = payproConnector.scrub(body ?? '')
  expect(scrubbed).not.toContain('01123456789')
  expect(scrubbed).not.toMatch(/[0-9a-f]{32}/)
  expect(scrubbed).toContain('"tradeNo":"test00000001"')
})

test('a hostile transcript is scrubbed in bounded time', () => {
  const texts = [
    Array.from({ length: 30_000 }, (_, n) => `"walletId":"01${n}000000000"`).join(''),
    'sign'.repeat(250_000),
    'walletId\\\\'.repeat(100_000),
    '0'.repeat(1_000_000),
    `"sign":${'\\'.repeat(500_000)}`,
    ' '.repeat(1_000_000),
  ]
  for (const text of texts) {
    const began = process.cpuUsage()
    payproConnector.scrub(text)
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(2_000)
  }
})
