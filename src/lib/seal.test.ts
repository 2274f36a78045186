import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSeal, SealError, type SealKey } from './seal.ts'

const keyOf = (start: number) => Uint8Array.from({ length: 32 }, (_, index) => (start + index * 37) & 0xff)
const K1: SealKey = { id: 'k1', key: keyOf(11) }
const K2: SealKey = { id: 'k2', key: keyOf(90) }
const PLACE = 'beneficiaries.details:m_1:42'
const PLAIN = '01712345678 টাকা'
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')

// Both made with Python's `cryptography` 48 (AESGCM, HKDF) and `hmac`: key (11 + 37 i) mod 256, nonce 00 01 … 0b.
const SEALED = 'q1.k1.AAECAwQFBgcICQoL.n0TpNTNPj9wQ0-oXAnL34zn7znoVRK15QaxJgiW71RlskKdZT8lI4g'
const FINGERPRINT = '651f67100afa5695d35110b6b15b7add178edb5dfc168cac3aa2a63702000fa8'

const refused = (sealed: string, context = PLACE, keys: readonly SealKey[] = [K1]) =>
  expect(() => createSeal(keys).open(sealed, context), sealed).toThrow(SealError)

test('a text sealed by other software opens: the format is AES-256-GCM with the context as additional data', () => {
  expect(createSeal([K1]).open(SEALED, PLACE)).toBe(PLAIN)
})

test('what is sealed opens in its own context', () => {
  const seal = createSeal([K1])
  const text = fc.string({ unit: 'grapheme', maxLength: 200 })
  fc.assert(
    fc.property(text, fc.string({ minLength: 1 }), (plain, context) => {
      const sealed = seal.seal(plain, context)
      expect(sealed).toMatch(/^q1\.k1\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{22,}$/)
      expect(seal.open(sealed, context)).toBe(plain)
    }),
  )
  const long = 'টাকা'.repeat(100_000)
  expect(seal.open(seal.seal(long, PLACE), PLACE)).toBe(long)
})

test('a sealed text shows nothing of what it holds', () => {
  expect(createSeal([K1]).seal('AAAAAAAAAAAAAAAAAAAA', PLACE)).not.toContain('QUFBQUFB')
})

test('a hundred thousand sealings have as many nonces', { timeout: 60_000 }, () => {
  const seal = createSeal([K1])
  const nonces = new Set<string>()
  for (let round = 0; round < 100_000; round++) nonces.add(seal.seal('x', PLACE).slice(6, 22))
  expect(nonces.size).toBe(100_000)
})

test('another context does not open: a value that was moved elsewhere stays shut', () => {
  for (const context of [
    'beneficiaries.details:m_2:42',
    'beneficiaries.details:m_1:43',
    'beneficiaries.details:m_1:4',
    'beneficiaries.details:m_1:422',
    'Beneficiaries.details:m_1:42',
    ` ${PLACE}`,
    'x',
  ]) {
    refused(SEALED, context)
  }
})

test('two sealed values whose parts are swapped do not open', () => {
  const seal = createSeal([K1, K2])
  const [a, b] = [seal.seal('one', PLACE).split('.'), seal.seal('two', PLACE).split('.')]
  refused([a[0], a[1], b[2], a[3]].join('.'), PLACE, [K1, K2])
  refused([a[0], a[1], a[2], b[3]].join('.'), PLACE, [K1, K2])
  refused([a[0], 'k2', a[2], a[3]].join('.'), PLACE, [K1, K2])
})

test('a text cut anywhere does not open', () => {
  for (let length = 0; length < SEALED.length; length++) {
    refused(SEALED.slice(0, length))
    refused(SEALED.slice(SEALED.length - length))
  }
})

test('a text with any one character changed does not open, also where Base64 would decode to the same bytes', () => {
  const seal = createSeal([K1])
  const opens = (sealed: string): boolean => {
    try {
      return seal.open(sealed, PLACE) !== ''
    } catch (error) {
      if (error instanceof SealError) return false
      throw error
    }
  }
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \n~é'
  const opened = Array.from(SEALED).flatMap((sealedCharacter, at) =>
    Array.from(characters, character => SEALED.slice(0, at) + character + SEALED.slice(at + 1)).filter(
      changed => changed[at] !== sealedCharacter && opens(changed),
    ),
  )
  expect(opened).toEqual([])
  expect(opens(SEALED)).toBe(true)
})

test('a text with something added does not open', () => {
  for (const sealed of [
    `${SEALED}.`,
    `${SEALED}.AA`,
    `${SEALED}=`,
    `${SEALED}A`,
    `${SEALED}\n`,
    ` ${SEALED}`,
    `.${SEALED}`,
  ]) {
    refused(sealed)
  }
})

