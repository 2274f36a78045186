import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { PAYOUT_STATES } from '../../payout/payout.ts'
import type { DoorAnswer, DoorRequest } from '../protocol.ts'
import { payneteasyConnector } from './connector.ts'
import {
  ask,
  atDoor,
  CREATE,
  fail,
  fieldsIn,
  NOW_MS,
  newDesk,
  ORDER,
  PAY,
  PRIVATE_KEY,
  PUBLIC_KEY,
  PUBLIC_URLS,
  requestOf,
  type Sent,
  signedRequest,
  waitingOrder,
} from './door.fixture.ts'
import { account, judgedPay, judgedStatus } from './judge.fixture.ts'
import { payneteasyCallbackUrl } from './notice.ts'
import { payneteasyIsTimely, payneteasyReadAuthorization, payneteasyReadClaims } from './oauth.ts'
import {
  payneteasyBaseString,
  payneteasyBaseUrl,
  payneteasyCallbackText,
  payneteasyControl,
  payneteasyNormalized,
  payneteasySign,
  payneteasySignatureBytes,
  payneteasyStatusText,
  payneteasyVerify,
} from './sign.ts'
import { payneteasyStatusFromState } from './status.ts'
import { allVectors, type Kind, type VectorOf, vectorBytes, vectorFile } from './vectors.fixture.ts'
import {
  payneteasyPercentEncode,
  payneteasyReadAnswer,
  payneteasyReadForm,
  payneteasyWriteAnswer,
} from './wire.ts'

const SHA256_OF_FILES = {
  'payneteasy.json': '123e51af11429eca464534434f90f63aeacf5fdb9199b7ef537989fbaa450cf1',
  'payneteasy-test-key.pem': 'a86f41499ad090cb17cea741f8b34fa56c15ace8625940dc09952651c8040e6a',
  'payneteasy-test-key.pub.pem': '314f47521c12ced50f967b92c3cac8f8de22d55389cae64aaf0f214c5d4b333d',
}

type Runners = { [Wanted in Kind]: (vector: VectorOf<Wanted>) => void | Promise<void> }

