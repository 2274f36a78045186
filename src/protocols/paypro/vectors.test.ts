import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type AttemptFacts, judgeInquiry } from '../../dispatch/certainty-inquiry.ts'
import { judgeSend } from '../../dispatch/certainty-send.ts'
import { parseDecimal } from '../../money/decimal.ts'
import { parsePayoutCode } from '../../payout/number.ts'
import { PAYOUT_STATES } from '../../payout/payout.ts'
import { bdt, type MemoryDesk, memoryDesk, payoutOf } from '../desk.fixture.ts'
import type { DoorAnswer, DoorCredential, WireAnswer } from '../protocol.ts'
import { overSocket } from '../socket.fixture.ts'
import { payproConnector } from './connector.ts'
import { payproDoor } from './door.ts'
import { payproNotices } from './notice.ts'
import { payproCanonical, payproCanonicalLiteral, payproSign, payproVerify } from './sign.ts'
import { payproStatusFromState } from './status.ts'
import { PAYPRO_CURRENCY, type PayproFields, payproReadFields } from './wire.ts'

const FILE = new URL('./vectors/paypro.json', import.meta.url)
const SHA256_OF_FILE = '288d9ba80bfa1f5016b4323be898417e93954c5498fafc2d2a43bde8eaaabbf7'

// ---- the shapes of the entries; one more kind, or a kind of another shape, does not load ------------------------

