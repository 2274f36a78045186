import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { FINAL_STATES, type Payout, type PayoutState } from '../../payout/payout.ts'
import { bdt, payoutOf } from '../desk.fixture.ts'
import type { DoorCredential, Submission } from '../protocol.ts'
import { payproNotices } from './notice.ts'

const credential: DoorCredential = {
  door: 'paypro',
  publicId: '1000000001',
  merchantId: 'm1',
  secret: 'sandbox-paypro-secret',
  active: true,
  settings: {},
}

const submission: Submission = {
  merchantId: 'm1',
  door: 'paypro',
  doorCredentialId: '1000000001',
  requestId: null,
  reference: 'test_00000001',
  idempotencyKey: null,
  fingerprint: new Uint8Array(32),
  amount: bdt(30_000n),
  beneficiary: { kind: 'wallet', operator: 'bkash', number: '01123456789' },
  description: 'test',
  metadata: null,
  notifyUrl: 'https://client.example/n',
  needsConfirmation: false,
  firstAnswer: () => '',
}

const paidAtMs = Date.parse('2024-10-11T01:56:20.130Z')
const queued = payoutOf(submission, { number: 1n, tag: 1, nowMs: paidAtMs - 1_000 })
const paid: Payout = { ...queued, state: 'paid', paidAtMs }

function request(payout: Payout, state: PayoutState, atMs: number, more: Partial<DoorCredential> = {}) {
  return payproNotices.request(
    { payout, state, atMs, url: 'https://client.example/n' },
    { ...credential, ...more },
  )
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

test('a paid payout is told with its fields in the order of the contract, signed with the secret of the client', () => {
  const told = request(paid, 'paid', paidAtMs)
  const number = /"platFormTradeNo":"([0-9a-z]{16})"/.exec(told.body ?? '')?.[1] ?? ''
  const sign = md5(
    `amount=300message=successplatFormTradeNo=${number}remark=teststatus=0000` +
      'successTime=2024-10-11 07:56:20timestamp=1728611780130tradeNo=test_00000001sandbox-paypro-secret',
  )
  expect(told).toEqual({
    method: 'POST',
    url: 'https://client.example/n',
    headers: { 'content-type': 'application/json;charset=utf-8' },
    body:
      `{"status":"0000","message":"success","platFormTradeNo":"${number}","tradeNo":"test_00000001",` +
      `"amount":"300","successTime":"2024-10-11 07:56:20","timestamp":"1728611780130","remark":"test","sign":"${sign}"}`,
  })
})

test('what did not succeed has no time of success, and what has no remark sends none', () => {
  const failed = request({ ...queued, state: 'failed', description: null }, 'failed', paidAtMs)
  const body: Record<string, string> = JSON.parse(failed.body ?? '')
  expect(Object.keys(body)).toEqual([
    'status',
    'message',
    'platFormTradeNo',
    'tradeNo',
    'amount',
    'timestamp',
    'sign',
  ])
  expect(body).toMatchObject({ status: '0100119', message: 'fail', amount: '300' })
})

test('the step is told, not where the payout stands by then, and each try sends the same bytes', () => {
  const returned: Payout = { ...paid, state: 'returned', stateSinceMs: paidAtMs + 86_400_000, version: 9 }
  expect(request(returned, 'paid', paidAtMs)).toEqual(request(paid, 'paid', paidAtMs))
  const body: Record<string, string> = JSON.parse(
    request(returned, 'returned', paidAtMs + 86_400_000).body ?? '',
  )
  expect(body).toMatchObject({ status: '990020', message: 'returned', timestamp: '1728698180130' })
  expect(body).not.toHaveProperty('successTime')
})

test('the salt stands where the client has it', () => {
  const append = request(paid, 'paid', paidAtMs).body
  const prepend = request(paid, 'paid', paidAtMs, { settings: { salt_position: 'prepend' } }).body
  expect(prepend).not.toBe(append)
  expect(() => request(paid, 'paid', paidAtMs, { settings: { salt_position: 'middle' } })).toThrow()
  expect(() => request(paid, 'paid', paidAtMs, { secret: '' })).toThrow()
})

test('only final states are told, and every one of them', () => {
  expect([...payproNotices.states].sort()).toEqual([...FINAL_STATES].sort())
})

test('there are eight tries within a day, each with ten seconds', () => {
  expect(payproNotices.scheduleMs).toEqual([
    2_000, 5_000, 10_000, 30_000, 3_600_000, 10_800_000, 10_800_000, 10_800_000,
  ])
  expect(payproNotices.scheduleMs.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(86_400_000)
  expect(payproNotices.timeoutMs).toBe(10_000)
})

test.each([
  [200, 'OK', true],
  [200, 'Ok', true],
  [200, "'OK'", true],
  [200, '\r\n"ok"\r\n', true],
  [201, 'OK', false],
  [202, 'OK', false],
  [204, '', false],
  [301, 'OK', false],
  [500, 'OK', false],
  [200, 'OKAY', false],
  [200, 'NOT OK', false],
  [200, '"OK', false],
  [200, '{"status":"OK"}', false],
  [200, `OK${' '.repeat(65_536)}`, false],
  [200, 'O\u212a', false],
])('status %i with the body %j is acknowledged: %s', (status, body, acknowledged) => {
  expect(payproNotices.acknowledged({ status, headers: {}, body: Buffer.from(body) })).toBe(acknowledged)
})