test('what is no sealed text at all does not open', () => {
  for (const sealed of [
    '',
    '.',
    '...',
    'q1',
    'q1.k1..',
    'q1.k1.AAECAwQFBgcICQoL.',
    `q1.k1..${'A'.repeat(40)}`,
    `q1.k1.AAECAwQFBgc.${'A'.repeat(40)}`,
    'q2.k1.AAAA.AAAA',
    PLAIN,
    'null',
    'x'.repeat(100_000),
  ]) {
    refused(sealed)
  }
  refused(SEALED.toLowerCase())
  refused(SEALED.replace('q1', 'q2'))
})

test('another key of the same id does not open, and a missing id is told apart', () => {
  refused(SEALED, PLACE, [{ id: 'k1', key: keyOf(12) }])
  expect(() => createSeal([K2]).open(SEALED, PLACE)).toThrow('key that is not here')
})

test('authentic bytes that are not UTF-8 do not open as something else', () => {
  // The same tool, plain text ff fe.
  refused('q1.k1.AAECAwQFBgcICQoL.UIvD9XuPe86SC_mm77MDyH2w')
})

test('an error never tells what was sealed, where, or with which key', () => {
  const attempt = () => createSeal([K1]).open(`${SEALED.slice(0, -3)}AAA`, PLACE)
  expect(attempt).toThrow(SealError)
  expect(attempt).not.toThrow(/017|beneficiaries|n0Tp|k1/)
})

test('the first key seals and all of them open', () => {
  const [before, during, after] = [createSeal([K1]), createSeal([K2, K1]), createSeal([K2])]
  const old = before.seal(PLAIN, PLACE)
  const renewed = during.seal(during.open(old, PLACE), PLACE)
  expect(renewed).toMatch(/^q1\.k2\./)
  expect(during.open(renewed, PLACE)).toBe(PLAIN)
  expect(after.open(renewed, PLACE)).toBe(PLAIN)
  expect(() => after.open(old, PLACE)).toThrow(SealError)
})

test('a key that is erased by its owner keeps working inside the seal', () => {
  const key = keyOf(11)
  const owned = { id: 'k1', key }
  const seal = createSeal([owned])
  key.fill(0)
  owned.id = 'k9'
  expect(seal.open(SEALED, PLACE)).toBe(PLAIN)
  expect(hex(seal.fingerprint(PLAIN, PLACE))).toBe(FINGERPRINT)
  expect(createSeal([K1]).open(seal.seal('x', PLACE), PLACE)).toBe('x')
})

test('keys that are missing, too many, of another length, badly named or named twice are our mistake', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ id: `k${index}`, key: keyOf(index) }))
  expect(() => createSeal([])).toThrow('1 to 16 keys')
  expect(() => createSeal(many(17))).toThrow('1 to 16 keys')
  expect(createSeal(many(16))).toBeDefined()
  for (const length of [0, 16, 31, 33]) {
    expect(() => createSeal([{ id: 'k1', key: new Uint8Array(length) }])).toThrow('32 bytes')
  }
  for (const id of ['', 'a.b', 'a b', 'é', 'a:b', 'x'.repeat(33)]) {
    expect(() => createSeal([{ id, key: keyOf(1) }])).toThrow('id')
  }
  expect(() => createSeal([K1, { id: 'k1', key: keyOf(2) }])).toThrow('id')
})

test('text that UTF-8 cannot carry, and an empty context, are our mistake', () => {
  const seal = createSeal([K1])
  expect(() => seal.seal('\ud800', PLACE)).toThrow('unpaired surrogate')
  expect(() => seal.seal('x', '\ud800')).toThrow('unpaired surrogate')
  expect(() => seal.fingerprint('\ud800', PLACE)).toThrow('unpaired surrogate')
  expect(() => seal.seal('x', '')).toThrow('context')
  expect(() => seal.open(SEALED, '')).toThrow('context')
  expect(() => seal.fingerprint('x', '')).toThrow('context')
})

test('a text above 32 MiB is our mistake', () => {
  expect(() => createSeal([K1]).seal('x'.repeat(32 * 1024 * 1024 + 1), PLACE)).toThrow('32 MiB')
})

test('a fingerprint is that of other software: HMAC-SHA-256 with a key derived by HKDF', () => {
  expect(hex(createSeal([K1]).fingerprint(PLAIN, PLACE))).toBe(FINGERPRINT)
})

test('equal texts have equal fingerprints; another text, context, border between the two, or first key has another', () => {
  const seal = createSeal([K1, K2])
  const of = (plain: string, context: string) => hex(seal.fingerprint(plain, context))
  expect(of('ab', 'c')).toBe(of('ab', 'c'))
  const others = [
    of('ab', 'c'),
    of('ab', 'd'),
    of('aB', 'c'),
    of('b', 'ca'),
    of('', 'cab'),
    of('c', 'ab'),
    of('bc', 'a'),
  ]
  expect(new Set(others).size).toBe(others.length)
  expect(hex(createSeal([K2, K1]).fingerprint('ab', 'c'))).not.toBe(of('ab', 'c'))
})
