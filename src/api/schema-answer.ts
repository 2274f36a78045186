// What the API gives. These schemas document and give the types that the answers are built against; they are not run
// over answers, which are our own text.
import { z } from 'zod'
import { ERRORS, type ErrorCode } from '../errors.ts'
import type { MERCHANT_ACCOUNTS } from '../ledger/accounts.ts'
import { RECIPES } from '../ledger/recipes.ts'
import { ATTEMPT_STATES } from '../payout/attempt.ts'
import { WALLET_OPERATORS } from '../payout/beneficiary.ts'
import { DEATHS } from '../payout/death.ts'
import { DOUBTS } from '../payout/outcome.ts'
import { WAIT_REASONS } from '../payout/payout.ts'
import { amountText, currencyText, referenceText, visibleState } from './schema-request.ts'

const time = z.iso.datetime().meta({ description: 'RFC 3339, UTC.', examples: ['2026-11-21T09:30:00.000Z'] })
const payoutNumber = z.string().regex(/^[1-9][0-9]{0,15}$/)

const beneficiaryShown = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('wallet'), operator: z.enum(WALLET_OPERATORS), number: z.string() }),
    z.strictObject({
      kind: z.literal('bank_account'),
      account: z.string(),
      bank: z.string().nullable(),
      holder: z.string().nullable().meta({ description: 'Initials.' }),
    }),
    z.strictObject({ kind: z.literal('card'), number: z.string() }),
  ])
  .meta({ id: 'MaskedBeneficiary', description: 'Masked; the whole value is never given back.' })

export const payoutShown = z
  .strictObject({
    id: z.string().regex(/^po_[0-9a-z]{16}$/),
    object: z.literal('payout'),
    livemode: z.boolean(),
    number: payoutNumber.meta({ description: 'The same payout as doors with integer ids show it.' }),
    reference: referenceText,
    amount: amountText,
    currency: currencyText,
    method: z.string().meta({ description: "The wallet's operator, `bank_account` or `card`." }),
    beneficiary: beneficiaryShown,
    description: z.string().nullable(),
    metadata: z.record(z.string(), z.string()).nullable(),
    state: visibleState,
    money: z
      .enum(['held', 'in_flight', 'available', 'gone'])
      .meta({ description: 'Where the money stands now; `available` is back with the merchant.' }),
    wait_reason: z.enum(WAIT_REASONS).nullable(),
    why: z.string().nullable().meta({ description: 'In words, where the state does not say all.' }),
    since: time.meta({ description: 'When it came into its state.' }),
    safe_to_retry: z.boolean().meta({
      description:
        'Whether paying the same purpose by another payout can no longer pay twice. False until the end is proven, and always while in doubt.',
    }),
    next_check_at: time
      .nullable()
      .meta({ description: 'When the provider is asked next, where it is; null in lists.' }),
    door: z.string().meta({ description: '`api`, or the protocol by which the payout came in.' }),
    created_at: time,
    paid_at: time.nullable(),
    attempts: z.int().min(0),
  })
  .meta({
    id: 'Payout',
    examples: [
      {
        id: 'po_00000cbfxf2iecch',
        object: 'payout',
        livemode: false,
        number: '1',
        reference: 'salary-2026-11-0042',
        amount: '1500.00',
        currency: 'BDT',
        method: 'bkash',
        beneficiary: { kind: 'wallet', operator: 'bkash', number: '01••••••678' },
        description: 'November',
        metadata: null,
        state: 'in_doubt',
        money: 'in_flight',
        wait_reason: null,
        why: 'the provider did not answer in time',
        since: '2026-11-21T09:30:02.120Z',
        safe_to_retry: false,
        next_check_at: '2026-11-21T09:31:02.120Z',
        door: 'api',
        created_at: '2026-11-21T09:30:00.000Z',
        paid_at: null,
        attempts: 1,
      },
    ],
  })
export type PayoutShown = z.output<typeof payoutShown>

export const eventShown = z
  .strictObject({
    object: z.literal('event'),
    sequence: z.int().min(1),
    at: time,
    state: visibleState,
    wait_reason: z.enum(WAIT_REASONS).nullable(),
    why: z.string().nullable(),
    attempt: z.int().nullable(),
  })
  .meta({ id: 'Event' })
export type EventShown = z.output<typeof eventShown>

