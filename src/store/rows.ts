// Rows of the database as domain values, and the sealing of what must not lie there in clear.
import { assert } from '../lib/assert.ts'
import type { Seal } from '../lib/seal.ts'
import { type CurrencyCode, currencyOf } from '../money/currency.ts'
import type { Attempt, AttemptState } from '../payout/attempt.ts'
import type { Beneficiary, Method } from '../payout/beneficiary.ts'
import type { Death } from '../payout/death.ts'
import type { Doubt } from '../payout/outcome.ts'
import type { Payout, PayoutState, WaitReason } from '../payout/payout.ts'

/** Columns of a payout as `rowPayout` reads them; `p` is the table's name in the query. */
export const PAYOUT_COLUMNS = `p.state, p.version, p.attempts, p.wait_reason, p.why, p.merchant_id, p.payout_number, p.tag,
  p.reference, p.currency, p.minor, p.method, p.beneficiary, p.description, p.metadata, p.door, p.door_credential_id, p.request_id,
  p.notify_url, ${ms('p.state_since')} as state_since_ms, ${ms('p.paid_at')} as paid_at_ms,
  ${ms('p.created_at')} as created_at_ms`

export interface PayoutRow {
  state: PayoutState
  version: number
  attempts: number
  wait_reason: WaitReason | null
  why: string | null
  /** Only where somebody reads it to show it. */
  disputed?: boolean
  merchant_id: string
  payout_number: bigint
  tag: number
  reference: string
  currency: string
  minor: bigint
  method: string
  beneficiary: string
  description: string | null
  metadata: Record<string, string> | null
  door: string
  door_credential_id: string
  request_id: string | null
  notify_url: string | null
  state_since_ms: number
  paid_at_ms: number | null
  created_at_ms: number
}

export function rowPayout(row: PayoutRow, seal: Seal): Payout {
  return {
    merchantId: row.merchant_id,
    number: row.payout_number,
    tag: row.tag,
    reference: row.reference,
    amount: { minor: row.minor, currency: storedCurrency(row.currency) },
    beneficiary: JSON.parse(
      seal.open(row.beneficiary, beneficiaryContext(row.merchant_id, row.payout_number)),
    ) as Beneficiary,
    method: row.method as Method,
    description: row.description,
    metadata: row.metadata,
    door: row.door,
    doorCredentialId: row.door_credential_id,
    requestId: row.request_id,
    notifyUrl: row.notify_url,
    state: row.state,
    waitReason: row.wait_reason,
    why: row.why,
    disputed: row.disputed ?? false,
    createdAtMs: row.created_at_ms,
    stateSinceMs: row.state_since_ms,
    paidAtMs: row.paid_at_ms,
    version: row.version,
    attempts: row.attempts,
  }
}

/** Columns of an attempt as `rowAttempt` reads them; `a` is the table's name in the query. */
export const ATTEMPT_COLUMNS = `a.attempt_no, a.state as attempt_state, a.provider_account_id, a.reference as attempt_reference,
  a.their_id, a.doubt, a.proof_kind, a.inquiries, a.revision, a.facts, a.contract_id, a.incarnation, ${ms('a.created_at')} as attempt_created_at_ms,
  ${ms('a.next_look_at')} as next_look_at_ms`

export interface AttemptRow {
  attempt_no: number
  attempt_state: AttemptState
  provider_account_id: string
  attempt_reference: string
  their_id: string | null
  doubt: Doubt | null
  proof_kind: Death | null
  inquiries: number
  revision: number
  facts: unknown
  contract_id: string
  incarnation: bigint
  attempt_created_at_ms: number
  next_look_at_ms: number | null
}

export function rowAttempt(row: AttemptRow): Attempt {
  return {
    attemptNo: row.attempt_no,
    state: row.attempt_state,
    providerAccountId: row.provider_account_id,
    reference: row.attempt_reference,
    theirId: row.their_id,
    doubt: row.doubt,
    proof: row.proof_kind,
    createdAtMs: row.attempt_created_at_ms,
    nextInquiryAtMs: row.next_look_at_ms,
    inquiries: row.inquiries,
    revision: row.revision,
  }
}

/** A sealed value opens only in its own place. */
export function beneficiaryContext(merchantId: string, number: bigint): string {
  return `payout.beneficiary:${merchantId}:${number}`
}

export function storedCurrency(code: string): CurrencyCode {
  const currency = currencyOf(code)
  assert(currency !== null, `${code} is no currency`)
  return currency
}

/** SQL for milliseconds since the epoch, as a number. */
export function ms(expression: string): string {
  return `floor(extract(epoch from ${expression}) * 1000)::float8`
}
