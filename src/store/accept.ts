import { assert } from '../lib/assert.ts'
import type { Seal } from '../lib/seal.ts'
import { beneficiaryKey, beneficiaryMethod } from '../payout/beneficiary.ts'
import { beneficiaryContext } from './rows.ts'
import type { AcceptVerdict, NewPayout } from './store.ts'
import type { Whole } from './whole.ts'

/** The sequence gives a block with each call (migrations/0002-books.sql). */
const NUMBER_BLOCK = 1000

export async function takeNumbers(whole: Whole, count: number): Promise<{ first: bigint }> {
  assert(count > 0 && count <= NUMBER_BLOCK, `numbers are given in blocks of at most ${NUMBER_BLOCK}`)
  const [row] = await whole.rows<{ first: bigint }>(
    { name: 'take_numbers', text: `select nextval('payout_number_block') as first` },
    [],
  )
  assert(row !== undefined, 'a sequence answers')
  return { first: row.first }
}

export async function acceptPayouts(
  whole: Whole,
  seal: Seal,
  batch: readonly NewPayout[],
): Promise<readonly AcceptVerdict[]> {
  const input = JSON.stringify(batch.map((payout, place) => payoutInput(payout, place + 1, seal)))
  const rows = await whole.rows<VerdictRow>(
    { name: 'accept_payouts', text: 'select place, verdict, number, tag, answer from accept_payouts($1)' },
    [input],
  )
  assert(rows.length === batch.length, 'every payout of a batch has its verdict')
  return rows.map((row, index) => verdictOf(row, batch[index]?.refuse ?? null))
}

interface VerdictRow {
  place: number
  verdict: string
  number: bigint | null
  tag: number | null
  answer: string | null
}

function verdictOf(row: VerdictRow, refuse: string | null): AcceptVerdict {
  switch (row.verdict) {
    case 'accepted':
    case 'insufficient':
    case 'again':
      return { kind: row.verdict }
    case 'refused':
      assert(refuse !== null, 'only what was refused before is refused')
      return { kind: 'refused', why: refuse }
    default: {
      assert(row.number !== null && row.tag !== null, `${row.verdict} names the payout that stands`)
      const standing = { number: row.number, tag: row.tag }
      if (row.verdict === 'replayed') {
        assert(row.answer !== null, 'a recorded payout has its first answer')
        return { kind: 'replayed', ...standing, answer: row.answer }
      }
      return {
        kind: 'conflict',
        by: row.verdict === 'conflict_key' ? 'idempotency_key' : 'reference',
        ...standing,
      }
    }
  }
}

function payoutInput(payout: NewPayout, place: number, seal: Seal): Record<string, unknown> {
  const context = beneficiaryContext(payout.merchantId, payout.number)
  return {
    place,
    merchant_id: payout.merchantId,
    payout_number: String(payout.number),
    tag: payout.tag,
    reference: payout.reference,
    idempotency_key: payout.idempotencyKey,
    fingerprint: Buffer.from(payout.fingerprint).toString('hex'),
    currency: payout.amount.currency,
    minor: String(payout.amount.minor),
    method: beneficiaryMethod(payout.beneficiary),
    beneficiary: seal.seal(JSON.stringify(payout.beneficiary), context),
    beneficiary_fingerprint: Buffer.from(
      seal.fingerprint(beneficiaryKey(payout.beneficiary), `beneficiary:${payout.merchantId}`),
    ).toString('hex'),
    description: payout.description,
    metadata: payout.metadata,
    door: payout.door,
    door_credential_id: payout.doorCredentialId,
    request_id: payout.requestId,
    notify_url: payout.notifyUrl,
    first_answer: payout.firstAnswer,
    created_at_ms: payout.createdAtMs,
    state: payout.to,
    wait_reason: payout.waitReason,
    refuse: payout.refuse,
  }
}
