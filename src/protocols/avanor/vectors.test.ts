import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { type AttemptFacts, judgeInquiry } from '../../dispatch/certainty-inquiry.ts'
import { judgeSend } from '../../dispatch/certainty-send.ts'
import { type CurrencyCode, currencyOf } from '../../money/currency.ts'
import { parseDecimal } from '../../money/decimal.ts'
import { type Money, moneySubtract } from '../../money/money.ts'
import { currencyOfNumeric } from '../../money/numeric.ts'
import { PAYOUT_STATES } from '../../payout/payout.ts'
import { type MemoryDesk, memoryDesk, payoutOf } from '../desk.fixture.ts'
import type { DoorAnswer, WireAnswer } from '../protocol.ts'
import { overSocket } from '../socket.fixture.ts'
import { avanorRefusals } from './answer.ts'
import { avanorConnector } from './connector.ts'
import { avanorDoor } from './door.ts'
import { avanorSandbox } from './sandbox.ts'
import { avanorSign, avanorStringsToSign, avanorStringToSign, avanorVerify } from './sign.ts'
import { avanorOutcomeFromStatus, avanorStatusFromState } from './status.ts'
import { type AvanorVector, type AvanorVectorKind, avanorVectors } from './vectors.fixture.ts'
import { type AvanorFields, avanorReadFields } from './wire.ts'

const FILE = new URL('./vectors/avanor.json', import.meta.url)
const SHA256_OF_FILE = '50e950507ec6aa06d4ab5e07c358f37e8cfc23183bb6cf326cf50e5fbcdc87cc'

const bytes = readFileSync(FILE)
const all = avanorVectors.parse(JSON.parse(bytes.toString('utf8')))

type VectorOf<Wanted extends AvanorVectorKind> = Extract<AvanorVector, { kind: Wanted }>
type Runners = { [Wanted in AvanorVectorKind]: (vector: VectorOf<Wanted>) => void | Promise<void> }

// ---- the runs ---------------------------------------------------------------------------------------------------

const runners: Runners = {
  sign({ input, expected }) {
    const { secret, signed_fields: names } = input
    const fields = fieldsOf(input.fields)
    expect([...names].sort()).toEqual(expected.sorted_names)
    expect(avanorStringToSign(fields, names) + secret).toBe(expected.string_to_sign)
    expect(avanorSign(avanorStringToSign(fields, names), secret)).toBe(expected.sign)
    expect(avanorVerify(fields, names, expected.sign, secret)).toBe(true)
  },

  'number-literal'({ input, expected }) {
    const { secret, signed_fields: names } = input
    const fields = avanorReadFields(Buffer.from(input.raw_body)) ?? fail()
    expect(avanorStringsToSign(fields, names).map(text => text + secret)).toEqual(
      expected.candidates.map(({ string_to_sign }) => string_to_sign),
    )
    for (const { text, sign } of expected.candidates) {
      expect(avanorVerify(fields, names, sign, secret)).toBe(true)
      expect(avanorStringsToSign(fields, names).some(string => string.startsWith(`${text}:`))).toBe(true)
    }
  },

  'verify-negative'({ input, expected }) {
    const { secret, signed_fields: names } = input
    expect(avanorVerify(fieldsOf(input.fields), names, input.sign, secret)).toBe(expected.valid)
    expect(avanorRefusals.sign('').code).toBe(expected.error_code)
    const hashed = input.string_that_was_hashed
    if (hashed !== undefined) expect(createHash('sha256').update(hashed).digest('hex')).toBe(input.sign)
  },

  fixture({ input }) {
    expect(input.shops.map(({ shop_id }) => shop_id)).toEqual([202_203, 202_204])
    expect(fixtureDesk().credential('avanor', '202204')?.active).toBe(false)
  },

  async 'door-case'({ input, expected }) {
    const answer = await ask(fixtureDesk(), input.path, input.raw_body)
    expect(answer).toEqual({
      status: expected.http_status,
      headers: { 'content-type': 'application/json' },
      body: expected.body,
    })
    expect(Buffer.byteLength(answer.body)).toBe(expected.body_bytes)
  },

  async 'door-sequence'({ input, expected }) {
    const desk = fixtureDesk()
    const answers: DoorAnswer[] = []
    for (const { raw_body } of input.steps) {
      answers.push(await ask(desk, input.path, raw_body))
      // The state moves on between the steps, and the first answer stays what it was.
      desk.move('order-1', 'paid', NOW_MS + 1_000)
    }
    expect(answers).toHaveLength(expected.answers.length)
    expect(desk.recorded).toHaveLength(1)
    for (const [index, wanted] of expected.answers.entries()) {
      const answer = answers[index] ?? fail()
      if ('same_bytes_as_step' in wanted) {
        expect(answer).toEqual(answers[wanted.same_bytes_as_step - 1])
        continue
      }
      expect(answer.status).toBe(wanted.http_status)
      if ('body' in wanted) expect(answer.body).toBe(wanted.body)
      else expect(withFree(answer.body, wanted.body_example)).toBe(wanted.body_example)
    }
  },

  'status-map'({ expected }) {
    for (const { value, outcome } of expected.map) {
      const read = fieldsOf({ status: value }).get('status')
      expect([value, avanorOutcomeFromStatus(read)]).toEqual([value, outcome])
    }
    expect(avanorOutcomeFromStatus(undefined)).toBe('unknown')
  },

  'state-map'({ expected }) {
    expect(expected.map.map(({ state }) => state).sort()).toEqual([...PAYOUT_STATES].sort())
    for (const { state, value } of expected.map)
      expect([state, avanorStatusFromState(state)]).toEqual([state, value])
  },

  'connector-response'({ input, expected }) {
    const wire = { status: input.http_status, headers: {}, body: Buffer.from(input.raw_body) }
    const reference = input.our_shop_payment_id
    const judged =
      input.call === 'withdraw/create'
        ? judgedSend(wire, reference, input.only_send)
        : judgedInquiry(wire, reference)
    expect(judged.outcome).toBe(expected.outcome)
    if (expected.next === 'query') expect(judged.next).toBe('inquire')
    if (expected.failed_if_query_error_code === undefined) return

    const confirmed = { refusedOnOnlySend: judged.why === 'refused' }
    const query = (code: number): WireAnswer => ({
      status: 200,
      headers: {},
      body: Buffer.from(`{"data":null,"error_code":${code},"message":"x","result":false}`),
    })
    expect(judgedInquiry(query(expected.failed_if_query_error_code), reference, confirmed).outcome).toBe(
      'failed',
    )
    expect(judgedInquiry(query(10), reference, confirmed).outcome).toBe('unknown')
  },
}

