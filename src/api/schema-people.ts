// What people are given and what is taken from them.
import { z } from 'zod'
import { FIXED_RECIPES } from '../ledger/recipes.ts'
import { ATTEMPT_STATES } from '../payout/attempt.ts'
import {
  AFTER_DECIDED_DEATH,
  EVIDENCE_KINDS,
  EVIDENCE_MAX,
  EVIDENCE_TYPES,
  VERDICTS,
} from '../payout/decision.ts'
import { DOUBTS } from '../payout/outcome.ts'
import { WAIT_REASONS } from '../payout/payout.ts'
import { ROLES } from '../payout/role.ts'
import { amountText, currencyText, PAGE_LIMIT_MAX, referenceText, visibleState } from './schema-request.ts'
import { plainText } from './schema-text.ts'

const time = z.iso.datetime()
const day = z.iso.date().meta({ description: 'A whole day in UTC.', examples: ['2026-11-21'] })
const accountText = z.string().regex(/^[a-z_]+(?::[a-z0-9_-]{1,40})?$/, 'must be an account of the ledger')
export const because = plainText(2000).meta({
  description: 'Why, in the words that will stand beside it for ever.',
})

/** Base64 of 5 MiB. */
const DATA_LENGTH_MAX = 6_990_512
const evidenceGiven = z
  .strictObject({
    kind: z.enum(EVIDENCE_KINDS),
    name: plainText(200),
    media_type: z.enum(EVIDENCE_TYPES),
    data: z
      .string()
      .max(DATA_LENGTH_MAX, 'must be a file of at most 5 MiB')
      .meta({ description: 'The file in base64 with padding, at most 5 MiB.' }),
    covers: z
      .strictObject({ from: day, through: day })
      .optional()
      .meta({ description: 'Of a statement: the days that it holds whole.' }),
  })
  .meta({ id: 'EvidenceGiven' })

export const decisionGiven = z
  .strictObject({
    verdict: z.enum(VERDICTS),
    after: z.enum(AFTER_DECIDED_DEATH).optional().meta({
      description: 'Beside `dead`: the end (left out), or the money held until a person has looked.',
    }),
    because,
    evidence: z.array(evidenceGiven).max(EVIDENCE_MAX).default([]),
    seen: z
      .strictObject({ version: z.int().min(1), revision: z.int().min(0) })
      .optional()
      .meta({
        description:
          'What you looked at, from the list of doubts; if it moved on since, nothing is proposed.',
      }),
  })
  .meta({ id: 'DecisionGiven' })

export const correctionGiven = z
  .strictObject({
    debit: accountText,
    credit: accountText,
    amount: amountText,
    currency: currencyText,
    because,
    evidence: z.array(evidenceGiven).max(EVIDENCE_MAX).default([]),
  })
  .meta({ id: 'CorrectionGiven' })

export const rejectGiven = z.strictObject({ because }).meta({ id: 'RejectGiven' })

export const doubtsQuery = z.strictObject({
  limit: z.int().min(1).max(PAGE_LIMIT_MAX).default(20).meta({ description: 'How many at most.' }),
  cursor: z.string().max(64).optional().meta({ description: '`next_cursor` of the page before.' }),
  merchant: z
    .string()
    .regex(/^[a-z0-9_]{1,40}$/, 'must be the id of a merchant')
    .optional()
    .meta({ description: 'Left out: every merchant for which you have a role.' }),
})

const PROPOSAL_STATES = ['open', 'confirmed', 'rejected', 'void', 'expired'] as const
export const proposalsQuery = z.strictObject({
  limit: z.int().min(1).max(PAGE_LIMIT_MAX).default(20),
  cursor: z.string().max(64).optional(),
  state: z.enum(PROPOSAL_STATES).optional(),
})

export const proposalParams = z.strictObject({ id: z.string().meta({ examples: ['pr_0123456789abcdef'] }) })
export const evidenceParams = z.strictObject({ id: z.string(), number: z.string().meta({ examples: ['1'] }) })

const totalShown = z
  .strictObject({ currency: currencyText, count: z.int().min(0), amount: amountText })
  .meta({ id: 'DoubtTotal' })