const runners: Runners = {
  'percent-encode'({ input, expected }) {
    expect(payneteasyPercentEncode(input.text)).toBe(expected.encoded)
  },

  'base-url'({ input, expected }) {
    expect(payneteasyBaseUrl(input.url)).toBe(expected.base_url)
    expect(payneteasyPercentEncode(expected.base_url)).toBe(expected.encoded)
  },

  'base-string'({ input, expected }) {
    expect(input.method.toUpperCase()).toBe('POST')
    const url = payneteasyBaseUrl(input.url) ?? fail('a URL')
    expect(payneteasyNormalized(input.params)).toBe(expected.normalized)
    const text = payneteasyBaseString(url, input.params)
    expect(text).toBe(expected.base_string)
    expect(Buffer.byteLength(text)).toBe(expected.base_string_bytes)
    expect(sha256(text)).toBe(expected.sha256)
    if (input.raw_form_body !== undefined) {
      const form = payneteasyReadForm(input.raw_form_body) ?? fail('a form')
      expect(form).toEqual(input.params.filter(([name]) => !name.startsWith('oauth_')))
    }
  },

  sign({ input, expected }) {
    const signed = payneteasySign(vectorFile(input.private_key_file).toString(), input.base_string)
    const signature = Buffer.from(signed.ok ? signed.signature : fail(signed.why))
    expect(sha256(input.base_string)).toBe(expected.sha256)
    expect(signature.length).toBe(expected.signature_bytes)
    expect(signature.toString('hex')).toBe(expected.signature_hex)
    expect(signature.toString('base64')).toBe(expected.signature_base64)
    expect(payneteasyPercentEncode(expected.signature_base64)).toBe(expected.oauth_signature_encoded)
    expect(Buffer.byteLength(expected.raw_body)).toBe(expected.raw_body_bytes)
    const publicKey = vectorFile(input.public_key_file).toString()
    expect(payneteasyVerify(publicKey, input.base_string, expected.signature_base64)).toBe(true)
    // And the header is the one that the builder and the connector write.
    const claimed = payneteasyReadClaims(payneteasyReadAuthorization(expected.authorization_header) ?? [])
    expect(claimed.ok && claimed.claims.signature).toBe(expected.signature_base64)
  },

  async 'verify-negative'({ input, expected }) {
    const publicKey = vectorFile(input.public_key_file).toString()
    expect(payneteasyVerify(publicKey, input.base_string, input.signature_base64)).toBe(expected.valid)
    if (input.string_that_was_signed !== undefined)
      expect(payneteasyVerify(publicKey, input.string_that_was_signed, input.signature_base64)).toBe(true)
    const desk = orderDesk()
    const signature = encodeURIComponent(input.signature_base64)
    const answer = await ask(desk, { authorization: workedHeader(signature) })
    expect([answer.status, desk.calls()]).toEqual([expected.http_status, 0])
  },

  async 'auth-header'({ input, expected }) {
    const parameters = input.header === null ? null : payneteasyReadAuthorization(input.header)
    const claimed = parameters === null ? null : payneteasyReadClaims(parameters)
    const isTimely = claimed?.ok === true && payneteasyIsTimely(claimed.claims.timestamp, input.clock * 1_000)
    expect(isTimely).toBe(expected.accepted)
    const more = { nowMs: input.clock * 1_000 }
    const answer = await atDoor(requestOf(PAY, BODY, { headers: headersOf(input.header), more }), orderDesk())
    if (!expected.accepted) {
      expect(answer.status).toBe(expected.http_status)
      return
    }
    expect(Object.fromEntries(parameters ?? [])).toEqual(expected.params)
    const base64 = claimed?.ok === true ? claimed.claims.signature : ''
    expect(payneteasySignatureBytes(base64)?.length).toBe(expected.signature_bytes)
    // Only the header of the document has a key that is not published.
    expect(answer.status).toBe(expected.signature_bytes === 512 ? 403 : 200)
    if (expected.base_string !== undefined && claimed?.ok === true) {
      const form = payneteasyReadForm(BODY) ?? []
      const text = payneteasyBaseString(PUBLIC_URLS[0] + PAY, [...form, ...claimed.claims.signed])
      expect(text).toBe(expected.base_string)
    }
  },

  'timestamp-window'({ input, expected }) {
    for (const ms of [0, 999]) {
      expect(payneteasyIsTimely(input.oauth_timestamp, input.clock * 1_000 + ms)).toBe(expected.accepted)
    }
  },

  async 'response-bytes'({ id, input, expected }) {
    const answer = (await DOOR_CASES[id]?.()) ?? fail(id)
    expect(answer.status).toBe(expected.http_status)
    expect(answer.headers['Content-Type']).toBe(expected.content_type)
    const body = withSerialOf(expected.body, answer.body)
    expect(body).toBe(expected.body)
    expect(Buffer.byteLength(body)).toBe(expected.body_bytes)
    if (input.fields !== undefined) expect(payneteasyWriteAnswer(input.fields)).toBe(expected.body)
    if (expected.ends_with_newline === true) expect(body.endsWith('\n')).toBe(true)
    if (expected.sha256 !== undefined) expect(sha256(body)).toBe(expected.sha256)
  },

  'response-parse'({ input, expected }) {
    const bytes = Buffer.from(input.raw_body)
    expect(bytes.length).toBe(input.raw_body_bytes)
    const fields = payneteasyReadAnswer(bytes)
    expect(fields === null ? null : Object.fromEntries(fields)).toEqual(expected.fields)
    if (expected.fields === null) expect(judgedPay(input.raw_body)).toEqual(['unknown', 'inquire'])
  },

  'connector-response'({ input, expected }) {
    const [outcome, next] = judgedPay(input.raw_body, {
      status: input.http_status,
      onlySend: input.only_send,
      reference: input.our_client_orderid,
      theirId: input.our_orderid,
    })
    expect(outcome).toBe(expected.outcome)
    if (expected.next === 'query') expect(next).toBe('inquire')
  },

  'status-map'({ input, expected }) {
    const untied = input.tied_to_payout_pay === false
    const step = input.payout_pay_sent === false ? 'first' : 'second'
    for (const { value, outcome } of expected.map)
      expect([value, judgedStatus(value, step, untied)]).toEqual([value, outcome])
  },

  'state-map'({ expected }) {
    expect(expected.map.map(({ state }) => state)).toEqual([...PAYOUT_STATES])
    for (const { state, value } of expected.map) expect(payneteasyStatusFromState(state)).toBe(value)
  },

  'callback-sign'({ input, expected }) {
    const text = callbackTextOf(input.params)
    expect(text + input.merchant_control).toBe(expected.string_to_hash)
    expect(payneteasyControl(text, input.merchant_control)).toBe(expected.control)
    expect(readCallback({ ...input.params, control: expected.control }, input.merchant_control)).toBe(
      'verified',
    )
  },

  'callback-negative'({ input, expected }) {
    expect(readCallback(input.params, input.merchant_control)).toBe(expected.valid ? 'verified' : 'refused')
  },

  'callback-url'({ input, expected }) {
    expect(payneteasyCallbackUrl(input.server_callback_url, Object.entries(input.params))).toBe(expected.url)
  },

  'v2-control'({ input, expected }) {
    const { login, client_orderid: clientOrderid, orderid } = input
    const text = payneteasyStatusText({ login, clientOrderid, orderid })
    expect(text + input.merchant_control).toBe(expected.string_to_hash)
    expect(payneteasyControl(text, input.merchant_control)).toBe(expected.control)
  },

  fixture({ input }) {
    const [merchant] = input.merchants
    expect(PUBLIC_URLS).toEqual(input.public_base_urls)
    for (const key of merchant?.consumer_keys ?? [])
      expect(newDesk().credential('payneteasy', key)?.secret).toBe(merchant?.merchant_control)
    expect(merchant?.public_key_file).toBe('payneteasy-test-key.pub.pem')
    const order = waitingOrder()
    expect(input.orders.map(one => [one.orderid, one.client_orderid])).toEqual([
      [String(order.number), order.reference],
    ])
  },

  async 'door-sequence'({ input, expected }) {
    const desk = orderDesk()
    const requests: DoorRequest[] = []
    const answers: DoorAnswer[] = []
    for (const [place, step] of input.steps.entries()) {
      const again = 'replay_of_step' in step ? requests[step.replay_of_step - 1] : undefined
      const request = again ?? ('params' in step ? sequenceRequest(step, place) : fail('a request'))
      requests.push(request)
      answers.push(await atDoor(request, desk))
    }
    for (const [place, wanted] of expected.answers.entries()) {
      const answer = answers[place] ?? fail('an answer')
      if ('same_bytes_as_step' in wanted) {
        expect(answer).toEqual(answers[wanted.same_bytes_as_step - 1])
        continue
      }
      expect(answer.status).toBe(wanted.http_status)
      if ('body_example' in wanted)
        expect(withSerialOf(wanted.body_example, answer.body)).toBe(wanted.body_example)
      if ('type' in wanted)
        expect(fieldsIn(answer)).toMatchObject({ type: wanted.type, 'error-code': wanted.error_code })
    }
    expect(desk.payout('3').state).toBe('queued')
  },
}

