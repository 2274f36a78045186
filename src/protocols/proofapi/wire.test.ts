import { expect, test } from 'vitest'
import { JsonNumber, type JsonValue } from '../../lib/json.ts'
import { proofapiEncodeRequest, proofapiReadAnswer, proofapiReadBody, proofapiText } from './wire.ts'

test.each([
  ['a text', 'PID001', 'PID001'],
  ['the text 0', '0', '0'],
  ['blanks, as they are', ' x ', ' x '],
  ['an integer by its digits', new JsonNumber('12345678901234567890'), '12345678901234567890'],
  ['a zero', new JsonNumber('0'), '0'],
  ['as many characters as allowed', 'ক'.repeat(64), 'ক'.repeat(64)],
  ['characters of two units each, as many as allowed', '\u{1f4b8}'.repeat(64), '\u{1f4b8}'.repeat(64)],
])('%s is provided', (_, value, text) => {
  expect(proofapiText(value, 64)).toBe(text)
})

const notProvided: readonly (readonly [string, JsonValue | undefined])[] = [
  ['nothing', undefined],
  ['null', null],
  ['an empty text', ''],
  ['true', true],
  ['false', false],
  ['an array', ['PID001']],
  ['an object', new Map([['pid', 'PID001']])],
  ['a fraction', new JsonNumber('1.0')],
  ['an exponent', new JsonNumber('1e3')],
  ['one character too many', 'x'.repeat(65)],
  ['one character of two units too many', '\u{1f4b8}'.repeat(65)],
  ['a great many', 'x'.repeat(1_000_000)],
  ['too many digits', new JsonNumber('1'.repeat(65))],
]
test.each(notProvided)('%s is not provided', (_, value) => {
  expect(proofapiText(value, 64)).toBeNull()
})

test.each([
  '',
  'pid=PID001',
  '[]',
  '"x"',
  'null',
  '{"pid":"A","pid":"B"}',
  '{"pid":"A","p\\u0069d":"A"}',
  '{"__proto__":{}}',
  '\ufeff{}',
  '{"pid":"\\ud800"}',
  '{} {}',
])('%j is no body', body => {
  expect(proofapiReadBody(Buffer.from(body))).toBeNull()
})

test('unknown members are read past', () => {
  expect(proofapiReadBody(Buffer.from('{"x":[{}],"pid":"A"}'))?.get('pid')).toBe('A')
})

test('a request has the members of the document in their order, and nothing is escaped that need not be', () => {
  expect(proofapiEncodeRequest({ pid: 'P/1', orderId: 'ORDRE_é"1', signature: 'ab' })).toBe(
    '{"pid":"P/1","order_id":"ORDRE_é\\"1","signature":"ab"}',
  )
})

test('an answer is read member by member, and what is of another kind is not there', () => {
  const read = (body: string) => proofapiReadAnswer(Buffer.from(body))
  expect(
    read('{"status":"success","order_id":12,"transaction_status":"Approved","proof_images":["a"]}'),
  ).toEqual({
    status: 'success',
    orderId: '12',
    transactionStatus: 'Approved',
    images: ['a'],
    message: null,
  })
  expect(
    read('{"status":"Success","order_id":[],"transaction_status":1,"proof_images":{},"message":7}'),
  ).toEqual({
    status: null,
    orderId: null,
    transactionStatus: null,
    images: null,
    message: null,
  })
  expect(read('{"status":"error","status":"success"}')).toBeNull()
})
