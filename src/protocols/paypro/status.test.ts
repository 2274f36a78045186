import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OUTCOMES } from '../../payout/outcome.ts'
import { PAYOUT_STATES } from '../../payout/payout.ts'
import {
  type PayproStatusRules,
  payproOutcomeFromStatus,
  payproSayingOfCreate,
  payproSayingOfQuery,
  payproStatusFromState,
  payproWordsOfStatus,
} from './status.ts'
import { type PayproAnswer, payproReadAnswer } from './wire.ts'

const none: PayproStatusRules = { provenRefusals: new Set(), returnedStatus: null }
const door: PayproStatusRules = { provenRefusals: new Set(['990010']), returnedStatus: '990020' }

interface Told {
  readonly code?: string
  readonly success?: unknown
  readonly status?: unknown
  readonly desc?: string
  readonly msg?: string
  readonly message?: string
  readonly number?: string
  readonly remark?: string
}

function told({
  code = '0000',
  success = true,
  msg = 'success',
  number = 'n1',
  ...data
}: Told): PayproAnswer {
  const body = { msg, code, success, data: { platFormTradeNo: number, ...data } }
  const answer = payproReadAnswer(Buffer.from(JSON.stringify(body)))
  if (answer === null) throw new Error('the answer of a test can be read')
  return answer
}

const failing = { code: '990010', success: false }

test.each([
  ['0000', {}, 'paid', null],
  ['0000', { success: 'true' }, 'paid', null],
  ['0000', { success: 'TRUE' }, 'unknown', null],
  ['0000', { success: 1 }, 'unknown', null],
  ['0000', { code: '0' }, 'unknown', null],
  ['0000', failing, 'unknown', null],
  ['0015', {}, 'pending', null],
  ['0015', failing, 'pending', null],
  ['0100119', {}, 'failed', 'failed'],
  ['1234', {}, 'failed', 'failed'],
  ['0100119', failing, 'unknown', null],
  ['0100119', { desc: 'Duplicate order' }, 'failed', 'duplicate'],
  ['0100119', { msg: 'already EXISTS' }, 'failed', 'duplicate'],
  ['0100119', { message: 'repeated request' }, 'failed', 'duplicate'],
  ['0100119', { desc: '订单号重复' }, 'failed', 'duplicate'],
  ['0100119', { remark: 'repeat of last week' }, 'failed', 'failed'],
  ['00032', {}, 'unknown', null],
  ['0001', {}, 'unknown', null],
  ['990020', {}, 'failed', 'failed'],
  ['001', {}, 'unknown', null],
  ['00000000000', {}, 'unknown', null],
  [' 0000', {}, 'unknown', null],
  ['0000\n', {}, 'unknown', null],
  ['FAILED', {}, 'unknown', null],
  ['٠٠٠٠', {}, 'unknown', null],
  ['', {}, 'unknown', null],
  [null, {}, 'unknown', null],
  [undefined, {}, 'unknown', null],
  [0, {}, 'unknown', null],
  [15, {}, 'unknown', null],
  [['0000'], {}, 'unknown', null],
  [{ '0000': true }, {}, 'unknown', null],
  [true, {}, 'unknown', null],
])('create, status %j under %j: %s, %s', (status, more, said, failure) => {
  expect(payproSayingOfCreate(told({ status, ...more }), none)).toEqual({ said, failure })
})

test.each([
  ['0100119', failing, 'failed', 'refused'],
  ['990010', failing, 'failed', 'refused'],
  [undefined, failing, 'failed', 'refused'],
  ['', failing, 'failed', 'refused'],
  ['0000', failing, 'unknown', null],
  ['0001', failing, 'unknown', null],
  ['00032', failing, 'unknown', null],
  ['0015', failing, 'pending', null],
  [10, failing, 'unknown', null],
  ['990020', failing, 'unknown', null],
  ['990010', { ...failing, code: '990011' }, 'unknown', null],
  ['990010', { ...failing, desc: 'exists' }, 'failed', 'duplicate'],
  ['990020', {}, 'returned', null],
])('create with stated rules, status %j under %j: %s, %s', (status, more, said, failure) => {
  expect(payproSayingOfCreate(told({ status, ...more }), door)).toEqual({ said, failure })
})

test.each([
  ['0000', {}, 'paid', null],
  ['0000', { number: '' }, 'paid', null],
  ['0000', failing, 'unknown', null],
  ['0015', failing, 'pending', null],
  ['0100119', {}, 'failed', 'failed'],
  ['0100119', { number: '' }, 'unknown', null],
  ['0100119', { number: 'two words' }, 'unknown', null],
  ['0100119', { desc: 'duplicate' }, 'failed', 'duplicate'],
  ['0100119', failing, 'unknown', null],
  ['990010', failing, 'unknown', null],
  [undefined, failing, 'unknown', null],
  ['990020', {}, 'returned', null],
  ['990020', { number: '' }, 'unknown', null],
])('query with stated rules, status %j under %j: %s, %s', (status, more, said, failure) => {
  expect(payproSayingOfQuery(told({ status, ...more }), door)).toEqual({ said, failure })
})

test('a refused question is never a refused payout, even under a code that is proven to refuse', () => {
  const answer = told({ status: '990010', ...failing })
  expect(payproSayingOfCreate(answer, door).said).toBe('failed')
  expect(payproSayingOfQuery(answer, door).said).toBe('unknown')
})

test('every value has a meaning, only 0000 means paid, and nothing means returned unless it was stated', () => {
  const any = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[0-9]{1,11}$/),
    fc.constantFrom('0000', '0015', '990020'),
  )
  fc.assert(
    fc.property(any, fc.option(any), (status, returned) => {
      const outcome = payproOutcomeFromStatus(status, returned)
      expect(OUTCOMES).toContain(outcome)
      expect(outcome === 'paid').toBe(status === '0000')
      expect(outcome === 'pending').toBe(status === '0015')
      if (returned === null) expect(outcome).not.toBe('returned')
    }),
    { numRuns: 2_000 },
  )
})

test('the door calls nothing failed but what failed or was cancelled', () => {
  for (const state of PAYOUT_STATES) {
    const isFailure = payproWordsOfStatus(payproStatusFromState(state)) === 'fail'
    expect(isFailure).toBe(state === 'failed' || state === 'cancelled')
  }
})