const counts: Record<Kind, number> = {
  'percent-encode': 16,
  'base-url': 6,
  'base-string': 9,
  sign: 2,
  'verify-negative': 19,
  'auth-header': 17,
  'timestamp-window': 9,
  'response-bytes': 10,
  'response-parse': 12,
  'connector-response': 12,
  'status-map': 3,
  'state-map': 1,
  'callback-sign': 2,
  'callback-negative': 6,
  'callback-url': 1,
  'v2-control': 1,
  fixture: 1,
  'door-sequence': 1,
}

test('the vectors and their keys are the bytes that the authors of the contract handed over', () => {
  for (const [name, digest] of Object.entries(SHA256_OF_FILES)) expect(sha256(vectorFile(name))).toBe(digest)
  expect(sha256(vectorBytes)).toBe(SHA256_OF_FILES['payneteasy.json'])
})

test('every one of the 128 vectors has a run of its kind and an id of its own', () => {
  const found = Object.fromEntries(Object.keys(counts).map(kind => [kind, 0]))
  for (const { kind } of allVectors) found[kind] = (found[kind] ?? 0) + 1
  expect(found).toEqual(counts)
  expect(Object.keys(runners).sort()).toEqual(Object.keys(counts).sort())
  expect(allVectors).toHaveLength(128)
  expect(new Set(allVectors.map(({ id }) => id)).size).toBe(128)
})

