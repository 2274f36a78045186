// The messages of the Payout Proof API as bytes and text: one flat JSON object asks, one answers. Read more strictly
// than JSON.parse, which keeps the last of two equal members and would let one signed body mean two orders.
import { isJsonObject, JsonNumber, type JsonObject, type JsonValue, parseJson } from '../../lib/json.ts'

/** Below the base URL. */
export const PROOFAPI_PATH = '/payout/api/proof/get_data.php'
export const PROOFAPI_CONTENT_TYPE = 'application/json'
/** Header names have no case; this is the document's spelling. */
export const PROOFAPI_KEY_HEADER = 'X-API-KEY'

export const PROOFAPI_PID_LENGTH_MAX = 64
export const PROOFAPI_ORDER_ID_LENGTH_MAX = 128

/** One JSON object, or null. The caller bounds the size. */
export function proofapiReadBody(body: Uint8Array): JsonObject | null {
  const result = parseJson(body)
  return result.ok && isJsonObject(result.value) ? result.value : null
}

/**
 * A `pid` or `order_id`: a text of 1 to `lengthMax` characters, or an integer by its digits as they stand. Null for
 * everything else, which counts as not provided (contract, section 4).
 */
export function proofapiText(value: JsonValue | undefined, lengthMax: number): string | null {
  const text =
    value instanceof JsonNumber && INTEGER.test(value.literal)
      ? value.literal
      : typeof value === 'string'
        ? value
        : ''
  // A character is one or two UTF-16 units, so a longer text need not be counted.
  if (text === '' || text.length > 2 * lengthMax) return null
  return text.length <= lengthMax || [...text].length <= lengthMax ? text : null
}

const INTEGER = /^-?[0-9]+$/

/** The one shape of a request, members in the document's order. */
export interface ProofapiRequest {
  readonly pid: string
  readonly orderId: string
  readonly signature: string
}

export function proofapiEncodeRequest({ pid, orderId, signature }: ProofapiRequest): string {
  return JSON.stringify({ pid, order_id: orderId, signature })
}

/** One answer of a provider, each member as far as it can be read. */
export interface ProofapiAnswer {
  /** `success`, `error`, or null where it is neither. */
  readonly status: 'success' | 'error' | null
  readonly orderId: string | null
  readonly transactionStatus: string | null
  /** The elements of `proof_images`; null where there is no such array. */
  readonly images: readonly JsonValue[] | null
  readonly message: string | null
}

/** Reads an answer, or gives null where the body is no JSON object. PHP's `\/` is the same text as `/`. */
export function proofapiReadAnswer(body: Uint8Array): ProofapiAnswer | null {
  const object = proofapiReadBody(body)
  if (object === null) return null
  const status = object.get('status')
  const images = object.get('proof_images')
  return {
    status: status === 'success' || status === 'error' ? status : null,
    orderId: proofapiText(object.get('order_id'), PROOFAPI_ORDER_ID_LENGTH_MAX),
    transactionStatus: stringOrNull(object.get('transaction_status')),
    images: Array.isArray(images) ? images : null,
    message: stringOrNull(object.get('message')),
  }
}

function stringOrNull(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}
