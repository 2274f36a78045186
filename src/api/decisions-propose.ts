import { type ApiAnswer, type PersonCall, type PersonRoute, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import type { ApiNeeds } from './needs.ts'
import { NO_PAYOUT } from './payouts-read.ts'
import {
  EVIDENCE_BODY_BYTES_MAX,
  readContent,
  readEvidence,
  readPayout,
  refusedAnswer,
} from './people-content.ts'
import { previewResource, proposalResource } from './people-resource.ts'
import { payoutParams } from './schema.ts'
import { decisionGiven, proposedShown } from './schema-people.ts'

/** `POST /v1/payouts/{id}/decisions`. Nothing moves before another person has confirmed it. */
export function decisionsPropose(needs: ApiNeeds): PersonRoute {
  return {
    method: 'POST',
    path: '/v1/payouts/:id/decisions',
    roles: ['operator'],
    body: 'object',
    bodyBytesMax: EVIDENCE_BODY_BYTES_MAX,
    schema: documentation({
      operationId: 'proposeDecision',
      summary: 'Propose what becomes of a payout in doubt',
      description:
        'With the evidence it rests on. The answer shows what would be booked and what it costs to be wrong. It is void as soon as the payout or its attempt moves on. The same proposal again, while it is open, is the same one.',
      tag: 'People',
      params: payoutParams,
      body: decisionGiven,
      answer: { status: 201, description: 'Proposed; another person confirms it.', schema: proposedShown },
      problems: [400, 404, 409, 413, 415, 422],
    }),
    run: call => proposeDecision(call, needs),
  }
}

async function proposeDecision({ by, params, body }: PersonCall, { people }: ApiNeeds): Promise<ApiAnswer> {
  const payout = readPayout(params.id)
  if (payout === null || people === undefined) return NO_PAYOUT
  const read = readContent(body, decisionGiven)
  if (!read.ok) return refusal(read.problem)
  const evidence = readEvidence(read.content.evidence)
  if (!evidence.ok) return refusal(evidence.problem)
  const { verdict, after, because, seen } = read.content
  const asked = {
    payout,
    verdict,
    after: after ?? null,
    because,
    seen: seen ?? null,
    evidence: evidence.content,
  }
  const answer = await people.proposeDecision(by, asked)
  if (answer.kind === 'refused') return refusedAnswer(answer)
  const shown = { ...proposalResource(answer.proposal), preview: previewResource(answer.preview) }
  return { status: 201, body: JSON.stringify(shown) }
}
