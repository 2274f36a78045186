import { expect, test } from 'vitest'
import { money } from '../../money/money.ts'
import { ask, BDT, CHECK, CREATE, EUR, fieldsIn, newDesk, ORDER, type Sent, USD } from './door.fixture.ts'

const PAYOUT = CHECK.replace('payout-check', 'payout')
let requests = 0
function sent(params: Sent['params'], path = CHECK): Sent {
  requests += 1
  return { path, params: params ?? CREATE, nonce: `n${requests}`, more: { requestId: `r${requests}` } }
}
function without(...names: readonly string[]) {
  return Object.fromEntries(Object.entries(CREATE).filter(([name]) => !names.includes(name)))
}
async function refusalOf(params: Sent['params'], path = CHECK) {
  const desk = newDesk()
  const fields = fieldsIn(await ask(desk, sent(params, path)))
  expect(desk.recorded).toHaveLength(0)
  return [fields.type, fields['error-code'], fields['error-message']]
}

test('payout-check leaves an order that waits for payout-pay, which releases it', async () => {
  const desk = newDesk()
  const answer = await ask(desk, sent(CREATE))
  expect(fieldsIn(answer)).toEqual({
    type: 'async-response',
    'serial-number': expect.any(String),
    'merchant-order-id': 'order-1',
    'paynet-order-id': '900258',
    'end-point-id': '39915',
  })
  expect(desk.recorded[0]).toMatchObject({
    merchantId: 'm1',
    door: 'payneteasy',
    doorCredentialId: 'TestMerchant',
    reference: 'order-1',
    amount: money(1_050n, EUR),
    beneficiary: {
      kind: 'bank_account',
      account: 'DE89370400440532013000',
      bank: 'Example Bank',
      holder: null,
    },
    description: 'third week',
    notifyUrl: 'https://client.example/cb?x=1',
    needsConfirmation: true,
  })
  const paid = await ask(desk, { params: { ...ORDER, client_orderid: 'order-1' }, nonce: 'pay' })
  expect(fieldsIn(paid).type).toBe('async-response')
  expect(fieldsIn(paid)['serial-number']).not.toBe(fieldsIn(answer)['serial-number'])
  expect(desk.payout('order-1').state).toBe('queued')
})

test('payout creates and releases in one step, and is not paid by payout-pay again', async () => {
  const desk = newDesk()
  await ask(desk, sent(CREATE, PAYOUT))
  expect(desk.recorded[0]?.needsConfirmation).toBe(false)
  const again = await ask(desk, { params: { ...ORDER, client_orderid: 'order-1' }, nonce: 'pay' })
  expect(fieldsIn(again)['error-code']).toBe('201')
})

test('at a group the currency chooses the endpoint', async () => {
  const path = CHECK.replace('39915', 'group/1')
  expect(fieldsIn(await ask(newDesk(), sent({ ...CREATE, currency: 'USD' }, path)))['end-point-id']).toBe(
    '39916',
  )
  expect((await refusalOf({ ...CREATE, currency: 'BDT' }, path))[2]).toBe('Invalid parameter: currency')
})

test.each([
  [
    'wallet',
    { account_number: '01712345678', bank_name: 'bKash' },
    { kind: 'wallet', operator: 'bkash', number: '01712345678' },
  ],
  ['card', { credit_card_number: '4242424242424242' }, { kind: 'card', number: '4242424242424242' }],
  [
    'account without a bank',
    { account_number: 'DE89370400440532013000', account_name: 'Ada Example' },
    { kind: 'bank_account', account: 'DE89370400440532013000', bank: null, holder: 'Ada Example' },
  ],
])('a %s is paid', async (_, destination, beneficiary) => {
  const desk = newDesk()
  await ask(desk, sent({ ...without('account_number', 'bank_name'), ...destination }))
  expect(desk.recorded[0]?.beneficiary).toEqual(beneficiary)
})

test('notify_url is used where there is no server_callback_url, and neither is needed', async () => {
  const own = { notify_url: 'https://client.example/n' }
  for (const [params, url] of [
    [{ ...CREATE, ...own }, CREATE.server_callback_url],
    [{ ...without('server_callback_url'), ...own }, own.notify_url],
    [without('server_callback_url'), null],
  ] as const) {
    const desk = newDesk()
    await ask(desk, sent(params))
    expect(desk.recorded[0]?.notifyUrl).toBe(url)
  }
})

test('the purpose is kept beside the payout, and an order needs no description', async () => {
  const desk = newDesk()
  await ask(desk, sent({ ...without('order_desc'), purpose: 'salary', ipaddress: '192.0.2.7' }))
  expect(desk.recorded[0]).toMatchObject({ description: null, metadata: { purpose: 'salary' } })
})

