// The door's answers as bytes: compact JSON, members in the document's order, the slash not escaped. Two of the refusals
// are HTTP 200: a client decides on `status` (contract, section 7).
import type { DoorAnswer, ProofImage } from '../protocol.ts'
import { proofapiImageUri } from './images.ts'
import type { ProofapiStatus } from './status.ts'
import { PROOFAPI_CONTENT_TYPE } from './wire.ts'

/** Section 7 in its order; the last two stand outside the document. */
export const PROOFAPI_REFUSALS = {
  body: { status: 400, message: 'Invalid request data' },
  no_pid: { status: 400, message: 'pid not provided' },
  no_order_id: { status: 400, message: 'order_id not provided' },
  no_signature: { status: 400, message: 'signature not provided' },
  no_key: { status: 401, message: 'API key not provided' },
  key: { status: 401, message: 'Invalid API key' },
  verification: { status: 401, message: 'Verification failed' },
  user: { status: 200, message: 'Invalid user' },
  transaction: { status: 200, message: 'Transaction not found' },
  rate: { status: 429, message: 'Too many requests' },
  fault: { status: 500, message: 'Temporary error' },
} as const satisfies Record<string, { status: number; message: string }>
export type ProofapiRefusal = keyof typeof PROOFAPI_REFUSALS

export function proofapiRefusal(refusal: ProofapiRefusal): DoorAnswer {
  const { status, message } = PROOFAPI_REFUSALS[refusal]
  return answer(status, { status: 'error', message })
}

export interface ProofapiFound {
  /** As it was asked. */
  readonly orderId: string
  readonly status: ProofapiStatus
  readonly images: readonly ProofImage[]
}

export function proofapiFound({ orderId, status, images }: ProofapiFound): DoorAnswer {
  return answer(200, {
    status: 'success',
    order_id: orderId,
    transaction_status: status,
    proof_images: images.map(proofapiImageUri),
  })
}

function answer(status: number, body: object): DoorAnswer {
  return { status, headers: { 'content-type': PROOFAPI_CONTENT_TYPE }, body: JSON.stringify(body) }
}
