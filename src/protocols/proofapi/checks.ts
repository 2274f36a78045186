// Who asks our door, and for what: the checks of the door that need no desk, in the order of the contract (section 7).
// The request builder explains by the same run, so that what it says is what the door does.
import { isAllowedFrom } from '../allowed-addresses.ts'
import type { DoorCredential, DoorRequest } from '../protocol.ts'
import type { ProofapiRefusal } from './answer.ts'
import { proofapiKeyId, proofapiVerify } from './sign.ts'
import {
  PROOFAPI_KEY_HEADER,
  PROOFAPI_ORDER_ID_LENGTH_MAX,
  PROOFAPI_PID_LENGTH_MAX,
  proofapiReadBody,
  proofapiText,
} from './wire.ts'

export const PROOFAPI_BODY_BYTES_MAX = 16_384

/** The checks in their order, each with what the door answers where it fails. */
export const PROOFAPI_CHECKS = {
  method: 'body',
  body: 'body',
  pid: 'no_pid',
  order_id: 'no_order_id',
  signature: 'no_signature',
  key: 'no_key',
  key_known: 'key',
  key_active: 'key',
  address: 'key',
  verified: 'verification',
  user: 'user',
} as const satisfies Record<string, ProofapiRefusal>
export type ProofapiCheck = keyof typeof PROOFAPI_CHECKS

/** What was understood of a request so far; a member is there once its check held. */
export interface ProofapiSoFar {
  readonly request: Pick<DoorRequest, 'method' | 'headers' | 'body' | 'bodyTooLarge' | 'remoteAddress'>
  readonly pid?: string
  readonly orderId?: string
  readonly signature?: string
  readonly apiKey?: string
  readonly credential?: DoorCredential
}

/** A request whose sender holds the API key and its secret. Whether the pid is theirs is asked next. */
export interface ProofapiAsked extends ProofapiSoFar {
  readonly pid: string
  readonly orderId: string
  readonly credential: DoorCredential
}

export type ProofapiHeard =
  | { readonly ok: true; readonly asked: ProofapiAsked }
  | { readonly ok: false; readonly check: ProofapiCheck; readonly soFar: ProofapiSoFar }

/** All checks up to the signature, which stands before the pid: only who holds the secret may learn which pids exist. */
export function proofapiHear(
  request: ProofapiSoFar['request'],
  credentialOf: (publicId: string) => DoorCredential | null,
): ProofapiHeard {
  let soFar: ProofapiSoFar = { request }
  if (request.method !== 'POST') return { ok: false, check: 'method', soFar }
  const isTooLarge = request.bodyTooLarge || request.body.length > PROOFAPI_BODY_BYTES_MAX
  const fields = isTooLarge ? null : proofapiReadBody(request.body)
  if (fields === null) return { ok: false, check: 'body', soFar }

  const pid = proofapiText(fields.get('pid'), PROOFAPI_PID_LENGTH_MAX)
  if (pid === null) return { ok: false, check: 'pid', soFar }
  soFar = { ...soFar, pid }
  const orderId = proofapiText(fields.get('order_id'), PROOFAPI_ORDER_ID_LENGTH_MAX)
  if (orderId === null) return { ok: false, check: 'order_id', soFar }
  soFar = { ...soFar, orderId }
  const signature = fields.get('signature')
  if (typeof signature !== 'string' || signature === '') return { ok: false, check: 'signature', soFar }
  soFar = { ...soFar, signature }

  // A header that comes twice names two keys, which is as good as none.
  const [apiKey, ...more] = request.headers.get(PROOFAPI_KEY_HEADER.toLowerCase()) ?? []
  if (apiKey === undefined || apiKey === '' || more.length > 0) return { ok: false, check: 'key', soFar }
  soFar = { ...soFar, apiKey }
  const credential = apiKey.length > KEY_LENGTH_MAX ? null : credentialOf(proofapiKeyId(apiKey))
  if (credential === null) return { ok: false, check: 'key_known', soFar }
  const asked = { ...soFar, pid, orderId, credential }
  if (!credential.active) return { ok: false, check: 'key_active', soFar: asked }
  if (!isAllowedFrom(request.remoteAddress, credential.settings.addresses))
    return { ok: false, check: 'address', soFar: asked }

  if (!proofapiVerify(asked, signature, credential.secret))
    return { ok: false, check: 'verified', soFar: asked }
  return { ok: true, asked }
}

/** Longer than any key; a header is not hashed beyond it. */
const KEY_LENGTH_MAX = 512

/**
 * Whose payouts a pid stands for: `settings.pids` is a comma-separated list, in which `PID001` is the credential's own
 * merchant and `PID002=m_other` another one. Null where the pid is not in the list; without a list there is none.
 */
export function proofapiMerchantOf(credential: DoorCredential, pid: string): string | null {
  for (const entry of (credential.settings.pids ?? '').split(',')) {
    const [listed = '', ...other] = entry.trim().split('=')
    if (listed.trim() !== pid) continue
    return other.length === 0 ? credential.merchantId : other.join('=').trim() || null
  }
  return null
}
