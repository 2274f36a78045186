import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { assert } from './assert.ts'

/** An Ed25519 pair (RFC 8032). `seed` is the private half, 32 bytes; `publicKey` 32 bytes. */
export interface Ed25519Pair {
  readonly seed: Uint8Array
  readonly publicKey: Uint8Array
}

export const ED25519_KEY_BYTES = 32
export const ED25519_SIGNATURE_BYTES = 64

/** A new pair, drawn by the operating system. */
export function newEd25519Pair(): Ed25519Pair {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { d, x } = privateKey.export({ format: 'jwk' })
  assert(typeof d === 'string' && typeof x === 'string', 'an Ed25519 key has two halves')
  return { seed: Buffer.from(d, 'base64url'), publicKey: Buffer.from(x, 'base64url') }
}

/** Signs with the pair of `seed`. Made once for each key: a key object is cheap to use and dear to make. */
export function ed25519Signer(seed: Uint8Array): (message: Uint8Array | string) => Uint8Array {
  assert(seed.length === ED25519_KEY_BYTES, 'an Ed25519 seed has 32 bytes')
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_BEGINS, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  return message => sign(null, Buffer.from(message), key)
}

/** The public half of a seed. */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  assert(seed.length === ED25519_KEY_BYTES, 'an Ed25519 seed has 32 bytes')
  const { x } = createPublicKey(
    createPrivateKey({ key: Buffer.concat([PKCS8_BEGINS, seed]), format: 'der', type: 'pkcs8' }),
  ).export({ format: 'jwk' })
  assert(typeof x === 'string', 'an Ed25519 key has a public half')
  return Buffer.from(x, 'base64url')
}

/**
 * Whether this is a signature of the message by that key. Never throws over a signature or a key. The eight keys of small
 * order are refused: with one of them a signature fits any message. The library refuses them too; this does not rest on it.
 */
export function ed25519Holds(
  publicKey: Uint8Array,
  message: Uint8Array | string,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== ED25519_KEY_BYTES || signature.length !== ED25519_SIGNATURE_BYTES) return false
  if (isSmall(publicKey)) return false
  const key = publicKeyObject(publicKey)
  return key !== null && verify(null, Buffer.from(message), key, signature)
}

/** RFC 8410 section 7: everything that stands before the 32 bytes. */
const PKCS8_BEGINS = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI_BEGINS = Buffer.from('302a300506032b6570032100', 'hex')

function publicKeyObject(bytes: Uint8Array): KeyObject | null {
  try {
    return createPublicKey({ key: Buffer.concat([SPKI_BEGINS, bytes]), format: 'der', type: 'spki' })
  } catch {
    // Not a point of the curve, so nobody can have signed with it.
    return null
  }
}

/** The y coordinates of the points of order 1, 2, 4 and 8, those written beyond the prime included; the sign does not count. */
const SMALL = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

function isSmall(publicKey: Uint8Array): boolean {
  const y = Buffer.from(publicKey)
  y.writeUInt8(y.readUInt8(31) & 0x7f, 31)
  return SMALL.has(y.toString('hex'))
}
