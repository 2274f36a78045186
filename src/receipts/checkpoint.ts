// A signed statement of how the whole log stands: its name, how many leaves, and the root. Written as a signed note, the form
// of public transparency logs (C2SP tlog-checkpoint and signed-note), so that their witnesses and tools can read ours:
//
//   quittance.receipts/0b7c…          the log
//   42                                how many leaves
//   cFOsHUcUEvCZd7C6…                 the root, Base64
//                                     (an empty line)
//   — quittance.receipts/0b7c… x08g…  the name again; four bytes that hint at the key, then the signature
//
// What is signed always holds line ends and what a receipt signs never does, so one key can serve both. Pure.
import { assert } from '../lib/assert.ts'
import { sha256 } from '../lib/digest.ts'
import { ED25519_SIGNATURE_BYTES, ed25519Holds } from '../lib/ed25519.ts'
import { fromBase64 } from './base64.ts'
import type { ReceiptKey } from './keys.ts'
import { type Hash, TREE_SIZE_MAX } from './tree.ts'

export interface Checkpoint {
  /** The log's name. */
  readonly origin: string
  readonly size: number
  readonly root: Hash
}

export function signCheckpoint(
  checkpoint: Checkpoint,
  by: { readonly publicKey: Uint8Array; sign(message: string): Uint8Array },
): string {
  const { origin, size, root } = checkpoint
  const body = `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`
  return signNote(body, { ...by, name: origin })
}

/** The checkpoint and who signed it, or why it is none. Every signature but one by a key that is known is passed over. */
export function openCheckpoint(
  note: string,
  keys: readonly ReceiptKey[],
): { readonly checkpoint: Checkpoint; readonly keyId: string } | string {
  const end = note.indexOf('\n\n')
  const read = end < 0 ? null : LINES.exec(note.slice(0, end + 1))
  if (read === null) return 'the checkpoint is not a signed note of three lines'
  const [, origin = '', count = '', rootText = ''] = read
  const size = Number.parseInt(count, 10)
  const root = fromBase64(rootText)
  if (root?.length !== 32 || size > TREE_SIZE_MAX) return 'the checkpoint has no root of 32 bytes'
  const key = keys.find(({ publicKey }) => noteHolds(note, { name: origin, publicKey }))
  if (key === undefined) return 'no key that is known signed the checkpoint'
  return { checkpoint: { origin, size, root }, keyId: key.keyId }
}

export interface NoteSigner {
  readonly name: string
  readonly publicKey: Uint8Array
}

/** @param body ends with a line end, and has no empty line in it */
export function signNote(body: string, by: NoteSigner & { sign(message: string): Uint8Array }): string {
  assert(/^[^\s+]+$/u.test(by.name), 'the name of a signer has no blank and no plus sign')
  const signature = Buffer.concat([hintOf(by), by.sign(body)])
  return `${body}\n— ${by.name} ${signature.toString('base64')}\n`
}

/** Whether one of the note's signatures is by that key under that name. */
export function noteHolds(note: string, by: NoteSigner): boolean {
  const end = note.indexOf('\n\n')
  if (end < 0) return false
  const body = note.slice(0, end + 1)
  const lines = note.slice(end + 2).split('\n', SIGNATURES_MAX + 1)
  return lines.some(line => {
    const [, name, text = ''] = SIGNATURE.exec(line) ?? []
    const signature = fromBase64(text)
    if (name !== by.name || signature?.length !== HINT_BYTES + ED25519_SIGNATURE_BYTES) return false
    if (!hintOf(by).equals(signature.subarray(0, HINT_BYTES))) return false
    return ed25519Holds(by.publicKey, body, signature.subarray(HINT_BYTES))
  })
}

const HINT_BYTES = 4
/** Witnesses may have added theirs. */
const SIGNATURES_MAX = 16
const LINES = /^([^\s+]{1,200})\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]{1,64})\n$/
const SIGNATURE = /^— (\S{1,200}) ([A-Za-z0-9+/=]{1,400})$/

/** SHA-256 over the name, a line end, the kind of key (1: Ed25519) and the key; the first four bytes of it. */
function hintOf({ name, publicKey }: NoteSigner): Buffer {
  return Buffer.from(
    sha256(Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(1), publicKey])).subarray(0, HINT_BYTES),
  )
}
