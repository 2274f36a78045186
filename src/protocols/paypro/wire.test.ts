import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonNumber } from '../../lib/json.ts'
import { WALLET_OPERATORS } from '../../payout/beneficiary.ts'
import {
  payproEncode,
  payproIsNotifyUrl,
  payproIsRemark,
  payproIsTradeNo,
  payproIsWalletId,
  payproIsWellFormedStatus,
  payproLocalTime,
  payproOperator,
  payproReadAnswer,
  payproReadFields,
  payproText,
  payproWayCode,
} from './wire.ts'

test('a flat body is read with every value as it was written', () => {
  const fields = payproReadFields(Buffer.from('{"a":"x","n":1.50,"t":true,"z":null,"e":""}'))
  expect([...(fields ?? [])]).toEqual([
    ['a', 'x'],
    ['n', new JsonNumber('1.50')],
    ['t', true],
    ['z', null],
    ['e', ''],
  ])
})

test.each([
  ['', 'nothing'],
  ['sign=1', 'a form'],
  ['[]', 'a list'],
  ['"a"', 'a text'],
  ['null', 'null'],
  ['{"a":1', 'a cut body'],
  ['{"a":1}x', 'something behind'],
  ['{"a":"1","a":"2"}', 'a member twice'],
  ['{"a":"1","\\u0061":"2"}', 'a member twice, once escaped'],
  ['{"a":{}}', 'an object inside'],
  ['{"a":[]}', 'a list inside'],
  ['{"":"1"}', 'an empty name'],
  ['{"1a":"1"}', 'a name that begins with a digit'],
  ['{"a b":"1"}', 'a name with a blank'],
  ['{"a=b":"1"}', 'a name with an equals sign'],
  ['{"__proto__":"1"}', 'the name of a prototype'],
  ['{"é":"1"}', 'a name beyond ASCII'],
  ['{"a":"\\ud800"}', 'half a character'],
  ['\ufeff{"a":"1"}', 'a byte order mark'],
])('%s is no body: %s', body => {
  expect(payproReadFields(Buffer.from(body))).toBeNull()
})

test('absent, null and empty are the same, and zero and false are not', () => {
  expect([undefined, null, ''].map(payproText)).toEqual([null, null, null])
  expect([new JsonNumber('0'), false, ' '].map(payproText)).toEqual(['0', 'false', ' '])
})

test('an answer is read whether its types are those of the table or of the example', () => {
  const example =
    '{"msg":"m","code":"0000","timestamp":1729947461317,"success":true,"data":{"status":"0015"}}'
  const table =
    '{"msg":"m","code":"0000","timestamp":"1729947461317","success":"true","data":{"status":"0015","x":[{}]}}'
  for (const body of [example, table]) {
    expect(payproReadAnswer(Buffer.from(body))).toMatchObject({ accepted: true, status: '0015' })
  }
})

test.each([
  '',
  '{}',
  '[]',
  'null',
  '"0000"',
  '<html></html>',
  '{"data":[]}',
  '{"code":0,"data":"x"}',
  '{"a":1',
])('%s is no answer of this protocol', body => {
  expect(payproReadAnswer(Buffer.from(body))).toBeNull()
})

test('an id with blanks, of another type or without end is no id', () => {
  for (const id of ['', ' ', 'a b', 'a\n', 'é', 'x'.repeat(65), 7, null, true, ['a']]) {
    const body = JSON.stringify({ code: '0000', data: { platFormTradeNo: id } })
    expect(payproReadAnswer(Buffer.from(body))?.platFormTradeNo).toBeNull()
  }
})

test('arbitrary JSON is read or refused, and never throws', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), text => {
      payproReadFields(Buffer.from(text))
      payproReadAnswer(Buffer.from(text))
    }),
    { numRuns: 2_000 },
  )
})

test('every operator has its documented code, and the short one of sibling pages is read', () => {
  expect(WALLET_OPERATORS.map(payproWayCode)).toEqual(['EWALLET_BKASH', 'EWALLET_ROCKET', 'EWALLET_NAGAD'])
  for (const operator of WALLET_OPERATORS) {
    expect(payproOperator(payproWayCode(operator))).toBe(operator)
    expect(payproOperator(operator.toUpperCase())).toBe(operator)
  }
  for (const code of ['bkash', 'EWALLET_bkash', 'EWALLET_UPAY', '', 'constructor']) {
    expect(payproOperator(code)).toBeNull()
  }
})

