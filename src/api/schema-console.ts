// What people look at over all their merchants: payouts, figures, accounts, notices, acts and keys.
import { z } from 'zod'
import { RECIPES } from '../ledger/recipes.ts'
import { SWITCH_SCOPES } from '../payout/stop.ts'
import { noticeShown, payoutShown } from './schema-answer.ts'
import { amountText, currencyText, PAGE_LIMIT_MAX, visibleState } from './schema-request.ts'
import { plainText } from './schema-text.ts'

const time = z.iso.datetime()
const merchantText = z.string().regex(/^[a-z0-9_]{1,40}$/, 'must be the id of a merchant')
const providerAccountText = z.string().regex(/^[a-z0-9_-]{1,40}$/, 'must be the id of a provider account')
const beforeText = z.string().max(256).meta({ description: '`next_cursor` of the page before.' })
const page = {
  limit: z.int().min(1).max(PAGE_LIMIT_MAX).default(20).meta({ description: 'How many at most.' }),
  before: beforeText.optional(),
}
/** A balance may be below zero: what somebody owes us, and a float that is overdrawn. */
const signedAmount = z
  .string()
  .regex(/^-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,4})?$/)
  .meta({ description: 'A decimal string; below zero with a sign.', examples: ['-10.50'] })

// ---- merchants -----------------------------------------------------------------------------------------------------

export const merchantShown = z
  .strictObject({ object: z.literal('merchant'), id: z.string(), name: z.string(), active: z.boolean() })
  .meta({ id: 'Merchant' })
export type MerchantShown = z.output<typeof merchantShown>

// ---- payouts of every merchant ---------------------------------------------------------------------------------------

const searchFilters = {
  q: plainText(128).optional().meta({
    description:
      'Exact: an id or number of a payout, a reference of a merchant or of an attempt, the id that a provider gave, or a wallet, account or IBAN.',
  }),
  merchant: merchantText.optional(),
  state: visibleState.optional(),
  currency: currencyText.optional(),
  provider_account: providerAccountText.optional(),
  created_from: time.optional(),
  created_to: time.optional().meta({ description: 'Up to, and not including.' }),
}
export const searchQuery = z.strictObject({ ...searchFilters, ...page })
export const searchFileQuery = z.strictObject(searchFilters)

export const foundPayoutShown = payoutShown.extend({ merchant: z.string() }).meta({ id: 'FoundPayout' })
export type FoundPayoutShown = z.output<typeof foundPayoutShown>

// ---- overview ----------------------------------------------------------------------------------------------------------

export const HOURS_MAX = 24 * 31
export const overviewQuery = z.strictObject({
  hours: z.int().min(1).max(HOURS_MAX).default(24).meta({ description: 'How far it looks back.' }),
  merchant: merchantText.optional(),
})

const money = { currency: currencyText, amount: amountText }
const count = z.int().min(0)

export const overviewShown = z
  .strictObject({
    object: z.literal('overview'),
    at: time,
    complete_since: time.nullable().meta({
      description:
        'Null: it holds every payout of these hours. Else there were too many, and it holds those since then.',
    }),
    totals: z
      .array(z.strictObject({ state: visibleState, count, ...money }))
      .meta({ description: 'Payouts that were created in these hours, as they stand now.' }),
    series: z
      .array(
        z.strictObject({
          at: time.meta({ description: 'Where the hour, or beyond 48 of them the day, begins.' }),
          accepted: count,
          paid: count,
          failed: count,
          paid_amounts: z.array(z.strictObject(money)),
        }),
      )
      .meta({ description: 'Oldest first, empty hours included.' }),
    time_to_paid: z
      .array(z.strictObject({ up_to_ms: z.int().nullable(), count }))
      .meta({ description: 'From creation to paid, each bar without those before it.' }),
    providers: z
      .array(
        z.strictObject({
          provider_account: z.string(),
          protocol: z.string(),
          sends: count,
          accepted: count,
          refused: count,
          doubtful: count,
          p50_ms: z.int().nullable(),
          p95_ms: z.int().nullable(),
        }),
      )
      .meta({ description: 'Sends of the newest payouts, at most 2,000 of them.' }),
    doubts: z.array(z.strictObject({ count, ...money })).meta({ description: 'The totals of /v1/doubts.' }),
    floats: z.array(
      z.strictObject({ provider_account: z.string(), currency: currencyText, amount: signedAmount }),
    ),
  })
  .meta({ id: 'Overview' })
export type OverviewShown = z.output<typeof overviewShown>

// ---- provider accounts -------------------------------------------------------------------------------------------------

export const providerAccountShown = z
  .strictObject({
    object: z.literal('provider_account'),
    id: z.string(),
    protocol: z.string(),
    name: z.string(),
    active: z.boolean(),
    stopped: z
      .strictObject({ scope: z.enum(SWITCH_SCOPES), why: z.string(), since: time })
      .nullable()
      .meta({ description: 'The kill switch by which nothing is sent through it.' }),
    safe_mode: z.strictObject({ sign: z.string(), since: time }).nullable(),
    floats: z.array(z.strictObject({ currency: currencyText, amount: signedAmount })),
    open_attempts: count.meta({ description: 'Without an end, those in doubt among them.' }),
    in_doubt: count,
    last_exchange_at: time
      .nullable()
      .meta({ description: 'Among the newest attempts; null: none of them was here.' }),
    last_failed_at: time.nullable().meta({ description: 'The last of those that left a doubt.' }),
  })
  .meta({ id: 'ProviderAccount' })
