// The second person's word: yes, with the code of its second factor, or no.
import { type ApiAnswer, found, type PersonCall, type PersonRoute, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import type { ApiNeeds } from './needs.ts'
import { readContent, refusedAnswer } from './people-content.ts'
import { proposalResource } from './people-resource.ts'
import { NOTHING, proposalId } from './proposals-read.ts'
import { proposalParams, proposalShown, rejectGiven } from './schema-people.ts'

export function proposalsEnd(needs: ApiNeeds): readonly PersonRoute[] {
  return [
    {
      method: 'POST',
      path: '/v1/decisions/:id/confirm',
      roles: ['approver', 'admin'],
      body: 'nothing',
      schema: documentation({
        operationId: 'confirmDecision',
        summary: 'Confirm what another person proposed',
        description:
          'You are neither the one who proposed it nor the one who made the payout, by whichever key. What was shown is what is done: if the payout moved on since, nothing is, and the proposal is void.',
        tag: 'People',
        confirms: true,
        params: proposalParams,
        answer: { status: 200, description: 'Confirmed, and done.', schema: proposalShown },
        problems: [400, 404, 409, 422, 429],
      }),
      run: call => confirm(call, needs),
    },
    {
      method: 'POST',
      path: '/v1/decisions/:id/reject',
      roles: ['approver', 'operator', 'admin'],
      body: 'object',
      schema: documentation({
        operationId: 'rejectDecision',
        summary: 'Reject what is proposed',
        description: 'Or take back what you proposed yourself. Nothing is done, and why is kept.',
        tag: 'People',
        params: proposalParams,
        body: rejectGiven,
        answer: { status: 200, description: 'Rejected.', schema: proposalShown },
        problems: [400, 404, 409, 413, 415],
      }),
      run: call => reject(call, needs),
    },
  ]
}

async function confirm({ by, params, headers }: PersonCall, { people }: ApiNeeds): Promise<ApiAnswer> {
  const id = proposalId(params.id)
  if (id === null || people === undefined) return NOTHING
  const code = typeof headers.oneTimeCode === 'string' ? headers.oneTimeCode : null
  const answer = await people.confirm(by, id, code)
  return answer.kind === 'refused' ? refusedAnswer(answer) : found(proposalResource(answer.proposal))
}

async function reject({ by, params, body }: PersonCall, { people }: ApiNeeds): Promise<ApiAnswer> {
  const id = proposalId(params.id)
  if (id === null || people === undefined) return NOTHING
  const read = readContent(body, rejectGiven)
  if (!read.ok) return refusal(read.problem)
  const answer = await people.reject(by, id, read.content.because)
  return answer.kind === 'refused' ? refusedAnswer(answer) : found(proposalResource(answer.proposal))
}