test('tradeNo, walletId and status hold to their grammar', () => {
  for (const good of ['a', 'test_00000001', '2024.10:11-9', 'x'.repeat(64)])
    expect(payproIsTradeNo(good)).toBe(true)
  for (const bad of ['', 'x'.repeat(65), 'a b', 'a/b', 'é', 'a\n', 'a=b'])
    expect(payproIsTradeNo(bad)).toBe(false)
  for (const good of ['012345', '+8801123456789', '0'.repeat(20)]) expect(payproIsWalletId(good)).toBe(true)
  for (const bad of ['', '01234', '0'.repeat(21), '++012345', '01-2345', '০১২৩৪৫৬', '012345\n'])
    expect(payproIsWalletId(bad)).toBe(false)
  for (const good of ['0000', '0100119', '0123456789']) expect(payproIsWellFormedStatus(good)).toBe(true)
  for (const bad of ['', '000', '01234567890', '0000\n', ' 0000', '00a0'])
    expect(payproIsWellFormedStatus(bad)).toBe(false)
})

test.each([
  'https://google.com',
  'http://a.example/n?x=1&y=2',
  'HTTPS://A.EXAMPLE:8443/',
  'http://127.0.0.1:9999/n',
  'http://[2001:db8::1]/n',
  `https://a.example/${'x'.repeat(1006)}`,
])('%s is an address for notices', url => {
  expect(payproIsNotifyUrl(url)).toBe(true)
})

test.each([
  '',
  'ftp://x',
  'javascript:alert(1)',
  'https:a.example',
  'https://',
  'https:///a',
  'https://?a',
  'a.example/n',
  '//a.example/n',
  ' https://a.example',
  'https://a.example/a b',
  'https://a.example/\n',
  'https://a.example/é',
  'https://a.example/#part',
  'https://a.example\\n',
  'https://user@a.example/',
  'https://user:word@a.example/',
  'https://a.example/nremark=x',
  'https://a.example:99999/',
  'https://[::1/',
  `https://a.example/${'x'.repeat(1007)}`,
])('%s is no address for notices', url => {
  expect(payproIsNotifyUrl(url)).toBe(false)
})

test('a remark has at most 255 characters, counted as characters', () => {
  expect(payproIsRemark('x'.repeat(255))).toBe(true)
  expect(payproIsRemark('x'.repeat(256))).toBe(false)
  expect(payproIsRemark('\u{1F600}'.repeat(255))).toBe(true)
  expect(payproIsRemark('\u{1F600}'.repeat(256))).toBe(false)
  expect(payproIsRemark('বেতন é <b>&"')).toBe(true)
  for (const bad of ['a\nb', 'a\0', 'a\u007f', 'a\u0085', '\u202eabc', '\u2066abc', '\ud800'])
    expect(payproIsRemark(bad)).toBe(false)
})

test('local time is six hours ahead of UTC, all year and over midnight', () => {
  expect(payproLocalTime(Date.parse('2024-10-11T01:56:20.999Z'))).toBe('2024-10-11 07:56:20')
  expect(payproLocalTime(Date.parse('2024-12-31T18:00:00Z'))).toBe('2025-01-01 00:00:00')
  expect(payproLocalTime(Date.parse('2024-06-30T12:00:00Z'))).toBe('2024-06-30 18:00:00')
})

test('local time is what the time zone database says of Asia/Dhaka', () => {
  const zone = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Asia/Dhaka',
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  fc.assert(
    fc.property(fc.integer({ min: 1_577_836_800_000, max: 2_208_988_800_000 }), ms => {
      expect(payproLocalTime(ms)).toBe(zone.format(ms))
    }),
  )
})

test('members are written in the order given, compact, with text escaped as JSON', () => {
  expect(
    payproEncode([
      ['b', '1'],
      ['a', 'x"\\\n\u2028é'],
    ]),
  ).toBe('{"b":"1","a":"x\\"\\\\\\n\u2028é"}')
})
