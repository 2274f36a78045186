// Rows 9 to 14 of section 7 for payout-pay, and its answer as bytes.
import { expect, test } from 'vitest'
import { money } from '../../money/money.ts'
import { PAYOUT_STATES } from '../../payout/payout.ts'
import { ask, fieldsIn, newDesk, ORDER, PAY, type Sent, USD, waitingOrder } from './door.fixture.ts'

function orderDesk(change = {}) {
  const desk = newDesk()
  desk.put(waitingOrder(change))
  return desk
}
let requests = 0
function once(sent: Sent = {}): Sent {
  requests += 1
  return { nonce: `nonce-${requests}`, ...sent, more: { requestId: `request-${requests}`, ...sent.more } }
}
async function refusalOf(params: Sent['params'], desk = orderDesk()) {
  const fields = fieldsIn(await ask(desk, once(params === undefined ? {} : { params })))
  expect(desk.payout('3').state).toBe('waiting')
  return [fields.type, fields['error-code'], fields['error-message']]
}

test("the document's request is answered by the document's 137 bytes under its headers", async () => {
  const desk = newDesk()
  desk.put(waitingOrder({ reference: '1' }))
  const answer = await ask(desk, { params: { ...ORDER, client_orderid: '1' } })
  expect(Buffer.byteLength(new URLSearchParams({ ...ORDER, client_orderid: '1' }).toString())).toBe(51)
  expect(Buffer.byteLength(answer.body)).toBe(137)
  expect(answer.body.replace(/(?<=serial-number=.{24})[0-9a-f]{12}/, '000002e2c322')).toBe(
    'type=async-response\n&serial-number=00000000-0000-0000-0000-000002e2c322\n&merchant-order-id=1\n' +
      '&paynet-order-id=900258\n&end-point-id=39915\n',
  )
  expect(answer.headers).toEqual({
    'Content-Type': 'text/html;charset=utf-8',
    'Content-Language': 'en-US',
    Connection: 'close',
    'X-Content-Type-Options': 'nosniff',
    'Strict-Transport-Security': 'max-age=31536000',
  })
  expect(desk.payout('1')).toMatchObject({ state: 'queued', waitReason: null })
})

test('row 9: everything that is missing is named before what is malformed, and that before what comes twice', async () => {
  const pairs = Object.entries(ORDER)
  const cases: readonly (readonly [Sent['params'], string, string])[] = [
    [{ orderid: 'x' }, '101', 'Missing parameter: client_orderid'],
    [{ client_orderid: '3', login: 'x' }, '101', 'Missing parameter: orderid'],
    [{ ...ORDER, orderid: '' }, '101', 'Missing parameter: orderid'],
    [[...pairs, ['orderid', 'x']], '102', 'Invalid parameter: orderid'],
    [{ ...ORDER, client_orderid: 'x'.repeat(129) }, '102', 'Invalid parameter: client_orderid'],
    [{ ...ORDER, client_orderid: 'a\nb' }, '102', 'Invalid parameter: client_orderid'],
    [{ ...ORDER, orderid: '0900258' }, '102', 'Invalid parameter: orderid'],
    [{ ...ORDER, orderid: '9'.repeat(19) }, '102', 'Invalid parameter: orderid'],
    [[...pairs, ['login', 'test-merchant']], '103', 'Duplicate parameter: login'],
    [[...pairs, ['x', '1'], ['x', '2']], '103', 'Duplicate parameter: x'],
    [[...pairs, ['é', '1'], ['é', '2']], '103', 'Duplicate parameter: unknown'],
  ]
  for (const [params, code, message] of cases)
    expect(await refusalOf(params)).toEqual(['validation-error', code, message])
})

test('row 9: client-order-id stands for client_orderid, beside it only with the same value', async () => {
  const { client_orderid: _, ...rest } = ORDER
  for (const params of [
    { ...rest, 'client-order-id': '3' },
    { ...ORDER, 'client-order-id': '3' },
  ]) {
    expect(fieldsIn(await ask(orderDesk(), once({ params })))).toMatchObject({
      type: 'async-response',
      'merchant-order-id': '3',
    })
  }
  expect(await refusalOf({ ...ORDER, 'client-order-id': '4' })).toEqual([
    'validation-error',
    '102',
    'Invalid parameter: client-order-id',
  ])
  expect(
    (await refusalOf([...Object.entries(ORDER), ['client-order-id', '3'], ['client-order-id', '3']]))[1],
  ).toBe('103')
})

test('row 9: unknown parameters are signed and ignored', async () => {
  expect(fieldsIn(await ask(orderDesk(), once({ params: { ...ORDER, extra: 'a+b c' } }))).type).toBe(
    'async-response',
  )
})

test('row 10: each login of the merchant, and no other', async () => {
  for (const login of ['test-merchant', 'other-login'])
    expect(fieldsIn(await ask(orderDesk(), once({ params: { ...ORDER, login } }))).type).toBe(
      'async-response',
    )
  for (const login of ['TestMerchant', 'Test-Merchant'])
    expect(await refusalOf({ ...ORDER, login })).toEqual(['validation-error', '104', 'Login does not match'])
})

