// Whose request it is: options for every kind of credential, and the sandbox's where nothing else is said.
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ClientByHand, clientByHand } from '../protocols/by-hand-credential.ts'
import type { Protocol, SandboxKeys } from '../protocols/protocol.ts'
import type { Environment } from './configured.ts'

export interface CredentialOptions {
  readonly id?: string
  readonly secret?: string
  readonly secretFile?: string
  readonly keyFile?: string
  readonly setting?: readonly string[]
}

/** The client, or the sentence that says what is missing. */
export async function readClient(
  protocol: Protocol,
  options: CredentialOptions,
  environment: Environment,
): Promise<ClientByHand | string> {
  const settings = readSettings(options.setting ?? [])
  if (typeof settings === 'string') return settings
  const secret = await readSecret(options)
  if (!secret.ok) return secret.why
  const keys = await readKeys(protocol, options, settings, environment)
  if (!keys.ok) return keys.why
  return clientByHand(protocol, { id: options.id ?? null, secret: secret.value, settings, keys: keys.keys })
}

function readSettings(texts: readonly string[]): Record<string, string> | string {
  const settings: Record<string, string> = {}
  for (const text of texts) {
    const mark = text.indexOf('=')
    if (mark < 1) return `--setting is name=value: ${text}`
    settings[text.slice(0, mark)] = text.slice(mark + 1)
  }
  return settings
}

type Secret =
  | { readonly ok: true; readonly value: string | null }
  | { readonly ok: false; readonly why: string }

async function readSecret({ secret, secretFile }: CredentialOptions): Promise<Secret> {
  if (secretFile === undefined) return { ok: true, value: secret ?? null }
  const text = await readText(secretFile)
  if (text === null) return { ok: false, why: `--secret-file cannot be read: ${secretFile}` }
  return { ok: true, value: text.replace(/\r?\n$/, '') }
}

type Keys =
  | { readonly ok: true; readonly keys: Partial<SandboxKeys> | null }
  | { readonly ok: false; readonly why: string }

/** The file that was named; else the demo's, where the protocol signs with keys and none was given in a setting. */
async function readKeys(
  { name, sandbox }: Protocol,
  { id, keyFile }: CredentialOptions,
  given: Readonly<Record<string, string>>,
  environment: Environment,
): Promise<Keys> {
  if (keyFile === undefined && sandbox?.needsKeys !== true) return { ok: true, keys: null }
  if (keyFile === undefined && (given.private_key ?? given.public_key) !== undefined)
    return { ok: true, keys: null }
  const dataDir = environment.QUITTANCE_DATA_DIR?.trim() || '.quittance'
  const path = keyFile ?? join(dataDir, 'sandbox', `${name}-private-key.pem`)
  const pem = await readText(path)
  // Somebody else's request may need no key at all; whoever needs one says so.
  if (pem === null && keyFile === undefined && id !== undefined) return { ok: true, keys: null }
  if (pem === null)
    return {
      ok: false,
      why:
        keyFile === undefined
          ? `${name} signs with a private key, and the demo has not made one yet (${path}): start \`quittance demo\` once, set QUITTANCE_DATA_DIR to where it ran, or give --key-file`
          : `--key-file cannot be read: ${path}`,
    }
  try {
    return { ok: true, keys: keysOf(pem) }
  } catch {
    return { ok: false, why: `${path} holds no key in PEM, or one that is locked by a passphrase` }
  }
}

function keysOf(pem: string): Partial<SandboxKeys> {
  const isPrivate = /PRIVATE KEY/.test(pem)
  const publicKey = isPrivate ? createPublicKey(createPrivateKey(pem)) : createPublicKey(pem)
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    ...(isPrivate ? { privateKey: pem } : {}),
  }
}

async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null)
}
