// The keys by which receipts are signed, as the world sees them: JSON Web Keys (RFC 8037 section 2) named by their
// thumbprint (RFC 7638). A key that signs no more stays in the published list for ever, with the time when it ended. Pure.

import { sha256 } from '../lib/digest.ts'
import { ED25519_KEY_BYTES } from '../lib/ed25519.ts'
import { isJsonObject, type JsonValue } from '../lib/json.ts'
import { base64url, fromBase64url } from './base64.ts'
import { canonicalJson } from './canonical.ts'

/** A public half. Times are RFC 3339 text; `until` is null while it signs. */
export interface ReceiptKey {
  readonly keyId: string
  readonly publicKey: Uint8Array
  readonly since: string | null
  readonly until: string | null
}

/** RFC 7638 section 3, with the members that RFC 8037 appendix A.3 names: 43 characters. */
export function receiptKeyId(publicKey: Uint8Array): string {
  return base64url(sha256(canonicalJson({ crv: 'Ed25519', kty: 'OKP', x: base64url(publicKey) })))
}

/** The document at `/.well-known/jwks.json`. `since` and `until` are ours; other readers skip what they do not know. */
export function receiptKeySet(keys: readonly ReceiptKey[]): string {
  const shown = keys.map(({ keyId, publicKey, since, until }) => ({
    ...{ kty: 'OKP', crv: 'Ed25519', x: base64url(publicKey), kid: keyId, use: 'sig', alg: 'EdDSA' },
    ...(since === null ? {} : { since }),
    ...(until === null ? {} : { until }),
  }))
  return `${JSON.stringify({ keys: shown }, null, 2)}\n`
}

/**
 * The Ed25519 keys of a key set, or what is wrong with it. Keys of other kinds are passed over; one that calls itself what it
 * is not spoils the whole set, because nobody can say then what else in it was changed.
 */
export function readReceiptKeySet(value: JsonValue): readonly ReceiptKey[] | string {
  const list = isJsonObject(value) ? value.get('keys') : undefined
  if (!Array.isArray(list)) return 'there is no list "keys" in it'
  const keys: ReceiptKey[] = []
  for (const one of list as readonly JsonValue[]) {
    if (!isJsonObject(one) || one.get('kty') !== 'OKP' || one.get('crv') !== 'Ed25519') continue
    const key = readKey(one)
    if (typeof key === 'string') return key
    if (keys.some(({ keyId }) => keyId === key.keyId)) return `the key ${key.keyId} is there twice`
    keys.push(key)
  }
  return keys.length === 0 ? 'there is no Ed25519 key in it' : keys
}

function readKey(one: ReadonlyMap<string, JsonValue>): ReceiptKey | string {
  const x = one.get('x')
  const publicKey = typeof x === 'string' ? fromBase64url(x) : null
  if (publicKey?.length !== ED25519_KEY_BYTES) return 'a key is not 32 bytes in base64url'
  if (one.has('d')) return 'it holds a private key: nobody but its owner may have that'
  const keyId = receiptKeyId(publicKey)
  if (one.get('kid') !== keyId)
    return `a key is named ${String(one.get('kid'))}, and its thumbprint is ${keyId}`
  return { keyId, publicKey, since: timeOf(one.get('since')), until: timeOf(one.get('until')) }
}

function timeOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}