test('row 11: no order, an order beyond every number, of another merchant, or of another currency is not found', async () => {
  for (const orderid of ['900259', '9'.repeat(18)])
    expect((await refusalOf({ ...ORDER, orderid }))[1]).toBe('105')
  expect((await refusalOf(ORDER, orderDesk({ merchantId: 'm2' })))[1]).toBe('105')
  const dollars = orderDesk({ amount: money(1n, USD) })
  expect((await refusalOf(ORDER, dollars))[1]).toBe('105')
  const there = await ask(dollars, once({ path: PAY.replace('39915', 'group/1') }))
  expect(fieldsIn(there)).toMatchObject({ type: 'async-response', 'end-point-id': '39916' })
})

test('row 11: the desk is not asked for a number that no order can have', async () => {
  const asked: unknown[] = []
  const desk = orderDesk()
  const watched = {
    ...desk,
    async find(merchantId: string, by: unknown) {
      asked.push([merchantId, by])
      return null
    },
  }
  for (const orderid of ['9007199254740992', '9007199254740991'])
    expect(fieldsIn(await ask(watched, once({ params: { ...ORDER, orderid } })))['error-code']).toBe('105')
  expect(asked).toEqual([['m1', { by: 'number', number: 9_007_199_254_740_991n }]])
})

test('rows 11 and 12 of a group name no endpoint, because no order was found or shown', async () => {
  const path = PAY.replace('39915', 'group/1')
  for (const params of [
    { ...ORDER, orderid: '1' },
    { ...ORDER, client_orderid: '4' },
  ]) {
    const fields = fieldsIn(await ask(orderDesk(), once({ path, params })))
    expect(Object.keys(fields)).toEqual([
      'type',
      'serial-number',
      'merchant-order-id',
      'error-message',
      'error-code',
    ])
  }
})

test('row 12: an order is released by its own client_orderid alone', async () => {
  const desk = orderDesk()
  expect(await refusalOf({ ...ORDER, client_orderid: '33' }, desk)).toEqual([
    'validation-error',
    '106',
    'client_orderid does not match the order',
  ])
})

test('row 13: the first answer again, byte for byte, with every nonce and in every state', async () => {
  const desk = orderDesk()
  const first = await ask(desk, once())
  for (const state of PAYOUT_STATES) {
    desk.move('3', state, 1)
    expect(await ask(desk, once({ timestamp: '1677831200' }))).toEqual(first)
    expect(desk.payout('3').state).toBe(state)
  }
})

test('row 13: what was kept is given, though the endpoint be another one today', async () => {
  const kept =
    'type=async-response\n&serial-number=1\n&merchant-order-id=3\n&paynet-order-id=900258\n&end-point-id=7\n'
  const desk = { ...orderDesk(), confirm: async () => ({ kind: 'replayed', answer: kept }) as const }
  expect((await ask(desk, once())).body).toBe(kept)
})

test.each(PAYOUT_STATES)('row 14: an order that is %s and waits for nobody is not payable', async state => {
  const desk = orderDesk({ state, waitReason: state === 'waiting' ? 'funds' : null })
  const fields = fieldsIn(await ask(desk, once()))
  expect(fields).toEqual({
    type: 'error',
    'serial-number': expect.stringMatching(/^0{8}-0{4}-0{4}-0{4}-[0-9a-f]{12}$/),
    'merchant-order-id': '3',
    'paynet-order-id': '900258',
    'end-point-id': '39915',
    'error-message': 'Order is not payable in its present state',
    'error-code': '201',
  })
  expect(desk.payout('3').state).toBe(state)
})

test('every request has a serial number of its own', async () => {
  const numbers = new Set<string | undefined>()
  for (let round = 0; round < 20; round += 1)
    numbers.add(fieldsIn(await ask(newDesk(), once()))['serial-number'])
  numbers.add(fieldsIn(await ask(orderDesk(), once()))['serial-number'])
  expect(numbers.size).toBe(21)
})

test('JSON where it is accepted: the same fields as texts, and refusals under HTTP 400', async () => {
  const desk = orderDesk()
  const headers = { accept: 'text/html, Application/vnd.pay+JSON;q=0.9' }
  const form = await ask(desk, once())
  const json = await ask(desk, once({ headers }))
  expect([json.status, json.headers['Content-Type']]).toEqual([200, 'application/vnd.pay+json'])
  expect(JSON.parse(json.body)).toEqual(fieldsIn(form))
  const refused = await ask(desk, once({ headers, params: { ...ORDER, orderid: '1' } }))
  expect([refused.status, JSON.parse(refused.body)['error-code']]).toEqual([400, '105'])
  const denied = await ask(desk, once({ headers, timestamp: '1' }))
  expect([denied.status, denied.headers['Content-Type']]).toEqual([403, 'text/html'])
})
