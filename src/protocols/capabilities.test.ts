import { expect, test } from 'vitest'
import { AssertionFailed } from '../lib/assert.ts'
import { FAILURES } from '../payout/outcome.ts'
import {
  CAPABILITY_DEFAULTS,
  type CapabilityOverrides,
  declareCapabilities,
  failureOf,
  isQueryable,
  REFUSAL_STATUSES,
} from './capabilities.ts'

const reference = { alphabet: '0123456789abcdef', length: 32 }
const day = 86_400_000

test('a contract that declares only its reference is the pessimistic one', () => {
  expect(declareCapabilities({ reference })).toStrictEqual({ ...CAPABILITY_DEFAULTS, reference })
})

test('the defaults trust nothing', () => {
  expect(CAPABILITY_DEFAULTS).toStrictEqual({
    queryableByOurReference: false,
    queryableByTheirId: false,
    notFoundIsFinalAfterMs: 'never',
    notFoundAnswersNeeded: 3,
    maxProcessingMs: 604_800_000,
    queryLagMs: 86_400_000,
    failedIsFinalAfterMs: 86_400_000,
    refusalConfirmedBy: 'inquiry',
    idempotentOnOurReference: false,
    idempotencyWindowMs: 0,
    errorsRemembered: false,
    keyScope: 'endpoint',
    repeatForm: 'same_bytes',
    failures: {},
    bodyStatuses: [200],
    refusalStatuses: [],
    echoes: {
      send: ['reference', 'amount', 'currency', 'beneficiary'],
      inquiry: ['reference', 'amount', 'currency', 'beneficiary'],
    },
    givesTheirId: true,
    twoStep: false,
    createAloneNeverPays: false,
    cancelByReference: false,
    callsBack: false,
    callbackSigned: false,
    callbackDecides: false,
    inquiryTimesMs: {
      first: [10_000, 30_000, 60_000, 120_000, 300_000],
      thenEveryMs: 600_000,
      untilMs: 86_400_000,
      afterwardsEveryMs: 3_600_000,
    },
    returnsWithinMs: 3_024_000_000,
    timeoutsMs: { connect: 5_000, headers: 45_000, total: 60_000 },
    maxAnswerBytes: 1_048_576,
    ratePerSecond: 1,
    concurrency: 2,
    proof: false,
  })
})

test('what is declared stands, and the rest keeps its default', () => {
  const contract = declareCapabilities({
    reference,
    queryableByOurReference: true,
    failures: { '0100119': 'failed' },
    timeoutsMs: { connect: 1, headers: 2, total: 2 },
  })
  expect(contract.queryableByOurReference).toBe(true)
  expect(contract.failures).toEqual({ '0100119': 'failed' })
  expect(contract.timeoutsMs).toEqual({ connect: 1, headers: 2, total: 2 })
  expect(contract.queryableByTheirId).toBe(false)
})

test('a contract survives the way through JSON and loads again as it was', () => {
  const contract = declareCapabilities({ reference, failures: { '17': 'refused' }, twoStep: true })
  expect(declareCapabilities(JSON.parse(JSON.stringify(contract)))).toStrictEqual(contract)
})

test('a loaded contract cannot be changed, nor through what it was made of', () => {
  const failures: Record<string, 'failed' | 'refused'> = { '17': 'failed' }
  const contract = declareCapabilities({ reference, failures })
  failures['17'] = 'refused'
  expect(contract.failures).toEqual({ '17': 'failed' })
  expect(Object.isFrozen(contract)).toBe(true)
  expect(Object.isFrozen(contract.failures)).toBe(true)
  expect(Object.isFrozen(contract.echoes.send)).toBe(true)
  expect(Object.isFrozen(CAPABILITY_DEFAULTS.bodyStatuses)).toBe(true)
})

