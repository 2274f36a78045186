import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { judgeInquiry } from '../../dispatch/certainty-inquiry.ts'
import { judgeSend } from '../../dispatch/certainty-send.ts'
import { money } from '../../money/money.ts'
import type { Beneficiary } from '../../payout/beneficiary.ts'
import type { ConnectorOrder, InquirySubject, ProviderAccount, WireAnswer } from '../protocol.ts'
import { avanorConnector } from './connector.ts'
import { currency } from './door.fixture.ts'

const account: ProviderAccount = {
  id: 'pa_1',
  protocol: 'avanor',
  baseUrl: 'https://provider.example/gateway/v1',
  settings: {
    shop_id: '202203',
    secret: 'account-secret-key',
    payways:
      'old_usd=card:USD:off,small_usd=card:USD:-100,card_usd=card:USD:10-5000,bank_eur=bank_account:EUR,bkash_bdt=wallet/bkash:BDT',
  },
}
const order: ConnectorOrder = {
  reference: 'k3v9q0z1x8w7c5b4n2m6a9d1',
  amount: money(15_000n, currency('USD')),
  beneficiary: { kind: 'card', number: '4111111111111111' },
  description: null,
  callbackUrl: null,
}
const subject: InquirySubject = {
  reference: order.reference,
  theirId: null,
  amount: order.amount,
  step: 'only',
  payRequestId: null,
}
const at = { nowMs: 1_779_640_542_999, nonce: '0123456789abcdefghijABCDEFGHIJ01' }

const good = {
  id: 124,
  payee_receive: 150,
  ps_currency: 840,
  shop_currency: 840,
  shop_payment_id: order.reference,
  shop_write_off: 150,
  status: 5,
}

function answered(
  data: unknown,
  code: unknown = 0,
  { result = true, status = 200 }: { result?: unknown; status?: number } = {},
): WireAnswer {
  const body = JSON.stringify({ data, error_code: code, message: 'x', result })
  return { status, headers: {}, body: Buffer.from(body) }
}

function refused(code: unknown, data: unknown = null, status = 200): WireAnswer {
  return answered(data, code, { result: false, status })
}

function readPay(answer: WireAnswer) {
  return avanorConnector.readPay(answer, order, account)
}

