import type { ErrorCode } from '../errors.ts'
import { unreachable } from '../lib/assert.ts'
import { beneficiaryMethod } from '../payout/beneficiary.ts'
import { payoutId } from '../payout/number.ts'
import type { NewPayoutIdentity, Submission, SubmissionRefusal, Submitted } from '../protocols/protocol.ts'
import { type ApiAnswer, type ApiCall, type ApiRoute, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import { payoutFingerprint, readIdempotencyKey } from './idempotency.ts'
import type { ApiNeeds } from './needs.ts'
import { type PayoutContent, readPayoutContent } from './payout-content.ts'
import { payoutResource } from './resource.ts'
import { payoutCreate, payoutShown } from './schema.ts'

/**
 * `POST /v1/payouts`. A repeat with the same key and content gets the first answer byte for byte, for ever. Nothing is
 * answered as accepted before its commit; where it is not known whether the commit happened the answer is 503, and
 * asking again with the same key tells.
 */
export function payoutsCreate(needs: ApiNeeds): ApiRoute {
  return {
    method: 'POST',
    path: '/v1/payouts',
    scope: 'payouts:write',
    body: 'object',
    schema: documentation({
      operationId: 'createPayout',
      summary: 'Create a payout',
      description:
        'Takes the money from the available balance and puts the payout into the queue. The same Idempotency-Key with the same content gives the first answer again, byte for byte; keys never expire.',
      tag: 'Payouts',
      idempotent: true,
      body: payoutCreate,
      answer: {
        status: 201,
        description:
          'The payout is recorded and its money held. A repeat carries `Idempotency-Replayed: true`.',
        schema: payoutShown,
      },
      problems: [400, 409, 413, 415, 422],
    }),
    run: call => createPayout(call, needs),
  }
}

async function createPayout(call: ApiCall, { desk, livemode }: ApiNeeds): Promise<ApiAnswer> {
  const key = readIdempotencyKey(call.headers.idempotencyKey)
  if (!key.ok) return key
  const read = readPayoutContent(call.body)
  if (!read.ok) return read
  return answerOf(await desk.submit(submissionOf(read.content, key.key, call, livemode)))
}

function submissionOf(
  content: PayoutContent,
  idempotencyKey: string,
  { merchantId, credentialId, requestId }: Pick<ApiCall, 'merchantId' | 'credentialId' | 'requestId'>,
  livemode: boolean,
): Submission {
  return {
    merchantId,
    door: 'api',
    doorCredentialId: credentialId,
    requestId,
    reference: content.reference,
    idempotencyKey,
    fingerprint: payoutFingerprint(content),
    amount: content.amount,
    beneficiary: content.beneficiary,
    description: content.description,
    metadata: content.metadata,
    notifyUrl: null,
    needsConfirmation: false,
    firstAnswer: identity => firstAnswer(content, identity, livemode),
  }
}

function firstAnswer(content: PayoutContent, identity: NewPayoutIdentity, livemode: boolean): string {
  const { number, tag, state, createdAtMs } = identity
  return JSON.stringify(
    payoutResource(
      {
        ...content,
        number,
        tag,
        method: beneficiaryMethod(content.beneficiary),
        door: 'api',
        state,
        waitReason: null,
        why: null,
        createdAtMs,
        stateSinceMs: createdAtMs,
        paidAtMs: null,
        attempts: 0,
      },
      null,
      livemode,
    ),
  )
}

function answerOf(submitted: Submitted): ApiAnswer {
  switch (submitted.kind) {
    case 'accepted':
      return { status: 201, body: submitted.answer }
    case 'replayed':
      return { status: 201, body: submitted.answer, headers: REPLAYED }
    case 'conflict':
      return refusal({
        code: submitted.by === 'reference' ? 'reference_reused' : 'idempotency_key_reused',
        more: { payout_id: payoutId(submitted.number, submitted.tag) },
      })
    case 'refused':
      return refusal({ code: REFUSAL_CODES[submitted.why] })
    default:
      return unreachable(submitted)
  }
}

const REPLAYED = { 'Idempotency-Replayed': 'true' }

const REFUSAL_CODES: Readonly<Record<SubmissionRefusal, ErrorCode>> = {
  insufficient_funds: 'insufficient_funds',
  method_not_available: 'method_not_available',
  amount_out_of_limits: 'amount_out_of_limits',
  rate_limited: 'rate_limited',
}
