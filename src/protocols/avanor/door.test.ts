import { expect, test } from 'vitest'
import { Unavailable } from '../../errors.ts'
import { money } from '../../money/money.ts'
import { PAYOUT_STATES } from '../../payout/payout.ts'
import {
  ask,
  currency,
  type Fields,
  methods,
  NOW,
  NOW_MS,
  newDesk,
  order,
  refusal,
  send,
  signed,
} from './door.fixture.ts'
import { avanorDoor } from './door.ts'

const status: Fields = { now: NOW, shop_id: 202_203, withdraw_id: 1_000_001 }

async function bodyOf(method: string, fields: Fields, desk = newDesk()): Promise<string> {
  return (await ask(desk, method, fields)).body
}

// ---- what is served ------------------------------------------------------------------------------------------------

test('seven methods are served by POST alone, with the prefix and without, up to 64 KiB, and nothing calls back', () => {
  const served = avanorDoor.routes.map(({ method, path, bodyLimitBytes }) => [method, path, bodyLimitBytes])
  expect(served).toEqual(
    methods.flatMap(name => [
      ['POST', `/gateway/v1/${name}`, 65_536],
      ['POST', `/${name}`, 65_536],
    ]),
  )
  expect(avanorDoor.notices).toBeNull()
})

test('the content type is not judged, and every decided answer is HTTP 200', async () => {
  const answer = await send(newDesk(), 'shop_balance', '{}')
  expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } })
})

// ---- the order of the checks -----------------------------------------------------------------------------------------

test('a create that is wrong everywhere is told the first of it, in the order of the contract', async () => {
  const desk = newDesk(12_000n)
  const said = async (fields: Fields, isSigned = true): Promise<string> => {
    const body = isSigned ? signed('withdraw/create', fields) : JSON.stringify(fields)
    return (await send(desk, 'withdraw/create', body)).body
  }
  const wrong: Fields = { payway: 'none', account: '' }
  // 1 to 3
  expect((await send(desk, 'withdraw/create', '{"shop_id":9,"shop_id":9}')).body).toBe(
    refusal(10, 'Incorrect request body'),
  )
  expect(await said(wrong, false)).toBe(refusal(10, 'Incorrect request param: shop_id'))
  expect(await said({ ...wrong, shop_id: 9 }, false)).toBe(refusal(11, 'Shop not found'))
  expect(await said({ ...wrong, shop_id: 1 }, false)).toBe(refusal(12, 'Shop is not active'))
  // 4
  expect(await said({ ...wrong, shop_id: 2 }, false)).toBe(refusal(15, 'Shop ip 192.0.2.1 denied'))
  // 5, in sorted order, sign behind all of them
  let fields: Fields = { shop_id: 202_203 }
  const all: Fields = { ...order, account: 'a:b', amount: '1', payway: 'none', shop_payment_id: 'order-1' }
  for (const name of ['account', 'amount', 'amount_type', 'payway', 'shop_currency', 'shop_payment_id']) {
    expect(await said(fields, false)).toBe(refusal(10, `Incorrect request param: ${name}`))
    fields = { ...fields, [name]: all[name] }
  }
  expect(await said(fields, false)).toBe(refusal(10, 'Incorrect request param: sign'))
  // 6
  expect(await said({ ...fields, sign: 'x' }, false)).toBe(
    refusal(10, 'Invalid sign, string_to_sign: a:b:1:ps_amount:none:840:202203:order-1'),
  )
  // 7
  expect(await said(fields)).toBe(refusal(10, 'Incorrect request param: account'))
  // 9 before 10: the reference stands for other content
  const standing = newDesk()
  await ask(standing, 'withdraw/create', order)
  expect(await bodyOf('withdraw/create', { ...fields, account: '4' }, standing)).toBe(
    refusal(6, 'Operation not unique (shop_payment_id=order-1)'),
  )
  // 10, 11, 12
  const dear: Fields = { ...fields, account: '4111111111111111', amount: '6000' }
  expect(await said(dear)).toBe(refusal(1, 'Payway (alias = none) is not available for shop'))
  expect(await said({ ...dear, payway: 'card_usd' })).toBe(refusal(5, 'Payer price amount is too large'))
  expect(await said({ ...dear, payway: 'card_usd', amount: '150' })).toBe(
    refusal(9, 'Insufficient balance(currency=840)'),
  )
  expect(desk.recorded).toHaveLength(0)
  expect(await said({ ...dear, payway: 'card_usd', amount: '120' })).toContain('"result":true')
})

test('a body is one JSON object up to 64 KiB without a member twice', async () => {
  const big = JSON.stringify({ ...order, description: 'x'.repeat(65_536) })
  for (const body of ['', 'null', '[]', '"x"', '{', '{}x', '{"a":1,"a":1}', '\ufeff{}', big])
    expect((await send(newDesk(), 'withdraw/create', body)).body).toBe(refusal(10, 'Incorrect request body'))
  const cut = await send(newDesk(), 'shop_balance', '', { bodyTooLarge: true })
  expect(cut.body).toBe(refusal(10, 'Incorrect request body'))
})

