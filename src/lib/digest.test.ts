import { expect, test } from 'vitest'
import { equalConstantTime, hmacSha256, md5Hex, sha1Hex, sha256, sha256Hex } from './digest.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')
const TWO_BLOCKS = 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'

test('MD5 gives the test suite of RFC 1321, appendix A.5', () => {
  const suite: readonly (readonly [string, string])[] = [
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a', '0cc175b9c0f1b6a831c399e269772661'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
    ['abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 'd174ab98d277d9f5a5611c2c9f419d9f'],
    ['1234567890'.repeat(8), '57edf4a22be3c955ac49da2e2107b67a'],
  ]
  for (const [text, expected] of suite) expect(md5Hex(text)).toBe(expected)
})

test('SHA-1 gives the examples of FIPS 180', () => {
  expect(sha1Hex('')).toBe('da39a3ee5e6b4b0d3255bfef95601890afd80709')
  expect(sha1Hex('abc')).toBe('a9993e364706816aba3e25717850c26c9cd0d89d')
  expect(sha1Hex(TWO_BLOCKS)).toBe('84983e441c3bd26ebaae4aa1f95129e5e54670f1')
  expect(sha1Hex('a'.repeat(1_000_000))).toBe('34aa973cd4c4daa4f61eeb2bdbad27316534016f')
})

test('SHA-256 gives the examples of FIPS 180, as hex and as bytes, from text and from bytes', () => {
  const suite: readonly (readonly [string, string])[] = [
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [TWO_BLOCKS, '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ]
  for (const [text, expected] of suite) {
    expect(sha256Hex(text)).toBe(expected)
    expect(sha256Hex(new TextEncoder().encode(text))).toBe(expected)
    expect(hex(sha256(text))).toBe(expected)
    expect(hex(sha256(new TextEncoder().encode(text)))).toBe(expected)
  }
})

test('HMAC-SHA-256 gives the test cases of RFC 4231', () => {
  const suite: readonly (readonly [Uint8Array, Uint8Array, string])[] = [
    [
      bytes('0b'.repeat(20)),
      bytes('4869205468657265'),
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    ],
    [
      bytes('4a656665'),
      bytes('7768617420646f2079612077616e7420666f72206e6f7468696e673f'),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      bytes('aa'.repeat(20)),
      bytes('dd'.repeat(50)),
      '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
    ],
    [
      bytes('0102030405060708090a0b0c0d0e0f10111213141516171819'),
      bytes('cd'.repeat(50)),
      '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
    ],
    [
      bytes('aa'.repeat(131)),
      new TextEncoder().encode('Test Using Larger Than Block-Size Key - Hash Key First'),
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
    [
      bytes('aa'.repeat(131)),
      new TextEncoder().encode(
        'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
      ),
      '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
    ],
  ]
  for (const [key, input, expected] of suite) expect(hex(hmacSha256(key, input))).toBe(expected)
})

test('HMAC takes key and input as text too (RFC 4231, test case 2)', () => {
  expect(hex(hmacSha256('Jefe', 'what do ya want for nothing?'))).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
})

test('text is hashed as UTF-8', () => {
  // printf 'টাকা ৳' | openssl dgst -sha256 (and -md5, -sha1)
  expect(sha256Hex('টাকা ৳')).toBe('3a4b37adced17e8a6f64f27b6199f91f21f9c093aa60c8d52354888d61917a49')
  expect(md5Hex('টাকা ৳')).toBe('13be0e860383fb2b4d656beca6eeaa96')
  expect(sha1Hex('টাকা ৳')).toBe('93375b42c8ff48cb9002f277960ad8e6d5adf412')
})

test('text that UTF-8 cannot carry is our mistake, it would share its digest with other text', () => {
  for (const text of ['\ud800', 'a\udfffb']) {
    expect(() => md5Hex(text)).toThrow('unpaired surrogate')
    expect(() => sha1Hex(text)).toThrow('unpaired surrogate')
    expect(() => sha256Hex(text)).toThrow('unpaired surrogate')
    expect(() => sha256(text)).toThrow('unpaired surrogate')
    expect(() => hmacSha256('key', text)).toThrow('unpaired surrogate')
    expect(() => hmacSha256(text, 'text')).toThrow('unpaired surrogate')
  }
})

test('equal texts compare equal', () => {
  for (const text of ['', 'a', '0123456789abcdef', 'টাকা', '\ud800']) {
    expect(equalConstantTime(text, `${text}`)).toBe(true)
  }
})

test('texts that differ anywhere, in length or in case compare unequal, without an error', () => {
  const pairs: readonly (readonly [string, string])[] = [
    ['abc', 'abd'],
    ['abc', 'xbc'],
    ['abc', 'ab'],
    ['abc', 'abcd'],
    ['abc', ''],
    ['abc', 'ABC'],
    ['abc', 'abc '],
    ['é', 'e\u0301'],
    ['é', 'ab'],
    ['a', 'š'],
    ['\ud800', '\ufffd'],
    ['\ud800', '\udfff'],
  ]
  for (const [a, b] of pairs) {
    expect(equalConstantTime(a, b)).toBe(false)
    expect(equalConstantTime(b, a)).toBe(false)
  }
})
