import { createHmac, createSecretKey, hash, timingSafeEqual } from 'node:crypto'
import { assert } from './assert.ts'

/** MD5 as lowercase hex (RFC 1321). For the wire protocols that demand it, never for anything of our own. */
export function md5Hex(text: string): string {
  return hash('md5', bytesExact(text), 'hex')
}

/** SHA-1 as lowercase hex (FIPS 180-4). For the wire protocols that demand it, never for anything of our own. */
export function sha1Hex(text: string): string {
  return hash('sha1', bytesExact(text), 'hex')
}

/** SHA-256 as lowercase hex (FIPS 180-4). Text is hashed as UTF-8. */
export function sha256Hex(input: string | Uint8Array): string {
  return hash('sha256', bytesExact(input), 'hex')
}

/** SHA-256 as 32 bytes (FIPS 180-4). Text is hashed as UTF-8. */
export function sha256(input: string | Uint8Array): Uint8Array {
  return hash('sha256', bytesExact(input), 'buffer')
}

/** HMAC-SHA-256 as 32 bytes (RFC 2104). Text is taken as UTF-8. */
export function hmacSha256(key: string | Uint8Array, input: string | Uint8Array): Uint8Array {
  // Bytes are made a key object first: given bare, they cost createHmac four times as much.
  const secret = typeof key === 'string' ? bytesExact(key) : createSecretKey(key)
  return createHmac('sha256', secret).update(bytesExact(input)).digest()
}

/**
 * Whether two texts are the same, in a time that does not tell where they differ. The one comparison for signatures.
 * Texts of different lengths differ; the length itself is not a secret. Never throws.
 *
 * Compared as UTF-16: as UTF-8 every unpaired surrogate would become the same replacement character.
 */
export function equalConstantTime(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a, 'utf16le'), Buffer.from(b, 'utf16le'))
}

/** UTF-8 turns every unpaired surrogate into the same three bytes, so two texts would share one signature. */
function bytesExact(input: string | Uint8Array): string | Uint8Array {
  assert(typeof input !== 'string' || input.isWellFormed(), 'text that is hashed has no unpaired surrogate')
  return input
}
