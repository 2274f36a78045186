// What one person proposes about a payout: what becomes of it, or a correction of its books. Nothing moves before another
// person has confirmed it.
import type { z } from 'zod'
import type { NewEvidence } from '../store/people-store.ts'
import { type ApiAnswer, found, type PersonCall, type PersonRoute, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import type { ApiNeeds } from './needs.ts'
import { NO_PAYOUT } from './payouts-read.ts'
import {
  EVIDENCE_BODY_BYTES_MAX,
  type EvidenceGiven,
  readContent,
  readEvidence,
  readMoney,
  readPayout,
  refusedAnswer,
} from './people-content.ts'
import type { ApiPayoutAsked, ApiPeople } from './people-needs.ts'
import { previewResource, proposalResource } from './people-resource.ts'
import { payoutParams } from './schema.ts'
import {
  correctionGiven,
  decisionGiven,
  previewShown,
  proposalShown,
  proposedShown,
} from './schema-people.ts'

export function proposalsPropose(needs: ApiNeeds): readonly PersonRoute[] {
  return [
    proposing(needs, {
      path: '/v1/payouts/:id/decisions',
      roles: ['operator'],
      operationId: 'proposeDecision',
      summary: 'Propose what becomes of a payout in doubt',
      description:
        'With the evidence it rests on. The answer shows what would be booked and what it costs to be wrong. It is void as soon as the payout or its attempt moves on. The same proposal again, while it is open, is the same one.',
      given: decisionGiven,
      answer: { ...PROPOSED, schema: proposedShown },
      async propose({ people, by, payout, evidence }, { verdict, after, because, seen }) {
        const asked = { payout, verdict, after: after ?? null, because, seen: seen ?? null, evidence }
        const answer = await people.proposeDecision(by, asked)
        if (answer.kind === 'refused') return refusedAnswer(answer)
        return proposed({ ...proposalResource(answer.proposal), preview: previewResource(answer.preview) })
      },
    }),
    proposing(needs, {
      path: '/v1/payouts/:id/decision-previews',
      roles: ['operator'],
      operationId: 'previewDecision',
      summary: 'Show what a decision would book',
      description:
        'The same checks and the same answer as proposing it, and nothing is recorded: no proposal, no evidence.',
      given: decisionGiven,
      answer: { status: 200, description: 'What would follow.', schema: previewShown },
      async propose({ people, by, payout, evidence }, { verdict, after, because, seen }) {
        const asked = { payout, verdict, after: after ?? null, because, seen: seen ?? null, evidence }
        const answer = await people.previewDecision(by, asked)
        return answer.kind === 'refused' ? refusedAnswer(answer) : found(previewResource(answer.preview))
      },
    }),
    proposing(needs, {
      path: '/v1/payouts/:id/corrections',
      roles: ['operator', 'admin'],
      operationId: 'proposeCorrection',
      summary: 'Propose a correction of the books',
      description:
        "One balanced movement between accounts of the payout's merchant: `available`, `fees`, `suspense`, `recall_receivable`, `float:<provider account>`. It stands beside what was booked, which stays; the payout keeps its state.",
      given: correctionGiven,
      answer: { ...PROPOSED, schema: proposalShown },
      async propose({ people, by, payout, evidence }, { debit, credit, because, ...money }) {
        const amount = readMoney(money.amount, money.currency)
        if (!amount.ok) return refusal(amount.problem)
        const asked = { payout, debit, credit, amount: amount.content, because, evidence }
        const answer = await people.proposeCorrection(by, asked)
        return answer.kind === 'refused' ? refusedAnswer(answer) : proposed(proposalResource(answer.proposal))
      },
    }),
  ]
}

const PROPOSED = { status: 201, description: 'Proposed; another person confirms it.' } as const

interface Proposing<Given extends z.ZodType<{ readonly evidence: EvidenceGiven }>> {
  readonly path: `/v1/payouts/:id/${string}`
  readonly roles: PersonRoute['roles']
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly given: Given
  readonly answer: { readonly status: 200 | 201; readonly description: string; readonly schema: z.ZodType }
  propose(
    of: {
      readonly people: ApiPeople
      readonly by: PersonCall['by']
      readonly payout: ApiPayoutAsked
      readonly evidence: readonly NewEvidence[]
    },
    content: z.output<Given>,
  ): Promise<ApiAnswer>
}

function proposing<Given extends z.ZodType<{ readonly evidence: EvidenceGiven }>>(
  needs: ApiNeeds,
  { path, roles, given, answer, propose, ...words }: Proposing<Given>,
): PersonRoute {
  return {
    ...{ method: 'POST', path, roles, body: 'object', bodyBytesMax: EVIDENCE_BODY_BYTES_MAX },
    schema: documentation({
      ...words,
      tag: 'People',
      params: payoutParams,
      body: given,
      answer,
      problems: [400, 404, 409, 413, 415, 422],
    }),
    async run({ by, params, body }) {
      const payout = readPayout(params.id)
      const { people } = needs
      if (payout === null || people === undefined) return NO_PAYOUT
      const read = readContent(body, given)
      if (!read.ok) return refusal(read.problem)
      const evidence = readEvidence(read.content.evidence)
      if (!evidence.ok) return refusal(evidence.problem)
      return propose({ people, by, payout, evidence: evidence.content }, read.content)
    },
  }
}

export function proposed(shown: object): ApiAnswer {
  return { status: 201, body: JSON.stringify(shown) }
}
