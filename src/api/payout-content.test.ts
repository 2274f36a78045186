import { expect, test } from 'vitest'
import { payoutFingerprint } from './idempotency.ts'
import { type PayoutContent, readPayoutContent } from './payout-content.ts'

const GOOD = {
  reference: 'r',
  amount: '10.50',
  currency: 'EUR',
  beneficiary: { kind: 'bank_account', account: 'DE89370400440532013000', bank: null, holder: 'Ada Example' },
}

function contentOf(change: Record<string, unknown>): PayoutContent {
  const read = readPayoutContent(Buffer.from(JSON.stringify({ ...GOOD, ...change })))
  if (!read.ok) throw new Error(JSON.stringify(read.problem))
  return read.content
}

function pointersOf(change: Record<string, unknown>): readonly string[] {
  const read = readPayoutContent(Buffer.from(JSON.stringify({ ...GOOD, ...change })))
  return read.ok ? [] : (read.problem.errors ?? []).map(error => error.pointer)
}

test('absent and null are the same, and amounts are read exactly', () => {
  const content = contentOf({})
  expect(content).toMatchObject({
    amount: { minor: 1050n, currency: 'EUR' },
    beneficiary: { kind: 'bank_account', bank: null, holder: 'Ada Example' },
    description: null,
    metadata: null,
  })
  expect(contentOf({ description: null, metadata: null })).toEqual(content)
  expect(contentOf({ amount: '999999999999.99' }).amount.minor).toBe(99_999_999_999_999n)
  expect(contentOf({ currency: 'JPY', amount: '5' }).amount.minor).toBe(5n)
  expect(contentOf({ currency: 'BHD', amount: '1.250' }).amount.minor).toBe(1_250n)
})

test('the limits of every field hold at their edge', () => {
  const fits: Record<string, unknown>[] = [
    { reference: 'x'.repeat(64) },
    { description: 'x'.repeat(255) },
    { description: '😀'.repeat(255) },
    { metadata: Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`k${at}`, 'v'])) },
    { metadata: { ['k'.repeat(40)]: 'v'.repeat(500) } },
    { metadata: { constructor: 'x', toString: 'y' } },
    { beneficiary: { kind: 'wallet', operator: 'rocket', number: '+123456' } },
  ]
  for (const change of fits) expect(pointersOf(change)).toEqual([])
  const wrong: [Record<string, unknown>, string][] = [
    [{ reference: 'x'.repeat(65) }, '/reference'],
    [{ reference: '' }, '/reference'],
    [{ reference: 'a b' }, '/reference'],
    [{ reference: 'a\n' }, '/reference'],
    [{ description: 'x'.repeat(256) }, '/description'],
    [{ description: '😀'.repeat(256) }, '/description'],
    [{ description: '' }, '/description'],
    [{ description: 'a\u0000b' }, '/description'],
    [{ description: 'a\u2066b' }, '/description'],
    [{ metadata: Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`k${at}`, 'v'])) }, '/metadata'],
    [{ metadata: { ['k'.repeat(41)]: 'v' } }, `/metadata/${'k'.repeat(41)}`],
    [{ metadata: { k: 'v'.repeat(501) } }, '/metadata/k'],
    [{ metadata: { k: null } }, '/metadata/k'],
    [{ metadata: { 'a/b~c': 1 } }, '/metadata/a~1b~0c'],
    [{ metadata: [] }, '/metadata'],
    [{ beneficiary: { kind: 'wallet', operator: 'rocket', number: 1_234_567 } }, '/beneficiary/number'],
    [{ beneficiary: { kind: 'wallet', operator: 'upay', number: '0123456' } }, '/beneficiary/operator'],
    [{ beneficiary: { kind: 'cash' } }, '/beneficiary/kind'],
    [{ beneficiary: null }, '/beneficiary'],
  ]
  for (const [change, pointer] of wrong) expect(pointersOf(change), pointer).toEqual([pointer])
})

test('no more than twenty mistakes are listed, and long names are cut', () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`unknown-${at}`, 1]))
  expect(pointersOf(many).length).toBe(20)
  expect(pointersOf({ ['u'.repeat(5_000)]: 1 }).map(pointer => pointer.length)).toEqual([200])
})

test('the fingerprint is of the content: what means the same has the same one, what differs anywhere has another', () => {
  const of = (change: Record<string, unknown>) =>
    Buffer.from(payoutFingerprint(contentOf(change))).toString('hex')
  const same = [{}, { amount: '10.5' }, { description: null }, { metadata: null }]
  expect(new Set(same.map(of)).size).toBe(1)
  expect(of({ metadata: { a: '1', b: '2' } })).toBe(of({ metadata: { b: '2', a: '1' } }))

  const bank = GOOD.beneficiary
  const different = [
    {},
    { reference: 's' },
    { amount: '10.51' },
    { currency: 'USD' },
    { description: 'x' },
    { metadata: {} },
    { metadata: { description: 'x' } },
    { metadata: { a: '1' } },
    { metadata: { a: '2' } },
    { metadata: { b: '1' } },
    { beneficiary: { ...bank, account: 'DE89370400440532013001' } },
    { beneficiary: { ...bank, bank: 'Ada' } },
    { beneficiary: { ...bank, holder: null } },
    { beneficiary: { ...bank, holder: null, bank: 'Ada' } },
    { beneficiary: { kind: 'wallet', operator: 'bkash', number: '01712345678' } },
    { beneficiary: { kind: 'wallet', operator: 'nagad', number: '01712345678' } },
    { beneficiary: { kind: 'wallet', operator: 'nagad', number: '+01712345678' } },
  ]
  expect(new Set(different.map(of)).size).toBe(different.length)
})

test('the fingerprint of a request does not change from one release to the next', () => {
  // printf '["payout.create","r","EUR","1050","bank_account","DE89370400440532013000",null,"Ada Example"]' | sha256sum
  expect(Buffer.from(payoutFingerprint(contentOf({}))).toString('hex')).toBe(
    'b300c71dcae0e3e9e7577ddc87fd17e1d43a2d0be4a7b25ab7f319d1588b09fe',
  )
})
