import { expect, test } from 'vitest'
import { systemRandom } from './random.ts'
import { createSeal, parseMasterKeys } from './seal.ts'

// openssl rand -base64 32
const A = 'oKLAfdWlsvSsmdw61G4mIsoiDPHPRjqIM88Prx2/jTQ='
const B = 'yXGflyQAxPLUzEHx2xVM0+94xANvRq6ySyN/SNJ7rjo='
const base64 = (bytes: Iterable<number>) => Buffer.from(Uint8Array.from(bytes)).toString('base64')
const whyOf = (text: string) => {
  const result = parseMasterKeys(text)
  return result.ok ? 'accepted' : result.why
}

test('one key or several are read in their order', () => {
  expect(parseMasterKeys(`k1:${A}`)).toEqual({
    ok: true,
    keys: [{ id: 'k1', key: Uint8Array.from(Buffer.from(A, 'base64')) }],
  })
  const two = parseMasterKeys(`2026-02:${B},2026_01:${A}`)
  expect(two.ok && two.keys.map(key => key.id)).toEqual(['2026-02', '2026_01'])
  expect(two.ok && two.keys.map(key => Buffer.from(key.key).toString('base64'))).toEqual([B, A])
})

test('keys that were read make a seal', () => {
  const read = parseMasterKeys(`k2:${B},k1:${A}`)
  if (!read.ok) throw new Error(read.why)
  const seal = createSeal(read.keys)
  expect(seal.open(seal.seal('text', 'place'), 'place')).toBe('text')
})

test('a random key is never taken for a weak one', () => {
  for (let round = 0; round < 20_000; round++)
    expect(whyOf(`k:${base64(systemRandom.bytes(32))}`)).toBe('accepted')
})

test('a list that is not exactly of the form is refused by name and place', () => {
  for (const [text, why] of [
    ['', 'key 1 is not <id>:<base64>'],
    [' ', 'key 1 is not <id>:<base64>'],
    [A, 'key 1 is not <id>:<base64>'],
    ['k1:', 'key 1 is not <id>:<base64>'],
    [`k1:${A},`, 'key 2 is not <id>:<base64>'],
    [`,k1:${A}`, 'key 1 is not <id>:<base64>'],
    [`k1:${A},,k2:${B}`, 'key 2 is not <id>:<base64>'],
    [`k1:x:${A}`, 'key 1 is not <id>:<base64>'],
    [`k1:${A};k2:${B}`, 'key 1 is not <id>:<base64>'],
    [`:${A}`, 'key 1 has an id that is not 1 to 32 of A-Z a-z 0-9 _ -'],
    [`k 1:${A}`, 'key 1 has an id that is not 1 to 32 of A-Z a-z 0-9 _ -'],
    [`k.1:${A}`, 'key 1 has an id that is not 1 to 32 of A-Z a-z 0-9 _ -'],
    [`k1:${A}, k2:${B}`, 'key 2 has an id that is not 1 to 32 of A-Z a-z 0-9 _ -'],
    [`${'k'.repeat(33)}:${A}`, 'key 1 has an id that is not 1 to 32 of A-Z a-z 0-9 _ -'],
    [`k1:${A}\n`, 'key 1 is not standard Base64 with padding'],
    [`k1: ${A}`, 'key 1 is not standard Base64 with padding'],
    [`k1:${A.replace('=', '')}`, 'key 1 is not standard Base64 with padding'],
    [`k1:${A}=`, 'key 1 is not standard Base64 with padding'],
    [`k1:${A.replaceAll('+', '-').replaceAll('/', '_')}`, 'key 1 is not standard Base64 with padding'],
    [`k1:${A.slice(0, -2)}!=`, 'key 1 is not standard Base64 with padding'],
    [`k1:${'é'.repeat(44)}`, 'key 1 is not standard Base64 with padding'],
    [`k1:${base64(systemRandom.bytes(31))}`, 'key 1 has 31 bytes, not 32'],
    [`k1:${base64(systemRandom.bytes(33))}`, 'key 1 has 33 bytes, not 32'],
    [`k1:${base64(systemRandom.bytes(16))}`, 'key 1 has 16 bytes, not 32'],
    [`k1:${A},k1:${B}`, 'key 2 has the id of another key'],
    [`k1:${A},k2:${A}`, 'key 2 is another key again'],
  ] as const) {
    expect([text, whyOf(text)]).toEqual([text, why])
  }
})

test('a key that is plainly not random is refused', () => {
  const weak = 'key 1 is weak: it is not made of random bytes'
  const range = (step: number) => Array.from({ length: 32 }, (_, index) => (index * step) & 0xff)
  for (const bytes of [
    new Uint8Array(32),
    new Uint8Array(32).fill(0xff),
    range(1),
    range(255),
    range(37),
    Buffer.from('correct horse battery staple, ok'),
    Buffer.from('0123456789abcdef0123456789abcdef'),
    [...systemRandom.bytes(8), ...new Uint8Array(24)],
    Array.from({ length: 32 }, (_, index) => [0x8a, 0x03, 0xf1, 0x77][index % 4] ?? 0),
  ]) {
    expect(whyOf(`k1:${base64(bytes)}`)).toBe(weak)
  }
})

test('sixteen keys are read and seventeen are refused', () => {
  const list = (count: number) =>
    Array.from({ length: count }, (_, index) => `k${index}:${base64(systemRandom.bytes(32))}`).join(',')
  expect(whyOf(list(16))).toBe('accepted')
  expect(whyOf(list(17))).toBe('more than 16 keys')
  expect(whyOf(','.repeat(1_000_000))).toBe('more than 16 keys')
})

test('a refusal never shows a part of a key', () => {
  for (const text of [`k1:${A}=`, `k1:${A},k2:${A}`, `bad id:${A}`, `k1:${A.slice(0, -8)}`]) {
    expect(whyOf(text)).not.toContain(A.slice(0, 6))
  }
})
