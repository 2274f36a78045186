// Signatures are recomputed by an independent tool: openssl on the command line, both ways.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { newRsaKeys } from '../../lib/rsa.ts'
import { PRIVATE_KEY, PUBLIC_KEY } from './door.fixture.ts'
import { payneteasyReadAuthorization } from './oauth.ts'
import {
  payneteasyAuthorization,
  payneteasyBaseString,
  payneteasyBaseUrl,
  payneteasyControl,
  payneteasyOauth,
  payneteasySign,
  payneteasySignatureBytes,
  payneteasyVerify,
} from './sign.ts'

const KEY_FILE = fileURLToPath(new URL('./vectors/payneteasy-test-key.pem', import.meta.url))
const PARAMS = [
  ['client_orderid', "a b*'()!~"],
  ['login', ''],
  ['orderid', '900258'],
] as const

function openssl(args: readonly string[], input: string): Buffer {
  return execFileSync('openssl', [...args], { input })
}

test('openssl makes the same signature, and the same control', () => {
  const at = { nowMs: 1_677_831_012_000, nonce: 'n' }
  const text = payneteasyBaseString('https://door.example/x', [...PARAMS, ...payneteasyOauth('k', at)])
  const theirs = openssl(['dgst', '-sha256', '-sign', KEY_FILE], text)
  const ours = payneteasySign(PRIVATE_KEY, text)
  expect(ours.ok && Buffer.from(ours.signature).toString('hex')).toBe(theirs.toString('hex'))
  expect(payneteasyVerify(PUBLIC_KEY, text, theirs.toString('base64'))).toBe(true)
  expect(payneteasyVerify(PUBLIC_KEY, text.replace('POST', 'post'), theirs.toString('base64'))).toBe(false)
  const control = openssl(['dgst', '-sha1', '-r'], 'approved9002583é-secret').toString().slice(0, 40)
  expect(payneteasyControl('approved9002583', 'é-secret')).toBe(control)
})

test('keys of 2048 to 4096 bits sign, and a signature is exactly as long as its key', () => {
  for (const bits of [2048, 4096] as const) {
    const keys = newRsaKeys(bits)
    const signed = payneteasySign(keys.privateKey, 'text')
    const bytes = Buffer.from(signed.ok ? signed.signature : '')
    expect(bytes.length).toBe(bits / 8)
    expect(payneteasyVerify(keys.publicKey, 'text', bytes.toString('base64'))).toBe(true)
    for (const other of [bytes.subarray(1), Buffer.concat([Buffer.alloc(1), bytes]), Buffer.alloc(bits / 8)])
      expect(payneteasyVerify(keys.publicKey, 'text', other.toString('base64'))).toBe(false)
    expect(payneteasyVerify(PUBLIC_KEY, 'text', bytes.toString('base64'))).toBe(false)
  }
})

test('a private key verifies nothing, and what is no key neither signs nor verifies', () => {
  const signed = payneteasySign(PRIVATE_KEY, 'text')
  const base64 = Buffer.from(signed.ok ? signed.signature : '').toString('base64')
  expect(payneteasyVerify(PUBLIC_KEY, 'text', base64)).toBe(true)
  for (const key of [PRIVATE_KEY, '', 'x']) expect(payneteasyVerify(key, 'text', base64)).toBe(false)
  for (const key of [PUBLIC_KEY, '', 'x']) expect(payneteasySign(key, 'text').ok).toBe(false)
})

test('one signature has one text', () => {
  expect(payneteasySignatureBytes('AAAA')?.length).toBe(3)
  for (const text of ['', '=', 'AAA', 'AAA=\n', 'AAB=', 'AA-_', ' AAAA', 'AAAA====', 'A'.repeat(1_028)])
    expect(payneteasySignatureBytes(text)).toBeNull()
})

test('a URL without a path has the root, and what is no URL has none', () => {
  expect(payneteasyBaseUrl('https://Door.Example')).toBe('https://door.example/')
  expect(payneteasyBaseUrl('https://door.example:80/a?b#c')).toBe('https://door.example:80/a')
  expect(payneteasyBaseUrl('http://[::1]:8080/a')).toBe('http://[::1]:8080/a')
  for (const url of ['', 'door.example', 'ftp://x/', 'https://', 'https:///x', 'https://u@x/'])
    expect(payneteasyBaseUrl(url)).toBeNull()
})

test('the header that is written is the header that is read', () => {
  const oauth = [
    ...payneteasyOauth("k e,y='", { nowMs: 5_999, nonce: '"=,' }),
    ['oauth_signature', 'a+/='] as const,
  ]
  expect(payneteasyReadAuthorization(payneteasyAuthorization(oauth))).toEqual(
    [...oauth].sort(([one], [other]) => (one < other ? -1 : 1)),
  )
})

test('nothing is signed with an empty merchant control', () => {
  expect(() => payneteasyControl('text', '')).toThrow('empty secret')
})
