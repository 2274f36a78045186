import type { FastifySchema } from 'fastify'
import { z } from 'zod'
import { problemShown } from './schema-answer.ts'
import { API_VERSION } from './version.ts'

/** What the document says of one operation. */
export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly tag: 'Payouts' | 'Balances' | 'Receipts' | 'People' | 'Sandbox' | 'Console' | 'Sessions'
  /** Whether anybody may ask, without a key. */
  readonly open?: true
  /** Whether it takes an Idempotency-Key, which is then required. */
  readonly idempotent?: true
  /** Whether a person confirms by it, with the code of its second factor. */
  readonly confirms?: true
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  readonly answer: {
    readonly status: number
    readonly description: string
    readonly schema: z.ZodType
    /** Left out: JSON. */
    readonly mediaType?: string
  }
  /** Statuses of refusals beside those that every operation has. */
  readonly problems: readonly number[]
}

/** The operation as the document's generator wants it. Nothing of it is run over requests or answers. */
export function documentation(operation: Operation): FastifySchema {
  const { answer } = operation
  const always = operation.open ? PROBLEMS_OF_OPEN : PROBLEMS_OF_ALL
  const problems = [...operation.problems, ...always].sort((one, other) => one - other)
  return {
    operationId: operation.operationId,
    summary: operation.summary,
    description: operation.description,
    tags: [operation.tag],
    security: securityOf(operation),
    headers: headersOf(operation),
    ...(operation.params === undefined ? {} : { params: operation.params }),
    ...(operation.query === undefined ? {} : { querystring: operation.query }),
    ...(operation.body === undefined ? {} : { body: operation.body }),
    response: {
      [answer.status]: {
        description: answer.description,
        content: { [answer.mediaType ?? 'application/json']: { schema: answer.schema } },
      },
      ...Object.fromEntries(problems.map(status => [status, problemOf(status)])),
    },
  }
}

/** By what one may come: a key of a merchant, the key of a person, or the session of one. */
function securityOf({ open, tag }: Operation) {
  if (open) return []
  switch (tag) {
    case 'Sessions':
      return [{ session: [] }]
    case 'People':
    case 'Console':
      return [{ personKey: [] }, { session: [] }]
    default:
      return [{ apiKey: [] }, { personKey: [] }, { session: [] }]
  }
}

function headersOf({ idempotent, confirms, open, tag }: Operation): z.ZodType {
  const forPeople = open || FOR_PEOPLE.includes(tag)
  const all = forPeople ? headersOfAll : headersOfAll.extend(merchantHeader)
  if (idempotent) return all.extend(idempotencyHeader)
  return confirms ? all.extend(codeHeader) : all
}

const FOR_PEOPLE: readonly Operation['tag'][] = ['People', 'Console', 'Sessions']

const merchantHeader = {
  'Quittance-Merchant': z
    .string()
    .regex(/^[a-z0-9_]{1,40}$/)
    .optional()
    .meta({
      description:
        'For which merchant a person asks; left out: its only one. A GET takes the query parameter `merchant` as well.',
    }),
}

const PROBLEMS_OF_ALL: readonly number[] = [401, 403, 500, 503]
const PROBLEMS_OF_OPEN: readonly number[] = [500, 503]

const headersOfAll = z.strictObject({
  'Quittance-Version': z.literal(API_VERSION).optional().meta({ description: 'Absent: the newest.' }),
  'X-Request-Id': z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,128}$/)
    .optional()
    .meta({ description: 'Given back in the answer, and in the log.' }),
})

const idempotencyHeader = {
  'Idempotency-Key': z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/)
    .meta({
      description: 'Names this request for ever.',
      examples: ['4b5e6f5c-6f0e-4f5c-9d5e-0a1b2c3d4e5f'],
    }),
}

const codeHeader = {
  'Quittance-One-Time-Code': z
    .string()
    .regex(/^[0-9]{6}$/)
    .meta({ description: 'What the authenticator shows now. Each works once.', examples: ['123456'] }),
}

const PROBLEM_WORDS: Readonly<Record<number, string>> = {
  400: 'The request is malformed.',
  401: 'No valid key or session.',
  403: 'The key lacks the scope or the role, or another person is needed.',
  404: 'There is no such thing, or not of this merchant.',
  409: 'It contradicts what is on record.',
  413: 'The body is too large.',
  415: 'The body is not JSON in UTF-8.',
  422: 'Understood, and refused.',
  429: 'Too many; wait as Retry-After says.',
  500: 'A fault of ours.',
  503: 'Not now; repeat after Retry-After with the same Idempotency-Key.',
}

function problemOf(status: number) {
  return {
    description: PROBLEM_WORDS[status] ?? 'Refused.',
    content: { 'application/problem+json': { schema: problemShown } },
  }
}
