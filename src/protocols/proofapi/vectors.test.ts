import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { PAYOUT_STATES } from '../../payout/payout.ts'
import { bdt, type MemoryDesk, memoryDesk, payoutOf } from '../desk.fixture.ts'
import type { DoorAnswer, DoorCredential, ProofImage } from '../protocol.ts'
import { overSocket } from '../socket.fixture.ts'
import { proofapiConnector } from './connector.ts'
import { proofapiDoor } from './door.ts'
import { proofapiSign, proofapiVerify } from './sign.ts'
import { proofapiStatusFromState } from './status.ts'

const FILE = new URL('./vectors/proofapi.json', import.meta.url)
const SHA256_OF_FILE = 'e12852abb3c43ad6ed27077e867666e3e4370d4e53f3fae203f4e1b325ea8c5b'
const NOW_MS = 1_729_947_461_317
const PATH = '/payout/api/proof/get_data.php'

// ---- the shapes of the entries; one more kind, or a kind of another shape, does not load ------------------------

const headers = z.record(z.string(), z.string())
const about = { id: z.string(), description: z.string(), standing: z.string() }
const signed = { pid: z.string(), secret: z.string(), order_id: z.string() }
const vectors = z.array(
  z.discriminatedUnion('kind', [
    z.strictObject({
      ...about,
      kind: z.literal('sign'),
      input: z.strictObject(signed),
      expected: z.strictObject({ string_to_hash: z.string(), signature: z.string() }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('verify-negative'),
      input: z.strictObject({ ...signed, signature: z.string() }),
      expected: z.strictObject({ valid: z.literal(false), http_status: z.number(), body: z.string() }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('fixture'),
      input: z.strictObject({
        keys: z.array(z.strictObject({ api_key: z.string(), secret: z.string(), pids: z.array(z.string()) })),
        transactions: z.array(
          z.strictObject({
            pid: z.string(),
            order_id: z.string(),
            state: z.enum(PAYOUT_STATES),
            images: z.array(z.string()),
          }),
        ),
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
      kind: z.literal('connector-response'),
      input: z.strictObject({ asked_order_id: z.string(), http_status: z.number(), raw_body: z.string() }),
      expected: z.strictObject({
        outcome: z.enum(['paid', 'unknown']),
        images_accepted: z.number(),
        retry: z.boolean(),
      }),
    }),
    z.strictObject({
      ...about,
      kind: z.literal('state-map'),
      input: z.strictObject({}),
      expected: z.strictObject({
        map: z.array(z.strictObject({ state: z.enum(PAYOUT_STATES), value: z.string() })),
      }),
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
    const { pid, secret, order_id: orderId } = input
    expect(pid + secret + orderId).toBe(expected.string_to_hash)
    expect(proofapiSign({ pid, orderId }, secret)).toBe(expected.signature)
    expect(proofapiVerify({ pid, orderId }, expected.signature, secret)).toBe(true)
  },

  async 'verify-negative'({ input, expected }) {
    const { pid, secret, order_id, signature } = input
    expect(proofapiVerify({ pid, orderId: order_id }, signature, secret)).toBe(expected.valid)
    const body = JSON.stringify({ pid, order_id, signature })
    const answer = await ask(PATH, { 'X-API-KEY': 'sandbox-proof-api-key' }, body)
    expect(answer).toMatchObject({ status: expected.http_status, body: expected.body })
  },

  fixture({ input }) {
    expect(input).toBe(fixture)
    expect(input.transactions.every(({ pid }) => input.keys.some(({ pids }) => pids.includes(pid)))).toBe(
      true,
    )
  },

  async 'door-case'({ input, expected }) {
    const answer = await ask(input.path, input.headers, input.raw_body)
    expect(answer.status).toBe(expected.http_status)
    expect(answer.headers).toEqual({ 'content-type': 'application/json' })
    expect(answer.body).toBe(expected.body)
    expect(Buffer.byteLength(answer.body)).toBe(expected.body_bytes)
  },

  'connector-response'({ input, expected }) {
    const wire = { status: input.http_status, headers: {}, body: Buffer.from(input.raw_body) }
    const reading = proofapiConnector.read(wire, { reference: input.asked_order_id }, account)
    const isFound = reading.kind === 'found'
    expect(isFound ? reading.said : 'unknown').toBe(expected.outcome)
    expect(isFound ? reading.images.length : 0).toBe(expected.images_accepted)
    // Asked again where nothing was found, or nothing was there to be found yet; a picture that was dropped stays bad.
    const isEmpty = isFound && reading.images.length + reading.dropped.length === 0
    expect(reading.kind === 'not_yet' || isEmpty).toBe(expected.retry)
  },

  'state-map'({ expected }) {
    expect(expected.map.map(({ state }) => state)).toEqual([...PAYOUT_STATES])
    for (const { state, value } of expected.map) expect(proofapiStatusFromState(state)).toBe(value)
  },
}

const counts: Record<Kind, number> = {
  sign: 6,
  'verify-negative': 13,
  fixture: 1,
  'door-case': 22,
  'connector-response': 15,
  'state-map': 1,
}

const fixture = all.find(vector => vector.kind === 'fixture')?.input ?? fail()
const account = { id: 'vectors', protocol: 'proofapi', baseUrl: 'https://provider.example', settings: {} }

test('the vectors are the bytes that the authors of the contract handed over', () => {
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(SHA256_OF_FILE)
})

test('every one of the 58 vectors has a run of its kind and an id of its own', () => {
  const found = Object.fromEntries(Object.keys(counts).map(kind => [kind, 0]))
  for (const { kind } of all) found[kind] = (found[kind] ?? 0) + 1
  expect(found).toEqual(counts)
  expect(Object.keys(runners).sort()).toEqual(Object.keys(counts).sort())
  expect(all).toHaveLength(58)
  expect(new Set(all.map(({ id }) => id)).size).toBe(58)
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

// ---- the door ---------------------------------------------------------------------------------------------------

/** Each pid of the fixture is a merchant of its own, so that one pid's orders are not another's. */
function fixtureDesk(): MemoryDesk {
  const credentials = fixture.keys.map(
    ({ api_key, secret, pids }): DoorCredential => ({
      door: 'proofapi',
      publicId: createHash('sha256').update(api_key).digest('hex'),
      merchantId: `key of ${pids.join(' and ')}`,
      secret,
      active: true,
      settings: { pids: pids.map(pid => `${pid}=merchant of ${pid}`).join(',') },
    }),
  )
  const desk = memoryDesk({ credentials, nowMs: NOW_MS })
  for (const [place, { pid, order_id, state, images }] of fixture.transactions.entries()) {
    const submission = {
      merchantId: `merchant of ${pid}`,
      door: 'proofapi',
      doorCredentialId: '',
      requestId: null,
      reference: order_id,
      idempotencyKey: null,
      fingerprint: new Uint8Array(32),
      amount: bdt(30_000n),
      beneficiary: { kind: 'wallet', operator: 'bkash', number: '01123456789' },
      description: null,
      metadata: null,
      notifyUrl: null,
      needsConfirmation: false,
      firstAnswer: () => '',
    } as const
    const number = BigInt(place + 1)
    desk.put({ ...payoutOf(submission, { number, tag: 7, nowMs: NOW_MS }), state, paidAtMs: null })
    desk.prove(order_id, images.map(imageOf))
  }
  return desk
}

function imageOf(uri: string): ProofImage {
  const [head, base64 = ''] = uri.split(',')
  if (head !== 'data:image/png;base64') fail()
  return { mediaType: 'image/png', bytes: Buffer.from(base64, 'base64') }
}

function ask(path: string, sent: Readonly<Record<string, string>>, body: string): Promise<DoorAnswer> {
  return overSocket(
    proofapiDoor,
    {
      method: 'POST',
      path,
      query: '',
      params: {},
      headers: new Map(Object.entries(sent).map(([name, value]) => [name.toLowerCase(), [value]])),
      body: Buffer.from(body),
      bodyTooLarge: false,
      remoteAddress: '192.0.2.1',
      publicUrls: [],
      nowMs: NOW_MS,
      requestId: 'vectors',
    },
    fixtureDesk(),
  )
}

function fail(): never {
  throw new Error('the vectors lack what this test needs')
}
