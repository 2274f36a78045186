import { type ApiAnswer, type PersonCall, type PersonRoute, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import type { ApiNeeds } from './needs.ts'
import { NO_PAYOUT } from './payouts-read.ts'
import {
  EVIDENCE_BODY_BYTES_MAX,
  readContent,
  readEvidence,
  readMoney,
  readPayout,
  refusedAnswer,
} from './people-content.ts'
import { proposalResource } from './people-resource.ts'
import { payoutParams } from './schema.ts'
import { correctionGiven, proposalShown } from './schema-people.ts'

/** `POST /v1/payouts/{id}/corrections`. */
export function correctionsPropose(needs: ApiNeeds): PersonRoute {
  return {
    method: 'POST',
    path: '/v1/payouts/:id/corrections',
    roles: ['operator', 'admin'],
    body: 'object',
    bodyBytesMax: EVIDENCE_BODY_BYTES_MAX,
    schema: documentation({
      operationId: 'proposeCorrection',
      summary: 'Propose a correction of the books',
      description:
        "One balanced movement between accounts of the payout's merchant: `available`, `fees`, `suspense`, `recall_receivable`, `float:<provider account>`. It stands beside what was booked, which stays; the payout keeps its state.",
      tag: 'People',
      params: payoutParams,
      body: correctionGiven,
      answer: { status: 201, description: 'Proposed; another person confirms it.', schema: proposalShown },
      problems: [400, 404, 409, 413, 415, 422],
    }),
    run: call => proposeCorrection(call, needs),
  }
}

async function proposeCorrection({ by, params, body }: PersonCall, { people }: ApiNeeds): Promise<ApiAnswer> {
  const payout = readPayout(params.id)
  if (payout === null || people === undefined) return NO_PAYOUT
  const read = readContent(body, correctionGiven)
  if (!read.ok) return refusal(read.problem)
  const { debit, credit, because } = read.content
  const amount = readMoney(read.content.amount, read.content.currency)
  if (!amount.ok) return refusal(amount.problem)
  const evidence = readEvidence(read.content.evidence)
  if (!evidence.ok) return refusal(evidence.problem)
  const asked = { payout, debit, credit, amount: amount.content, because, evidence: evidence.content }
  const answer = await people.proposeCorrection(by, asked)
  if (answer.kind === 'refused') return refusedAnswer(answer)
  return { status: 201, body: JSON.stringify(proposalResource(answer.proposal)) }
}
