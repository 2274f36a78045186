// A receipt as a file, for whoever has to check it without us:
//
//   facts       what is claimed, for people to read
//   signed      the same, signed: a verifier prints the facts canonically and compares them with what was signed
//   inclusion   where it stands in the log, and the checkpoint under which that was so
//
// A file that was fetched later has a later checkpoint; both stay right for ever. Pure.
import { isJsonObject, type JsonObject, type JsonValue, parseJson, toPlain } from '../lib/json.ts'
import { type CanonicalValue, canonicalJson } from './canonical.ts'
import { type ReadJws, readJws } from './jws.ts'
import { type Hash, leafHash, TREE_SIZE_MAX } from './tree.ts'

export const RECEIPT_FORMAT = 'quittance-receipt/1'
/** A receipt has about three thousand bytes; what is much longer is something else. */
export const RECEIPT_BYTES_MAX = 64 * 1024

export interface Inclusion {
  /** The leaf's place, from 0. */
  readonly index: number
  readonly path: readonly Hash[]
  /** A signed note (checkpoint.ts). */
  readonly checkpoint: string
}

/** The file, with a line end at its end. @param signed a compact JWS over canonical claims */
export function receiptDocument(signed: string, inclusion: Inclusion): string {
  const read = readJws(signed)
  const payload = typeof read === 'string' ? '{}' : Buffer.from(read.payload).toString('utf8')
  const { index, path, checkpoint } = inclusion
  const document = {
    format: RECEIPT_FORMAT,
    facts: JSON.parse(payload) as unknown,
    signed,
    inclusion: { leaf_index: index, path: path.map(hexOf), checkpoint },
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

export interface ReadReceipt {
  readonly facts: JsonObject
  /** The facts as they are printed canonically; the same bytes as what was signed, or this is no receipt. */
  readonly payload: string
  readonly jws: ReadJws
  readonly leaf: Hash
  readonly inclusion: Inclusion
}

/** The parts, or what is wrong with the file. Every member has its place and nothing else is in it. */
export function readReceipt(bytes: Uint8Array): ReadReceipt | string {
  if (bytes.length > RECEIPT_BYTES_MAX) return `it is larger than ${RECEIPT_BYTES_MAX} bytes`
  const parsed = parseJson(bytes)
  if (!parsed.ok) return `it is not one whole JSON object: ${parsed.why}`
  const document = parsed.value
  if (!hasExactly(document, ['format', 'facts', 'signed', 'inclusion']))
    return 'it does not have the members format, facts, signed and inclusion, and no others'
  const [format, facts, signed] = ['format', 'facts', 'signed'].map(name => document.get(name))
  if (format !== RECEIPT_FORMAT) return `its format is not ${RECEIPT_FORMAT}`
  if (!isJsonObject(facts) || typeof signed !== 'string') return 'its facts or its signed text are missing'
  const inclusion = readInclusion(document.get('inclusion'))
  if (typeof inclusion === 'string') return inclusion
  const jws = readJws(signed)
  if (typeof jws === 'string') return `the signed text cannot be read: ${jws}`
  const payload = canonicalOf(facts)
  if (payload === null) return 'a number in its facts is not whole'
  return { facts, payload, jws, leaf: leafHash(signed), inclusion }
}

function readInclusion(value: JsonValue | undefined): Inclusion | string {
  if (!hasExactly(value, ['leaf_index', 'path', 'checkpoint']))
    return 'its inclusion does not have the members leaf_index, path and checkpoint, and no others'
  const index = toPlain(value.get('leaf_index') ?? null)
  const path = value.get('path')
  const checkpoint = value.get('checkpoint')
  if (typeof index !== 'number' || index < 0 || index > TREE_SIZE_MAX) return 'its leaf_index is no place'
  if (!Array.isArray(path) || path.length > PATH_MAX || typeof checkpoint !== 'string')
    return 'its path is no list of hashes, or its checkpoint no text'
  const hashes = (path as readonly JsonValue[]).map(one =>
    typeof one === 'string' && HASH.test(one) ? Buffer.from(one, 'hex') : null,
  )
  const known = hashes.filter(hash => hash !== null)
  if (known.length !== hashes.length) return 'a hash in its path is not 64 lowercase hex digits'
  return { index, path: known, checkpoint }
}

/** As many as the largest tree is deep. */
const PATH_MAX = 48
const HASH = /^[0-9a-f]{64}$/

function hasExactly(value: JsonValue | undefined, names: readonly string[]): value is JsonObject {
  return isJsonObject(value) && value.size === names.length && names.every(name => value.has(name))
}

/** Null where a number is not whole: none of ours ever was, and it has no spelling here. */
export function canonicalOf(value: JsonValue): string | null {
  const plain = plainOf(value)
  return plain === undefined ? null : canonicalJson(plain)
}

function plainOf(value: JsonValue): CanonicalValue | undefined {
  if (isJsonObject(value)) {
    const members = [...value].map(([name, member]) => [name, plainOf(member)] as const)
    if (members.some(([, member]) => member === undefined)) return undefined
    return Object.fromEntries(members) as { readonly [name: string]: CanonicalValue }
  }
  if (Array.isArray(value)) {
    const items = (value as readonly JsonValue[]).map(plainOf)
    return items.some(item => item === undefined) ? undefined : (items as readonly CanonicalValue[])
  }
  const plain = toPlain(value)
  const isPlain =
    plain === null || typeof plain === 'string' || typeof plain === 'boolean' || typeof plain === 'number'
  return isPlain ? plain : undefined
}

function hexOf(hash: Hash): string {
  return Buffer.from(hash).toString('hex')
}
