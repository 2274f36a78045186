import { expect, test } from 'vitest'
import { JsonNumber } from './json.ts'
import { Masked } from './masked.ts'
import { redactLine } from './redact.ts'

test('a name that tells a secret or a person is redacted in every spelling and at every depth', () => {
  const names = [
    ...[
      'sign',
      'Sign',
      'SIGN',
      'signature',
      'oauth_signature',
      'webhook-signature',
      'control',
      'merchant_control',
    ],
    ...[
      'authorization',
      'Authorization',
      'Cookie',
      'set-cookie',
      'X-API-KEY',
      'x-api-key',
      'apiKey',
      'api_key',
    ],
    ...[
      'password',
      'secret',
      'appSecret',
      'token',
      'key',
      'privateKey',
      'private_key',
      'QUITTANCE_MASTER_KEY',
    ],
    ...['walletId', 'wallet', 'account', 'account_number', 'accountNumber', 'iban', 'IBAN', 'phone', 'email'],
    ...[
      'accountName',
      'first_name',
      'lastName',
      'address',
      'remark',
      'credit_card_number',
      'cardNumber',
      'beneficiary',
    ],
  ]
  for (const name of names) {
    for (const value of ['canary', 4711, { canary: 1 }, ['canary'], null]) {
      expect(redactLine({ [name]: value })).toEqual({ [name]: '[redacted]' })
      expect(redactLine({ a: { b: [{ [name]: value }] } })).toEqual({ a: { b: [{ [name]: '[redacted]' }] } })
    }
  }
})

test('everything else is left as it is', () => {
  const line = {
    payoutId: 'po_1',
    name: 'paypro',
    state: 'paid',
    amount: '10.50',
    currency: 'EUR',
    minor: 1_050n,
    count: 0,
    ok: false,
    none: null,
    missing: undefined,
    list: [1, 'two', { three: 3 }],
    signal: 'SIGTERM',
    keyId: 'k1',
    accounts: 2,
  }
  expect(redactLine(line)).toEqual(line)
})

test('the object that was logged is not changed', () => {
  const line = { sign: 'abc', deep: { sign: 'abc', list: [1] } }
  redactLine(line)
  expect(line).toEqual({ sign: 'abc', deep: { sign: 'abc', list: [1] } })
})

test('bytes are counted, never shown', () => {
  expect(
    redactLine({ body: Buffer.from('canary'), raw: new Uint8Array(5), memory: new ArrayBuffer(3) }),
  ).toEqual({
    body: '[6 bytes]',
    raw: '[5 bytes]',
    memory: '[3 bytes]',
  })
})

test('a value that knows how to print itself does so', () => {
  const wallet = new Masked('01712345678', '01••••••678')
  const line = redactLine({ at: new Date(0), shown: [wallet] })
  expect(JSON.stringify(line)).toBe('{"at":"1970-01-01T00:00:00.000Z","shown":["01••••••678"]}')
})

test('maps and sets are looked into', () => {
  const parsed = new Map<string, unknown>([
    ['amount', new JsonNumber('10.50')],
    ['sign', 'canary'],
  ])
  expect(redactLine({ parsed, set: new Set([{ token: 'canary' }, 1]) })).toEqual({
    parsed: { amount: { literal: '10.50' }, sign: '[redacted]' },
    set: [{ token: '[redacted]' }, 1],
  })
})

test('what is deep, long or without an end is cut', () => {
  const endless: Record<string, unknown> = { a: 1 }
  endless.self = endless
  expect(JSON.stringify(redactLine(endless))).toContain('[deep]')
  const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`m${index}`, index]))
  expect(Object.keys(redactLine({ wide }).wide as object)).toHaveLength(100)
  expect(redactLine({ list: new Array(1_000).fill(1) }).list).toHaveLength(100)
})

test('a name cannot give the printed line a prototype', () => {
  const line = redactLine(JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":1}}') as object)
  expect(Object.getPrototypeOf(line)).toBe(Object.prototype)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('several errors in one are each reduced', () => {
  const error = new AggregateError([Object.assign(new Error('one'), { detail: 'canary' }), 'two'], 'all')
  const shown = redactLine({ err: error })
  expect(shown).toMatchObject({
    err: { type: 'AggregateError', message: 'all', errors: [{ message: 'one' }, 'two'] },
  })
  expect(JSON.stringify(shown)).not.toContain('canary')
})