test('shop_id is 1 to 18 digits, as a number or as text', async () => {
  for (const shop_id of ['', null, true, 'x', '-1', 1.5, '1'.repeat(19), [202_203], ' 202203'])
    expect(await bodyOf('shop_balance', { now: NOW, shop_id })).toBe(
      refusal(10, 'Incorrect request param: shop_id'),
    )
  expect(await bodyOf('shop_balance', { now: NOW, shop_id: '202203' })).toContain('"result":true')
})

test('a list of addresses lets in whom it names, and a list without addresses nobody', async () => {
  const body = signed('shop_balance', { now: NOW, shop_id: 2 })
  for (const remoteAddress of ['198.51.100.7', '::ffff:198.51.100.7', '2001:db8::1'])
    expect((await send(newDesk(), 'shop_balance', body, { remoteAddress })).body).toContain('"result":true')
  for (const remoteAddress of ['198.51.100.8', '198.51.100', '::ffff:192.0.2.1'])
    expect((await send(newDesk(), 'shop_balance', body, { remoteAddress })).body).toMatch(
      /"error_code":15,"message":"Shop ip [0-9.]+ denied"/,
    )
  expect(await bodyOf('shop_balance', { now: NOW, shop_id: 8 })).toBe(refusal(15, 'Shop ip 192.0.2.1 denied'))
})

test('a shop without a secret is never taken at its word', async () => {
  const body = signed('shop_balance', { now: NOW, shop_id: 3 }, '')
  expect((await send(newDesk(), 'shop_balance', body)).body).toContain('Invalid sign')
})

test('numbers are signed by their literals or all by their shortest decimals, and in no third way', async () => {
  const raw = (amount: string, sign: string): string =>
    JSON.stringify({ ...order, amount: 0, sign }).replace('"amount":0', `"amount":${amount}`)
  const signOf = (amount: string): string => JSON.parse(signed('withdraw/create', { ...order, amount })).sign
  for (const [written, signedAs, isTaken] of [
    ['150.00', '150.00', true],
    ['150.00', '150', true],
    ['150.00', '150.0', false],
    ['150.50', '150.5', true],
    ['150.50', '150.50', true],
    ['150', '150.00', false],
    ['"150.00"', '150', false],
    ['"150.00"', '150.00', true],
  ] as const) {
    const { body } = await send(newDesk(), 'withdraw/create', raw(written, signOf(signedAs)))
    expect([written, signedAs, body.includes('"result":true')]).toEqual([written, signedAs, isTaken])
  }
})

// ---- status and the other reads ----------------------------------------------------------------------------------

test('both status methods show every state by its number, and a fee beside the amount', async () => {
  const desk = newDesk()
  await ask(desk, 'withdraw/create', order)
  const byReference = { now: NOW, shop_id: 202_203, shop_payment_id: 'order-1' }
  const shown = [
    'accepted',
    'waiting',
    'queued',
    'sending',
    'pending',
    'in_doubt',
    'paid',
    'failed',
    'cancelled',
    'returned',
  ]
  expect([...shown].sort()).toEqual([...PAYOUT_STATES].sort())
  const numbers = [1, 1, 1, 3, 3, 3, 5, 6, 6, 6]
  for (const [place, state] of PAYOUT_STATES.entries()) {
    desk.move('order-1', state, NOW_MS)
    const body = await bodyOf('withdraw/status', status, desk)
    expect(body).toBe(
      `{"data":{"bank_transaction_id":"","error_code":0,"id":1000001,"payee_receive":150,"ps_currency":840,"rrn":"","shop_currency":840,"shop_payment_id":"order-1","shop_write_off":150,"status":${numbers[place]}},"error_code":0,"message":"Ok","result":true}`,
    )
    expect(await bodyOf('withdraw/shop_payment_status', byReference, desk)).toBe(body)
  }
  desk.put({ ...desk.payout('order-1'), fee: money(250n, currency('USD')) })
  expect(await bodyOf('withdraw/status', status, desk)).toContain('"shop_write_off":152.5,')
})

test("another shop's payout is not found, by neither id", async () => {
  const desk = newDesk()
  await ask(desk, 'withdraw/create', { ...order, shop_id: 4 })
  expect(await bodyOf('withdraw/status', status, desk)).toBe(refusal(7, "Withdraw (id=1000001) wasn't found"))
  const byReference = { now: NOW, shop_id: 202_203, shop_payment_id: 'order-1' }
  expect(await bodyOf('withdraw/shop_payment_status', byReference, desk)).toBe(
    refusal(7, "Withdraw (shop_payment_id=order-1) wasn't found"),
  )
  expect(await bodyOf('withdraw/status', { ...status, shop_id: 4 }, desk)).toContain('"id":1000001')
})

