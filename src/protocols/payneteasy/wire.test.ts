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

const text = fc.string({ unit: 'grapheme' })
const parameters = fc.array(fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), text))

test('what is written as a form or as an answer is read as it was, line ends and all', () => {
  fc.assert(
    fc.property(parameters, list => {
      expect(payneteasyReadForm(payneteasyWriteForm(list))).toEqual(list)
      expect(payneteasyReadForm(Buffer.from(payneteasyWriteForm(list)))).toEqual(list)
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
