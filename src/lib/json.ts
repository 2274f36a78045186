import { isUtf8 } from 'node:buffer'
import { assert } from './assert.ts'
import { JsonReader } from './json-reader.ts'
import type { JsonValue } from './json-value.ts'

export { isJsonObject, JsonNumber, type JsonObject, type JsonValue, toPlain } from './json-value.ts'

export interface JsonLimits {
  /** How many arrays and objects may stand inside one another, 0 to 64. `[]` has depth 1. Default 8. */
  readonly maxDepth?: number
}

export type JsonResult =
  | { readonly ok: true; readonly value: JsonValue }
  /** `why` names the rule and the byte, never the content: it may be logged. */
  | { readonly ok: false; readonly why: string }

/**
 * Reads one JSON text (RFC 8259) more strictly than `JSON.parse`, which keeps the last of two equal members and rounds
 * numbers: both would let two readers of one signed body see two payouts. Besides what the grammar refuses, these are:
 * a member name twice (compared after unescaping), the name `__proto__`, unpaired surrogates, a byte order mark, bytes
 * that are not UTF-8, depth over the limit, and number literals longer than 256 characters.
 * Any value may stand at the top. The caller bounds the size of the input.
 */
export function parseJson(input: Uint8Array | string, limits?: JsonLimits): JsonResult {
  const maxDepth = limits?.maxDepth ?? DEPTH_MAX_DEFAULT
  // The reader calls itself once per level, so the limit also bounds the stack.
  assert(Number.isInteger(maxDepth) && maxDepth >= 0 && maxDepth <= DEPTH_MAX, 'a depth limit is 0 to 64')

  if (typeof input === 'string' && !input.isWellFormed()) return UNPAIRED_SURROGATE
  const bytes = bufferOf(input)
  if (!isUtf8(bytes)) return NOT_UTF8
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return BYTE_ORDER_MARK

  const reader = new JsonReader(bytes, maxDepth)
  const value = reader.read()
  return value === undefined ? { ok: false, why: reader.why } : { ok: true, value }
}

const DEPTH_MAX_DEFAULT = 8
const DEPTH_MAX = 64

const NOT_UTF8: JsonResult = { ok: false, why: 'not UTF-8' }
const UNPAIRED_SURROGATE: JsonResult = { ok: false, why: 'unpaired surrogate' }
const BYTE_ORDER_MARK: JsonResult = { ok: false, why: 'byte order mark' }

/** The same memory seen as a Buffer, which can cut text from bytes. */
function bufferOf(input: Uint8Array | string): Buffer {
  if (typeof input === 'string') return Buffer.from(input, 'utf8')
  if (input instanceof Buffer) return input
  return Buffer.from(input.buffer, input.byteOffset, input.byteLength)
}
