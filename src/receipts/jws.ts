// A signed text: a JSON Web Signature in its compact form (RFC 7515 section 3.1) with Ed25519 (RFC 8037). There is one
// header, one algorithm and one spelling; whatever differs from it in any byte is refused, so no reader can be talked into
// another algorithm, another key or a key that came along. Pure.
import { ED25519_SIGNATURE_BYTES, ed25519Holds } from '../lib/ed25519.ts'
import { base64url, fromBase64url } from './base64.ts'
import { canonicalJson } from './canonical.ts'

export const RECEIPT_TYPE = 'quittance-receipt+jws'

/** `payload` is signed as it stands. */
export function signJws(
  payload: string,
  by: { readonly keyId: string; sign(message: string): Uint8Array },
): string {
  const signed = `${base64url(headerOf(by.keyId))}.${base64url(payload)}`
  return `${signed}.${base64url(by.sign(signed))}`
}

export interface ReadJws {
  readonly keyId: string
  readonly payload: Uint8Array
  /** What the signature is over: header and payload, as they were written. */
  readonly signed: string
  readonly signature: Uint8Array
}

/** The parts, or why this is not a signed text of ours. Nothing is verified yet. */
export function readJws(compact: string): ReadJws | string {
  const parts = compact.split('.', 4)
  const [header = '', payload = '', signature = ''] = parts.map(fromBase64url)
  if (parts.length !== 3 || header === null || payload === null || signature === null)
    return 'it is not three parts in base64url with a dot between them'
  const keyId = KEY_ID.exec(Buffer.from(header).toString('utf8'))?.[1] ?? ''
  // The whole header is known once the key is: anything more or less in it has no meaning that we promise.
  if (!Buffer.from(headerOf(keyId)).equals(Buffer.from(header)))
    return 'its header is not the one of a receipt signed with EdDSA'
  if (signature.length !== ED25519_SIGNATURE_BYTES) return 'its signature is not 64 bytes long'
  const [first = '', second = ''] = parts
  return {
    keyId,
    payload: Buffer.from(payload),
    signed: `${first}.${second}`,
    signature: Buffer.from(signature),
  }
}

export function jwsHolds({ signed, signature }: ReadJws, publicKey: Uint8Array): boolean {
  return ed25519Holds(publicKey, signed, signature)
}

function headerOf(keyId: string): string {
  return canonicalJson({ alg: 'EdDSA', kid: keyId, typ: RECEIPT_TYPE })
}

const KEY_ID = /"kid":"([A-Za-z0-9_-]{43})"/