export type ProviderAccountShown = z.output<typeof providerAccountShown>

// ---- stops ---------------------------------------------------------------------------------------------------------------

export const stopGiven = z
  .strictObject({
    scope: z.enum(SWITCH_SCOPES),
    id: plainText(200)
      .or(z.literal(''))
      .default('')
      .meta({ description: 'Which merchant, currency, rail or provider account; left out beside `global`.' }),
    because: plainText(1000).meta({ description: 'Why, in the words that will stand beside it for ever.' }),
  })
  .meta({ id: 'StopGiven' })

export const stopShown = z
  .strictObject({
    object: z.literal('stop'),
    scope: z.enum(SWITCH_SCOPES),
    id: z.string(),
    already: z
      .boolean()
      .meta({ description: 'Whether it was stopped before; that you stop it too is noted.' }),
  })
  .meta({ id: 'Stop' })
export type StopShown = z.output<typeof stopShown>

// ---- the ledger ------------------------------------------------------------------------------------------------------------

export const accountsQuery = z.strictObject({
  merchant: merchantText.optional().meta({ description: 'Left out: your only one.' }),
})
export const accountShown = z
  .strictObject({
    object: z.literal('account'),
    merchant: z.string(),
    account: z.string(),
    currency: currencyText,
    balance: signedAmount.meta({ description: 'Credits minus debits; of a float, debits minus credits.' }),
  })
  .meta({ id: 'Account' })
export type AccountShown = z.output<typeof accountShown>

export const accountParams = z.strictObject({ account: z.string().meta({ examples: ['available'] }) })
export const statementQuery = z.strictObject({
  merchant: merchantText.optional().meta({ description: 'Left out: your only one.' }),
  currency: currencyText,
  ...page,
})
export const statementLineShown = z
  .strictObject({
    object: z.literal('statement_line'),
    payout_id: z.string().nullable().meta({ description: 'Null: money that was brought in.' }),
    sequence: z.int().min(1),
    recipe: z.enum(RECIPES),
    contra: z.string().meta({ description: 'The account on the other side.' }),
    amount: signedAmount.meta({ description: 'What it changed this account by.' }),
    balance: signedAmount.meta({ description: 'Behind this line.' }),
    currency: currencyText,
    at: time,
  })
  .meta({ id: 'StatementLine' })
export type StatementLineShown = z.output<typeof statementLineShown>

// ---- notices ---------------------------------------------------------------------------------------------------------------

const NOTICE_STATES = ['due', 'acknowledged', 'parked'] as const
export const noticesQuery = z.strictObject({
  merchant: merchantText.optional(),
  state: z.enum(NOTICE_STATES).optional(),
  ...page,
})
export const foundNoticeShown = noticeShown
  .extend({
    merchant: z.string(),
    payout_id: z.string(),
    told: visibleState.meta({ description: 'The state that it tells.' }),
    at: time.meta({ description: 'When the payout came into it.' }),
    due_at: time.nullable().meta({ description: 'When it is tried next, where it is.' }),
  })
  .meta({ id: 'FoundNotice' })
export type FoundNoticeShown = z.output<typeof foundNoticeShown>
export const resendParams = z.strictObject({
  id: z.string(),
  sequence: z.string().meta({ examples: ['4'] }),
})

// ---- acts ------------------------------------------------------------------------------------------------------------------

export const actsQuery = z.strictObject({
  who: plainText(100).optional().meta({ description: '`pe_…`, or `host:<user>`.' }),
  what: z
    .string()
    .regex(/^[a-z_]{1,60}$/)
    .optional(),
  subject: plainText(200).optional(),
  ...page,
})
export const actShown = z
  .strictObject({
    object: z.literal('act'),
    number: z.string(),
    at: time,
    who: z.string(),
    credential: z.string().meta({ description: 'The public half of what it came by.' }),
    what: z.string(),
    subject: z.string(),
    merchant: z.string().nullable(),
    sha256: z.string().nullable(),
  })
  .meta({ id: 'Act' })
export type ActShown = z.output<typeof actShown>

// ---- keys ------------------------------------------------------------------------------------------------------------------

export const credentialShown = z
  .strictObject({
    object: z.literal('credential'),
    kind: z.enum(['api_key', 'door', 'person']),
    id: z.string().meta({ description: 'The public half; secrets are never shown.' }),
    merchant: z.string().nullable().meta({ description: 'Null: the key of a person.' }),
    door: z.string().nullable(),
    scopes: z.array(z.string()),
    owner: z.string().nullable().meta({ description: 'The person behind it, where that is known.' }),
    active: z.boolean(),
    created_at: time,
  })
  .meta({ id: 'Credential' })
export type CredentialShown = z.output<typeof credentialShown>
