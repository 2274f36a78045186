import { expect, test } from 'vitest'
import { ed25519Holds, ed25519Signer, newEd25519Pair } from '../lib/ed25519.ts'
import { parseJson } from '../lib/json.ts'
import { base64url, fromBase64url } from './base64.ts'
import { jwsHolds, readJws, signJws } from './jws.ts'
import { readReceiptKeySet, receiptKeyId, receiptKeySet } from './keys.ts'

// RFC 8037 appendix A: the key, its thumbprint, and a signed text.
const X = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
const D = 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A'
const THUMBPRINT = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'
const SIGNED = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc'
const SIGNATURE = 'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg'

test('key ids are the thumbprints of RFC 8037, and its signed text is signed the same here', () => {
  const [publicKey, seed] = [bytes(X), bytes(D)]
  expect(receiptKeyId(publicKey)).toBe(THUMBPRINT)
  expect(base64url('Example of Ed25519 signing')).toBe(SIGNED.split('.')[1])
  expect(base64url(ed25519Signer(seed)(SIGNED))).toBe(SIGNATURE)
  expect(ed25519Holds(publicKey, SIGNED, bytes(SIGNATURE))).toBe(true)
  // Its header names no key and no type, so it is no receipt.
  expect(readJws(`${SIGNED}.${SIGNATURE}`)).toBe('its header is not the one of a receipt signed with EdDSA')
})

const pair = newEd25519Pair()
const keyId = receiptKeyId(pair.publicKey)
const compact = signJws('{"a":1}', { keyId, sign: ed25519Signer(pair.seed) })
const [header = '', payload = '', signature = ''] = compact.split('.')

test('a text that was signed is read and holds, by its own key alone', () => {
  const read = readJws(compact)
  if (typeof read === 'string') throw new Error(read)
  expect(read.keyId).toBe(keyId)
  expect(Buffer.from(read.payload).toString()).toBe('{"a":1}')
  expect(jwsHolds(read, pair.publicKey)).toBe(true)
  expect(jwsHolds(read, newEd25519Pair().publicKey)).toBe(false)
})

test.each([
  ['nothing', ''],
  ['two parts', `${header}.${payload}`],
  ['four parts', `${compact}.x`],
  ['padding', `${header}.${payload}=.${signature}`],
  ['a blank', `${header}.${payload}. ${signature}`],
  ['stray bits at the end', `${header}.${payload}.${stray(signature)}`],
  ['a signature that is cut', `${header}.${payload}.${signature.slice(0, -4)}`],
  ['no algorithm', withHeader({ alg: 'none', kid: keyId, typ: 'quittance-receipt+jws' })],
  ['another algorithm', withHeader({ alg: 'HS256', kid: keyId, typ: 'quittance-receipt+jws' })],
  ['another type', withHeader({ alg: 'EdDSA', kid: keyId, typ: 'JWT' })],
  ['a key that comes along', withHeader({ alg: 'EdDSA', jwk: {}, kid: keyId, typ: 'quittance-receipt+jws' })],
  [
    'something critical',
    withHeader({ alg: 'EdDSA', crit: ['b64'], kid: keyId, typ: 'quittance-receipt+jws' }),
  ],
  ['no key', withHeader({ alg: 'EdDSA', typ: 'quittance-receipt+jws' })],
  ['members in another order', withHeader({ kid: keyId, alg: 'EdDSA', typ: 'quittance-receipt+jws' })],
])('whatever is spelt otherwise is no signed text: %s', (_what, text) => {
  expect(typeof readJws(text)).toBe('string')
})

test('a key set is read as it is written, and a private or misnamed key spoils it', () => {
  const key = { keyId, publicKey: pair.publicKey, since: '2026-11-28T00:00:00.000Z', until: null }
  const text = receiptKeySet([key])
  expect(read(text)).toEqual([{ ...key, publicKey: Buffer.from(pair.publicKey) }])
  expect(read(text.replace('"x"', '"d":"x","x"'))).toContain('private key')
  expect(read(text.replace(keyId, THUMBPRINT))).toContain('thumbprint')
  expect(read(text.replace('"keys"', '"other"'))).toContain('no list')
  expect(read(`{"keys":[{"kty":"RSA","n":"x","e":"AQAB"}]}`)).toContain('no Ed25519 key')
})

function read(text: string) {
  const parsed = parseJson(text)
  return parsed.ok ? readReceiptKeySet(parsed.value) : parsed.why
}

function withHeader(members: object): string {
  return `${base64url(JSON.stringify(members))}.${payload}.${signature}`
}

/** The last letter of 64 bytes holds two bits that mean nothing. */
function stray(text: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return text.slice(0, -1) + letters.charAt(letters.indexOf(text.slice(-1)) + 1)
}

function bytes(text: string): Uint8Array {
  const read = fromBase64url(text)
  if (read === null) throw new Error('a vector is base64url')
  return read
}
