// The signature of the Payout Proof API: SHA-256 over pid, secret and order_id with nothing between them, in lowercase
// hex (document; contract, section 3). The secret stands in the middle, unlike in most schemes, and there is no time
// and no nonce: a request can be repeated by whoever saw it. It only reads; TLS and a rate limit stand beside it.
import { assert } from '../../lib/assert.ts'
import { equalConstantTime, sha256Hex } from '../../lib/digest.ts'

/** What is signed, each text exactly as it is sent. */
export interface ProofapiSigned {
  readonly pid: string
  readonly orderId: string
}

/** @throws AssertionFailed without a secret */
export function proofapiSign({ pid, orderId }: ProofapiSigned, secret: string): string {
  assert(secret !== '', 'nothing is signed with an empty secret')
  return sha256Hex(pid + secret + orderId)
}

/**
 * Whether `signature` is the one of these texts: 64 lowercase hex characters, compared in constant time. Upper case,
 * blanks, Base64 are refused; so is everything without a secret.
 */
export function proofapiVerify(signed: ProofapiSigned, signature: string, secret: string): boolean {
  if (!SIGNATURE.test(signature) || secret === '') return false
  return equalConstantTime(proofapiSign(signed, secret), signature)
}

/** By what a key is known to the door: lowercase hex SHA-256 of it, so that the key itself is not kept. */
export function proofapiKeyId(apiKey: string): string {
  return sha256Hex(apiKey)
}

const SIGNATURE = /^[0-9a-f]{64}$/
