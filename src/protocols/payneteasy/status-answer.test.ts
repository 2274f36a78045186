import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { money } from '../../money/money.ts'
import { PAYOUT_STATES, type PayoutState } from '../../payout/payout.ts'
import { payneteasyBuilder } from './builder.ts'
import {
  ask,
  atDoor,
  CHECK,
  CREATE,
  credential,
  fieldsIn,
  newDesk,
  ORDER,
  requestOf,
  type Sent,
  USD,
  waitingOrder,
} from './door.fixture.ts'

const STATUS = '/paynet/api/v4/status/39915'
const V2 = '/paynet/api/v2/status/39915'
let requests = 0
function asked(change: Sent = {}): Sent {
  requests += 1
  return {
    path: STATUS,
    nonce: `n${requests}`,
    ...change,
    more: { requestId: `r${requests}`, ...change.more },
  }
}
function orderDesk(change = {}) {
  const desk = newDesk()
  desk.put(waitingOrder(change))
  return desk
}

const SHOWN: Readonly<Record<PayoutState, readonly [string, string?, string?]>> = {
  accepted: ['processing'],
  waiting: ['processing'],
  queued: ['processing'],
  sending: ['processing'],
  pending: ['processing'],
  in_doubt: ['processing'],
  paid: ['approved'],
  failed: ['declined', 'Payout failed', '301'],
  cancelled: ['declined', 'Payout cancelled', '302'],
  returned: ['declined', 'Payout returned', '303'],
}

test.each(PAYOUT_STATES)(
  'an order that is %s is shown as the contract has it, with a newline after every value',
  async state => {
    const desk = orderDesk()
    desk.move('3', state, 1)
    const answer = await ask(desk, asked())
    const [status, message, code] = SHOWN[state]
    const declined =
      message === undefined ? '' : `&error-message=${message.replace(' ', '+')}\n&error-code=${code}\n`
    expect(answer.body.replace(/[0-9a-f]{12}(?=\n)/, 'N')).toBe(
      'type=status-response\n&serial-number=00000000-0000-0000-0000-N\n&merchant-order-id=3\n' +
        `&paynet-order-id=900258\n&status=${status}\n&amount=100.00\n&currency=EUR\n${declined}`,
    )
  },
)

test('a declined order says why where somebody wrote it', async () => {
  const desk = orderDesk({ state: 'failed', waitReason: null, why: 'wallet closed' })
  expect(fieldsIn(await ask(desk, asked()))['error-message']).toBe('wallet closed')
})

test('an order is read by its client_orderid alone, at its endpoint, at a group, and nowhere else', async () => {
  const { orderid: _, ...params } = ORDER
  for (const path of [STATUS, STATUS.replace('39915', 'group/1')])
    expect(fieldsIn(await ask(orderDesk(), asked({ path, params })))['paynet-order-id']).toBe('900258')
  const elsewhere = { params, path: STATUS.replace('39915', '39916') }
  expect(fieldsIn(await ask(orderDesk(), asked(elsewhere)))['error-code']).toBe('105')
  expect(fieldsIn(await ask(orderDesk({ amount: money(1n, USD) }), asked({ params })))['error-code']).toBe(
    '105',
  )
  expect(fieldsIn(await ask(orderDesk({ merchantId: 'm2' }), asked({ params })))['error-code']).toBe('105')
  expect(
    fieldsIn(await ask(orderDesk(), asked({ params: { ...ORDER, client_orderid: '4' } })))['error-code'],
  ).toBe('106')
})

test('by-request-sn takes the serial number of each step of this order, and of nothing else', async () => {
  const desk = newDesk()
  const serialOf = async (sent: Sent) => fieldsIn(await ask(desk, sent))['serial-number'] ?? ''
  const checked = await serialOf(asked({ path: CHECK, params: CREATE }))
  const order = { client_orderid: 'order-1', login: 'test-merchant', orderid: '900258' }
  const paid = await serialOf(asked({ path: CHECK.replace('check', 'pay'), params: order }))
  const looked = await serialOf(asked({ params: order }))
  const params = (serial: string) => ({ ...order, 'by-request-sn': serial })
  for (const serial of [checked, paid, paid.toUpperCase()]) {
    // Never more than the order: before it is paid, the check is not "approved".
    expect(fieldsIn(await ask(desk, asked({ params: params(serial) }))).status).toBe('processing')
  }
  desk.move('order-1', 'paid', 1)
  for (const serial of [checked, paid])
    expect(fieldsIn(await ask(desk, asked({ params: params(serial) }))).status).toBe('approved')
  for (const serial of [looked, '00000000-0000-0000-0000-000002e2c322', 'x'])
    expect(fieldsIn(await ask(desk, asked({ params: params(serial) })))['error-code']).toBe('105')
  expect(fieldsIn(await ask(desk, asked({ params: params('a b') })))['error-code']).toBe('102')
})

// ---- v2 ----------------------------------------------------------------------------------------------------------------

const keyedByLogin = [{ ...credential, publicId: 'test-merchant' }]

function v2(params: Readonly<Record<string, string>>, path = V2) {
  return requestOf(path, new URLSearchParams(params).toString())
}
function controlOf(text: string, secret = 'sandbox-merchant-control'): string {
  return createHash('sha1')
    .update(text + secret)
    .digest('hex')
}
const right = { ...ORDER, control: controlOf('test-merchant3900258') }

