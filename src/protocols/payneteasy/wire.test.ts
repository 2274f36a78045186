import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  payneteasyEndpoints,
  payneteasyGroups,
  payneteasyReadAnswer,
  payneteasyReadForm,
  payneteasyScrub,
  payneteasyWriteAnswer,
  payneteasyWriteForm,
} from './wire.ts'

const text = fc.string({ unit: 'grapheme' }).map(some => some.replaceAll('\0', ''))
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter(some => {
  return !some.includes('\0') && Buffer.byteLength(some) <= 64
})
const parameters = fc.array(fc.tuple(name, text), { maxLength: 64 })
const fieldName = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/)
const answered = fc.array(fc.tuple(fieldName, fc.string({ unit: 'grapheme' })))

test('what is written as a form or as an answer is read as it was, line ends and all', () => {
  fc.assert(
    fc.property(parameters, list => {
      expect(payneteasyReadForm(payneteasyWriteForm(list))).toEqual(list)
      expect(payneteasyReadForm(Buffer.from(payneteasyWriteForm(list)))).toEqual(list)
    }),
  )
  fc.assert(
    fc.property(answered, list => {
      const fields: [string, string][] = [...new Map([['type', 'x'], ...list])]
      expect([...(payneteasyReadAnswer(payneteasyWriteAnswer(fields)) ?? [])]).toEqual(fields)
    }),
  )
})

test('a form that cannot be decoded is none', () => {
  for (const form of ['a=%', 'a=%zz', 'a=%ff', '%=a', '\ud800=1', Buffer.from([0x61, 0x3d, 0xff])])
    expect(payneteasyReadForm(form)).toBeNull()
  expect(payneteasyReadForm('')).toEqual([])
  expect(payneteasyReadForm('&a&&b=&=c&d=e=f+g')).toEqual([
    ['a', ''],
    ['b', ''],
    ['', 'c'],
    ['d', 'e=f g'],
  ])
})

test('a form has at most 64 fields, names of at most 64 bytes, and no NUL', () => {
  const fields = (count: number) => Array.from({ length: count }, (_, place) => `a${place}=`).join('&')
  expect(payneteasyReadForm(fields(64))).toHaveLength(64)
  expect(payneteasyReadForm(fields(65))).toBeNull()
  expect(payneteasyReadForm(`${fields(64)}${'&'.repeat(9)}`)).toHaveLength(64)
  expect(payneteasyReadForm(`${'n'.repeat(64)}=1`)).toHaveLength(1)
  expect(payneteasyReadForm(`${'%C3%A9'.repeat(32)}=1`)).toHaveLength(1)
  for (const form of [`${'n'.repeat(65)}=1`, `${'%C3%A9'.repeat(33)}=1`, 'a=%00', 'a%00=1', 'a=\0', 'a=b\0c'])
    expect(payneteasyReadForm(form)).toBeNull()
  expect(payneteasyReadForm(`a=${'v'.repeat(60_000)}`)).toHaveLength(1)
})

test('a page or a line of a proxy with a type in it is no answer', () => {
  const message = 'type=validation-error\n&serial-number=1\n'
  for (const body of [
    '<!DOCTYPE html>\n<a href="/gate?next=%2F&type=validation-error&x=1">',
    `<p>&${message}`,
    'upstream connect error&type=validation-error',
    `upstream+connect+error&${message}`,
    `=1&${message}`,
    `1a=1&${message}`,
    `a.b=1&${message}`,
    `${'n'.repeat(65)}=1&${message}`,
    `${message}&a%0A=1`,
    `${message}&</a>`,
  ])
    expect(payneteasyReadAnswer(body)).toBeNull()
  expect(payneteasyReadAnswer(`${message}&error-code=1&x_Y-9=`)?.get('type')).toBe('validation-error')
  expect(payneteasyReadAnswer(`${message}&${'n'.repeat(64)}=1`)?.size).toBe(3)
})

test('no bytes make the reading of an answer throw', () => {
  fc.assert(
    fc.property(fc.uint8Array(), bytes => {
      const fields = payneteasyReadAnswer(bytes)
      expect(fields === null || fields.has('type')).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

test('only one line end of each value is framing', () => {
  expect(payneteasyReadAnswer('type=x\n\n&a=b\r\n&c=\r')?.get('type')).toBe('x\n')
  expect([...(payneteasyReadAnswer('type=x\n&a=b\r\n&c=%0A\n')?.values() ?? [])]).toEqual(['x', 'b', '\n'])
})

test('lists of endpoints and groups are read whole, or not at all', () => {
  expect([...(payneteasyEndpoints('39915=EUR, 39916=USD') ?? [])]).toEqual([
    ['39915', 'EUR'],
    ['39916', 'USD'],
  ])
  expect([...(payneteasyGroups('1=39915+39916,2=39917') ?? [])]).toEqual([
    ['1', ['39915', '39916']],
    ['2', ['39917']],
  ])
  for (const list of ['39915', '39915=EU', '39915=XXZ', '0=EUR', 'x=EUR', '1=EUR,1=USD', '1=EUR,'])
    expect(payneteasyEndpoints(list)).toBeNull()
  for (const list of ['1', '1=', '1=x', '1=1,1=2', '1=1+']) expect(payneteasyGroups(list)).toBeNull()
  expect(payneteasyEndpoints(undefined)?.size).toBe(0)
})

test('scrubbing ends in bounded time over hostile text', () => {
  const hostile = [
    'account_number=1',
    'control=%',
    '-----BEGIN RSA PRIVATE KEY-----',
    'A'.repeat(300),
    '%2B',
    '01',
  ].map(part => part.repeat(Math.ceil(60_000 / part.length)))
  const began = process.cpuUsage()
  for (const whole of hostile) expect(payneteasyScrub(payneteasyScrub(whole))).toBe(payneteasyScrub(whole))
  expect(process.cpuUsage(began).user / 1_000).toBeLessThan(4_000)
})