const values = z.record(z.string(), z.union([z.string(), z.number(), z.null()]))
const saltPosition = z.enum(['append', 'prepend'])
const headers = z.record(z.string(), z.string())
const about = { id: z.string(), description: z.string(), standing: z.string() }
const vectors = z.array(
  z.discriminatedUnion('kind', [
    z.strictObject({
      ...about,
      kind: z.literal('sign'),
      input: z.strictObject({
        message: z.string(),
        secret: z.string(),
        salt_position: saltPosition,
        fields: values,
      }),
      expected: z.strictObject({ canonical: z.string(), string_to_hash: z.string(), sign: z.string() }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('candidates'),
      input: z.strictObject({ secret: z.string(), fields: values }),
      expected: z.strictObject({
        candidates: z.array(z.strictObject({ canonical: z.string(), sign: z.string() })),
      }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('note'),
      input: z.strictObject({ sign: z.string(), fields: values }),
      expected: z.strictObject({ shape: z.string(), recomputable: z.literal(false) }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('canonical-collision'),
      input: z.strictObject({ secret: z.string(), bodies: z.tuple([values, values]) }),
      expected: z.strictObject({ canonical: z.string(), sign: z.string(), door: z.array(z.string()) }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('verify-negative'),
      input: z.strictObject({
        secret: z.string(),
        salt_position: saltPosition,
        fields: values,
        sign: z.string(),
        string_that_was_hashed: z.string().optional(),
      }),
      expected: z.strictObject({ valid: z.literal(false), code: z.string() }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('fixture'),
      input: z.strictObject({
        merchants: z.array(
          z.strictObject({
            merchantNo: z.string(),
            secret: z.string(),
            active: z.boolean(),
            salt_position: saltPosition.optional(),
          }),
        ),
        orders: z.array(
          z.strictObject({
            merchantNo: z.string(),
            tradeNo: z.string(),
            platFormTradeNo: z.string(),
            amount: z.string(),
            state: z.enum(PAYOUT_STATES),
            successTime: z.string().optional(),
          }),
        ),
        clock: z.number(),
        balance: z.record(z.string(), z.string()),
      }),
      expected: z.strictObject({}),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('door-case'),
      input: z.strictObject({ method: z.literal('POST'), path: z.string(), headers, raw_body: z.string() }),
      expected: z.strictObject({ http_status: z.number(), body: z.string(), body_bytes: z.number() }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('door-sequence'),
      input: z.strictObject({
        path: z.string(),
        headers,
        steps: z.array(z.strictObject({ raw_body: z.string() })),
      }),
      expected: z.strictObject({
        answers: z.array(
          z.union([
            z.strictObject({ http_status: z.number(), body_example: z.string() }),
            z.strictObject({ same_bytes_as_step: z.number() }),
          ]),
        ),
      }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('connector-response'),
      input: z.strictObject({
        call: z.enum(['payout', 'query']),
        only_send: z.boolean(),
        our_tradeNo: z.string(),
        our_amount: z.string(),
        http_status: z.number(),
        raw_body: z.string(),
      }),
      expected: z.strictObject({ outcome: z.string(), next: z.literal('query').optional() }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('state-map'),
      input: z.strictObject({}),
      expected: z.strictObject({
        map: z.array(z.strictObject({ state: z.enum(PAYOUT_STATES), value: z.string() })),
      }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('ack'),
      input: z.strictObject({ http_status: z.number(), raw_body: z.string() }),
      expected: z.strictObject({ acknowledged: z.boolean() }),
    }),
  ]),
)
type Vector = z.infer<typeof vectors>[number]
type Kind = Vector['kind']
type VectorOf<Wanted extends Kind> = Extract<Vector, { kind: Wanted }>
type Runners = { [Wanted in Kind]: (vector: VectorOf<Wanted>) => void | Promise<void> }

const bytes = readFileSync(FILE)
const all = vectors.parse(JSON.parse(bytes.toString('utf8')))

// ---- the runs ---------------------------------------------------------------------------------------------------

const runners: Runners = {
  sign({ input, expected }) {
    const fields = fieldsOf(input.fields)
    const salt = { secret: input.secret, position: input.salt_position }
    expect(payproCanonical(fields)).toBe(expected.canonical)
    expect(salted(payproCanonical(fields), salt)).toBe(expected.string_to_hash)
    expect(payproSign(fields, salt)).toBe(expected.sign)
    expect(payproVerify(fields, expected.sign, salt)).toBe(true)
  },

  candidates({ input, expected }) {
    const fields = fieldsOf(input.fields)
    const salt = { secret: input.secret, position: 'append' } as const
    expect([payproCanonical(fields), payproCanonicalLiteral(fields)]).toEqual(
      expected.candidates.map(({ canonical }) => canonical),
    )
    for (const { sign } of expected.candidates) expect(payproVerify(fields, sign, salt)).toBe(true)
  },

  note({ input, expected }) {
    expect(input.sign).toMatch(new RegExp(expected.shape))
    // Its secret is not published; it must not pass under ours by accident.
    const salt = { secret: 'sandbox-paypro-secret', position: 'append' } as const
    expect(payproVerify(fieldsOf(input.fields), input.sign, salt)).toBe(false)
  },

  async 'canonical-collision'({ input, expected }) {
    const salt = { secret: input.secret, position: 'append' } as const
    for (const [index, body] of input.bodies.entries()) {
      expect(payproCanonical(fieldsOf(body))).toBe(expected.canonical)
      expect(payproSign(fieldsOf(body), salt)).toBe(expected.sign)
      const said = codeOf(await askPayout({ sign: expected.sign, ...body }))
      const wanted = expected.door[index] ?? ''
      expect(said).toBe(wanted === 'accept' ? '0000' : wanted.replace('refuse ', ''))
    }
  },

  async 'verify-negative'({ input, expected }) {
    const salt = { secret: input.secret, position: input.salt_position }
    expect(payproVerify(fieldsOf(input.fields), input.sign, salt)).toBe(expected.valid)
    expect(codeOf(await askPayout({ sign: input.sign, ...input.fields }))).toBe(expected.code)
    if (input.string_that_was_hashed !== undefined) {
      const hashed = createHash('md5').update(input.string_that_was_hashed).digest('hex')
      expect(hashed).toBe(input.sign)
    }
  },

  fixture({ input }) {
    expect(input.clock).toBe(fixture.clock)
    for (const { platFormTradeNo } of input.orders) expect(parsePayoutCode(platFormTradeNo)).not.toBeNull()
  },

  async 'door-case'({ input, expected }) {
    const answer = await ask(fixtureDesk(), input.path, input.headers, input.raw_body)
    expect(answer.status).toBe(expected.http_status)
    expect(answer.headers).toEqual({ 'content-type': 'application/json;charset=utf-8' })
    expect(withNumberOf(expected.body, answer.body)).toBe(expected.body)
    expect(Buffer.byteLength(answer.body)).toBe(expected.body_bytes)
  },

  async 'door-sequence'({ input, expected }) {
    const desk = fixtureDesk()
    const answers: DoorAnswer[] = []
    for (const { raw_body } of input.steps) {
      answers.push(await ask(desk, input.path, input.headers, raw_body))
      // The state moves on between the steps, and the first answer stays what it was.
      desk.move('test_00000001', 'paid', fixture.clock + 1_000)
    }
    expect(answers).toHaveLength(expected.answers.length)
    expect(desk.recorded).toHaveLength(1)
    for (const [index, wanted] of expected.answers.entries()) {
      const answer = answers[index]
      if ('same_bytes_as_step' in wanted) {
        expect(answer).toEqual(answers[wanted.same_bytes_as_step - 1])
        continue
      }
      expect(answer?.status).toBe(wanted.http_status)
      expect(withNumberOf(wanted.body_example, answer?.body ?? '')).toBe(wanted.body_example)
      expect(numberIn(answer?.body ?? '')).toBe(numberIn(answers[0]?.body ?? ''))
    }
  },

  'connector-response'({ input, expected }) {
    const wire = { status: input.http_status, headers: {}, body: Buffer.from(input.raw_body) }
    const parsed = parseDecimal(input.our_amount, PAYPRO_CURRENCY)
    if (!parsed.ok) throw new Error('the amount of a vector is decimal')
    const subject = {
      reference: input.our_tradeNo,
      amount: parsed.money,
      theirId: null,
      step: 'only',
      payRequestId: null,
    } as const
    const verdict =
      input.call === 'payout' ? judgedSend(wire, subject, input.only_send) : judgedInquiry(wire, subject)
    expect(verdict.outcome).toBe(expected.outcome)
    if (expected.next === 'query') expect(verdict.next).toBe('inquire')
  },

  'state-map'({ expected }) {
    expect(expected.map.map(({ state }) => state)).toEqual([...PAYOUT_STATES])
    for (const { state, value } of expected.map) expect(payproStatusFromState(state)).toBe(value)
  },

  ack({ input, expected }) {
    const answer = { status: input.http_status, headers: {}, body: Buffer.from(input.raw_body) }
    expect(payproNotices.acknowledged(answer)).toBe(expected.acknowledged)
  },
}

const counts: Record<Kind, number> = {
  sign: 13,
  candidates: 2,
  note: 1,
  'canonical-collision': 1,
  'verify-negative': 15,
  fixture: 1,
  'door-case': 25,
  'door-sequence': 1,
  'connector-response': 26,
  'state-map': 1,
  ack: 8,
}

const fixture = all.find(vector => vector.kind === 'fixture')?.input ?? fail()

test('the vectors are the bytes that the authors of the contract handed over', () => {
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(SHA256_OF_FILE)
})

test('every one of the 94 vectors has a run of its kind and an id of its own', () => {
  const found = Object.fromEntries(Object.keys(counts).map(kind => [kind, 0]))
  for (const { kind } of all) found[kind] = (found[kind] ?? 0) + 1
  expect(found).toEqual(counts)
  expect(Object.keys(runners).sort()).toEqual(Object.keys(counts).sort())
  expect(all).toHaveLength(94)
  expect(new Set(all.map(({ id }) => id)).size).toBe(94)
})

for (const vector of all) {
  test(`vector ${vector.id}`, async () => {
    expect.hasAssertions()
    await run(vector)
  })
}

function run<Wanted extends Kind>(vector: VectorOf<Wanted>): void | Promise<void> {
  // The compiler does not see that a vector of a kind fits the runner of the same kind.
  return (runners[vector.kind] as (one: VectorOf<Wanted>) => void | Promise<void>)(vector)
}

// ---- connector and certainty --------------------------------------------------------------------------------------

interface Subject {
  readonly reference: string
  readonly amount: ReturnType<typeof bdt>
  readonly theirId: null
  readonly step: 'only'
  readonly payRequestId: null
}

const account = {
  id: 'vectors',
  protocol: 'paypro',
  baseUrl: 'https://provider.example',
  settings: { merchant_no: '1000000001', secret: 'sandbox-paypro-secret', query: 'on' },
}
const contract = payproConnector.capabilities(account)

function judgedSend(wire: WireAnswer, { reference, amount }: Subject, onlySend: boolean) {
  const order = {
    reference,
    amount,
    beneficiary: { kind: 'wallet', operator: 'bkash', number: '01123456789' },
    description: null,
    callbackUrl: 'https://callback.example/a',
  } as const
  const answer = contract.bodyStatuses.includes(wire.status)
    ? payproConnector.readPay(wire, order, account)
    : ({ kind: 'unread' } as const)
  const line = { kind: 'answered', status: wire.status, answer } as const
  const facts = { step: 'only', sends: onlySend ? 1 : 2, theirIdBefore: null } as const
  const { certainty, next } = judgeSend(line, facts, contract)
  return { outcome: outcomeOf(certainty), next }
}

function judgedInquiry(wire: WireAnswer, subject: Subject) {
  const answer = contract.bodyStatuses.includes(wire.status)
    ? payproConnector.readInquiry(wire, subject, account)
    : ({ kind: 'unread' } as const)
  const line = { kind: 'answered', status: wire.status, answer } as const
  const { certainty } = judgeInquiry(line, inDoubt, contract, { nowMs: 1_729_947_461_317 })
  return { outcome: outcomeOf(certainty), next: 'inquire' }
}

const inDoubt: AttemptFacts = {
  state: 'in_doubt',
  stepsSent: 1,
  theirId: null,
  refusedOnOnlySend: false,
  acceptanceSeen: false,
  failureSeen: false,
  contradicted: false,
  observations: [],
  lastPossibleByteAtMs: 1_729_947_400_000,
  sameAccount: true,
  sameScope: true,
}

type Certainty = ReturnType<typeof judgeInquiry>['certainty']

function outcomeOf(certainty: Certainty): string {
  if (certainty.kind === 'accepted') return certainty.as
  return certainty.kind === 'dead' ? 'failed' : 'unknown'
}

// ---- the door ---------------------------------------------------------------------------------------------------

function fixtureDesk(): MemoryDesk {
  const credentials = fixture.merchants.map(
    (merchant): DoorCredential => ({
      door: 'paypro',
      publicId: merchant.merchantNo,
      merchantId: `merchant-${merchant.merchantNo}`,
      secret: merchant.secret,
      active: merchant.active,
      settings: merchant.salt_position === undefined ? {} : { salt_position: merchant.salt_position },
    }),
  )
  const desk = memoryDesk({ credentials, nowMs: fixture.clock, availableMinor: minorOf('9998989.0000') })
  for (const order of fixture.orders) {
    const code = parsePayoutCode(order.platFormTradeNo) ?? fail()
    const submission = {
      merchantId: `merchant-${order.merchantNo}`,
      door: 'paypro',
      doorCredentialId: order.merchantNo,
      requestId: null,
      reference: order.tradeNo,
      idempotencyKey: null,
      fingerprint: new Uint8Array(32),
      amount: bdt(minorOf(order.amount)),
      beneficiary: { kind: 'wallet', operator: 'bkash', number: '01123456789' },
      description: null,
      metadata: null,
      notifyUrl: 'https://google.com',
      needsConfirmation: false,
      firstAnswer: () => '',
    } as const
    // The vectors write local time; the desk keeps milliseconds, so the six hours of Asia/Dhaka come off here.
    const paidAtMs =
      order.successTime === undefined ? null : Date.parse(`${order.successTime.replace(' ', 'T')}+06:00`)
    desk.put({ ...payoutOf(submission, { ...code, nowMs: fixture.clock }), state: order.state, paidAtMs })
  }
  return desk
}

function askPayout(body: Readonly<Record<string, unknown>>): Promise<DoorAnswer> {
  return ask(fixtureDesk(), '/v1/paypro/payout', { merchantNo: '1000000001' }, JSON.stringify(body))
}

function ask(
  desk: MemoryDesk,
  path: string,
  sent: Readonly<Record<string, string>>,
  body: string,
): Promise<DoorAnswer> {
  return overSocket(
    payproDoor,
    {
      method: 'POST',
      path,
      query: '',
      params: {},
      headers: new Map(Object.entries(sent).map(([name, value]) => [name.toLowerCase(), [value]])),
      body: Buffer.from(body),
      bodyTooLarge: false,
      remoteAddress: '192.0.2.1',
      publicUrls: ['https://switch.example'],
      nowMs: fixture.clock,
      requestId: 'request-1',
    },
    desk,
  )
}

const NUMBER = /(?<="platFormTradeNo":")[0-9a-z]{16}(?=")/

function numberIn(body: string): string {
  return NUMBER.exec(body)?.[0] ?? fail()
}

/** New numbers are free: the one that was given takes the place of the one in the example, if it has its form. */
function withNumberOf(example: string, body: string): string {
  const isNew = body.includes('"desc":"processing"') || body.includes('"code":"990007"')
  return isNew ? body.replace(NUMBER, numberIn(example)) : body
}

function codeOf(answer: DoorAnswer): string {
  return z.object({ code: z.string() }).parse(JSON.parse(answer.body)).code
}

function fieldsOf(fields: z.infer<typeof values>): PayproFields {
  return payproReadFields(Buffer.from(JSON.stringify(fields))) ?? fail()
}

function salted(text: string, { secret, position }: { secret: string; position: string }): string {
  return position === 'append' ? text + secret : secret + text
}

function minorOf(amount: string): bigint {
  const [whole = '', fraction = ''] = amount.split('.')
  return BigInt(whole + fraction.padEnd(2, '0').slice(0, 2))
}

function fail(): never {
  throw new Error('a vector is not what the test takes it for')
}