test('a code outside the list is unlisted, whatever text the provider sends', () => {
  const contract = declareCapabilities({ reference, failures: { '17': 'refused' } })
  expect(failureOf(contract, '17')).toBe('refused')
  for (const code of ['18', '', ' 17', '017', 'constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    expect(failureOf(contract, code), code).toBe('unlisted')
  }
})

test('no status that providers send after accepting can refuse', () => {
  expect(REFUSAL_STATUSES).toEqual([400, 401, 403, 404, 405, 406, 408, 413, 415, 422, 425, 429])
})

test('a provider can be asked by either reference', () => {
  expect(isQueryable({ queryableByOurReference: true, queryableByTheirId: false })).toBe(true)
  expect(isQueryable({ queryableByOurReference: false, queryableByTheirId: true })).toBe(true)
  expect(isQueryable({ queryableByOurReference: false, queryableByTheirId: false })).toBe(false)
})

const times = CAPABILITY_DEFAULTS.inquiryTimesMs

// Each rule with its neighbours: what just loads, and what just does not.
const rules: Record<string, { loads: object[]; refused: object[] }> = {
  'notFoundIsFinalAfterMs is never, or as long as maxProcessingMs and queryLagMs together': {
    loads: [
      { notFoundIsFinalAfterMs: 'never' },
      { notFoundIsFinalAfterMs: 8 * day },
      { notFoundIsFinalAfterMs: 5, maxProcessingMs: 3, queryLagMs: 2 },
      { notFoundIsFinalAfterMs: 0, maxProcessingMs: 0, queryLagMs: 0 },
    ],
    refused: [
      { notFoundIsFinalAfterMs: 8 * day - 1 },
      { notFoundIsFinalAfterMs: 0 },
      { notFoundIsFinalAfterMs: 4, maxProcessingMs: 3, queryLagMs: 2 },
      { notFoundIsFinalAfterMs: 8 * day + 0.5 },
      { notFoundIsFinalAfterMs: Number.NaN },
      { notFoundIsFinalAfterMs: Number.POSITIVE_INFINITY },
      { notFoundIsFinalAfterMs: 'soon' },
      { notFoundIsFinalAfterMs: null },
    ],
  },
  'notFoundAnswersNeeded is 3 or more': {
    loads: [{ notFoundAnswersNeeded: 3 }, { notFoundAnswersNeeded: 4 }],
    refused: [
      { notFoundAnswersNeeded: 2 },
      { notFoundAnswersNeeded: 3.5 },
      { notFoundAnswersNeeded: Number.NaN },
    ],
  },
  'callbackDecides only where callbacks are signed and nobody can be asked': {
    loads: [
      { callbackDecides: true, callbackSigned: true },
      { callbackDecides: false, callbackSigned: false, queryableByOurReference: true },
    ],
    refused: [
      { callbackDecides: true },
      { callbackDecides: true, callbackSigned: true, queryableByOurReference: true },
      { callbackDecides: true, callbackSigned: true, queryableByTheirId: true },
    ],
  },
  'an idempotency window comes with idempotency': {
    loads: [{ idempotentOnOurReference: true, idempotencyWindowMs: 1 }],
    refused: [
      { idempotentOnOurReference: true },
      { idempotencyWindowMs: 1 },
      { idempotentOnOurReference: true, idempotencyWindowMs: -1 },
    ],
  },
  'createAloneNeverPays only of two steps': {
    loads: [{ twoStep: true, createAloneNeverPays: true }, { twoStep: true }],
    refused: [{ createAloneNeverPays: true }],
  },
  'refusalStatuses are of the listed ones': {
    loads: [{ refusalStatuses: [...REFUSAL_STATUSES] }],
    refused: [200, 202, 204, 301, 302, 402, 409, 410, 421, 428, 500, 502, 503].map(status => ({
      refusalStatuses: [400, status],
    })),
  },
  'a status whose body is read does not refuse by itself': {
    loads: [{ bodyStatuses: [200, 400], refusalStatuses: [401] }],
    refused: [{ bodyStatuses: [200, 400], refusalStatuses: [400] }],
  },
  'bodyStatuses are final HTTP statuses': {
    loads: [{ bodyStatuses: [200, 201, 404, 599] }],
    refused: [
      { bodyStatuses: [199] },
      { bodyStatuses: [600] },
      { bodyStatuses: [200.5] },
      { bodyStatuses: ['200'] },
    ],
  },
  'echoes are lists of known fields, for the send and for the inquiry': {
    loads: [{ echoes: { send: [], inquiry: ['reference', 'amount'] } }],
    refused: [
      { echoes: { send: ['remark'], inquiry: [] } },
      { echoes: { send: [], inquiry: ['remark'] } },
      { echoes: { send: [] } },
      { echoes: { send: 'amount', inquiry: [] } },
      { echoes: null },
    ],
  },
  'failures mean something on the list': {
    loads: FAILURES.map(failure => ({ failures: { '1': failure } })),
    refused: [{ failures: { '1': 'paid' } }, { failures: ['refused'] }],
  },
  'choices are of their lists': {
    loads: [
      { refusalConfirmedBy: 'answer', keyScope: 'account', repeatForm: 'fresh_nonce' },
      { refusalConfirmedBy: 'inquiry', keyScope: 'region', repeatForm: 'repeat_flag' },
    ],
    refused: [{ refusalConfirmedBy: 'us' }, { keyScope: 'world' }, { repeatForm: 'twice' }],
  },
  'durations are whole milliseconds, 0 or more': {
    loads: [{ failedIsFinalAfterMs: 0, returnsWithinMs: 0 }],
    refused: ['maxProcessingMs', 'queryLagMs', 'failedIsFinalAfterMs', 'returnsWithinMs'].flatMap(field =>
      [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '0'].map(value => ({ [field]: value })),
    ),
  },
  'inquiry times grow, and never come closer than a second': {
    loads: [
      { inquiryTimesMs: { first: [], thenEveryMs: 1_000, untilMs: 0, afterwardsEveryMs: 1_000 } },
      { inquiryTimesMs: { ...times, first: [1, 2], untilMs: 2 } },
    ],
    refused: [
      { inquiryTimesMs: { ...times, first: [2, 2] } },
      { inquiryTimesMs: { ...times, first: [0] } },
      { inquiryTimesMs: { ...times, first: [1.5] } },
      { inquiryTimesMs: { ...times, first: 10 } },
      { inquiryTimesMs: { ...times, untilMs: 299_999 } },
      { inquiryTimesMs: { ...times, untilMs: Number.NaN } },
      { inquiryTimesMs: { ...times, untilMs: Number.POSITIVE_INFINITY } },
      { inquiryTimesMs: { ...times, thenEveryMs: 999 } },
      { inquiryTimesMs: { ...times, afterwardsEveryMs: 999 } },
      { inquiryTimesMs: { ...times, afterwardsEveryMs: Number.POSITIVE_INFINITY } },
    ],
  },
  'no time-out is longer than the total, none is nothing': {
    loads: [{ timeoutsMs: { connect: 9, headers: 9, total: 9 } }],
    refused: [
      { timeoutsMs: { connect: 10, headers: 9, total: 9 } },
      { timeoutsMs: { connect: 9, headers: 10, total: 9 } },
      { timeoutsMs: { connect: 0, headers: 9, total: 9 } },
      { timeoutsMs: { connect: 9, headers: 9, total: Number.POSITIVE_INFINITY } },
      { timeoutsMs: { connect: 9, headers: 9 } },
    ],
  },
  'sizes and rates are above 0 and end somewhere': {
    loads: [{ maxAnswerBytes: 1, concurrency: 1, ratePerSecond: 0.1 }],
    refused: [
      { maxAnswerBytes: 0 },
      { maxAnswerBytes: Number.POSITIVE_INFINITY },
      { concurrency: 0 },
      { concurrency: 1.5 },
      { ratePerSecond: 0 },
      { ratePerSecond: Number.POSITIVE_INFINITY },
      { ratePerSecond: Number.NaN },
    ],
  },
  'the form of our reference is declared, without doubles, and has room': {
    loads: [
      { reference: { alphabet: '01', length: 64 } },
      { reference: { alphabet: '0123456789abcdef', length: 16 } },
    ],
    refused: [
      { reference: undefined },
      { reference: null },
      { reference: {} },
      { reference: { alphabet: '01' } },
      { reference: { length: 64 } },
      { reference: { alphabet: '01', length: 63 } },
      { reference: { alphabet: '0123456789abcdef', length: 15 } },
      { reference: { alphabet: '0', length: 1_000 } },
      { reference: { alphabet: '', length: 64 } },
      { reference: { alphabet: '0120', length: 64 } },
      { reference: { alphabet: '01 ', length: 64 } },
      { reference: { alphabet: '01é', length: 64 } },
      { reference: { alphabet: '01', length: 64.5 } },
    ],
  },
  'a value is of its kind, and a field is known': {
    loads: [{ proof: true }],
    refused: [
      { createAloneNeverPays: 'false', twoStep: true },
      { callbackSigned: 1 },
      { errorsRemembered: undefined },
      { failures: null },
      { bodyStatuses: { 0: 200 } },
      { failedIsFinalAfter: 0 },
      { constructor: 1 },
    ],
  },
}

for (const [rule, { loads, refused }] of Object.entries(rules)) {
  test(rule, () => {
    for (const overrides of loads) {
      expect(() => declare(overrides), JSON.stringify(overrides)).not.toThrow()
    }
    for (const overrides of refused) {
      expect(() => declare(overrides), JSON.stringify(overrides)).toThrow(AssertionFailed)
    }
  })
}

// A stored contract comes from outside the type system, and so do the cases above.
function declare(overrides: object) {
  return declareCapabilities({ reference, ...overrides } as CapabilityOverrides)
}
