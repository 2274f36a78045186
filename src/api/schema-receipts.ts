// What the API says of receipts. The facts of a receipt have their own page, docs/receipts.md.
import { z } from 'zod'
import { RECEIPT_GRADES, RECEIPT_KINDS } from '../payout/receipt.ts'

const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: 'SHA-256, lowercase hex.' })
const place = z.int().min(0)
const path = z.array(hash).meta({ description: 'From the leaf to the root.' })

export const receiptQuery = z.strictObject({
  of: z.enum(RECEIPT_KINDS).optional().meta({ description: 'Absent: the newest one.' }),
})

export const receiptShown = z
  .strictObject({
    format: z.literal('quittance-receipt/1'),
    facts: z.looseObject({
      kind: z.enum(RECEIPT_KINDS),
      grade: z.enum(RECEIPT_GRADES),
      supersedes: hash.nullable(),
    }),
    signed: z.string().meta({ description: 'The facts, canonical and signed: a compact JWS.' }),
    inclusion: z.strictObject({ leaf_index: place, path, checkpoint: z.string() }),
  })
  .meta({ id: 'Receipt', description: 'Written out in docs/receipts.md.' })

export const leafParams = z.strictObject({ leaf: hash })

export const statusShown = z
  .strictObject({
    object: z.literal('receipt_status'),
    leaf: hash,
    leaf_index: place,
    superseded_by: hash.nullable().meta({ description: 'The receipt that took its place; null: it stands.' }),
  })
  .meta({ id: 'ReceiptStatus' })

export const inclusionQuery = z.strictObject({
  leaf: hash,
  size: place.optional().meta({ description: 'Of the log; absent: the newest checkpoint.' }),
})
export const inclusionShown = z
  .strictObject({ object: z.literal('receipt_inclusion'), leaf_index: place, size: place, path })
  .meta({ id: 'ReceiptInclusion' })

export const checkpointQuery = z.strictObject({
  size: place.optional().meta({ description: 'Absent: the newest.' }),
})

export const consistencyQuery = z.strictObject({ first: place, second: place })
export const consistencyShown = z
  .strictObject({ object: z.literal('receipt_consistency'), first: place, second: place, path })
  .meta({ id: 'ReceiptConsistency' })

export const keySetShown = z
  .strictObject({ keys: z.array(z.looseObject({ kid: z.string(), kty: z.literal('OKP'), x: z.string() })) })
  .meta({ id: 'ReceiptKeySet', description: 'JSON Web Keys (RFC 8037); those that ended stay.' })
