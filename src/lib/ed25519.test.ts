import { expect, test } from 'vitest'
import { ed25519Holds, ed25519PublicKey, ed25519Signer, newEd25519Pair } from './ed25519.ts'

// RFC 8032 section 7.1: seed, public key, message, signature.
const VECTORS = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const

test.each(VECTORS)('signs and verifies as RFC 8032 does: %s', (seed, publicKey, message, signature) => {
  const bytes = (hex: string) => Buffer.from(hex, 'hex')
  expect(Buffer.from(ed25519PublicKey(bytes(seed))).toString('hex')).toBe(publicKey)
  expect(Buffer.from(ed25519Signer(bytes(seed))(bytes(message))).toString('hex')).toBe(signature)
  expect(ed25519Holds(bytes(publicKey), bytes(message), bytes(signature))).toBe(true)
  expect(ed25519Holds(bytes(publicKey), bytes(`${message}00`), bytes(signature))).toBe(false)
})

test('another key, a changed bit anywhere and a second spelling of the same signature are refused', () => {
  const pair = newEd25519Pair()
  const signature = ed25519Signer(pair.seed)('a text')
  expect(ed25519Holds(pair.publicKey, 'a text', signature)).toBe(true)
  expect(ed25519Holds(newEd25519Pair().publicKey, 'a text', signature)).toBe(false)
  for (let bit = 0; bit < signature.length * 8; bit += 7) {
    const changed = Uint8Array.from(signature)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(ed25519Holds(pair.publicKey, 'a text', changed)).toBe(false)
  }
  expect(ed25519Holds(pair.publicKey, 'a text', signature.subarray(1))).toBe(false)
  expect(ed25519Holds(pair.publicKey, 'a text', plusOrder(signature))).toBe(false)
})

test.each([
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
])('a key of small order signs nothing, whatever the signature: %s', hex => {
  // The neutral point and nothing: with such a key it fits every text, or one text in two, four or eight.
  const everything = Buffer.concat([Buffer.of(1), Buffer.alloc(63)])
  for (let text = 0; text < 64; text += 1)
    expect(ed25519Holds(Buffer.from(hex, 'hex'), `text ${text}`, everything)).toBe(false)
})

/** The same point with S + L for S: RFC 8032 section 5.1.7 refuses it. */
function plusOrder(signature: Uint8Array): Uint8Array {
  const order = (1n << 252n) + 27742317777372353535851937790883648493n
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order
  const text = s.toString(16).padStart(64, '0')
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(text, 'hex').reverse()])
}