test('v2: a status by control, without OAuth and as often as it is asked', async () => {
  const desk = newDesk(keyedByLogin)
  desk.put(waitingOrder({ state: 'paid', waitReason: null }))
  for (let round = 0; round < 2; round += 1) {
    for (const path of [V2, V2.replace('39915', 'group/1')])
      expect(fieldsIn(await atDoor(v2(right, path), desk))).toMatchObject({
        type: 'status-response',
        status: 'approved',
        'paynet-order-id': '900258',
      })
  }
})

test.each([
  ['missing', { control: '' }],
  ['in upper case', { control: right.control.toUpperCase() }],
  ['of another order', { control: controlOf('test-merchant3900259') }],
  ['of another secret', { control: controlOf('test-merchant3900258', 'x') }],
  ['of no secret', { control: controlOf('test-merchant3900258', '') }],
  ['in another order', { control: controlOf('3test-merchant900258') }],
  ['for another login', { login: 'other-login' }],
  ['for nobody', { login: '' }],
])('v2: a control that is %s reads nothing', async (_, change) => {
  const desk = newDesk(keyedByLogin)
  desk.put(waitingOrder())
  const answer = await atDoor(v2({ ...right, ...change }), desk)
  expect([answer.status, desk.calls()]).toEqual([403, 0])
})

test('v2: without an orderid the control could be the one of another order, and is refused', async () => {
  const desk = newDesk(keyedByLogin)
  desk.put(waitingOrder({ reference: '3900258' }))
  const { orderid: _, ...params } = { ...right, client_orderid: '3900258' }
  expect(fieldsIn(await atDoor(v2(params), desk))['error-message']).toBe('Missing parameter: orderid')
})

test('v2: the control is over the client_orderid that is answered, whichever spelling it has', async () => {
  const desk = newDesk(keyedByLogin)
  desk.put(waitingOrder())
  const { client_orderid: _, ...rest } = right
  const both = { ...right, 'client-order-id': '3' }
  for (const params of [{ ...rest, 'client-order-id': '3' }, both])
    expect(fieldsIn(await atDoor(v2(params), desk))['paynet-order-id']).toBe('900258')
  const differing = await atDoor(v2({ ...both, 'client-order-id': '4' }), desk)
  expect(fieldsIn(differing)['error-message']).toBe('Invalid parameter: client-order-id')
  const emptied = await atDoor(v2({ ...both, client_orderid: '' }), desk)
  expect(emptied.status).toBe(403)
})

test('v2: a control for one order does not open another by the other spelling', async () => {
  const desk = newDesk(keyedByLogin)
  desk.put(waitingOrder({ number: 3_900_258n, reference: 'other' }))
  const params = { login: 'test-merchant', orderid: '3900258', control: right.control }
  const other = { 'client-order-id': 'other' }
  expect((await atDoor(v2({ ...params, ...other }), desk)).status).toBe(403)
  // An empty one beside it is the one that counts, and it is none: the order is not even looked for.
  const emptied = await atDoor(v2({ ...params, client_orderid: '', ...other }), desk)
  expect(fieldsIn(emptied)['error-message']).toBe('Missing parameter: client_orderid')
  expect(desk.calls()).toBe(0)
})

test('v2: the login is the consumer key, listed as a login or not, and there alone', async () => {
  const desk = newDesk([credential])
  desk.put(waitingOrder())
  const login = 'TestMerchant'
  const control = controlOf(`${login}3900258`)
  expect(fieldsIn(await atDoor(v2({ ...right, login, control }), desk)).type).toBe('status-response')
  expect((await atDoor(v2(right), desk)).status).toBe(403)
  expect(fieldsIn(await ask(desk, asked({ params: { ...ORDER, login } })))['error-code']).toBe('104')
})

test('v2: what the builder makes for a consumer key that is no listed login is answered', async () => {
  const desk = newDesk([credential])
  desk.put(waitingOrder())
  const built = payneteasyBuilder.build({
    call: 'status-v2',
    fields: new Map([
      ['client_orderid', '3'],
      ['orderid', '900258'],
    ]),
    credential,
    baseUrl: 'https://door.example:8443',
    path: null,
    at: { nowMs: 0, nonce: 'n' },
  })
  const body = built.ok ? (built.request.body ?? '') : ''
  expect(fieldsIn(await atDoor(requestOf(V2, body), desk)).type).toBe('status-response')
})

test.each([
  ['application/vnd.pay+json', true],
  ['text/html, application/vnd.pay+json; q=0.001', true],
  ['application/vnd.pay+json;q=0, application/vnd.pay+json;q=1', true],
  ['application/vnd.pay+json;charset=utf-8;q=1.0', true],
  ['application/vnd.pay+json;q=0', false],
  ['application/vnd.pay+json ; Q=0.000', false],
  ['application/vnd.pay+json;charset=utf-8; q=0.0 , */*', false],
])('Accept: %s selects JSON: %s', async (accept, isJson) => {
  const answer = await ask(orderDesk(), asked({ headers: { accept } }))
  expect(answer.headers['Content-Type'] === 'application/vnd.pay+json').toBe(isJson)
})

test('v2: nobody is let in at an endpoint that is not theirs, switched off, or without a secret', async () => {
  const desk = newDesk(keyedByLogin)
  desk.put(waitingOrder())
  expect((await atDoor(v2(right, V2.replace('39915', '1')), desk)).status).toBe(403)
  for (const change of [{ active: false }, { secret: '' }]) {
    const closed = newDesk([{ ...credential, publicId: 'test-merchant', ...change }])
    const params = 'secret' in change ? { ...right, control: controlOf('test-merchant3900258', '') } : right
    expect((await atDoor(v2(params), closed)).status).toBe(403)
  }
})
