import { expect, test } from 'vitest'
import type { DoorAnswer, SubmissionRefusal } from '../protocol.ts'
import { ask, type Fields, NOW_MS, newDesk, order, refusal } from './door.fixture.ts'

function create(desk: ReturnType<typeof newDesk>, fields: Fields = {}): Promise<DoorAnswer> {
  return ask(desk, 'withdraw/create', { ...order, ...fields })
}

test('an order reaches the desk whole, and its answer tells what is left', async () => {
  const desk = newDesk()
  const answer = await create(desk, { description: 'third week' })
  expect(answer).toEqual({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: '{"data":{"balance":9850,"id":1000001,"payee_receive":150,"ps_currency":840,"shop_currency":840,"shop_payment_id":"order-1","shop_write_off":150,"status":1},"error_code":0,"message":"Ok","result":true}',
  })
  expect(desk.recorded).toEqual([
    {
      merchantId: 'm1',
      door: 'avanor',
      doorCredentialId: '202203',
      requestId: 'request-1',
      reference: 'order-1',
      idempotencyKey: null,
      fingerprint: expect.any(Uint8Array),
      amount: { minor: 15_000n, currency: 'USD' },
      beneficiary: { kind: 'card', number: '4111111111111111' },
      description: 'third week',
      metadata: null,
      notifyUrl: null,
      needsConfirmation: false,
      firstAnswer: expect.any(Function),
    },
  ])
})

test('the payway says who is paid; a bank account may bring its bank and holder', async () => {
  const rows = [
    [
      { payway: 'bkash_bdt', shop_currency: 50, account: '01711111111' },
      { kind: 'wallet', operator: 'bkash', number: '01711111111' },
    ],
    [
      {
        payway: 'bank_eur',
        shop_currency: '978',
        account: 'DE89',
        account_details: { bank_name: 'A Bank', account_holder: 'A. H', more: [1] },
      },
      { kind: 'bank_account', account: 'DE89', bank: 'A Bank', holder: 'A. H' },
    ],
    [
      { payway: 'bank_eur', shop_currency: 978, account: 370_400_440 },
      { kind: 'bank_account', account: '370400440', bank: null, holder: null },
    ],
  ] as const
  for (const [fields, beneficiary] of rows) {
    const desk = newDesk()
    expect((await create(desk, fields)).body).toContain('"result":true')
    expect(desk.recorded[0]?.beneficiary).toEqual(beneficiary)
  }
})

test('amounts are exact: the first answer prints them shortest, and none passes through a double', async () => {
  const desk = newDesk(100_000_000_000_000n)
  const { body } = await create(desk, {
    payway: 'bkash_bdt',
    shop_currency: 50,
    account: '01711111111',
    amount: '90071992547.43',
  })
  expect(body).toContain('"balance":909928007452.57,')
  expect(body).toContain('"payee_receive":90071992547.43,')
  expect(desk.recorded[0]?.amount.minor).toBe(9_007_199_254_743n)
})

test('the same content again gets the first answer byte for byte, whatever became of the payout', async () => {
  const desk = newDesk()
  const first = await create(desk)
  desk.move('order-1', 'paid', NOW_MS + 1)
  for (const again of [
    {},
    { amount: '150' },
    { amount: '150.0' },
    { amount: 150 },
    { shop_id: '202203' },
    { shop_currency: '840' },
  ])
    expect(await create(desk, again)).toEqual(first)
  expect(desk.recorded).toHaveLength(1)
})

test('any other content under the same reference is refused with 6, the fields that nobody signs included', async () => {
  const desk = newDesk()
  await create(desk, { description: 'a', account_details: { x: 1 } })
  const same = { description: 'a', account_details: { x: 1 } }
  for (const other of [
    { ...same, amount: '150.01' },
    { ...same, account: '4111111111111112' },
    { ...same, amount_type: 'shop_amount' },
    { ...same, description: 'b' },
    { description: 'a' },
    { ...same, account_details: { x: 2 } },
    { ...same, unknown: 1 },
    { ...same, payway: 'nobody' },
    { ...same, payway: 'card_eur', shop_currency: 978 },
    { ...same, shop_currency: 978 },
    { ...same, amount: '1' },
  ])
    expect([other, (await create(desk, other)).body]).toEqual([
      other,
      refusal(6, 'Operation not unique (shop_payment_id=order-1)'),
    ])
  expect((await create(desk, same)).body).toContain('"result":true')
  expect(desk.recorded).toHaveLength(1)
})

