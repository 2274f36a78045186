// The two signatures of Payneteasy. Requests of the v4 calls carry OAuth 1.0a with RSA-SHA256 (document; RFC 5849 for
// the base string, RFC 8017 section 8.2 for the signature); callbacks and the v2 status carry a SHA-1 over a few values
// and a shared secret, which covers no amount and never expires, so that it decides nothing by itself.
import { assert } from '../../lib/assert.ts'
import { equalConstantTime, sha1Hex } from '../../lib/digest.ts'
import { rsaPrivateKey, rsaPublicKey, rsaSha256Sign, rsaSha256Verify } from '../../lib/rsa.ts'
import { type PayneteasyParameters, payneteasyPercentEncode } from './wire.ts'

export const PAYNETEASY_METHOD = 'RSA-SHA256'

/** The signed set in its order: names and values encoded, sorted by name, then by value, as bytes. */
export function payneteasyNormalized(parameters: PayneteasyParameters): string {
  return parameters
    .map(([name, value]) => [payneteasyPercentEncode(name), payneteasyPercentEncode(value)] as const)
    .sort(([name, value], [otherName, otherValue]) => order(name, otherName) || order(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/**
 * The URL as it is signed: scheme and host in lower case, the default port dropped, the path verbatim, nothing behind
 * it. Null where the text is no absolute http or https URL.
 */
export function payneteasyBaseUrl(url: string): string | null {
  const [, scheme = '', host, port = '', path] = BASE_URL.exec(url) ?? []
  if (host === undefined) return null
  const lower = scheme.toLowerCase()
  const isDefault = port === '' || port === (lower === 'https' ? ':443' : ':80')
  return `${lower}://${host.toLowerCase()}${isDefault ? '' : port}${path === undefined || path === '' ? '/' : path}`
}

const BASE_URL = /^(https?):\/\/(\[[0-9a-f:.]+\]|[^/?#:@[\]]+)(:[0-9]{1,5})?(\/[^?#]*)?(?:[?#].*)?$/is

/** What is signed (contract, section 3, step 5). Every call is a POST. `baseUrl` comes from `payneteasyBaseUrl`. */
export function payneteasyBaseString(baseUrl: string, parameters: PayneteasyParameters): string {
  return ['POST', baseUrl, payneteasyNormalized(parameters)]
    .map((part, place) => (place === 0 ? part : payneteasyPercentEncode(part)))
    .join('&')
}

export type PayneteasySigned =
  | { readonly ok: true; readonly signature: Uint8Array }
  | { readonly ok: false; readonly why: string }

/** RSASSA-PKCS1-v1_5 with SHA-256. `privateKey` is PEM, PKCS#1 or PKCS#8, of 2048 to 4096 bits. */
export function payneteasySign(privateKey: string, baseString: string): PayneteasySigned {
  const read = rsaPrivateKey(privateKey)
  if (!read.ok) return { ok: false, why: read.why }
  return { ok: true, signature: rsaSha256Sign(read.key, baseString) }
}

/**
 * Whether this Base64 text is the signature over the base string, exactly as long as the key. `publicKey` is PEM.
 * False for everything else, and for a key that is none.
 */
export function payneteasyVerify(publicKey: string, baseString: string, base64: string): boolean {
  const bytes = payneteasySignatureBytes(base64)
  if (bytes === null) return false
  const read = rsaPublicKey(publicKey)
  if (!read.ok || bytes.length !== Math.ceil(read.bits / 8)) return false
  return rsaSha256Verify(read.key, baseString, bytes)
}

/** The bytes of a signature in Base64 with its padding and without anything else, or null. */
export function payneteasySignatureBytes(base64: string): Uint8Array | null {
  if (base64 === '' || base64.length > BASE64_LENGTH_MAX || !BASE64.test(base64)) return null
  const bytes = Buffer.from(base64, 'base64')
  // Bits behind the last byte would make two texts of one signature.
  return equalConstantTime(bytes.toString('base64'), base64) ? bytes : null
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
/** Far above the 684 characters of a 4096-bit key. */
const BASE64_LENGTH_MAX = 1024

/** The value of the Authorization header, its parameters sorted as in the document's example. */
export function payneteasyAuthorization(oauth: PayneteasyParameters): string {
  const written = [...oauth]
    .sort(([name], [other]) => order(name, other))
    .map(([name, value]) => `${payneteasyPercentEncode(name)}="${payneteasyPercentEncode(value)}"`)
  return `OAuth ${written.join(', ')}`
}

/** The OAuth parameters of one request, without the signature over them. */
export function payneteasyOauth(
  consumerKey: string,
  at: { readonly nowMs: number; readonly nonce: string },
): PayneteasyParameters {
  return [
    ['oauth_consumer_key', consumerKey],
    ['oauth_nonce', at.nonce],
    ['oauth_signature_method', PAYNETEASY_METHOD],
    ['oauth_timestamp', String(Math.floor(at.nowMs / 1_000))],
    ['oauth_version', '1.0'],
  ]
}

// ---- SHA-1 with a shared secret -----------------------------------------------------------------------------------

/** What `control` of a callback is made over, without the secret behind it (contract, section 8). */
export function payneteasyCallbackText(told: {
  readonly status: string
  readonly orderid: string
  readonly clientOrderid: string
}): string {
  return told.status + told.orderid + told.clientOrderid
}

/** What `control` of a v2 status is made over, without the secret behind it. */
export function payneteasyStatusText(asked: {
  readonly login: string
  readonly clientOrderid: string
  readonly orderid: string
}): string {
  return asked.login + asked.clientOrderid + asked.orderid
}

/** @throws AssertionFailed without a secret */
export function payneteasyControl(text: string, merchantControl: string): string {
  assert(merchantControl !== '', 'nothing is signed with an empty secret')
  return sha1Hex(text + merchantControl)
}

/** Whether `control` is the one over this text: 40 lowercase hex digits, compared in constant time. */
export function payneteasyControlHolds(text: string, merchantControl: string, control: string): boolean {
  if (merchantControl === '' || !/^[0-9a-f]{40}$/.test(control)) return false
  return equalConstantTime(payneteasyControl(text, merchantControl), control)
}

/** By code unit; everything that is compared here is ASCII, so that this is the order of the bytes. */
function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
