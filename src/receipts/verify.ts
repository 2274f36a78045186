// Judges a receipt offline, from nothing but the file and the public keys: docs/receipts.md in code. Every check is made, in
// order, and the first that fails is the answer; what the checks prove, and what they do not, is said beside it. Pure.
import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts'
import { RECEIPT_GRADES, RECEIPT_KINDS } from '../payout/receipt.ts'
import { openCheckpoint } from './checkpoint.ts'
import { readReceipt } from './document.ts'
import { jwsHolds } from './jws.ts'
import type { ReceiptKey } from './keys.ts'
import { inclusionHolds } from './tree-proof.ts'

/** The checks in their order. */
export const RECEIPT_CHECKS = [
  'form', // the file is a receipt, whole and with nothing more in it
  'facts', // what is shown is what was signed
  'key', // a key that is known
  'signature',
  'claims', // what was signed is a receipt of a version that is known, by that key at its time
  'checkpoint', // signed by a key that is known, and of the log that the receipt names
  'inclusion', // the receipt stands in that log
] as const
export type ReceiptCheck = (typeof RECEIPT_CHECKS)[number]

export type ReceiptVerdict =
  | {
      readonly ok: true
      readonly facts: JsonObject
      /** SHA-256 by which the log knows it, lowercase hex. */
      readonly leaf: string
      readonly keyId: string
      readonly log: {
        readonly origin: string
        readonly index: number
        readonly size: number
        readonly root: string
      }
    }
  | { readonly ok: false; readonly check: ReceiptCheck; readonly why: string }

export function verifyReceipt(bytes: Uint8Array, keys: readonly ReceiptKey[]): ReceiptVerdict {
  const read = readReceipt(bytes)
  if (typeof read === 'string') return refused('form', read)
  const { facts, jws, leaf, inclusion } = read
  if (Buffer.compare(Buffer.from(read.payload), jws.payload) !== 0)
    return refused('facts', 'the facts that it shows are not the ones that were signed')
  const key = keys.find(({ keyId }) => keyId === jws.keyId)
  if (key === undefined) return refused('key', `it names the key ${jws.keyId}, which is not among the keys`)
  if (!jwsHolds(jws, key.publicKey))
    return refused('signature', 'the signature is not of this text by that key')
  const claimed = claimProblem(facts, key)
  if (claimed !== null) return refused('claims', claimed)
  const opened = openCheckpoint(inclusion.checkpoint, keys)
  if (typeof opened === 'string') return refused('checkpoint', opened)
  const { origin, size, root } = opened.checkpoint
  if (facts.get('log') !== origin)
    return refused('checkpoint', `the checkpoint is of the log ${origin}, the receipt of another one`)
  const { index, path } = inclusion
  if (!inclusionHolds({ leaf, index, size, path, root }))
    return refused('inclusion', 'the receipt does not stand in the log where it says')
  return {
    ok: true,
    facts,
    leaf: hexOf(leaf),
    keyId: key.keyId,
    log: { origin, index, size, root: hexOf(root) },
  }
}

/** What was signed is text of ours, but by whichever version of us signed it. */
function claimProblem(facts: JsonObject, { since, until }: ReceiptKey): string | null {
  const version = facts.get('version')
  if (facts.get('type') !== 'quittance.receipt' || String(version) !== '1' || typeof version === 'string')
    return 'what was signed is not a receipt of version 1'
  const issuedAt = facts.get('issued_at')
  if (typeof issuedAt !== 'string' || !TIME.test(issuedAt)) return 'it does not say when it was issued'
  // Texts of one form, so their order is that of the times.
  if (since !== null && issuedAt < since) return `it was issued at ${issuedAt}, before its key was made`
  if (until !== null && issuedAt > until) return `it was issued at ${issuedAt}, after its key had ended`
  if (!isOneOf(RECEIPT_KINDS, facts.get('kind')) || !isOneOf(RECEIPT_GRADES, facts.get('grade')))
    return 'its kind or its grade is not known'
  const amount = facts.get('amount')
  if (!isJsonObject(amount) || typeof amount.get('value') !== 'string') return 'it names no amount'
  return null
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

function isOneOf(known: readonly string[], value: JsonValue | undefined): boolean {
  return typeof value === 'string' && known.includes(value)
}

function refused(check: ReceiptCheck, why: string): ReceiptVerdict {
  return { ok: false, check, why }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
