import type { Problem } from '../http/problem.ts'
import { sha256 } from '../lib/digest.ts'
import type { HeaderValue } from './headers.ts'
import type { PayoutContent } from './payout-content.ts'

export type KeyRead =
  | { readonly ok: true; readonly key: string }
  | { readonly ok: false; readonly problem: Problem }

/** The Idempotency-Key of a request that moves money: one header, 1 to 255 printable characters. It never expires. */
export function readIdempotencyKey(value: HeaderValue): KeyRead {
  if (value === null) return { ok: false, problem: { code: 'idempotency_key_missing' } }
  if (typeof value !== 'string' || !PRINTABLE.test(value)) {
    return { ok: false, problem: { code: 'idempotency_key_invalid' } }
  }
  return { ok: true, key: value }
}

/**
 * SHA-256 over what a create request means, not over how it was written: the order of members, blanks and escapes do
 * not count, nor whether an absent field was left out or null; `10.5` is `10.50`. Fields that are added later join only
 * where they are present, so that the requests of today keep their fingerprint.
 */
export function payoutFingerprint(content: PayoutContent): Uint8Array {
  const { reference, amount, beneficiary, description, metadata } = content
  return sha256(
    JSON.stringify([
      'payout.create',
      reference,
      amount.currency,
      amount.minor.toString(),
      ...beneficiaryParts(beneficiary),
      ...(description === null ? [] : ['description', description]),
      ...(metadata === null ? [] : ['metadata', ...Object.entries(metadata).sort(byName)]),
    ]),
  )
}

const PRINTABLE = /^[\x20-\x7e]{1,255}$/

function beneficiaryParts(beneficiary: PayoutContent['beneficiary']): readonly (string | null)[] {
  if (beneficiary.kind === 'wallet') return ['wallet', beneficiary.operator, beneficiary.number]
  return ['bank_account', beneficiary.account, beneficiary.bank, beneficiary.holder]
}

function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1
}
