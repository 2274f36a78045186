// The RSA pairs of the sandbox, for protocols whose clients sign with keys: two for each, the sandbox merchant's and
// ours at the simulated provider. Made once, kept in files that this user alone can read.
import { createPublicKey } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newRsaKeys, rsaPrivateKey, rsaPublicKey } from '../lib/rsa.ts'
import type { SandboxKeys } from '../protocols/protocol.ts'
import { PROTOCOLS } from '../protocols/registry.ts'

export interface SandboxKeyPairs {
  /** The sandbox merchant's, for our own door. */
  readonly merchant: SandboxKeys
  /** Ours, at the simulated provider. */
  readonly rail: SandboxKeys
}

/** By protocol; those that need none are not in it. */
export type SandboxKeyRing = ReadonlyMap<string, SandboxKeyPairs>

/** The file of the sandbox merchant's private key at this door, PKCS#1. */
export function merchantKeyPath(folder: string, protocol: string): string {
  return join(folder, `${protocol}-private-key.pem`)
}

/** The file of the public half of our key at the simulated provider, which is all that its process is told. */
export function railPublicKeyPath(folder: string, protocol: string): string {
  return join(folder, `${protocol}-rail-public-key.pem`)
}

/**
 * Reads the pairs, and makes those that are not there yet.
 *
 * @param folder the sandbox's own, which exists
 * @returns the sentence that says which file holds no key, where one does not
 */
export async function openKeyRing(folder: string): Promise<SandboxKeyRing | string> {
  const ring = new Map<string, SandboxKeyPairs>()
  for (const { name, sandbox } of PROTOCOLS) {
    if (sandbox?.needsKeys !== true) continue
    const merchant = await openKeys(merchantKeyPath(folder, name))
    const rail = await openKeys(join(folder, `${name}-rail-private-key.pem`))
    if (typeof merchant === 'string') return merchant
    if (typeof rail === 'string') return rail
    await writeFile(railPublicKeyPath(folder, name), rail.publicKey, { mode: 0o600 })
    ring.set(name, { merchant, rail })
  }
  return ring
}

/** The pair of a rail of which only the public half is known. @returns the sentence that says why it is none */
export async function readPublicKey(path: string): Promise<SandboxKeys | string> {
  const pem = await readFile(path, 'utf8').catch(() => null)
  if (pem === null) return `${path} cannot be read`
  const read = rsaPublicKey(pem)
  return read.ok ? { privateKey: '', publicKey: pem } : `${path}: ${read.why}`
}

async function openKeys(path: string): Promise<SandboxKeys | string> {
  const known = await readFile(path, 'utf8').catch(() => null)
  if (known === null) {
    const made = newRsaKeys()
    await writeFile(path, made.privateKey, { mode: 0o600 })
    return made
  }
  const read = rsaPrivateKey(known)
  if (!read.ok) return `${path}: ${read.why}`
  const publicKey = createPublicKey(read.key).export({ type: 'spki', format: 'pem' })
  return { privateKey: known, publicKey: publicKey.toString() }
}
