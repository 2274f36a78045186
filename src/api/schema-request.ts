// What the API takes. The same schemas validate, give the types, and print docs/openapi.json.
import { z } from 'zod'
import { WALLET_OPERATORS } from '../payout/beneficiary.ts'
import { PAYOUT_STATES } from '../payout/payout.ts'
import { plainText } from './schema-text.ts'

/** Digits with at most one point between them: what money/decimal.ts reads, bounded in length. */
const AMOUNT = /^(0|[1-9][0-9]{0,17})(\.[0-9]{1,4})?$/

export const amountText = z
  .string({ error: 'must be a JSON string such as "10.50"; a JSON number loses digits' })
  .regex(AMOUNT, 'must be decimal digits such as "10.50", without sign, blanks or separators')
  .meta({ description: 'A decimal string, with at most the decimals of the currency.', examples: ['10.50'] })

export const currencyText = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be three capital letters of ISO 4217')
  .meta({ description: 'ISO 4217.', examples: ['BDT'] })

const REFERENCE = /^[A-Za-z0-9_.:-]{1,64}$/
export const referenceText = z
  .string()
  .regex(REFERENCE, 'must be 1 to 64 of A-Z a-z 0-9 _ . : -')
  .meta({
    description: "The merchant's own name for the payout, unique for ever.",
    examples: ['salary-2026-11-0042'],
  })

const walletGiven = z
  .strictObject({
    kind: z.literal('wallet'),
    operator: z.enum(WALLET_OPERATORS),
    number: z.string().regex(/^\+?[0-9]{6,20}$/, 'must be 6 to 20 digits, a + before them allowed'),
  })
  .meta({ id: 'Wallet', examples: [{ kind: 'wallet', operator: 'bkash', number: '01712345678' }] })

const bankAccountGiven = z
  .strictObject({
    kind: z.literal('bank_account'),
    account: z.string().regex(/^[A-Za-z0-9-]{4,34}$/, 'must be 4 to 34 of A-Z a-z 0-9 -'),
    bank: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ . -')
      .nullish()
      .meta({ description: 'The code of the bank, as its provider names it.' }),
    holder: plainText(140).nullish(),
  })
  .meta({
    id: 'BankAccount',
    examples: [
      { kind: 'bank_account', account: 'DE89370400440532013000', bank: null, holder: 'Ada Example' },
    ],
  })

const METADATA_KEYS_MAX = 50
export const metadataGiven = z
  .record(plainText(40), plainText(500))
  .refine(
    metadata => Object.keys(metadata).length <= METADATA_KEYS_MAX,
    `must have at most ${METADATA_KEYS_MAX} keys`,
  )
  .meta({ maxProperties: METADATA_KEYS_MAX, examples: [{ order: '42' }] })

export const payoutCreate = z
  .strictObject({
    reference: referenceText,
    amount: amountText,
    currency: currencyText,
    beneficiary: z
      .discriminatedUnion('kind', [walletGiven, bankAccountGiven])
      .meta({ description: 'Card numbers are refused: `card_number_refused`.' }),
    description: plainText(255)
      .nullish()
      .meta({ description: 'Travels with the payout where the provider can carry it.' }),
    metadata: metadataGiven
      .nullish()
      .meta({ description: 'Kept beside the payout and given back; never sent on.' }),
  })
  .meta({
    id: 'PayoutCreate',
    examples: [
      {
        reference: 'salary-2026-11-0042',
        amount: '1500.00',
        currency: 'BDT',
        beneficiary: { kind: 'wallet', operator: 'bkash', number: '01712345678' },
        description: 'November',
      },
    ],
  })

/** `accepted` lasts only inside the transaction that records a payout: nobody sees one in it. */
export const visibleState = z.enum(PAYOUT_STATES).exclude(['accepted'])

export const PAGE_LIMIT_MAX = 100
export const payoutListQuery = z.strictObject({
  limit: z.int().min(1).max(PAGE_LIMIT_MAX).default(20).meta({ description: 'How many at most.' }),
  cursor: z.string().max(64).optional().meta({ description: '`next_cursor` of the page before.' }),
  state: visibleState.optional(),
  reference: referenceText.optional(),
})

export const payoutParams = z.strictObject({
  id: z.string().meta({ description: '`po_…`, or the decimal number.', examples: ['po_00000cbfxf2iecch'] }),
})
