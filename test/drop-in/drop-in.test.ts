// The drop-in promise: clients written from the providers' documents alone, in another language, work after their base URL
// and credentials were changed. Each call is a process of its own over a socket; it ends with 1 when an answer is not
// what its document promises, so that every line here is judged twice, by the client and by what it printed.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { at, type Calls, listAt, objectAt, openCalls } from './calls.ts'
import { MERCHANT_CONTROL } from './demo.ts'

let calls: Calls
beforeAll(async () => {
  calls = await openCalls()
}, 120_000)
afterAll(() => calls[Symbol.asyncDispose]())
const call: Calls['call'] = (...what) => calls.call(...what)

const LONG = { timeout: 180_000 }
const EUR = { endpoint: '39915' }
const BDT = { endpoint: '39917' }

test('a payout created at the PayPro door is paid, and every other door tells of it', LONG, async () => {
  const tradeNo = 'dropin_00000001'
  const created = await call('paypro', {}, [
    ...['payout', '--trade-no', tradeNo, '--amount', '300', '--wallet-id', '01812345600'],
    ...['--way-code', 'EWALLET_BKASH', '--notify-url', `${calls.receiverUrl}/notify`, '--remark', 'drop-in'],
  ])
  expect(created).toMatchObject({
    ...{ code: '0000', success: true },
    data: { status: '0015', desc: 'processing', remark: 'drop-in' },
  })
  const { platFormTradeNo } = objectAt(created, 'data')

  const queried = await calls.untilTold('paypro', {}, ['query', '--trade-no', tradeNo], {
    data: { status: '0000' },
  })
  expect(queried).toMatchObject({ data: { platFormTradeNo, tradeNo, amount: '300', message: 'success' } })

  // The provider's callback, by its sign.
  const told = await calls.untilCalled('paypro', ({ fields }) => fields.tradeNo === tradeNo)
  expect(told).toMatchObject({ method: 'POST', valid: true, answered: 200 })
  expect(told.fields).toMatchObject({ status: '0000', platFormTradeNo, amount: '300', remark: 'drop-in' })

  // By the merchant's own reference at one door, by the number that it names at the next two.
  const found = await call('avanor', {}, ['shop-payment-status', '--shop-payment-id', tradeNo])
  const { id } = objectAt(found, 'data')
  const status = await call('avanor', {}, ['status', '--withdraw-id', `${id}`])
  expect(status.data).toEqual(found.data)
  expect(status.data).toMatchObject({
    ...{
      id,
      status: '5',
      payee_receive: '300',
      ps_currency: '50',
      shop_payment_id: tradeNo,
      error_code: '0',
    },
  })
  const order = ['--client-orderid', tradeNo, '--orderid', `${id}`]
  expect(await call('payneteasy', BDT, ['status', ...order])).toMatchObject({
    ...{ status: 'approved', amount: '300.00', currency: 'BDT' },
  })
  await calls.expectProof(tradeNo)
})