for (const vector of allVectors) {
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

const BODY = 'client_orderid=3&login=test-merchant&orderid=900258'

function orderDesk() {
  const desk = newDesk()
  desk.put(waitingOrder())
  return desk
}

const pay = (params: Sent['params']) => () => ask(orderDesk(), params === undefined ? {} : { params })
const pairs = Object.entries(ORDER)

/** The request that each recorded answer belongs to. */
const DOOR_CASES: Readonly<Record<string, () => Promise<DoorAnswer>>> = {
  'pne-response-doc'() {
    const desk = newDesk()
    desk.put(waitingOrder({ reference: '1' }))
    return ask(desk, { params: { ...ORDER, client_orderid: '1' } })
  },
  'pne-door-missing-param': pay({ client_orderid: '3', orderid: '900258' }),
  'pne-door-missing-client-orderid': pay({ login: 'test-merchant', orderid: '900258' }),
  'pne-door-malformed': pay({ ...ORDER, orderid: '9x' }),
  'pne-door-duplicate': pay([...pairs, ['orderid', '900257']]),
  'pne-door-login': pay({ ...ORDER, login: 'somebody' }),
  'pne-door-not-found': pay({ ...ORDER, orderid: '900259' }),
  'pne-door-client-orderid-mismatch'() {
    const desk = newDesk()
    desk.put(waitingOrder({ reference: '4' }))
    return ask(desk)
  },
  'pne-door-not-payable'() {
    const desk = newDesk()
    desk.put(waitingOrder({ state: 'paid', waitReason: null }))
    return ask(desk)
  },
  'pne-door-denied': () => ask(orderDesk(), { authorization: null }),
}

const SERIAL = /(?<=serial-number=)00000000-0000-0000-0000-[0-9a-f]{12}(?=\n)/

/** Serial numbers are free: the one that was given takes the place of the one in the example, if it has its form. */
function withSerialOf(example: string, body: string): string {
  return body.replace(SERIAL, SERIAL.exec(example)?.[0] ?? '')
}

function sequenceRequest(
  step: { params: Record<string, string>; nonce: string; same_timestamp_as_step?: number | undefined },
  place: number,
): DoorRequest {
  const seconds = step.same_timestamp_as_step === undefined ? place : step.same_timestamp_as_step - 1
  const timestamp = String(NOW_MS / 1_000 + seconds)
  return signedRequest({
    ...step,
    timestamp,
    more: { nowMs: NOW_MS + place * 1_000, requestId: `r${place}` },
  })
}

function workedHeader(signature: string): string {
  return (
    'OAuth oauth_consumer_key="TestMerchant", oauth_nonce="b5E31Tw6SVjauE29uOf2jOLnuUSXmVdE", ' +
    `oauth_signature="${signature}", oauth_signature_method="RSA-SHA256", oauth_timestamp="1677831012", oauth_version="1.0"`
  )
}

function headersOf(authorization: string | null): Readonly<Record<string, string>> {
  return authorization === null ? {} : { authorization }
}

// ---- callbacks -----------------------------------------------------------------------------------------------

function callbackTextOf({
  status = '',
  orderid = '',
  client_orderid = '',
}: Readonly<Record<string, string>>) {
  return payneteasyCallbackText({ status, orderid, clientOrderid: client_orderid })
}

function readCallback(params: Readonly<Record<string, string>>, merchantControl: string): string {
  const settings = { ...account.settings, merchant_control: merchantControl }
  const query = new URLSearchParams(params).toString()
  const request = { method: 'GET', query, headers: new Map(), body: Buffer.from('') }
  return payneteasyConnector.readCallback(request, { ...account, settings }).kind
}

function sha256(input: string | Uint8Array): string {
  return createHash('sha256').update(input).digest('hex')
}

test('the test key signs what the create example of these tests says, and another key does not', () => {
  const text = payneteasyBaseString(PUBLIC_URLS[0] + PAY, Object.entries(CREATE))
  const signed = payneteasySign(PRIVATE_KEY, text)
  const base64 = Buffer.from(signed.ok ? signed.signature : '').toString('base64')
  expect(payneteasyVerify(PUBLIC_KEY, text, base64)).toBe(true)
  expect(payneteasyVerify(PUBLIC_KEY, `${text} `, base64)).toBe(false)
})