const counts: Record<AvanorVectorKind, number> = {
  sign: 14,
  'number-literal': 2,
  'verify-negative': 13,
  fixture: 1,
  'door-case': 15,
  'door-sequence': 1,
  'status-map': 1,
  'state-map': 1,
  'connector-response': 14,
}

const NOW_MS = 1_779_640_542_000
const fixture = all.find(vector => vector.kind === 'fixture')?.input ?? fail()

test('the vectors are the bytes that the authors of the contract handed over', () => {
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(SHA256_OF_FILE)
})

test('every one of the 62 vectors has a run of its kind and an id of its own', () => {
  const found = Object.fromEntries(Object.keys(counts).map(kind => [kind, 0]))
  for (const { kind } of all) found[kind] = (found[kind] ?? 0) + 1
  expect(found).toEqual(counts)
  expect(Object.keys(runners).sort()).toEqual(Object.keys(counts).sort())
  expect(all).toHaveLength(62)
  expect(new Set(all.map(({ id }) => id)).size).toBe(62)
})

for (const vector of all) {
  test(`vector ${vector.id}`, async () => {
    expect.hasAssertions()
    await run(vector)
  })
}

function run<Wanted extends AvanorVectorKind>(vector: VectorOf<Wanted>): void | Promise<void> {
  // The compiler does not see that a vector of a kind fits the runner of the same kind.
  return (runners[vector.kind] as (one: VectorOf<Wanted>) => void | Promise<void>)(vector)
}

// ---- connector and certainty --------------------------------------------------------------------------------------

const account = {
  id: 'vectors',
  protocol: 'avanor',
  baseUrl: 'https://provider.example/gateway/v1',
  settings: { shop_id: '202203', secret: 'account-secret-key', payways: 'card_usd=card:USD' },
}
const contract = avanorConnector.capabilities(account)
const amount = usd('150.00')

interface Judged {
  readonly outcome: string
  readonly next: string
  readonly why: string | null
}

