import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { assert } from './assert.ts'

/** RSA keys shorter or longer than this are refused, in bits. */
export const RSA_BITS = { min: 2048, max: 4096 } as const

/** Why a key is not taken; never anything of the key itself. */
export type RsaKey =
  | { readonly ok: true; readonly key: KeyObject; readonly bits: number }
  | { readonly ok: false; readonly why: string }

/** Reads an RSA private key: PEM, PKCS#1 (`RSA PRIVATE KEY`, RFC 8017 A.1.2) or PKCS#8 (`PRIVATE KEY`, RFC 5958). */
export function rsaPrivateKey(pem: string): RsaKey {
  return read('private', () => createPrivateKey({ key: pem, format: 'pem' }))
}

/** Reads an RSA public key: PEM, SPKI (`PUBLIC KEY`, RFC 5280) or PKCS#1 (`RSA PUBLIC KEY`). A private key is none. */
export function rsaPublicKey(pem: string): RsaKey {
  if (/PRIVATE KEY|CERTIFICATE/.test(pem)) return { ok: false, why: 'not a PEM of a public key' }
  return read('public', () => createPublicKey({ key: pem, format: 'pem' }))
}

/** RSASSA-PKCS1-v1_5 with SHA-256 over the UTF-8 bytes of `text` (RFC 8017 section 8.2). As long as the key. */
export function rsaSha256Sign(key: KeyObject, text: string): Uint8Array {
  assert(key.type === 'private', 'a signature is made with a private key')
  assert(text.isWellFormed(), 'text that is signed has no unpaired surrogate')
  return sign('sha256', Buffer.from(text), key)
}

/** Whether `signature` is the one of `rsaSha256Sign` for this text. Never throws over a signature. */
export function rsaSha256Verify(key: KeyObject, text: string, signature: Uint8Array): boolean {
  assert(key.type === 'public', 'a signature is checked with a public key')
  assert(text.isWellFormed(), 'text that is signed has no unpaired surrogate')
  return verify('sha256', Buffer.from(text), key, signature)
}

/** A new pair: PKCS#1 private, SPKI public, PEM. Takes tens of milliseconds. */
export function newRsaKeys(bits: 2048 | 3072 | 4096 = 2048): {
  readonly privateKey: string
  readonly publicKey: string
} {
  return generateKeyPairSync('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
}

function read(kind: 'private' | 'public', open: () => KeyObject): RsaKey {
  const refused = { ok: false, why: `not a PEM of an RSA ${kind} key` } as const
  let key: KeyObject
  try {
    key = open()
  } catch {
    // What the library says can name the key's content.
    return refused
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa') return refused
  if (bits < RSA_BITS.min || bits > RSA_BITS.max)
    return { ok: false, why: `an RSA key has ${RSA_BITS.min} to ${RSA_BITS.max} bits, this one ${bits}` }
  return { ok: true, key, bits }
}