export const postingShown = z
  .strictObject({
    object: z.literal('posting'),
    sequence: z.int().min(1).meta({ description: 'The event that booked it.' }),
    recipe: z.enum(RECIPES),
    debit: z.string(),
    credit: z.string(),
    amount: amountText,
    currency: currencyText,
    at: time,
  })
  .meta({ id: 'Posting' })
export type PostingShown = z.output<typeof postingShown>

const exchangeShown = z
  .strictObject({
    number: z.int().min(1),
    kind: z.enum(['send', 'inquiry', 'callback']),
    started_at: time,
    duration_ms: z.number(),
    status: z.int().nullable().meta({ description: 'HTTP status, or null where no whole answer came.' }),
    row: z.string().meta({ description: 'The row of the certainty table that judged it.' }),
    verdict: z.string(),
    request: z.string().nullable().meta({ description: 'Without secrets.' }),
    answer: z.string().nullable().meta({ description: 'Without secrets.' }),
  })
  .meta({ id: 'Exchange' })

export const attemptShown = z
  .strictObject({
    object: z.literal('attempt'),
    number: z.int().min(1),
    state: z.enum(ATTEMPT_STATES),
    provider_account: z.string(),
    reference: z.string().meta({ description: 'Ours, at the provider.' }),
    their_id: z.string().nullable(),
    doubt: z.enum(DOUBTS).nullable(),
    proof: z.enum(DEATHS).nullable().meta({ description: 'Why it can never be paid, where that is proven.' }),
    created_at: time,
    next_check_at: time.nullable(),
    inquiries: z.int().min(0),
    exchanges: z.array(exchangeShown),
  })
  .meta({ id: 'Attempt' })
export type AttemptShown = z.output<typeof attemptShown>

export const noticeShown = z
  .strictObject({
    object: z.literal('notice'),
    sequence: z.int().min(1).meta({ description: 'The event it tells.' }),
    target: z.string(),
    url: z.string(),
    state: z.enum(['due', 'acknowledged', 'parked']),
    tries: z.int().min(0),
    last_status: z.int().nullable(),
    last_said: z.string().nullable(),
    acknowledged_at: time.nullable(),
  })
  .meta({ id: 'Notice' })
export type NoticeShown = z.output<typeof noticeShown>

export const proofImageShown = z
  .strictObject({
    object: z.literal('proof_image'),
    source: z
      .enum(['provider', 'own'])
      .meta({ description: "`own`: our receipt picture of the payout's facts." }),
    media_type: z.enum(['image/png', 'image/jpeg', 'image/webp']),
    size: z.int().min(0).meta({ description: 'Bytes of the picture.' }),
    sha256: z.string().meta({ description: 'Of the picture, lowercase hex.' }),
    data_uri: z.string().meta({ description: 'The picture itself. Untrusted where the provider made it.' }),
  })
  .meta({ id: 'ProofImage' })
export type ProofImageShown = z.output<typeof proofImageShown>

export const balanceShown = z
  .strictObject({
    object: z.literal('balance'),
    currency: currencyText,
    available: amountText,
    held: amountText.meta({ description: 'For payouts that were not sent yet.' }),
    in_flight: amountText.meta({ description: 'For payouts at a provider, those in doubt included.' }),
  } satisfies Record<'object' | 'currency' | (typeof MERCHANT_ACCOUNTS)[number], z.ZodType>)
  .meta({ id: 'Balance' })
export type BalanceShown = z.output<typeof balanceShown>

/** A page of things; `next_cursor` is null on the last one. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    object: z.literal('list'),
    data: z.array(item),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
}

const CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]] // the keys of a constant, in its order
export const problemShown = z
  .looseObject({
    type: z.string().meta({ description: 'Stands for the code; a page about it is served there.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(CODES),
    retryable: z.boolean().meta({ description: 'Whether the same request may succeed later.' }),
    request_id: z.string(),
    errors: z.array(z.strictObject({ pointer: z.string(), message: z.string() })).optional(),
    payout_id: z.string().optional().meta({ description: 'The payout that stands in the way.' }),
  })
  .meta({
    id: 'Problem',
    description: 'RFC 9457.',
    examples: [
      {
        type: '/docs/errors#invalid_request',
        title: ERRORS.invalid_request.title,
        status: 400,
        detail: ERRORS.invalid_request.title,
        code: 'invalid_request',
        retryable: false,
        request_id: 'req_1b2c3d4e5f000001',
        errors: [{ pointer: '/amount', message: 'must be above zero' }],
      },
    ],
  })