test('the fields of a status request are judged after its signature', async () => {
  for (const withdraw_id of ['0', '01', '12x', '1.0', '-1', '1'.repeat(19)])
    expect(await bodyOf('withdraw/status', { ...status, withdraw_id })).toBe(
      refusal(10, 'Incorrect request param: withdraw_id'),
    )
  for (const now of ['x'.repeat(65), 'a\u0000b'])
    expect(await bodyOf('withdraw/status', { ...status, now })).toBe(
      refusal(10, 'Incorrect request param: now'),
    )
  for (const now of ['yesterday', 1_779_640_542, '2001-01-01 00:00:00.000001'])
    expect(await bodyOf('withdraw/status', { ...status, now })).toContain('"error_code":7')
})

test('try calculates without recording, and writes its last amount as text', async () => {
  const desk = newDesk()
  for (const amount_type of ['ps_amount', 'shop_amount'])
    expect(await bodyOf('withdraw/try', { ...order, amount: 160.5, amount_type }, desk)).toBe(
      '{"data":{"account_info_config":{},"payee_receive":160.5,"ps_currency":840,"shop_currency":840,"shop_write_off":"160.5"},"error_code":0,"message":"Ok","result":true}',
    )
  expect(await bodyOf('withdraw/try', { ...order, amount: '9.99' }, desk)).toBe(
    refusal(4, 'Payer price amount is too small'),
  )
  expect(await bodyOf('withdraw/try', { ...order, payway: 'old_usd' }, desk)).toBe(
    refusal(2, 'Payway (alias = old_usd) is not available for shop'),
  )
  expect(desk.calls()).toBe(0)
})

test('check_account says whether the account is one of the payway', async () => {
  for (const [fields, result, provider] of [
    [{}, true, 1],
    [{ account: 'not a card' }, false, 1],
    [{ amount: '6000' }, false, 1],
    [{ amount: '150.001' }, false, 1],
    [{ payway: 'bkash_bdt', account: '01711111111' }, true, 1],
    [{ payway: 'old_usd' }, false, 2],
    [{ payway: 'nobody' }, false, 3],
  ] as const)
    expect(await bodyOf('check_account', { ...order, ...fields })).toBe(
      `{"data":{"account_info":{},"provider_status":${provider},"result":${result}},"error_code":0,"message":"Ok","result":true}`,
    )
})

test('the payways of a shop are listed under their methods, without those that are switched off', async () => {
  const asked = { now: NOW, shop_id: 202_203 }
  const payway = (alias: string, code: number, min: string, max: string): string =>
    `{"account_info_config":{},"alias":"${alias}","currency":${code},"fee_config":{"fix":0,"percent":0},"max_amount":${max},"min_amount":${min},"paysystem_data":{}}`
  expect(await bodyOf('shop_output_config/shop', asked)).toBe(
    `{"data":[{"id":1,"name":"card","payways":[${payway('card_usd', 840, '10', '5000.5')}],"rating":0},` +
      `{"id":2,"name":"bank_account","payways":[${payway('bank_eur', 978, '0.01', '999999999999')}],"rating":0},` +
      `{"id":3,"name":"wallet/bkash","payways":[${payway('bkash_bdt', 50, '0.01', '999999999999')}],"rating":0}],"error_code":0,"message":"Ok","result":true}`,
  )
  expect(await bodyOf('shop_output_config/shop', { ...asked, shop_id: 6 })).toContain('"data":[]')
})

test('the balance shows every currency by its number, and what waits apart', async () => {
  const desk = newDesk()
  await ask(desk, 'withdraw/create', order)
  const { data } = JSON.parse(await bodyOf('shop_balance', { now: NOW, shop_id: 202_203 }, desk))
  expect(data).toEqual({
    balances: [
      { available: 10_000, currency: 50, frozen: 0, hold: 0 },
      { available: 10_000, currency: 978, frozen: 0, hold: 0 },
      { available: 9_850, currency: 840, frozen: 0, hold: 150 },
    ],
  })
})

test('a fault of ours is HTTP 500 without an envelope, whatever was asked', async () => {
  for (const error of [new Unavailable('unavailable', 'gone'), new Error('broken')]) {
    const desk = newDesk()
    desk.breakWith(error)
    for (const [method, fields] of [
      ['withdraw/create', order],
      ['withdraw/create', { ...order, payway: 'nobody' }],
      ['withdraw/status', status],
      ['shop_balance', { now: NOW, shop_id: 202_203 }],
    ] as const) {
      const answer = await ask(desk, method, fields)
      expect([answer.status, answer.body]).toEqual([500, 'Internal Server Error'])
    }
  }
  const misconfigured = await ask(newDesk(), 'withdraw/try', { ...order, shop_id: 7 })
  expect([misconfigured.status, misconfigured.body]).toEqual([500, 'Internal Server Error'])
})
