// The shapes of the recorded entries: one more kind, or a kind of another shape, does not load.
import { z } from 'zod'
import { PAYOUT_STATES } from '../../payout/payout.ts'

const values = z.record(z.string(), z.union([z.string(), z.number()]))
const signed = { secret: z.string(), signed_fields: z.array(z.string()) }
const about = { id: z.string(), description: z.string(), standing: z.string() }
const money = z.string().regex(/^[0-9]+\.[0-9]{2}$/)
export const avanorVectors = z.array(
  z.discriminatedUnion('kind', [
    z.strictObject({
      ...about,
      kind: z.literal('sign'),
      input: z.strictObject({ method: z.string(), fields: values, ...signed }),
      expected: z.strictObject({
        sorted_names: z.array(z.string()),
        string_to_sign: z.string(),
        sign: z.string(),
      }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('number-literal'),
      input: z.strictObject({ raw_body: z.string(), ...signed }),
      expected: z.strictObject({
        candidates: z.array(
          z.strictObject({ text: z.string(), string_to_sign: z.string(), sign: z.string() }),
        ),
      }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('verify-negative'),
      input: z.strictObject({
        method: z.string(),
        fields: values,
        ...signed,
        sign: z.string(),
        string_that_was_hashed: z.string().optional(),
      }),
      expected: z.strictObject({ valid: z.literal(false), error_code: z.number() }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('fixture'),
      input: z.strictObject({
        shops: z.array(z.strictObject({ shop_id: z.number(), secret: z.string(), active: z.boolean() })),
        payouts: z.array(
          z.strictObject({
            shop_id: z.number(),
            id: z.number(),
            shop_payment_id: z.string(),
            state: z.enum(PAYOUT_STATES),
            payee_receive: money,
            shop_write_off: money,
            ps_currency: z.number(),
            shop_currency: z.number(),
            rrn: z.string(),
            bank_transaction_id: z.string(),
          }),
        ),
      }),
      expected: z.strictObject({}),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('door-case'),
      input: z.strictObject({
        method: z.literal('POST'),
        path: z.string(),
        headers: z.record(z.string(), z.string()),
        raw_body: z.string(),
      }),
      expected: z.strictObject({ http_status: z.number(), body: z.string(), body_bytes: z.number() }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('door-sequence'),
      input: z.strictObject({
        path: z.string(),
        steps: z.array(z.strictObject({ raw_body: z.string() })),
      }),
      expected: z.strictObject({
        answers: z.array(
          z.union([
            z.strictObject({ http_status: z.number(), body_example: z.string() }),
            z.strictObject({ http_status: z.number(), body: z.string() }),
            z.strictObject({ same_bytes_as_step: z.number() }),
          ]),
        ),
      }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('status-map'),
      input: z.strictObject({ field: z.literal('data.status') }),
      expected: z.strictObject({
        map: z.array(z.strictObject({ value: z.json(), outcome: z.string() })),
      }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('state-map'),
      input: z.strictObject({}),
      expected: z.strictObject({
        map: z.array(z.strictObject({ state: z.enum(PAYOUT_STATES), value: z.number() })),
      }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('connector-response'),
      input: z.strictObject({
        call: z.enum(['withdraw/create', 'withdraw/shop_payment_status']),
        only_send: z.boolean(),
        our_shop_payment_id: z.string(),
        http_status: z.number(),
        raw_body: z.string(),
      }),
      expected: z.strictObject({
        outcome: z.string(),
        next: z.literal('query').optional(),
        failed_if_query_error_code: z.number().optional(),
      }),
    }),
  ]),
)
export type AvanorVector = z.infer<typeof avanorVectors>[number]
export type AvanorVectorKind = AvanorVector['kind']