export const doubtShown = z
  .strictObject({
    object: z.literal('doubt'),
    kind: z.enum(['in_doubt', 'overdue', 'review', 'disputed']).meta({
      description:
        'In doubt; without an end for more than a day; waiting for a person; or ended unpaid, and something speaks for a payment.',
    }),
    payout_id: z.string(),
    merchant: z.string(),
    reference: referenceText,
    amount: amountText.meta({ description: 'At risk.' }),
    currency: currencyText,
    state: visibleState,
    wait_reason: z.enum(WAIT_REASONS).nullable(),
    why: z.string().nullable(),
    since: time,
    age_seconds: z.int().min(0),
    version: z.int().min(1).meta({ description: 'Give it back in `seen`, with `revision`.' }),
    attempt: z
      .strictObject({
        number: z.int().min(1),
        state: z.enum(ATTEMPT_STATES),
        revision: z.int().min(0),
        provider_account: z.string(),
        reference: z.string(),
        their_id: z.string().nullable(),
        doubt: z.enum(DOUBTS).nullable(),
        created_at: time,
        next_check_at: time.nullable(),
        inquiries: z.int().min(0),
      })
      .nullable(),
    observations: z.array(z.strictObject({ said: z.string(), at: time })),
    exchanges: z.array(
      z.strictObject({
        number: z.int(),
        kind: z.enum(['send', 'inquiry', 'callback']),
        at: time,
        status: z.int().nullable(),
        row: z.string(),
        verdict: z.string(),
      }),
    ),
    incidents: z.array(z.strictObject({ at: time, kind: z.string(), detail: z.string() })),
    decidable: z.boolean().meta({ description: 'Whether two people may decide it.' }),
    dead_may_be_decided: z.boolean().meta({ description: 'Without a statement.' }),
    dead_opens_at: time.nullable().meta({ description: 'When it may be; null: only by statements.' }),
    open_proposals: z.array(z.string()),
  })
  .meta({ id: 'Doubt' })
export type DoubtShown = z.output<typeof doubtShown>

export const doubtsShown = z.strictObject({
  object: z.literal('list'),
  data: z.array(doubtShown),
  has_more: z.boolean(),
  next_cursor: z.string().nullable(),
  totals: z.array(totalShown).meta({ description: 'Of the whole queue, from the same snapshot.' }),
})

const evidenceShown = z.strictObject({
  number: z.int().min(1),
  kind: z.enum(EVIDENCE_KINDS),
  name: z.string(),
  media_type: z.enum(EVIDENCE_TYPES),
  size: z.int(),
  sha256: z.string(),
  covers: z.strictObject({ from: day, through: day }).nullable(),
})

export const evidenceFileShown = evidenceShown
  .extend({
    object: z.literal('evidence'),
    data: z.string().meta({ description: 'The file in base64. Untrusted: people sent it.' }),
  })
  .meta({ id: 'EvidenceFile' })
export type EvidenceFileShown = z.output<typeof evidenceFileShown>

export const proposalShown = z
  .strictObject({
    id: z.string().regex(/^pr_[a-z0-9]{16}$/),
    object: z.literal('proposal'),
    kind: z
      .string()
      .meta({ description: '`decision`, `correction`, `person`, `release_switch`, `release_safe_mode`.' }),
    state: z.enum(PROPOSAL_STATES),
    merchant: z.string().nullable(),
    subject: z.string().meta({ description: 'What it is about, such as the id of the payout.' }),
    content: z.record(z.string(), z.unknown()).meta({ description: 'What was proposed; it never changes.' }),
    sha256: z.string().meta({ description: 'Of the content, the hashes of its files included.' }),
    evidence: z.array(evidenceShown),
    current: z.boolean().meta({ description: 'Whether what it is about still is as it was shown.' }),
    confirmed_by_role: z.enum(ROLES),
    proposed_by: z.string(),
    proposed_at: time,
    expires_at: time,
    ended_at: time.nullable(),
    ended_by: z.string().nullable(),
    ended_why: z.string().nullable(),
  })
  .meta({ id: 'Proposal' })
export type ProposalShown = z.output<typeof proposalShown>

export const previewShown = z
  .strictObject({
    state: visibleState.nullable().meta({ description: 'Null: the payout stays as it is.' }),
    recipe: z.enum(FIXED_RECIPES).nullable(),
    postings: z.array(
      z.strictObject({ debit: z.string(), credit: z.string(), amount: amountText, currency: currencyText }),
    ),
    if_wrong: z.string().meta({ description: 'What a wrong decision costs.' }),
  })
  .meta({ id: 'Preview' })
export const proposedShown = proposalShown.extend({ preview: previewShown }).meta({ id: 'ProposedDecision' })
export type PreviewShown = z.output<typeof previewShown>
