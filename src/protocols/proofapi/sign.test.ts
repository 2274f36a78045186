import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { proofapiKeyId, proofapiSign, proofapiVerify } from './sign.ts'

const SECRET = 'sandbox-proof-secret'
const order = { pid: 'PID001', orderId: 'ORDER_123456' }
const RIGHT = 'b98affccd04167914ae597102c522c04887036f977fd48f7e68e61f7009d856d'

function openssl(text: string): string {
  return execFileSync('openssl', ['dgst', '-sha256', '-r'], { input: text }).toString('utf8').slice(0, 64)
}

test.each([
  ['PID001', SECRET, 'ORDER_123456'],
  ['12345', 'x', '0000123456'],
  ['প্রমাণ', 'গোপন', 'ORDRE_é1'],
])('openssl finds the same signature of %s, %s and %s', (pid, secret, orderId) => {
  expect(proofapiSign({ pid, orderId }, secret)).toBe(openssl(`${pid}${secret}${orderId}`))
})

test('the worked example of the contract', () => {
  expect(proofapiSign(order, SECRET)).toBe(RIGHT)
  expect(proofapiVerify(order, RIGHT, SECRET)).toBe(true)
})

test('a signature with any one character changed, added or taken is refused', () => {
  for (let place = 0; place < RIGHT.length; place += 1) {
    const other = RIGHT[place] === '0' ? '1' : '0'
    const changed = RIGHT.slice(0, place) + other + RIGHT.slice(place + 1)
    expect(proofapiVerify(order, changed, SECRET)).toBe(false)
    expect(proofapiVerify(order, RIGHT.slice(0, place), SECRET)).toBe(false)
  }
  for (const wrong of [
    `${RIGHT}0`,
    ` ${RIGHT}`,
    `${RIGHT}\n`,
    RIGHT.toUpperCase(),
    '',
    '\u{1d7d8}'.repeat(32),
  ])
    expect(proofapiVerify(order, wrong, SECRET)).toBe(false)
})

test('no signature fits another pid, order or secret, and texts are taken as they come', () => {
  for (const other of [
    { ...order, pid: 'PID002' },
    { ...order, orderId: 'ORDER_123457' },
    { ...order, orderId: 'ORDER_123456 ' },
    { pid: ' PID001', orderId: order.orderId },
    { pid: order.orderId, orderId: order.pid },
  ])
    expect(proofapiVerify(other, RIGHT, SECRET)).toBe(false)
  expect(proofapiVerify(order, RIGHT, `${SECRET} `)).toBe(false)
})

test('without a secret nothing is signed, and nothing passes', () => {
  expect(() => proofapiSign(order, '')).toThrow('empty secret')
  const unsalted = createHash('sha256').update('PID001ORDER_123456').digest('hex')
  expect(proofapiVerify(order, unsalted, '')).toBe(false)
})

test('what is signed verifies, whatever the texts are', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(text, text, text, (pid, orderId, secret) => {
      const signature = proofapiSign({ pid, orderId }, secret)
      expect(proofapiVerify({ pid, orderId }, signature, secret)).toBe(true)
      expect(proofapiVerify({ pid, orderId: `${orderId}x` }, signature, secret)).toBe(false)
    }),
  )
})

test('a key is known by its SHA-256 in lowercase hex', () => {
  expect(proofapiKeyId('sandbox-proof-api-key')).toBe(openssl('sandbox-proof-api-key'))
})
