import { expect, test } from 'vitest'
import { JsonNumber } from '../../lib/json.ts'
import { money } from '../../money/money.ts'
import { currency } from './door.fixture.ts'
import {
  avanorAmount,
  avanorCurrency,
  avanorCurrencyOf,
  avanorDigits,
  avanorEncode,
  avanorObject,
  avanorPayways,
  avanorReadEnvelope,
  avanorReadFields,
  avanorShortest,
} from './wire.ts'

test('what is written is compact, its members in alphabetical order at every depth, its numbers as they were given', () => {
  const value = avanorObject({
    b: [avanorObject({ d: null, c: true }), new JsonNumber('9007199254740993.10')],
    a: 'x"\u00e9',
  })
  expect(avanorEncode(value)).toBe('{"a":"x\\"\u00e9","b":[{"c":true,"d":null},9007199254740993.10]}')
})

test('amounts are written shortest and exactly, currencies by their numbers', () => {
  expect(avanorEncode(avanorAmount(money(16_050n, currency('USD'))))).toBe('160.5')
  expect(avanorEncode(avanorAmount(money(9_007_199_254_740_993n, currency('USD'))))).toBe('90071992547409.93')
  expect(avanorEncode(avanorAmount(money(0n, currency('JPY'))))).toBe('0')
  expect(avanorEncode(avanorCurrency(currency('BDT')))).toBe('50')
})

test('only the digits of a whole number are digits, as a number or as text', () => {
  for (const right of ['0', '5', '123456789012345678']) {
    expect(avanorDigits(right)).toBe(right)
    expect(avanorDigits(new JsonNumber(right))).toBe(right)
  }
  for (const wrong of ['', '05', '5.0', '-5', '+5', ' 5', '5\n', '5e0', '1234567890123456789', '\u0665'])
    expect(avanorDigits(wrong)).toBeNull()
  for (const wrong of [undefined, null, true, [], new JsonNumber('5.0'), new JsonNumber('-5')])
    expect(avanorDigits(wrong)).toBeNull()
})

test('only decimals lose the zeros at their end', () => {
  const rows = [
    ['150.00', '150'],
    ['150.50', '150.5'],
    ['-0.10', '-0.1'],
    ['100', '100'],
    ['0.0', '0'],
    ['1.5e10', '1.5e10'],
    ['1.2.0', '1.2.0'],
    ['a.0', 'a.0'],
  ] as const
  for (const [text, shortest] of rows) expect(avanorShortest(text)).toBe(shortest)
})

test('a currency is read from its number, with or without the zeros before it', () => {
  expect(avanorCurrencyOf(new JsonNumber('50'))).toBe('BDT')
  expect(avanorCurrencyOf('050')).toBe('BDT')
  expect(avanorCurrencyOf('840')).toBe('USD')
  for (const wrong of ['USD', '0840', '999', '', '84.0', null, undefined])
    expect(avanorCurrencyOf(wrong)).toBeNull()
})

test('a body is one object without a member twice, and an answer has a result or an error code', () => {
  expect(avanorReadFields(Buffer.from('{"a":1.50}'))?.get('a')).toEqual(new JsonNumber('1.50'))
  for (const wrong of ['[]', 'null', '{"a":1,"a":1}', '{"a":1,"\\u0061":1}', 'x'])
    expect(avanorReadFields(Buffer.from(wrong))).toBeNull()
  const read = (text: string) => avanorReadEnvelope(Buffer.from(text))
  expect(read('{"result":true,"error_code":"0","data":{}}')).toMatchObject({ result: true, errorCode: 0 })
  expect(read('{"result":"true","error_code":7}')).toMatchObject({
    result: null,
    errorCode: 7,
    dataAbsent: true,
  })
  expect(read('{"result":false,"data":[]}')).toMatchObject({ errorCode: null, data: null, dataAbsent: false })
  for (const other of ['{}', '{"data":{"status":5}}', '{"result":1}', '<html>'])
    expect(read(other)).toBeNull()
})

test('payways are read from their setting, with limits and a switch', () => {
  const read = avanorPayways(
    ' card_usd=card:USD , bkash_bdt=wallet/bkash:BDT:10-25000.50,x=bank_account:EUR:-5:off',
  )
  expect(read).toEqual({
    ok: true,
    payways: [
      {
        alias: 'card_usd',
        method: 'card',
        currency: 'USD',
        min: money(1n, currency('USD')),
        max: money(99_999_999_999_900n, currency('USD')),
        active: true,
      },
      {
        alias: 'bkash_bdt',
        method: 'bkash',
        currency: 'BDT',
        min: money(1_000n, currency('BDT')),
        max: money(2_500_050n, currency('BDT')),
        active: true,
      },
      {
        alias: 'x',
        method: 'bank_account',
        currency: 'EUR',
        min: money(1n, currency('EUR')),
        max: money(500n, currency('EUR')),
        active: false,
      },
    ],
  })
  const many = Array.from({ length: 65 }, (_, place) => `p${place}=card:USD`).join(',')
  for (const wrong of [
    undefined,
    '',
    'card',
    'a=card:USD,a=card:EUR',
    'a=card:USD:1',
    'a=card:USD:on',
    'a=bkash:BDT',
    many,
  ]) {
    const refused = avanorPayways(wrong)
    expect([wrong, refused.ok]).toEqual([wrong, false])
  }
})