function readInquiry(answer: WireAnswer, about = subject) {
  return avanorConnector.readInquiry(answer, about, account)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

test('a create is written strictly: the amount as text with its decimals, numbers for what is a number', () => {
  const sign = sha256(
    '4111111111111111:150.00:ps_amount:card_usd:840:202203:k3v9q0z1x8w7c5b4n2m6a9d1account-secret-key',
  )
  expect(avanorConnector.pay(order, account, at)).toEqual({
    method: 'POST',
    url: 'https://provider.example/gateway/v1/withdraw/create',
    headers: { 'content-type': 'application/json' },
    body: `{"account":"4111111111111111","amount":"150.00","amount_type":"ps_amount","payway":"card_usd","shop_currency":840,"shop_id":202203,"shop_payment_id":"k3v9q0z1x8w7c5b4n2m6a9d1","sign":"${sign}"}`,
  })
})

test('a question is by our reference alone, at a time of ours', () => {
  const sign = sha256('2026-05-24T16:35:42:202203:k3v9q0z1x8w7c5b4n2m6a9d1account-secret-key')
  const request = avanorConnector.inquire({ ...subject, theirId: '124' }, account, at)
  expect(request.url).toBe('https://provider.example/gateway/v1/withdraw/shop_payment_status')
  expect(request.body).toBe(
    `{"now":"2026-05-24T16:35:42","shop_id":202203,"shop_payment_id":"k3v9q0z1x8w7c5b4n2m6a9d1","sign":"${sign}"}`,
  )
})

test('the first payway that fits method, currency and amount is used', () => {
  const paywayOf = (minor: bigint): unknown =>
    JSON.parse(
      avanorConnector.pay({ ...order, amount: money(minor, currency('USD')) }, account, at).body ?? '',
    ).payway
  expect(paywayOf(5_000n)).toBe('small_usd')
  expect(paywayOf(10_001n)).toBe('card_usd')
})

test('an order without a payway that fits is not carried, and the sentence says why', () => {
  const cannot = (change: Partial<ConnectorOrder>): string | null =>
    avanorConnector.cannotCarry({ ...order, ...change }, account)
  expect(cannot({})).toBeNull()
  const bank = (one: Partial<Extract<Beneficiary, { kind: 'bank_account' }>>): Partial<ConnectorOrder> => ({
    amount: money(1n, currency('EUR')),
    beneficiary: { kind: 'bank_account', account: 'DE89', bank: null, holder: null, ...one },
  })
  expect(cannot(bank({}))).toBeNull()
  expect(cannot({ amount: money(1n, currency('EUR')) })).toBe('no payway of this account pays card in EUR')
  expect(cannot({ beneficiary: { kind: 'wallet', operator: 'nagad', number: '01711111111' } })).toContain(
    'pays nagad in USD',
  )
  expect(cannot({ amount: money(500_001n, currency('USD')) })).toContain('outside the limits')
  expect(cannot({ amount: money(0n, currency('USD')) })).toContain('outside the limits')
  expect(cannot({ beneficiary: { kind: 'card', number: '4111-1111' } })).toContain('12 to 19 digits')
  expect(cannot(bank({ account: 'a:b' }))).toContain('without a colon')
  expect(cannot(bank({ holder: 'a\nb' }))).toContain('holder')
  expect(cannot({ description: 'x'.repeat(256) })).toContain('description')
  expect(cannot({ reference: '' })).toContain('reference')
})

test('a refusal of the only send is failed only where a question says that they do not know it', () => {
  const contract = avanorConnector.capabilities(account)
  const facts = { step: 'only', sends: 1, theirIdBefore: null } as const
  const attempt = {
    state: 'in_doubt',
    stepsSent: 1,
    theirId: null,
    refusedOnOnlySend: true,
    acceptanceSeen: false,
    failureSeen: false,
    contradicted: false,
    observations: [],
    lastPossibleByteAtMs: at.nowMs,
    sameAccount: true,
    sameScope: true,
  } as const
  for (const code of [1, 2, 3, 4, 5, '4']) {
    const answer = readPay(refused(code))
    expect(answer).toMatchObject({ kind: 'read', said: 'failed', failure: 'refused', theirId: null })
    const { certainty } = judgeSend({ kind: 'answered', status: 200, answer }, facts, contract)
    expect(certainty).toEqual({ kind: 'in_doubt', why: 'refused' })
    const asked = { kind: 'answered', status: 200, answer: readInquiry(refused(7)) } as const
    expect(judgeInquiry(asked, attempt, contract, at).certainty).toEqual({ kind: 'dead', proof: 'refused' })
    const doubtful = { ...attempt, refusedOnOnlySend: false }
    expect(judgeInquiry(asked, doubtful, contract, at).certainty.kind).toBe('unchanged')
  }
})

test('every other error of a create leaves it in doubt', () => {
  expect(readPay(refused(6))).toMatchObject({ said: 'failed', failure: 'duplicate' })
  expect(readPay(refused(8))).toMatchObject({ said: 'pending' })
  for (const code of [0, 7, 9, 10, 11, 12, 15, 16, 99, -1, 4.5, null, '04', true])
    expect([code, readPay(refused(code))]).toEqual([code, expect.objectContaining({ said: 'unknown' })])
})

test('a question that is refused says nothing of the payout, but for 7', () => {
  expect(readInquiry(refused(7))).toMatchObject({ said: 'not_found' })
  expect(readInquiry(refused(7, null, 404))).toMatchObject({ said: 'not_found' })
  for (const code of [1, 4, 5, 6, 8, 9, 10, 11])
    expect([code, readInquiry(refused(code))]).toEqual([code, expect.objectContaining({ said: 'unknown' })])
})

test('an error that brings data, or any answer that contradicts itself, is unknown', () => {
  for (const answer of [
    refused(4, good),
    refused(7, {}),
    answered(good, 4),
    answered(good, 0, { result: false }),
    answered(good, 0, { result: 'true' }),
    answered(good, null),
    answered(null),
    answered(good, 0, { status: 400 }),
    answered({ ...good, shop_payment_id: undefined }),
  ]) {
    expect(readPay(answer)).toMatchObject({ said: 'unknown', theirId: null })
    expect(readInquiry(answer)).toMatchObject({ said: 'unknown', theirId: null })
  }
})

test('an answer is held against our reference, amount and currency', () => {
  const echoOf = (data: object): unknown => {
    const read = readInquiry(answered({ ...good, ...data }))
    return read.kind === 'read' ? read.echo : null
  }
  const same = { reference: 'same', amount: 'same', currency: 'same', beneficiary: 'absent' }
  expect(echoOf({})).toEqual(same)
  expect(echoOf({ payee_receive: '150.00', ps_currency: '840' })).toEqual(same)
  expect(echoOf({ payee_receive: 149.99 })).toEqual({ ...same, amount: 'other' })
  expect(echoOf({ payee_receive: true })).toEqual({ ...same, amount: 'other' })
  expect(echoOf({ ps_currency: 978 })).toEqual({ ...same, currency: 'other' })
  expect(echoOf({ shop_currency: 978 })).toEqual({ ...same, currency: 'other' })
  expect(echoOf({ ps_currency: null })).toEqual({ ...same, currency: 'absent' })
  expect(echoOf({ payee_receive: undefined })).toEqual({ ...same, amount: 'absent' })
  expect(echoOf({ shop_payment_id: 'another' })).toEqual({ ...same, reference: 'other' })
})

test('4 and 9 are pending, and never final', () => {
  for (const status of [1, 2, 3, 4, 7, 9, '4', '9'])
    expect(readInquiry(answered({ ...good, status }))).toMatchObject({
      said: 'pending',
      failure: null,
      theirId: '124',
    })
  expect(readInquiry(answered({ ...good, status: 6 }))).toMatchObject({ said: 'failed', failure: 'failed' })
  expect(readInquiry(answered({ ...good, status: 8 }))).toMatchObject({ said: 'unknown', theirId: null })
})

test('the contract asks early, then every half minute for two hours, and takes "not found" for nothing', () => {
  expect(avanorConnector.capabilities(account)).toMatchObject({
    queryableByOurReference: true,
    idempotentOnOurReference: false,
    callsBack: false,
    twoStep: false,
    proof: false,
    notFoundIsFinalAfterMs: 'never',
    failedIsFinalAfterMs: 0,
    refusalConfirmedBy: 'inquiry',
    inquiryTimesMs: {
      first: [2_000, 5_000, 10_000, 30_000],
      thenEveryMs: 30_000,
      untilMs: 7_200_000,
      afterwardsEveryMs: 600_000,
    },
  })
  const slow = { ...account, settings: { ...account.settings, timeout_total_ms: '2000' } }
  expect(avanorConnector.capabilities(slow).timeoutsMs).toEqual({
    connect: 2_000,
    headers: 2_000,
    total: 2_000,
  })
})

test('a balance is one figure only where the payways have one currency', () => {
  const answer = answered({
    balances: [
      { available: 12.5, currency: 840 },
      { available: 7, currency: 978 },
    ],
  })
  const read = (payways: string, from = answer): string | null =>
    avanorConnector.balance?.read(from, { ...account, settings: { ...account.settings, payways } }) ?? null
  expect(read('a=card:USD,b=bank_account:USD')).toBe('12.5')
  expect(read('a=card:EUR')).toBe('7')
  expect(read('a=card:USD,b=card:EUR')).toBeNull()
  expect(read('a=card:BDT')).toBeNull()
  expect(read('a=card:USD', refused(10))).toBeNull()
  expect(read('a=card:USD', answered({ balances: [{ available: 'much', currency: 840 }] }))).toBeNull()
})

test('whatever comes as a callback is refused', () => {
  const request = { method: 'POST', query: '', headers: new Map(), body: Buffer.from('{}') }
  expect(avanorConnector.readCallback(request, account).kind).toBe('refused')
  expect(avanorConnector.callbackTaken().status).toBe(404)
})
