import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newRsaKeys, rsaPrivateKey, rsaPublicKey, rsaSha256Sign, rsaSha256Verify } from './rsa.ts'

const folder = mkdtempSync(join(tmpdir(), 'rsa-'))
const pair = newRsaKeys()

function openssl(argv: readonly string[], input = ''): Buffer {
  return execFileSync('openssl', [...argv], { input, stdio: ['pipe', 'pipe', 'ignore'] })
}

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

test('openssl makes the same signature, and takes ours', () => {
  const text = 'POST&https%3A%2F%2Fexample&বাংলা'
  const key = rsaPrivateKey(pair.privateKey)
  if (!key.ok) throw new Error(key.why)
  const ours = rsaSha256Sign(key.key, text)
  const path = fileOf('one.pem', pair.privateKey)
  expect(openssl(['dgst', '-sha256', '-sign', path], text).equals(ours)).toBe(true)
  const said = openssl(
    [
      ...['dgst', '-sha256', '-verify', fileOf('one.pub.pem', pair.publicKey)],
      ...['-signature', fileOf('one.sig', ours)],
    ],
    text,
  )
  expect(said.toString()).toContain('Verified OK')
})

test('a key is read as PKCS#1 and as PKCS#8, and both sign alike', () => {
  const path = fileOf('two.pem', pair.privateKey)
  const pkcs8 = openssl(['pkcs8', '-topk8', '-nocrypt', '-in', path]).toString()
  expect(pair.privateKey).toContain('BEGIN RSA PRIVATE KEY')
  expect(pkcs8).toContain('BEGIN PRIVATE KEY')
  const signatures = [pair.privateKey, pkcs8].map(pem => {
    const key = rsaPrivateKey(pem)
    if (!key.ok) throw new Error(key.why)
    return Buffer.from(rsaSha256Sign(key.key, 'one text')).toString('hex')
  })
  expect(signatures[0]).toBe(signatures[1])
  const rsaPublic = openssl(['rsa', '-in', path, '-RSAPublicKey_out']).toString()
  expect(rsaPublicKey(rsaPublic)).toMatchObject({ ok: true, bits: 2048 })
})

test('another text, another key, a cut or longer signature and an empty one are refused', () => {
  const privateKey = rsaPrivateKey(pair.privateKey)
  const publicKey = rsaPublicKey(pair.publicKey)
  const other = rsaPublicKey(newRsaKeys().publicKey)
  if (!privateKey.ok || !publicKey.ok || !other.ok) throw new Error('keys')
  const signature = rsaSha256Sign(privateKey.key, 'text')
  expect(rsaSha256Verify(publicKey.key, 'text', signature)).toBe(true)
  expect(rsaSha256Verify(publicKey.key, 'text\n', signature)).toBe(false)
  expect(rsaSha256Verify(other.key, 'text', signature)).toBe(false)
  expect(rsaSha256Verify(publicKey.key, 'text', signature.subarray(1))).toBe(false)
  expect(rsaSha256Verify(publicKey.key, 'text', Buffer.concat([signature, Buffer.of(0)]))).toBe(false)
  expect(rsaSha256Verify(publicKey.key, 'text', new Uint8Array())).toBe(false)
})

test('keys of another kind or size, and texts that are no key, are refused without repeating them', () => {
  const small = openssl(['genrsa', '-traditional', '1024']).toString()
  const curve = openssl([
    ...['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  ]).toString()
  for (const pem of ['', 'no key', small, curve, pair.publicKey]) {
    const read = rsaPrivateKey(pem)
    expect(read.ok).toBe(false)
    if (!read.ok && pem !== '') expect(read.why).not.toContain(pem)
  }
  // A private key where a public one belongs is a key that lies in the wrong place.
  for (const pem of ['', 'no key', pair.privateKey]) expect(rsaPublicKey(pem).ok).toBe(false)
})