test(
  'a payout is checked, held, and paid by payout-pay once, and every other door tells of it',
  LONG,
  async () => {
    const client = 'dropin-pne-1'
    const checked = await call('payneteasy', EUR, [
      ...['payout-check', '--client-orderid', client, '--amount', '10.50', '--currency', 'EUR'],
      ...['--order-desc', 'Drop-in & more', '--server-callback-url', `${calls.receiverUrl}/callback?kept=1`],
      ...['--field', 'account_number=DE89370400440532013000', '--field', 'bank_name=Bank of the tests'],
    ])
    expect(checked).toMatchObject({ type: 'async-response', 'end-point-id': '39915' })
    const orderid = `${checked['paynet-order-id']}`
    const order = ['--client-orderid', client, '--orderid', orderid]

    // Created is not paid, at no door.
    expect(await call('payneteasy', EUR, ['status', ...order])).toMatchObject({ status: 'processing' })
    expect(await call('avanor', {}, ['status', '--withdraw-id', orderid])).toMatchObject({
      data: { status: '1' },
    })
    expect(await call('proofapi', {}, ['get', '--order-id', client])).toMatchObject({
      ...{ transaction_status: 'Pending', proof_images: [] },
    })

    // What must not pay it.
    for (const wrong of ['signature', 'timestamp', 'consumer-key'])
      expect(await call('payneteasy', { ...EUR, wrong }, ['payout-pay', ...order])).toEqual(DENIED)
    expect(await call('payneteasy', { endpoint: '40000' }, ['payout-pay', ...order])).toEqual(DENIED)
    expect(
      await call('payneteasy', EUR, ['payout-pay', '--client-orderid', 'another', '--orderid', orderid]),
    ).toMatchObject({ type: 'validation-error', 'error-code': '106', 'merchant-order-id': 'another' })
    expect(
      await call('payneteasy', EUR, ['payout-pay', '--client-orderid', client, '--orderid', '9']),
    ).toMatchObject({ type: 'validation-error', 'error-code': '105', 'error-message': 'Order not found' })
    expect(await call('payneteasy', EUR, ['status', ...order])).toMatchObject({ status: 'processing' })

    // Sent twice in the same bytes, and once more with another nonce: one answer, one payment.
    const paid = await call('payneteasy', EUR, ['--replay', 'payout-pay', ...order])
    expect(paid).toMatchObject({
      ...{ type: 'async-response', 'merchant-order-id': client, 'paynet-order-id': orderid },
      'end-point-id': '39915',
    })
    // As in the document's 137 bytes: what is longer here is the two order ids.
    expect(paid.body_bytes).toBe(137 + client.length - '1'.length + orderid.length - '900258'.length)
    expect(await call('payneteasy', EUR, ['payout-pay', ...order])).toEqual(paid)

    const approved = await calls.untilTold('payneteasy', EUR, ['status', ...order], { status: 'approved' })
    expect(approved).toMatchObject({ type: 'status-response', amount: '10.50', currency: 'EUR' })
    const tied = ['status', ...order, '--by-request-sn', `${paid['serial-number']}`]
    expect(await call('payneteasy', EUR, tied)).toMatchObject({ status: 'approved' })
    expect(await call('payneteasy', { group: '1' }, ['status', ...order])).toMatchObject({
      status: 'approved',
    })
    const older = ['v2-status', ...order, '--merchant-control', MERCHANT_CONTROL]
    expect(await call('payneteasy', EUR, older)).toMatchObject({ status: 'approved', amount: '10.50' })

    // The GET to server_callback_url, by its control.
    const told = await calls.untilCalled('payneteasy', ({ fields }) => fields.client_orderid === client)
    expect(told).toMatchObject({ method: 'GET', valid: true, answered: 200 })
    expect(told.fields).toMatchObject({
      ...{ kept: '1', status: 'approved', type: 'payout', amount: '10.50', orderid, merchant_order: client },
    })

    expect(await call('avanor', {}, ['status', '--withdraw-id', orderid])).toMatchObject({
      data: { status: '5', payee_receive: '10.5', ps_currency: '978', shop_payment_id: client },
    })
    expect(await call('paypro', {}, ['query', '--trade-no', client])).toMatchObject({
      data: { status: '0000', amount: '10.5', tradeNo: client },
    })
    await calls.expectProof(client)
  },
)

test('payout-pay on the path of a group pays an order of one of its endpoints', LONG, async () => {
  const client = 'dropin-pne-2'
  const checked = await call('payneteasy', { endpoint: '39916' }, [
    ...['payout-check', '--client-orderid', client, '--amount', '7', '--currency', 'USD'],
    ...['--order-desc', 'By group', '--field', 'credit_card_number=4111111111111100'],
  ])
  const order = ['--client-orderid', client, '--orderid', `${checked['paynet-order-id']}`]
  // Not of this endpoint, though of this merchant.
  expect(await call('payneteasy', EUR, ['payout-pay', ...order])).toMatchObject({
    ...{ type: 'validation-error', 'error-code': '105' },
  })
  expect(await call('payneteasy', { group: '1' }, ['payout-pay', ...order])).toMatchObject({
    ...{ type: 'async-response', 'end-point-id': '39916', 'merchant-order-id': client },
  })
  await calls.untilTold('payneteasy', { group: '1' }, ['status', ...order], { status: 'approved' })
})

test('what the provider fails is told as failed at every door, and without proof', LONG, async () => {
  const client = 'dropin-pne-3'
  // The simulated provider fails what goes to an account of this ending.
  const created = await call('payneteasy', EUR, [
    ...[
      'payout',
      '--client-orderid',
      client,
      '--amount',
      '3.00',
      '--currency',
      'EUR',
      '--order-desc',
      'Fails',
    ],
    ...['--server-callback-url', `${calls.receiverUrl}/callback`],
    ...['--field', 'account_number=990000000004', '--field', 'bank_name=Bank of the tests'],
  ])
  const orderid = `${created['paynet-order-id']}`
  const order = ['--client-orderid', client, '--orderid', orderid]
  const declined = await calls.untilTold('payneteasy', EUR, ['status', ...order], { status: 'declined' })
  expect(declined['error-message']).toEqual(expect.stringMatching(/./))
  const told = await calls.untilCalled('payneteasy', ({ fields }) => fields.client_orderid === client)
  expect(told.fields).toMatchObject({
    status: 'declined',
    orderid,
    error_message: expect.stringMatching(/./),
  })
  expect(await call('avanor', {}, ['status', '--withdraw-id', orderid])).toMatchObject({
    data: { status: '6' },
  })
  expect(await call('paypro', {}, ['query', '--trade-no', client])).toMatchObject({
    data: { status: '0100119', message: 'fail' },
  })
  expect(await call('proofapi', {}, ['get', '--order-id', client])).toMatchObject({
    ...{ transaction_status: 'Failed', proof_images: [] },
  })
})

