// One try to pay one payout at one provider account. An attempt has its own reference at the provider, derived
// and never drawn by chance, so that an attempt whose row was lost is found again by asking for the same reference.
import { sha256 } from '../lib/digest.ts'
import type { Death } from './death.ts'
import type { Doubt } from './outcome.ts'

export const ATTEMPT_STATES = ['sending', 'in_doubt', 'pending', 'paid', 'returned', 'dead'] as const
export type AttemptState = (typeof ATTEMPT_STATES)[number]

/** One attempt as it stands. Times are milliseconds since the epoch. */
export interface Attempt {
  readonly attemptNo: number
  readonly state: AttemptState
  readonly providerAccountId: string
  /** Our reference at the provider, unique per provider account. */
  readonly reference: string
  /** The provider's own number, once it told us. */
  readonly theirId: string | null
  readonly doubt: Doubt | null
  readonly proof: Death | null
  readonly createdAtMs: number
  readonly nextInquiryAtMs: number | null
  readonly inquiries: number
  /** Grows with every change of what is remembered of it. */
  readonly revision: number
}

/**
 * Our reference for an attempt: SHA-256 over merchant, the merchant's reference and the attempt's number, written
 * in the alphabet and length that the protocol declares (SAFETY.md section 3).
 */
export function attemptReference(
  of: { merchantId: string; reference: string; attemptNo: number },
  form: { alphabet: string; length: number },
): string {
  const digest = sha256(JSON.stringify([of.merchantId, of.reference, of.attemptNo]))
  let bits = 0n
  for (const byte of digest) bits = (bits << 8n) | BigInt(byte)
  const base = BigInt(form.alphabet.length)
  let text = ''
  for (let place = 0; place < form.length; place += 1) {
    text += form.alphabet.charAt(Number(bits % base))
    bits /= base
  }
  return text
}