test('a repeat gets its first answer even where its payway was taken away since', async () => {
  const payways = { payways: 'card_usd=card:USD' }
  const shop = {
    door: 'avanor',
    publicId: '202203',
    merchantId: 'm1',
    secret: 'account-secret-key',
    active: true,
  }
  const desk = newDesk()
  const credential = { now: { ...shop, settings: payways } }
  const shared = { ...desk, credential: () => credential.now }
  const first = await create(shared)
  credential.now = { ...shop, settings: { payways: 'other=card:EUR' } }
  expect(await create(shared)).toEqual(first)
  expect((await create(shared, { shop_payment_id: 'order-2' })).body).toContain('"error_code":1,')
  expect(desk.recorded).toHaveLength(1)
})

test('a refused request binds nothing', async () => {
  const desk = newDesk()
  for (const wrong of [{ amount: '1' }, { amount: '9000' }, { payway: 'nobody' }])
    expect((await create(desk, wrong)).body).toContain('"result":false')
  expect((await create(desk)).body).toContain('"result":true')
})

test('each refusal of the desk has its code', async () => {
  const codes: Readonly<Record<SubmissionRefusal, string>> = {
    method_not_available: refusal(3, 'Payway (alias = card_usd) is not available for shop'),
    rate_limited: refusal(3, 'Payway (alias = card_usd) is not available for shop'),
    amount_out_of_limits: refusal(5, 'Payer price amount is too large'),
    insufficient_funds: refusal(9, 'Insufficient balance(currency=840)'),
  }
  for (const why of [
    'method_not_available',
    'rate_limited',
    'amount_out_of_limits',
    'insufficient_funds',
  ] as const) {
    const desk = newDesk()
    desk.refuseNext(why)
    expect((await create(desk)).body).toBe(codes[why])
  }
})

test('the payway is known, in use and of the currency, and the limits are its own', async () => {
  const payway = (code: number, alias: string): string =>
    refusal(code, `Payway (alias = ${alias}) is not available for shop`)
  const rows = [
    [{ payway: 'nobody' }, payway(1, 'nobody')],
    [{ shop_currency: 978 }, payway(1, 'card_usd')],
    [{ shop_id: 6 }, payway(1, 'card_usd')],
    [{ payway: 'old_usd' }, payway(2, 'old_usd')],
    [{ amount: '9.99' }, refusal(4, 'Payer price amount is too small')],
    [{ amount: '5000.51' }, refusal(5, 'Payer price amount is too large')],
    [{ account: '12345678901' }, refusal(10, 'Incorrect request param: account')],
    [
      { payway: 'bkash_bdt', shop_currency: 50, account: '12' },
      refusal(10, 'Incorrect request param: account'),
    ],
  ] as const
  for (const [fields, said] of rows) expect((await create(newDesk(), fields)).body).toBe(said)
  for (const amount of ['10', '5000.50'])
    expect((await create(newDesk(), { amount })).body).toContain('"result":true')
})

test('each field has its rule, and the first that is wrong is named', async () => {
  const wrong: Readonly<Record<string, readonly unknown[]>> = {
    account: ['a:b', 'x'.repeat(65), 'a\nb', 'a"b', 1.5, 'a\u202eb'],
    amount: [
      '0',
      '0.00',
      '-1',
      '+1',
      '.5',
      '1.',
      '1,000',
      '1e2',
      '150.001',
      '0150',
      ' 150',
      '1'.repeat(19),
      -1,
    ],
    amount_type: ['PS_AMOUNT', 'both'],
    payway: ['card usd', 'card=usd', 'x'.repeat(65)],
    shop_currency: ['USD', 999, 8400, '84x', 840.5],
    shop_payment_id: ['x'.repeat(65), 'a\u0000', 1.5, '\u2066x'],
    description: ['x'.repeat(256), 'a\nb', 5, ['x'], {}],
    account_details: ['text', 5, [1], { bank_name: 5 }, { account_holder: 'a\nb' }],
  }
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values)
      expect([name, value, (await create(newDesk(), { [name]: value })).body]).toEqual([
        name,
        value,
        refusal(10, `Incorrect request param: ${name}`),
      ])
  }
  for (const right of [
    { description: null },
    { description: 'x'.repeat(255) },
    { account_details: null },
    { shop_payment_id: '\u00e9'.repeat(64) },
    { shop_payment_id: 'a:b' },
    { shop_payment_id: 1994 },
    { amout: '1' },
  ])
    expect((await create(newDesk(), right)).body).toContain('"result":true')
  expect((await create(newDesk(), { amount: undefined, amout: '150.00' })).body).toBe(
    refusal(10, 'Incorrect request param: amount'),
  )
})
