import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { assert } from './assert.ts'
import { hmacSha256 } from './digest.ts'
import { SEAL_KEY_BYTES, SEAL_KEY_ID, SEAL_KEYS_MAX, type SealKey } from './master-keys.ts'
import { systemRandom } from './random.ts'

export { type MasterKeys, parseMasterKeys, type SealKey } from './master-keys.ts'

/**
 * Secrets at rest. The context says where a value stands (table, column, merchant, row): it is not stored, and a sealed
 * value that was moved elsewhere does not open there.
 */
export interface Seal {
  /** `q1.<key id>.<nonce>.<ciphertext and tag>`, the last two in base64url. Equal texts never give equal seals. */
  seal(plain: string, context: string): string
  /** @throws SealError when the text was changed or cut, stands in another context, or no key fits */
  open(sealed: string, context: string): string
  /**
   * 32 bytes by which an equal text in an equal context is found again without opening anything: HMAC-SHA-256 with a key
   * that is derived from the first key. Another first key gives other fingerprints.
   */
  fingerprint(plain: string, context: string): Uint8Array
}

/** Says that a sealed text does not open and why, and never what it held. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

/** The first key seals, all of them open: a new key is put in front, and the old one stays until nothing needs it. */
export function createSeal(keys: readonly SealKey[]): Seal {
  const first = keys[0]
  assert(first !== undefined && keys.length <= SEAL_KEYS_MAX, 'a seal has 1 to 16 keys')
  // A key object is a copy, so nobody changes or erases the key under us; bare bytes would be made one at every use.
  const byId = new Map<string, KeyObject>()
  for (const { id, key } of keys) {
    assert(SEAL_KEY_ID.test(id) && !byId.has(id), 'the id of a seal key is well formed and its own')
    assert(key.length === SEAL_KEY_BYTES, 'a seal key has 32 bytes')
    byId.set(id, createSecretKey(key))
  }
  const { id: sealingId } = first
  const sealingKey = createSecretKey(first.key)
  const fingerprintKey = deriveFingerprintKey(first.key)
  return {
    seal: (plain, context) => sealText(sealingId, sealingKey, plain, context),
    open: (sealed, context) => openText(byId, sealed, context),
    fingerprint: (plain, context) => fingerprintOf(fingerprintKey, plain, context),
  }
}

const VERSION = 'q1'
const CIPHER = 'aes-256-gcm'
/** 96 random bits per sealing (NIST SP 800-38D section 8.2.2): good for 2^32 sealings with one key. */
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Above the largest body that is kept, a provider's answer with images. */
const PLAIN_BYTES_MAX = 32 * 1024 * 1024

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function sealText(id: string, key: KeyObject, plain: string, context: string): string {
  const bytes = bytesOf(plain)
  assert(bytes.length <= PLAIN_BYTES_MAX, 'a sealed text has at most 32 MiB')
  const nonce = systemRandom.bytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(contextBytes(context))
  const sealed = Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
  return `${VERSION}.${id}.${Buffer.from(nonce).toString('base64url')}.${sealed.toString('base64url')}`
}

function openText(keys: ReadonlyMap<string, KeyObject>, text: string, context: string): string {
  const [version, id = '', nonceText = '', sealedText = '', ...rest] = text.split('.', 5)
  if (version !== VERSION || rest.length > 0) throw new SealError('not a sealed text')
  const nonce = decodeExact(nonceText)
  const sealed = decodeExact(sealedText)
  if (nonce?.length !== NONCE_BYTES || sealed === null || sealed.length < TAG_BYTES) {
    throw new SealError('not a sealed text')
  }
  const key = keys.get(id)
  if (key === undefined) throw new SealError('sealed with a key that is not here')
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(contextBytes(context))
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  const opened = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES))
  try {
    decipher.final()
    return utf8.decode(opened)
  } catch {
    // Whatever was thrown, the bytes are not what we sealed here, and nothing of them leaves this function.
    throw new SealError('changed, cut, or sealed for another place')
  }
}

/** The length stands before the context, so that no text can slip from one of the two into the other. */
function fingerprintOf(key: Uint8Array, plain: string, context: string): Uint8Array {
  const place = contextBytes(context)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(place.length)
  return hmacSha256(key, Buffer.concat([length, place, bytesOf(plain)]))
}

/** One key serves one purpose: what seals is never used to search (RFC 5869). */
function deriveFingerprintKey(key: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', 'quittance fingerprint 1', SEAL_KEY_BYTES))
}

function contextBytes(context: string): Buffer {
  assert(context !== '', 'a sealed text has a context')
  return bytesOf(context)
}

function bytesOf(text: string): Buffer {
  assert(text.isWellFormed(), 'text that is sealed has no unpaired surrogate')
  return Buffer.from(text, 'utf8')
}

/** Base64url has spellings that decode to the same bytes; only the one we write is read. */
function decodeExact(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : null
}
