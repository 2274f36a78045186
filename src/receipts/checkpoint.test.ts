import { expect, test } from 'vitest'
import { ed25519PublicKey, ed25519Signer, newEd25519Pair } from '../lib/ed25519.ts'
import { noteHolds, openCheckpoint, signCheckpoint, signNote } from './checkpoint.ts'
import { receiptKeyId } from './keys.ts'
import { leafHash } from './tree.ts'

// The example of golang.org/x/mod/sumdb/note, the first implementation of the form.
const PETER_SEED = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1)
const PETER_KEY = Buffer.from('ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW', 'base64').subarray(1)
const TEXT =
  'If you think cryptography is the answer to your problem,\n' + "then you don't know what your problem is.\n"
const NOTE = `${TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`

test('notes are signed and read as their first implementation does it', () => {
  expect(Buffer.from(ed25519PublicKey(PETER_SEED))).toEqual(PETER_KEY)
  const by = { name: 'PeterNeumann', publicKey: PETER_KEY, sign: ed25519Signer(PETER_SEED) }
  expect(signNote(TEXT, by)).toBe(NOTE)
  expect(noteHolds(NOTE, by)).toBe(true)
  expect(noteHolds(NOTE, { ...by, name: 'PeterPan' })).toBe(false)
  expect(noteHolds(NOTE.replace('problem is', 'problem was'), by)).toBe(false)
})

const pair = newEd25519Pair()
const key = { keyId: receiptKeyId(pair.publicKey), publicKey: pair.publicKey, since: null, until: null }
const origin = 'quittance.receipts/of-a-test'
const root = leafHash('a leaf')
const note = signCheckpoint({ origin, size: 7, root }, { ...pair, sign: ed25519Signer(pair.seed) })

test('a checkpoint says what was signed, and by which of the keys', () => {
  const other = newEd25519Pair()
  const otherKey = { ...key, keyId: 'other', publicKey: other.publicKey }
  expect(openCheckpoint(note, [otherKey, key])).toEqual({
    checkpoint: { origin, size: 7, root: Buffer.from(root) },
    keyId: key.keyId,
  })
  expect(openCheckpoint(note, [otherKey])).toBe('no key that is known signed the checkpoint')
})

test('a signature of a witness beside ours is passed over', () => {
  const witness = newEd25519Pair()
  const body = note.slice(0, note.indexOf('\n\n') + 1)
  const theirs = signNote(body, { name: 'witness.example', ...witness, sign: ed25519Signer(witness.seed) })
  const both = `${note}${theirs.slice(body.length + 1)}`
  expect(openCheckpoint(both, [key])).toMatchObject({ keyId: key.keyId })
})

test.each([
  ['the size', note.replace('\n7\n', '\n8\n')],
  ['the size, spelt otherwise', note.replace('\n7\n', '\n07\n')],
  ['the root', note.replace(/\n(.)([^\n]*)\n\n/, (_all, _first, rest) => `\nA${rest}\n\n`)],
  ['the name', note.replace(origin, `${origin}2`)],
  ['a further line', note.replace('\n\n', '\nmore\n\n')],
  ['the empty line', note.replace('\n\n', '\n')],
  ['the signature', note.replace(/(.)=?=?\n$/, 'A\n')],
  [
    'the hint at the key',
    note.replace(/ (\S)(\S{80,})\n$/, (_all, first, rest) => ` ${first === 'A' ? 'B' : 'A'}${rest}\n`),
  ],
  ['nothing left', ''],
])('a checkpoint that was changed is none: %s', (_what, changed) => {
  expect(changed).not.toBe(note)
  expect(typeof openCheckpoint(changed, [key])).toBe('string')
})
