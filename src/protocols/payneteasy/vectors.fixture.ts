// The shapes of the recorded vectors; one more kind, or a kind of another shape, does not load.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { OUTCOMES } from '../../payout/outcome.ts'
import { PAYOUT_STATES } from '../../payout/payout.ts'

const texts = z.record(z.string(), z.string())
const pairs = z.array(z.tuple([z.string(), z.string()]))
const outcome = z.enum(OUTCOMES)
const about = { id: z.string(), description: z.string(), standing: z.string() }

function vectorOf<const Kind extends string, In extends z.ZodRawShape, Out extends z.ZodRawShape>(
  kind: Kind,
  input: In,
  expected: Out,
) {
  return z.strictObject({
    ...about,
    kind: z.literal(kind),
    input: z.strictObject(input),
    expected: z.strictObject(expected),
  })
}

const vectors = z.array(
  z.discriminatedUnion('kind', [
    vectorOf('percent-encode', { text: z.string() }, { encoded: z.string() }),
    vectorOf('base-url', { url: z.string() }, { base_url: z.string(), encoded: z.string() }),
    vectorOf(
      'base-string',
      { method: z.string(), url: z.string(), params: pairs, raw_form_body: z.string().optional() },
      {
        normalized: z.string(),
        base_string: z.string(),
        base_string_bytes: z.number(),
        sha256: z.string(),
      },
    ),
    vectorOf(
      'sign',
      { base_string: z.string(), private_key_file: z.string(), public_key_file: z.string() },
      {
        sha256: z.string(),
        signature_bytes: z.number(),
        signature_hex: z.string(),
        signature_base64: z.string(),
        oauth_signature_encoded: z.string(),
        authorization_header: z.string(),
        raw_body: z.string(),
        raw_body_bytes: z.number(),
      },
    ),
    vectorOf(
      'verify-negative',
      {
        base_string: z.string(),
        public_key_file: z.string(),
        signature_base64: z.string(),
        string_that_was_signed: z.string().optional(),
      },
      { valid: z.literal(false), http_status: z.literal(403) },
    ),
    vectorOf(
      'auth-header',
      { header: z.string().nullable(), clock: z.number() },
      {
        accepted: z.boolean(),
        params: texts.optional(),
        signature_bytes: z.number().optional(),
        base_string: z.string().optional(),
        http_status: z.number().optional(),
      },
    ),
    vectorOf(
      'timestamp-window',
      { oauth_timestamp: z.string(), clock: z.number() },
      { accepted: z.boolean() },
    ),
    vectorOf(
      'response-bytes',
      { fields: pairs.optional() },
      {
        http_status: z.number(),
        content_type: z.string(),
        body: z.string(),
        body_bytes: z.number(),
        ends_with_newline: z.boolean().optional(),
        sha256: z.string().optional(),
      },
    ),
    vectorOf(
      'response-parse',
      { raw_body: z.string(), raw_body_bytes: z.number() },
      { fields: texts.nullable(), outcome: z.literal('unknown').optional() },
    ),
    vectorOf(
      'connector-response',
      {
        call: z.literal('payout-pay'),
        only_send: z.boolean(),
        our_client_orderid: z.string(),
        our_orderid: z.string(),
        http_status: z.number(),
        raw_body: z.string(),
      },
      { outcome, next: z.literal('query').optional() },
    ),
    vectorOf(
      'status-map',
      {
        field: z.literal('status'),
        two_step: z.boolean().optional(),
        payout_pay_sent: z.boolean().optional(),
        tied_to_payout_pay: z.boolean().optional(),
      },
      { map: z.array(z.strictObject({ value: z.string().nullable(), outcome })) },
    ),
    vectorOf(
      'state-map',
      {},
      { map: z.array(z.strictObject({ state: z.enum(PAYOUT_STATES), value: z.string() })) },
    ),
    vectorOf(
      'callback-sign',
      { merchant_control: z.string(), params: texts },
      { string_to_hash: z.string(), control: z.string() },
    ),
    vectorOf(
      'callback-negative',
      { merchant_control: z.string(), params: texts },
      { valid: z.literal(false) },
    ),
    vectorOf(
      'callback-url',
      { server_callback_url: z.string(), params: texts },
      { method: z.literal('GET'), url: z.string() },
    ),
    vectorOf(
      'v2-control',
      {
        login: z.string(),
        client_orderid: z.string(),
        orderid: z.string(),
        merchant_control: z.string(),
      },
      { string_to_hash: z.string(), control: z.string() },
    ),
    vectorOf(
      'fixture',
      {
        public_base_urls: z.array(z.string()),
        merchants: z.array(
          z.strictObject({
            consumer_keys: z.array(z.string()),
            logins: z.array(z.string()),
            endpoints: z.array(z.string()),
            groups: z.array(z.string()),
            public_key_file: z.string(),
            merchant_control: z.string(),
          }),
        ),
        orders: z.array(
          z.strictObject({
            orderid: z.string(),
            client_orderid: z.string(),
            endpoint: z.string(),
            state: z.literal('waiting(confirmation)'),
          }),
        ),
      },
      {},
    ),
    vectorOf(
      'door-sequence',
      {
        steps: z.array(
          z.union([
            z.strictObject({
              params: texts,
              nonce: z.string(),
              same_timestamp_as_step: z.number().optional(),
            }),
            z.strictObject({ replay_of_step: z.number() }),
          ]),
        ),
      },
      {
        answers: z.array(
          z.union([
            z.strictObject({ http_status: z.number(), body_example: z.string() }),
            z.strictObject({ same_bytes_as_step: z.number() }),
            z.strictObject({ http_status: z.number(), type: z.string(), error_code: z.string() }),
            z.strictObject({ http_status: z.number() }),
          ]),
        ),
      },
    ),
  ]),
)
export type Vector = z.infer<typeof vectors>[number]
export type Kind = Vector['kind']
export type VectorOf<Wanted extends Kind> = Extract<Vector, { kind: Wanted }>

export function vectorFile(name: string): Buffer {
  return readFileSync(new URL(`./vectors/${name}`, import.meta.url))
}

export const vectorBytes = vectorFile('payneteasy.json')
export const allVectors = vectors.parse(JSON.parse(vectorBytes.toString('utf8')))