test('a payout created at the Avanor door is paid, and every other door tells of it', LONG, async () => {
  const reference = 'dropin-avn-1'
  const listed = await call('avanor', {}, ['methods'])
  const payways = listAt(listed, 'data').flatMap(method => listAt(method, 'payways'))
  expect(payways.map(payway => at(payway, 'alias'))).toEqual(
    expect.arrayContaining(['card_usd', 'bank_eur', 'bkash_bdt']),
  )
  const money = ['--amount', '12.50', '--shop-currency', '840']
  expect(await call('avanor', {}, ['try', '--payway', 'card_usd', ...money])).toMatchObject({
    ...{ result: true, data: { payee_receive: '12.5', ps_currency: '840', shop_currency: '840' } },
  })
  const card = ['--payway', 'card_usd', '--account', '4111111111111111']
  expect(await call('avanor', {}, ['check-account', ...card, '--amount', '12.50'])).toMatchObject({
    ...{ result: true, data: { result: true, provider_status: '1' } },
  })

  const create = ['create', '--shop-payment-id', reference, ...card, ...money]
  const created = await call('avanor', {}, create)
  expect(created).toMatchObject({ result: true, data: { status: '1', shop_payment_id: reference } })
  const { id } = objectAt(created, 'data')
  expect(await call('avanor', {}, create)).toEqual(created)

  const status = ['status', '--withdraw-id', `${id}`]
  const paid = await calls.untilTold('avanor', {}, status, { data: { status: '5' } })
  expect(paid).toMatchObject({
    data: { id, payee_receive: '12.5', shop_write_off: '12.5', ps_currency: '840' },
  })
  // The same path without its prefix.
  expect(await call('avanor', { prefix: '' }, status)).toEqual(paid)
  expect(
    await call('payneteasy', { endpoint: '39916' }, [
      ...['status', '--client-orderid', reference, '--orderid', `${id}`],
    ]),
  ).toMatchObject({ status: 'approved', amount: '12.50', currency: 'USD' })
  await calls.expectProof(reference)

  const balances = listAt(await call('avanor', {}, ['balance']), 'data', 'balances')
  expect(balances).toEqual(expect.arrayContaining([expect.objectContaining({ currency: expect.anything() })]))
})

test("every door refuses in its document's own words", LONG, async () => {
  const errors = await call('proofapi', {}, ['errors', '--order-id', 'dropin_00000001'])
  expect(errors).toMatchObject({
    errors: [
      { http_status: 400, message: 'Invalid request data' },
      { http_status: 400, message: 'pid not provided' },
      { http_status: 400, message: 'order_id not provided' },
      { http_status: 400, message: 'signature not provided' },
      { http_status: 401, message: 'API key not provided' },
      { http_status: 401, message: 'Invalid API key', body_bytes: 46 },
      { http_status: 401, message: 'Verification failed' },
      { http_status: 200, message: 'Invalid user' },
      { http_status: 200, message: 'Transaction not found' },
    ],
  })
  expect(await call('paypro', { secret: 'wrong' }, ['query', '--trade-no', 'dropin_00000001'])).toMatchObject(
    {
      ...{ success: false, code: '990005', msg: 'sign error' },
    },
  )
  expect(await call('paypro', {}, ['query', '--trade-no', 'nobody'])).toMatchObject({
    ...{ success: false, code: '990008', msg: 'order not found', data: { tradeNo: 'nobody' } },
  })
  expect(await call('paypro', {}, ['balance'])).toMatchObject({ success: true })
  expect(await call('avanor', { secret: 'wrong' }, ['status', '--withdraw-id', '1'])).toMatchObject({
    ...{
      result: false,
      error_code: '10',
      message: expect.stringMatching(/^Invalid sign, string_to_sign: .*:202203:1$/),
    },
  })
  expect(await call('avanor', {}, ['status', '--withdraw-id', '1234567'])).toMatchObject({
    ...{ result: false, error_code: '7', message: "Withdraw (id=1234567) wasn't found" },
  })
  expect(await call('avanor', { 'shop-id': '9999' }, ['status', '--withdraw-id', '1'])).toMatchObject({
    ...{ result: false, error_code: '11', message: 'Shop not found' },
  })
})

const DENIED = { http_status: 403, denied: true }
