import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rsaPrivateKey, rsaPublicKey, rsaSha256Sign, rsaSha256Verify } from '../lib/rsa.ts'
import { PROTOCOLS } from '../protocols/registry.ts'
import { merchantKeyPath, openKeyRing, railPublicKeyPath, readPublicKey } from './sandbox-keys.ts'

const SIGNING = PROTOCOLS.filter(({ sandbox }) => sandbox?.needsKeys === true).map(({ name }) => name)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keys-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('two pairs are made for each protocol that signs with keys, once, and nobody else may read them', async () => {
  const first = await openKeyRing(folder)
  if (typeof first === 'string') throw new Error(first)
  expect([...first.keys()]).toEqual(SIGNING)
  expect(await openKeyRing(folder)).toEqual(first)
  for (const { merchant, rail } of first.values()) {
    expect(merchant.privateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/)
    expect(merchant.privateKey).not.toBe(rail.privateKey)
  }
  for (const file of await readdir(folder))
    expect(statSync(join(folder, file)).mode & 0o777, file).toBe(0o600)
})

test.each(SIGNING)(
  '%s: what the rail is told is the public half of our key there, and no more',
  async name => {
    const ring = await openKeyRing(folder)
    if (typeof ring === 'string') throw new Error(ring)
    const told = await readPublicKey(railPublicKeyPath(folder, name))
    if (typeof told === 'string') throw new Error(told)
    expect(told.privateKey).toBe('')
    const [mine, theirs] = [
      rsaPrivateKey(ring.get(name)?.rail.privateKey ?? ''),
      rsaPublicKey(told.publicKey),
    ]
    if (!mine.ok || !theirs.ok) throw new Error('no keys')
    expect(rsaSha256Verify(theirs.key, 'x', rsaSha256Sign(mine.key, 'x'))).toBe(true)
    expect(rsaSha256Verify(theirs.key, 'y', rsaSha256Sign(mine.key, 'x'))).toBe(false)
  },
)

test.each(SIGNING)('%s: a file that holds no key is named, and is not written over', async name => {
  const path = merchantKeyPath(folder, name)
  writeFileSync(path, 'not a key')
  expect(await openKeyRing(folder)).toContain(path)
  expect(await openKeyRing(folder)).toContain(path)
})

test('what is no public key is refused: nothing, and a private key', async () => {
  expect(await readPublicKey(join(folder, 'none.pem'))).toContain('cannot be read')
  const path = join(folder, 'private.pem')
  writeFileSync(path, '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n')
  expect(await readPublicKey(path)).toContain('not a PEM of a public key')
})
