// What is proposed, and what it rests on: `/v1/decisions` and below.
import { type ApiAnswer, found, type PersonCall, type PersonRoute, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import { readListQuery } from './list-query.ts'
import type { ApiNeeds } from './needs.ts'
import { pageOf } from './page.ts'
import { refusedAnswer } from './people-content.ts'
import { evidenceFileResource, proposalResource } from './people-resource.ts'
import { listOf } from './schema.ts'
import {
  evidenceFileShown,
  evidenceParams,
  proposalParams,
  proposalShown,
  proposalsQuery,
} from './schema-people.ts'

const READERS = ['viewer', 'approver', 'operator', 'admin'] as const

export function proposalsRead(needs: ApiNeeds): readonly PersonRoute[] {
  return [
    {
      method: 'GET',
      path: '/v1/decisions',
      roles: READERS,
      body: 'unread',
      schema: documentation({
        operationId: 'listDecisions',
        summary: 'List what two people decide',
        description: 'Decisions, corrections and whatever else needs two people; newest first.',
        tag: 'People',
        query: proposalsQuery,
        answer: { status: 200, description: 'One page.', schema: listOf(proposalShown) },
        problems: [400],
      }),
      run: call => listProposals(call, needs),
    },
    {
      method: 'GET',
      path: '/v1/decisions/:id',
      roles: READERS,
      body: 'unread',
      schema: documentation({
        operationId: 'readDecision',
        summary: 'Read what is proposed',
        description: 'As it was proposed, and what became of it.',
        tag: 'People',
        params: proposalParams,
        answer: { status: 200, description: 'The proposal.', schema: proposalShown },
        problems: [404],
      }),
      run: call => readProposal(call, needs),
    },
    {
      method: 'GET',
      path: '/v1/decisions/:id/evidence/:number',
      roles: READERS,
      body: 'unread',
      schema: documentation({
        operationId: 'readEvidence',
        summary: 'Read a file that a proposal rests on',
        description: 'That you read it is recorded.',
        tag: 'People',
        params: evidenceParams,
        answer: { status: 200, description: 'The file.', schema: evidenceFileShown },
        problems: [404],
      }),
      run: call => readEvidence(call, needs),
    },
  ]
}

async function listProposals({ by, query }: PersonCall, { people }: ApiNeeds): Promise<ApiAnswer> {
  const read = readListQuery(query, proposalsQuery)
  if (!read.ok) return refusal({ code: 'invalid_request', errors: read.errors })
  if (people === undefined) return NOTHING
  const { limit, state } = read.values
  const asked = { state: state ?? null, before: read.before, limit: limit + 1 }
  return found(pageOf(await people.proposals(by, asked), limit, proposalResource))
}

async function readProposal({ by, params }: PersonCall, { people }: ApiNeeds): Promise<ApiAnswer> {
  const id = proposalId(params.id)
  if (id === null || people === undefined) return NOTHING
  const answer = await people.proposal(by, id)
  return answer.kind === 'refused' ? refusedAnswer(answer) : found(proposalResource(answer.proposal))
}

async function readEvidence({ by, params }: PersonCall, { people }: ApiNeeds): Promise<ApiAnswer> {
  const id = proposalId(params.id)
  const number = params.number ?? ''
  if (id === null || !/^[1-9]$/.test(number) || people === undefined) return NOTHING
  const evidenceNo = Number.parseInt(number, 10)
  const answer = await people.evidence(by, { proposalId: id, evidenceNo })
  return answer.kind === 'refused'
    ? refusedAnswer(answer)
    : found(evidenceFileResource(answer.evidence, evidenceNo))
}

export const NOTHING = refusal({ code: 'not_found', detail: 'There is no such thing.' })

/** The id of a proposal, or null where the text is none. */
export function proposalId(text: string | undefined): string | null {
  return text !== undefined && /^pr_[a-z0-9]{16}$/.test(text) ? text : null
}