test.each<readonly [string, Sent['params'], string, string]>([
  ['no amount', without('amount'), '101', 'Missing parameter: amount'],
  ['no currency', without('currency'), '101', 'Missing parameter: currency'],
  ['no login', without('login'), '101', 'Missing parameter: login'],
  ['nobody to pay', without('account_number', 'bank_name'), '101', 'Missing parameter: account_number'],
  ['a bank alone', without('account_number'), '101', 'Missing parameter: account_number'],
  [
    'two to pay',
    { ...CREATE, credit_card_number: '4242424242424242' },
    '102',
    'Invalid parameter: credit_card_number',
  ],
  ['zero', { ...CREATE, amount: '0.00' }, '102', 'Invalid parameter: amount'],
  ['a third decimal', { ...CREATE, amount: '1.005' }, '102', 'Invalid parameter: amount'],
  ['a sign', { ...CREATE, amount: '-1' }, '102', 'Invalid parameter: amount'],
  ['eleven characters', { ...CREATE, amount: '12345678.90' }, '102', 'Invalid parameter: amount'],
  ["another endpoint's currency", { ...CREATE, currency: 'USD' }, '102', 'Invalid parameter: currency'],
  ['a currency in lower case', { ...CREATE, currency: 'eur' }, '102', 'Invalid parameter: currency'],
  ['a long description', { ...CREATE, order_desc: 'x'.repeat(65) }, '102', 'Invalid parameter: order_desc'],
  [
    'an account that is no wallet',
    { ...CREATE, bank_name: 'nagad' },
    '102',
    'Invalid parameter: account_number',
  ],
  ['a short account', { ...CREATE, account_number: 'x' }, '102', 'Invalid parameter: account_number'],
  ['another login', { ...CREATE, login: 'x' }, '104', 'Login does not match'],
])('%s is refused', async (_, params, code, message) => {
  expect(await refusalOf(params)).toEqual(['validation-error', code, message])
})

test.each(['server_callback_url', 'notify_url'])(
  '%s goes to four ports only, and nowhere strange',
  async name => {
    const { server_callback_url: _, ...rest } = CREATE
    const urls = [
      'ftp://a.example',
      'https://a.example:8444/',
      'http://a.example:81/',
      'https://u:p@a.example/',
      'https://a.example/#x',
      '/cb',
    ]
    for (const url of urls)
      expect((await refusalOf({ ...rest, [name]: url }))[2]).toBe(`Invalid parameter: ${name}`)
    for (const url of [
      'http://a.example:80/',
      'http://a.example:8080/?q',
      'https://a.example:443',
      'https://a.example:8443/x',
    ]) {
      const desk = newDesk()
      await ask(desk, sent({ ...rest, [name]: url }))
      expect(desk.recorded[0]?.notifyUrl).toBe(url)
    }
  },
)

test('the same content again gets the first answer, byte for byte, however it is spelled', async () => {
  const desk = newDesk()
  const first = await ask(desk, sent(CREATE))
  const { client_orderid, ...rest } = CREATE
  const again = {
    ...rest,
    'client-order-id': client_orderid,
    amount: '10.5',
    ipaddress: '192.0.2.9',
    extra: 'x',
  }
  desk.move('order-1', 'paid', 1)
  expect(await ask(desk, sent(again))).toEqual(first)
  expect(desk.recorded).toHaveLength(1)
})

test.each([
  ['amount', { amount: '10.51' }, CHECK],
  ['account', { account_number: 'DE89370400440532013001' }, CHECK],
  ['holder', { account_name: 'Somebody Else' }, CHECK],
  ['description', { order_desc: 'x' }, CHECK],
  ['callback address', { server_callback_url: 'https://client.example/other' }, CHECK],
  ['call', {}, PAYOUT],
])('another %s is other content, and changes nothing', async (_, change, path) => {
  const desk = newDesk()
  await ask(desk, sent(CREATE))
  const answer = await ask(desk, sent({ ...CREATE, ...change }, path))
  expect(fieldsIn(answer)).toMatchObject({
    type: 'validation-error',
    'paynet-order-id': '900258',
    'error-message': 'client_orderid already used with different parameters',
    'error-code': '107',
  })
  expect(desk.payout('order-1').state).toBe('waiting')
  expect(desk.recorded).toHaveLength(1)
})

test.each([
  ['insufficient_funds', '202', 'Insufficient balance'],
  ['amount_out_of_limits', '203', 'Limit exceeded'],
  ['rate_limited', '203', 'Limit exceeded'],
  ['method_not_available', '201', 'Order is not payable in its present state'],
] as const)('what the desk refuses as %s is error %s, and binds nothing', async (why, code, message) => {
  const desk = newDesk()
  desk.refuseNext(why)
  const answer = await ask(desk, sent(CREATE))
  expect(fieldsIn(answer)).toMatchObject({ type: 'error', 'error-code': code, 'error-message': message })
  expect(fieldsIn(answer)['paynet-order-id']).toBeUndefined()
  expect(fieldsIn(await ask(desk, sent({ ...CREATE, amount: '1' }))).type).toBe('async-response')
})

test('amounts are exact in every currency of the endpoints', async () => {
  for (const [currency, id, amount, minor] of [
    [EUR, '39915', '9999999.99', 999_999_999n],
    [USD, '39916', '0.01', 1n],
    [BDT, '39917', '10', 1_000n],
  ] as const) {
    const desk = newDesk()
    const params = { ...CREATE, currency, amount }
    const answer = await ask(desk, sent(params, CHECK.replace('39915', id)))
    if (minor > 999_898_900n) expect(fieldsIn(answer)['error-code']).toBe('202')
    else expect(desk.recorded[0]?.amount).toEqual(money(minor, currency))
  }
})