function judgedSend(wire: WireAnswer, reference: string, onlySend: boolean): Judged {
  const beneficiary = { kind: 'card', number: '4111111111111111' } as const
  const order = { reference, amount, beneficiary, description: null, callbackUrl: null }
  const answer = contract.bodyStatuses.includes(wire.status)
    ? avanorConnector.readPay(wire, order, account)
    : ({ kind: 'unread' } as const)
  const line = { kind: 'answered', status: wire.status, answer } as const
  const facts = { step: 'only', sends: onlySend ? 1 : 2, theirIdBefore: null } as const
  const { certainty, next } = judgeSend(line, facts, contract)
  return { outcome: outcomeOf(certainty), next, why: certainty.kind === 'in_doubt' ? certainty.why : null }
}

function judgedInquiry(wire: WireAnswer, reference: string, facts: Partial<AttemptFacts> = {}): Judged {
  const subject = { reference, theirId: null, amount, step: 'only', payRequestId: null } as const
  const answer = contract.bodyStatuses.includes(wire.status)
    ? avanorConnector.readInquiry(wire, subject, account)
    : ({ kind: 'unread' } as const)
  const line = { kind: 'answered', status: wire.status, answer } as const
  const { certainty } = judgeInquiry(line, { ...inDoubt, ...facts }, contract, { nowMs: NOW_MS })
  return { outcome: outcomeOf(certainty), next: 'inquire', why: null }
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
  lastPossibleByteAtMs: NOW_MS - 60_000,
  sameAccount: true,
  sameScope: true,
}

function outcomeOf(certainty: ReturnType<typeof judgeInquiry>['certainty']): string {
  if (certainty.kind === 'accepted') return certainty.as
  return certainty.kind === 'dead' ? 'failed' : 'unknown'
}

// ---- the door ---------------------------------------------------------------------------------------------------

function fixtureDesk(): MemoryDesk {
  const [sandbox] = avanorSandbox.credentials(null)
  const credentials = fixture.shops.map(({ shop_id, secret, active }) => ({
    door: 'avanor',
    publicId: String(shop_id),
    merchantId: `merchant-${shop_id}`,
    secret,
    active,
    settings: sandbox?.settings ?? {},
  }))
  // The sequence's first answer tells what is left of 1150.00.
  const desk = memoryDesk({
    credentials,
    nowMs: NOW_MS,
    currencies: [currency('USD')],
    availableMinor: 115_000n,
  })
  for (const row of fixture.payouts) {
    expect(currencyOfNumeric(row.ps_currency)).toBe(currencyOfNumeric(row.shop_currency))
    const received = usd(row.payee_receive)
    const submission = {
      merchantId: `merchant-${row.shop_id}`,
      door: 'avanor',
      doorCredentialId: String(row.shop_id),
      requestId: null,
      reference: row.shop_payment_id,
      idempotencyKey: null,
      fingerprint: new Uint8Array(32),
      amount: received,
      beneficiary: { kind: 'card', number: '4111111111111111' },
      description: null,
      metadata: null,
      notifyUrl: null,
      needsConfirmation: false,
      firstAnswer: () => '',
    } as const
    const payout = payoutOf(submission, { number: BigInt(row.id), tag: 0, nowMs: NOW_MS })
    desk.put({ ...payout, state: row.state, fee: moneySubtract(usd(row.shop_write_off), received) })
  }
  return desk
}

function ask(desk: MemoryDesk, path: string, body: string): Promise<DoorAnswer> {
  const request = {
    method: 'POST',
    path,
    query: '',
    params: {},
    headers: new Map([['content-type', ['application/json']]]),
    body: Buffer.from(body),
    bodyTooLarge: false,
    remoteAddress: '192.0.2.1',
    publicUrls: ['http://127.0.0.1:8080'],
    nowMs: NOW_MS,
    requestId: 'request-1',
  }
  return overSocket(avanorDoor, request, desk)
}

/** New ids are free: the one of the example takes the place of the one that was given, if it has its form. */
function withFree(body: string, example: string): string {
  const id = /"id":([0-9]+)/.exec(example)?.[1] ?? fail()
  return body.replace(/"id":[1-9][0-9]*,/, `"id":${id},`)
}

function fieldsOf(fields: Readonly<Record<string, z.core.util.JSONType>>): AvanorFields {
  return avanorReadFields(Buffer.from(JSON.stringify(fields))) ?? fail()
}

function usd(text: string): Money {
  const parsed = parseDecimal(text, currency('USD'))
  return parsed.ok ? parsed.money : fail()
}

function currency(code: string): CurrencyCode {
  return currencyOf(code) ?? fail()
}

function fail(): never {
  throw new Error('a vector is not what the test takes it for')
}
