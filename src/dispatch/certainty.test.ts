import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AssertionFailed, assert } from '../lib/assert.ts'
import { ATTEMPT_STATES } from '../payout/attempt.ts'
import { DEATH_PREMISES, DEATHS } from '../payout/death.ts'
import {
  type Answer,
  DOUBTS,
  ECHO_FIELDS,
  type Echo,
  type EchoField,
  FAILURES,
  type Failure,
  type Line,
  OUTCOMES,
  SAYINGS,
  type Saying,
} from '../payout/outcome.ts'
import {
  type Capabilities,
  type CapabilityOverrides,
  declareCapabilities,
  REFUSAL_STATUSES,
} from '../protocols/capabilities.ts'
import { OBSERVED, type Observed } from './certainty.ts'
import {
  CALLBACK_ROWS,
  type CallbackFacts,
  type CallbackVerdict,
  judgeCallback,
} from './certainty-callback.ts'
import {
  type AttemptFacts,
  INQUIRY_ROWS,
  type InquiryVerdict,
  judgeInquiry,
  NOT_FOUND_APART_MS,
  OBSERVATIONS_MAX,
  type Observation,
  rememberObservation,
} from './certainty-inquiry.ts'
import { judgeSend, SEND_ROWS, type SendFacts, type SendVerdict } from './certainty-send.ts'

// ---- the words --------------------------------------------------------------------------------------------------

const day = 86_400_000
const minute = 60_000
const now = Date.UTC(2026, 0, 31, 12)

/** An answer that carries every echo and their id, and says what it is told to. */
function read(said: Saying, more: { failure?: Failure; theirId?: string | null; echo?: Partial<Echo> } = {}) {
  const same: Echo = { reference: 'same', amount: 'same', currency: 'same', beneficiary: 'same' }
  return {
    kind: 'read',
    said,
    failure: more.failure ?? null,
    theirId: more.theirId === undefined ? 'T1' : more.theirId,
    echo: { ...same, ...more.echo },
  } as const satisfies Answer
}

function answered(answer: Answer, status = 200): Line {
  return { kind: 'answered', status, answer }
}

function failed(failure: Failure, echo: Partial<Echo> = {}): Line {
  return answered(read('failed', { failure, echo, theirId: null }))
}

const notFound = answered(read('not_found', { theirId: null }))
const unread: Answer = { kind: 'unread' }
const unreadable: Answer = { kind: 'unreadable' }

function contract(overrides: Partial<CapabilityOverrides> = {}): Capabilities {
  return declareCapabilities({ reference: { alphabet: '0123456789abcdef', length: 32 }, ...overrides })
}

const twoStep = { twoStep: true } as const
const trusting = { refusalConfirmedBy: 'answer', failedIsFinalAfterMs: 0 } as const

function send(seen: Line, overrides: Partial<CapabilityOverrides> = {}, facts: Partial<SendFacts> = {}) {
  const step = overrides.twoStep === true ? 'second' : 'only'
  return judgeSend(seen, { step, sends: 1, theirIdBefore: null, ...facts }, contract(overrides))
}

const onTheSide = { alarm: false, stopsAccount: false, observed: null } as const

function dead(row: string, proof: string, next: string, more: Partial<SendVerdict> = {}) {
  return { row, certainty: { kind: 'dead', proof }, next, ...onTheSide, ...more }
}

function inDoubt(row: string, why: string, more: Partial<SendVerdict> = {}) {
  return { row, certainty: { kind: 'in_doubt', why }, next: 'inquire', ...onTheSide, ...more }
}

function accepted(as: string, next: string) {
  return { row: 'S16', certainty: { kind: 'accepted', as }, next, ...onTheSide, observed: 'accepted' }
}

// ---- table A ----------------------------------------------------------------------------------------------------

test('S1: a send that was stopped at the last check is dead, and no try is counted', () => {
  expect(send({ kind: 'unsent', why: 'stopped' })).toEqual(dead('S1', 'not_sent', 'requeue'))
})

test('S2: a send that our own guard held back is dead and goes to a person', () => {
  expect(send({ kind: 'unsent', why: 'guard' })).toEqual(dead('S2', 'not_sent', 'review', { alarm: true }))
})

test('S3: a send that found no name or no connection is dead and waits', () => {
  expect(send({ kind: 'unsent', why: 'name' })).toEqual(dead('S3', 'not_sent', 'backoff'))
  expect(send({ kind: 'unsent', why: 'connect' })).toEqual(dead('S3', 'not_sent', 'backoff'))
})

test('S4: a send that failed in the handshake or at the proxy is dead and raises an alarm', () => {
  expect(send({ kind: 'unsent', why: 'tls' })).toEqual(dead('S4', 'not_sent', 'backoff', { alarm: true }))
  expect(send({ kind: 'unsent', why: 'proxy' })).toEqual(dead('S4', 'not_sent', 'backoff', { alarm: true }))
})

test('S0: a send without a recorded end, of which the sealed journal of its sender knows nothing, never left', () => {
  expect(send({ kind: 'unsent', why: 'unjournaled' })).toEqual(dead('S0', 'not_sent', 'requeue'))
})

test('S5: a send without a recorded end is in doubt', () => {
  expect(send({ kind: 'cut', why: 'lost' }, trusting)).toEqual(inDoubt('S5', 'lost'))
})

test('S6: a reset connection or a time-out is in doubt', () => {
  expect(send({ kind: 'cut', why: 'reset' }, trusting)).toEqual(inDoubt('S6', 'reset'))
  expect(send({ kind: 'cut', why: 'timeout' }, trusting)).toEqual(inDoubt('S6', 'timeout'))
})

test('S7: an answer that is not whole is in doubt', () => {
  expect(send({ kind: 'cut', why: 'incomplete' }, trusting)).toEqual(inDoubt('S7', 'incomplete'))
})

const bodies: readonly Answer[] = [
  unread,
  unreadable,
  read('paid'),
  read('pending'),
  read('failed', { failure: 'refused' }),
  read('failed', { failure: 'failed' }),
  read('not_found'),
]

test('S8: a redirect is in doubt whatever its body says, and the statuses beside it are no redirect', () => {
  for (const status of [300, 301, 302, 303, 307, 308, 399]) {
    for (const body of bodies) {
      expect(send(answered(body, status), trusting)).toEqual(inDoubt('S8', 'redirect', { alarm: true }))
    }
  }
  expect(send(answered(read('paid'), 299)).row).toBe('S16')
  expect(send(answered(read('paid'), 400)).row).toBe('S16')
})

test('S9: a 5xx, or a status that is none, is in doubt whatever its body says', () => {
  const none = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -200, 0]
  for (const status of [100, 101, 199, 500, 502, 503, 504, 599, 600, 999, ...none]) {
    for (const body of bodies) {
      expect(send(answered(body, status), trusting)).toEqual(inDoubt('S9', 'status'))
    }
  }
  expect(send(answered(read('paid'), 200)).row).toBe('S16')
  expect(send(answered(read('paid'), 499)).row).toBe('S16')
})

test('S10: 409 is in doubt whatever its body says, and the statuses beside it are not 409', () => {
  for (const body of bodies) {
    expect(send(answered(body, 409), trusting)).toEqual(inDoubt('S10', 'duplicate'))
  }
  expect(send(answered(read('paid'), 408)).row).toBe('S16')
  expect(send(answered(read('paid'), 410)).row).toBe('S16')
})

test('S11: a declared refusal status is as good as the word refused', () => {
  const declared = { refusalStatuses: [403, 422] } as const
  const observed = 'failure'
  for (const status of declared.refusalStatuses) {
    expect(send(answered(unread, status), { ...declared, refusalConfirmedBy: 'answer' })).toEqual(
      dead('S11', 'refused', 'route', { observed }),
    )
    expect(send(answered(unread, status), declared)).toEqual(inDoubt('S11', 'refused', { observed }))
  }
})

test('S12: any other unread status is in doubt, however much it looks like a refusal', () => {
  const declared = { ...trusting, refusalStatuses: [403] } as const
  for (const status of [200, 201, 202, 204, 400, 401, 402, 404, 405, 408, 421, 425, 429, 499]) {
    expect(send(answered(unread, status), declared)).toEqual(inDoubt('S12', 'status'))
  }
  for (const status of REFUSAL_STATUSES) {
    expect(send(answered(unread, status), trusting)).toEqual(inDoubt('S12', 'status'))
  }
})

test('S13: a body that is no message is in doubt, also under a refusal status', () => {
  const expected = inDoubt('S13', 'unreadable', { alarm: true })
  expect(send(answered(unreadable), trusting)).toEqual(expected)
  expect(send(answered(unreadable, 403), { ...trusting, refusalStatuses: [403] })).toEqual(expected)
})

test('S14: an answer about something else is in doubt and stops the account, whatever it says', () => {
  for (const field of ECHO_FIELDS) {
    for (const said of SAYINGS) {
      for (const failure of [null, ...FAILURES]) {
        const answer: Answer = { ...read(said, { echo: { [field]: 'other' } }), failure }
        // Also where the contract asks for no echo at all.
        const verdict = send(answered(answer), { ...trusting, echoes: { send: [], inquiry: [] } })
        expect(verdict).toMatchObject({ row: 'S14', certainty: { kind: 'in_doubt', why: 'mismatch' } })
        expect(verdict).toMatchObject({ alarm: true, stopsAccount: true, next: 'inquire' })
      }
    }
  }
})

test('S14: an answer that names another id than the stored one speaks of something else', () => {
  const before = { theirIdBefore: 'T1' }
  expect(send(answered(read('paid', { theirId: 'T2' })), {}, before)).toEqual(
    inDoubt('S14', 'mismatch', { alarm: true, stopsAccount: true, observed: 'accepted' }),
  )
  expect(send(answered(read('paid', { theirId: 'T1' })), {}, before).row).toBe('S16')
  expect(send(answered(read('paid', { theirId: null })), {}, before).row).toBe('S16')
  expect(send(answered(read('paid', { theirId: 'T2' }))).row).toBe('S16')
})

test('S15: an answer without a declared echo is in doubt, save a refusal', () => {
  for (const field of ECHO_FIELDS) {
    const echo = { [field]: 'absent' }
    for (const said of ['paid', 'pending', 'returned'] as const) {
      expect(send(answered(read(said, { echo })))).toEqual(
        inDoubt('S15', 'mismatch', { observed: 'accepted' }),
      )
    }
    for (const said of ['unknown', 'not_found'] as const) {
      expect(send(answered(read(said, { echo })))).toEqual(inDoubt('S15', 'mismatch', { observed: 'other' }))
    }
    expect(send(failed('failed', echo), trusting)).toEqual(
      inDoubt('S15', 'mismatch', { observed: 'failure' }),
    )
    expect(send(failed('refused', echo), trusting).row).toBe('S17')
    // Only a failure is a refusal, and only the declared echoes are asked for.
    expect(send(answered({ ...read('paid', { echo }), failure: 'refused' })).row).toBe('S15')
    const others = ECHO_FIELDS.filter(other => other !== field)
    expect(
      send(answered(read('paid', { echo })), { echoes: { send: others, inquiry: ECHO_FIELDS } }).row,
    ).toBe('S16')
    expect(send(answered(read('paid', { echo })), { echoes: { send: [field], inquiry: [] } }).row).toBe('S15')
  }
})

test('S15: an acceptance without their id is in doubt where they give one', () => {
  const expected = inDoubt('S15', 'mismatch', { observed: 'accepted' })
  const without = { theirId: null }
  expect(send(answered(read('paid', without)))).toEqual(expected)
  expect(send(answered(read('pending', without)))).toEqual(expected)
  expect(send(answered(read('created', without)), twoStep, { step: 'first' })).toEqual(expected)
  expect(send(answered(read('paid', without)), { givesTheirId: false })).toEqual(accepted('paid', 'none'))
  expect(send(answered(read('paid', without)), {}, { theirIdBefore: 'T1' }).row).toBe('S16')
  expect(send(answered(read('unknown', without))).row).toBe('S22')
  expect(send(failed('failed'), trusting).row).toBe('S19')
})

test('S16: what a step can say is accepted as it is said', () => {
  expect(send(answered(read('pending')))).toEqual(accepted('pending', 'inquire'))
  expect(send(answered(read('paid')))).toEqual(accepted('paid', 'none'))
  expect(send(answered(read('created')), twoStep, { step: 'first' })).toEqual(
    accepted('created', 'second_step'),
  )
  expect(send(answered(read('pending')), twoStep, { step: 'first' })).toEqual(accepted('pending', 'inquire'))
  expect(send(answered(read('pending')), twoStep, { step: 'second' })).toEqual(accepted('pending', 'inquire'))
  expect(send(answered(read('paid')), twoStep, { step: 'second' })).toEqual(accepted('paid', 'none'))
})

test('S17: a refusal is dead where the contract says that it leaves nothing behind', () => {
  expect(send(failed('refused'), { refusalConfirmedBy: 'answer' })).toEqual(
    dead('S17', 'refused', 'route', { observed: 'failure' }),
  )
})

test('S18: a refusal is in doubt where an inquiry has to confirm it', () => {
  expect(send(failed('refused'))).toEqual(inDoubt('S18', 'refused', { observed: 'failure' }))
  expect(send(failed('refused'), { failedIsFinalAfterMs: 0 }).row).toBe('S18')
})

test('S19: a failure is dead where the contract calls the value final', () => {
  expect(send(failed('failed'), { failedIsFinalAfterMs: 0 })).toEqual(
    dead('S19', 'failed_final', 'route', { observed: 'failure' }),
  )
})

test('S20: a failure that may be taken back is in doubt until the delay ends', () => {
  const expected = inDoubt('S20', 'failing', { next: 'inquire_when_final', observed: 'failed' })
  expect(send(failed('failed'), { failedIsFinalAfterMs: 1 })).toEqual(expected)
  expect(send(failed('failed'), { refusalConfirmedBy: 'answer' })).toEqual(expected)
})

test('S20: the failure of a repeat is remembered but is no sighting for Q7', () => {
  expect(send(failed('failed'), {}, { sends: 2 })).toEqual(
    inDoubt('S20', 'failing', { next: 'inquire_when_final', observed: 'failure' }),
  )
})

test('S21: every other failure is in doubt, also under the most trusting contract', () => {
  const observed = 'failure'
  expect(send(failed('duplicate'), trusting)).toEqual(inDoubt('S21', 'duplicate', { observed }))
  expect(send(failed('no_response'), trusting)).toEqual(inDoubt('S21', 'no_response', { observed }))
  const unlisted = inDoubt('S21', 'unlisted', { observed, alarm: true })
  expect(send(failed('unlisted'), trusting)).toEqual(unlisted)
  expect(send(answered(read('failed')), trusting)).toEqual(unlisted)
})

test('S22: what a step cannot end in is in doubt', () => {
  expect(send(answered(read('unknown')))).toEqual(inDoubt('S22', 'unknown', { observed: 'other' }))
  expect(send(notFound, trusting)).toEqual(inDoubt('S22', 'unknown', { alarm: true, observed: 'other' }))
  const wrong = inDoubt('S22', 'unknown', { alarm: true, observed: 'accepted' })
  expect(send(answered(read('returned')))).toEqual(wrong)
  expect(send(answered(read('created')))).toEqual(wrong)
  expect(send(answered(read('created')), twoStep, { step: 'second' })).toEqual(wrong)
  expect(send(answered(read('paid')), twoStep, { step: 'first' })).toEqual(wrong)
})

test('a failure word means nothing beside another saying', () => {
  for (const failure of FAILURES) {
    for (const terms of [{}, trusting]) {
      expect(send(answered(read('unknown', { failure })), terms).row).toBe('S22')
      expect(send(answered(read('not_found', { failure })), terms).row).toBe('S22')
      expect(send(answered(read('pending', { failure })), terms).row).toBe('S16')
    }
  }
})

const unsentWhys = ['stopped', 'guard', 'name', 'connect', 'tls', 'proxy', 'unjournaled'] as const
const cutWhys = ['lost', 'reset', 'timeout', 'incomplete'] as const

/** A value from outside its type, as a wrong row or a younger version would hand it over. */
const strange = <Wanted>(value: unknown): Wanted => value as Wanted

test('S23: what no row foresaw is in doubt', () => {
  const expected = inDoubt('S23', 'unforeseen', { alarm: true, observed: 'other' })
  const lines: readonly Line[] = [
    strange({ kind: 'unsent', why: 'mood' }),
    strange({ kind: 'cut', why: 'mood' }),
    strange({ kind: 'dreamt' }),
    ...unsentWhys.map(why => strange<Line>({ kind: 'cut', why })),
    ...cutWhys.map(why => strange<Line>({ kind: 'unsent', why })),
    ...[...unsentWhys, ...cutWhys].map(why =>
      strange<Line>({ kind: 'dreamt', why, status: 403, answer: unread }),
    ),
    answered(strange({ kind: 'guessed' })),
    answered(strange({ ...read('paid'), kind: 'guessed' })),
    answered({ ...read('failed'), failure: strange<Failure>('mood') }),
    answered({ ...read('failed'), failure: strange<Failure>(undefined) }),
    answered(read(strange<Saying>('settled'))),
    answered(read(strange<Saying>('settled'), { failure: 'refused' })),
  ]
  for (const line of lines) expect(send(line, { ...trusting, refusalStatuses: [403] })).toEqual(expected)
})

test('an echo that is neither same, other nor absent counts as absent', () => {
  expect(send(answered(read('paid', { echo: { amount: strange('almost') } }))).row).toBe('S15')
  expect(send(answered(read('paid', { echo: strange({ amount: undefined }) }))).row).toBe('S15')
})

// Every send that is dead on its own, by its row.
const deaths: readonly [string, Line][] = [
  ['S1', { kind: 'unsent', why: 'stopped' }],
  ['S2', { kind: 'unsent', why: 'guard' }],
  ['S3', { kind: 'unsent', why: 'name' }],
  ['S3', { kind: 'unsent', why: 'connect' }],
  ['S4', { kind: 'unsent', why: 'tls' }],
  ['S4', { kind: 'unsent', why: 'proxy' }],
  ['S0', { kind: 'unsent', why: 'unjournaled' }],
  ['S11', answered(unread, 403)],
  ['S17', failed('refused')],
  ['S19', failed('failed')],
]
const deadly = { ...trusting, refusalStatuses: [403] } as const

test('standing rule: on a repeat every dead is in doubt, the row and its alarm stay', () => {
  for (const [row, seen] of deaths) {
    const once = send(seen, deadly)
    expect(once).toMatchObject({ row, certainty: { kind: 'dead' } })
    for (const sends of [2, 3, 100]) {
      expect(send(seen, deadly, { sends })).toEqual({
        ...once,
        certainty: { kind: 'in_doubt', why: 'repeat' },
        next: 'inquire',
      })
    }
  }
})

test('standing rule: what is not dead is the same on a repeat', () => {
  const answers = [
    answered(read('paid')),
    answered(read('pending')),
    answered(read('unknown')),
    failed('duplicate'),
  ]
  for (const seen of answers) expect(send(seen, deadly, { sends: 2 })).toEqual(send(seen, deadly))
})

test('standing rule: on the second step every dead needs createAloneNeverPays', () => {
  for (const [row, seen] of deaths) {
    const first = send(seen, { ...deadly, ...twoStep }, { step: 'first' })
    expect(first).toMatchObject({ row, certainty: { kind: 'dead' } })
    expect(send(seen, { ...deadly, ...twoStep })).toEqual({
      ...first,
      certainty: { kind: 'in_doubt', why: 'created_alone' },
      next: 'inquire',
    })
    expect(send(seen, { ...deadly, ...twoStep, createAloneNeverPays: true })).toEqual(first)
  }
})

test('standing rules: a repeat of the second step is a repeat, whatever creating alone does', () => {
  for (const createAloneNeverPays of [false, true]) {
    for (const [, seen] of deaths) {
      expect(send(seen, { ...deadly, ...twoStep, createAloneNeverPays }, { sends: 2 }).certainty).toEqual({
        kind: 'in_doubt',
        why: 'repeat',
      })
    }
  }
})

test('a send with impossible facts is not judged', () => {
  const unsent: Line = { kind: 'unsent', why: 'stopped' }
  for (const sends of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => send(unsent, {}, { sends })).toThrow(AssertionFailed)
  }
  // Each assertion ends in a log, and there has only its own words.
  expect(() => send(unsent, {}, { sends: 0 })).toThrow('the sends of a step are counted from 1')
  expect(() => send(unsent, twoStep, { step: 'only' })).toThrow('the step is one that the contract has')
  expect(() => send(unsent, {}, { step: 'first' })).toThrow(AssertionFailed)
  expect(() => send(unsent, {}, { step: 'second' })).toThrow(AssertionFailed)
  expect(() => send(unsent, twoStep, { step: 'only' })).toThrow(AssertionFailed)
})

// ---- table B ----------------------------------------------------------------------------------------------------

const inDoubtAttempt: AttemptFacts = {
  state: 'in_doubt',
  stepsSent: 1,
  theirId: null,
  refusedOnOnlySend: false,
  acceptanceSeen: false,
  failureSeen: false,
  contradicted: false,
  observations: [],
  lastPossibleByteAtMs: now - 9 * day,
  sameAccount: true,
  sameScope: true,
}

/** Observations of one kind, so many milliseconds ago. */
function ago(said: Observed, ...distances: readonly number[]): readonly Observation[] {
  return distances.map(distance => ({ said, atMs: now - distance }))
}

const patient = { notFoundIsFinalAfterMs: 8 * day } as const
const threeNotFound = ago('not_found', 20 * minute, 10 * minute)

function ask(
  seen: Line,
  facts: Partial<AttemptFacts> = {},
  overrides: Partial<CapabilityOverrides> = {},
  nowMs = now,
): InquiryVerdict {
  return judgeInquiry(seen, { ...inDoubtAttempt, ...facts }, contract(overrides), { nowMs })
}

const quiet = { alarm: false, incident: null, stopsAccount: false, recall: false, returned: false }

function unchanged(row: string, observed: Observed | null, more: Partial<InquiryVerdict> = {}) {
  return { row, certainty: { kind: 'unchanged' }, ...quiet, observed, ...more }
}

function known(row: string, as: string, more: Partial<InquiryVerdict> = {}) {
  return { row, certainty: { kind: 'accepted', as }, ...quiet, observed: 'accepted', ...more }
}

function died(row: string, proof: string, observed: Observed) {
  return { row, certainty: { kind: 'dead', proof }, ...quiet, observed }
}

test('Q1: an inquiry that got no message changes nothing, whatever the state', () => {
  const nothing: Line[] = [
    { kind: 'unsent', why: 'stopped' },
    { kind: 'unsent', why: 'connect' },
    { kind: 'cut', why: 'reset' },
    { kind: 'cut', why: 'timeout' },
    answered(unread, 404),
    answered(unread),
    answered(unreadable),
    strange({ kind: 'dreamt' }),
    answered(strange({ kind: 'guessed', said: 'paid' })),
  ]
  for (const status of [0, 100, 199, 300, 302, 399, 409, 500, 503, 599, 600, Number.NaN]) {
    nothing.push(answered(read('paid'), status), answered(read('not_found'), status))
  }
  for (const state of ATTEMPT_STATES) {
    const facts = { state, refusedOnOnlySend: true, observations: threeNotFound }
    for (const seen of nothing)
      expect(ask(seen, facts, { ...patient, refusalStatuses: [404] })).toEqual(unchanged('Q1', null))
  }
})

test('Q1: under every other status the message counts', () => {
  for (const status of [200, 201, 299, 400, 404, 408, 410, 422, 499]) {
    expect(ask(answered(read('paid'), status)).row).toBe('Q4')
  }
})

test('Q2: an answer about something else changes nothing and raises an alarm, whatever the state', () => {
  for (const state of ATTEMPT_STATES) {
    for (const said of SAYINGS) {
      for (const field of ECHO_FIELDS) {
        const other = answered(read(said, { failure: 'failed', echo: { [field]: 'other' } }))
        expect(ask(other, { state }, { echoes: { send: [], inquiry: [] } })).toEqual(
          unchanged('Q2', 'other', { alarm: true }),
        )
      }
      const message = answered(read(said, { failure: 'failed' }))
      expect(ask(message, { state, sameAccount: false })).toEqual(unchanged('Q2', 'other', { alarm: true }))
      expect(ask(message, { state, theirId: 'T2' })).toEqual(unchanged('Q2', 'other', { alarm: true }))
      expect(ask(message, { state, theirId: 'T1' }).row).not.toBe('Q2')
    }
  }
})

test('Q2: a declared echo that is absent spoils every answer but not found', () => {
  for (const field of ECHO_FIELDS) {
    const echo = { [field]: 'absent' }
    for (const said of SAYINGS.filter(one => one !== 'not_found')) {
      const seen = answered(read(said, { failure: 'failed', echo }))
      expect(ask(seen)).toEqual(unchanged('Q2', 'other', { alarm: true }))
      expect(ask(seen, {}, { echoes: { send: ECHO_FIELDS, inquiry: [] } }).row).not.toBe('Q2')
      expect(ask(seen, {}, { echoes: { send: [], inquiry: [field] } }).row).toBe('Q2')
    }
    expect(ask(answered(read('not_found', { echo }))).row).toBe('Q11')
  }
})

test('Q3: a dead attempt stays dead; paid or pending after death is an incident and stops the account', () => {
  const incident = { alarm: true, incident: 'paid_after_death', stopsAccount: true } as const
  const state = 'dead'
  expect(ask(answered(read('paid')), { state })).toEqual(
    unchanged('Q3', 'accepted', { ...incident, recall: true }),
  )
  expect(ask(answered(read('pending')), { state })).toEqual(unchanged('Q3', 'accepted', incident))
  expect(ask(answered(read('returned')), { state })).toEqual(unchanged('Q3', 'accepted', { alarm: true }))
  expect(ask(answered(read('created')), { state }, twoStep)).toEqual(unchanged('Q3', 'accepted'))
  expect(ask(failed('failed'), { state }, trusting)).toEqual(unchanged('Q3', 'failed'))
  expect(ask(answered(read('unknown')), { state })).toEqual(unchanged('Q3', 'other'))
  const lost = { state, refusedOnOnlySend: true, observations: threeNotFound } as const
  expect(ask(notFound, lost, patient)).toEqual(unchanged('Q3', 'not_found'))
})

test('Q4: paid is paid once the paying step was sent', () => {
  for (const state of ['sending', 'in_doubt', 'pending', 'paid'] as const) {
    expect(ask(answered(read('paid')), { state })).toEqual(known('Q4', 'paid'))
    expect(ask(answered(read('paid')), { state, stepsSent: 2 }, twoStep)).toEqual(known('Q4', 'paid'))
  }
  expect(ask(answered(read('paid')), { stepsSent: 1 }, twoStep).row).toBe('Q8')
})

test('Q4: pending is pending unless the attempt is paid', () => {
  for (const state of ['sending', 'in_doubt', 'pending'] as const) {
    expect(ask(answered(read('pending')), { state })).toEqual(known('Q4', 'pending'))
    expect(ask(answered(read('pending')), { state, stepsSent: 1 }, twoStep)).toEqual(known('Q4', 'pending'))
  }
  for (const state of ['paid', 'returned'] as const) {
    expect(ask(answered(read('pending')), { state }).row).toBe('Q8')
  }
})

test('Q4: an acceptance after a failure raises an alarm', () => {
  expect(ask(answered(read('paid')), { failureSeen: true })).toEqual(known('Q4', 'paid', { alarm: true }))
  expect(ask(answered(read('pending')), { failureSeen: true })).toEqual(
    known('Q4', 'pending', { alarm: true }),
  )
})

test('Q5: created sends the second step if it was not sent, and else changes nothing', () => {
  const created = answered(read('created'))
  for (const state of ['sending', 'in_doubt', 'pending'] as const) {
    expect(ask(created, { state, stepsSent: 1 }, twoStep)).toEqual(known('Q5', 'created'))
    expect(ask(created, { state, stepsSent: 2 }, twoStep)).toEqual(unchanged('Q5', 'accepted'))
    expect(ask(created, { state, stepsSent: 1 })).toEqual(unchanged('Q5', 'accepted'))
  }
  for (const state of ['paid', 'returned'] as const) {
    expect(ask(created, { state, stepsSent: 2 }, twoStep).row).toBe('Q8')
    expect(ask(created, { state, stepsSent: 1 }, twoStep).row).toBe('Q8')
  }
})

test('Q6: returned was paid first, and happens once', () => {
  const back = answered(read('returned'))
  for (const state of ['sending', 'in_doubt', 'pending', 'paid'] as const) {
    expect(ask(back, { state })).toEqual(known('Q6', 'paid', { returned: true }))
    expect(ask(back, { state, stepsSent: 2 }, twoStep)).toEqual(known('Q6', 'paid', { returned: true }))
    expect(ask(back, { state, stepsSent: 1 }, twoStep).row).toBe('Q8')
  }
  expect(ask(back, { state: 'returned' })).toEqual(unchanged('Q6', 'accepted'))
  expect(ask(back, { state: 'returned', stepsSent: 1 }, twoStep)).toEqual(unchanged('Q6', 'accepted'))
})

test('Q7: a failure seen over the whole finality delay is dead', () => {
  for (const failure of ['failed', 'refused'] as const) {
    for (const state of ['sending', 'in_doubt', 'pending'] as const) {
      const facts = { state, observations: ago('failed', day) }
      expect(ask(failed(failure), facts)).toEqual(died('Q7', 'failed_final', 'failed'))
    }
    expect(ask(failed(failure), { observations: ago('failed', day - 1) })).toEqual(unchanged('Q8', 'failed'))
    expect(ask(failed(failure))).toEqual(unchanged('Q8', 'failed'))
  }
})

test('Q7: the sighting of the send counts (S20)', () => {
  const { observed } = send(failed('failed'))
  expect(observed).toBe('failed')
  const observations = rememberObservation([], { said: observed ?? 'other', atMs: now - day })
  expect(ask(failed('failed'), { observations }).row).toBe('Q7')
})

test('Q7: the first sighting of the run counts, and any other value starts the run anew', () => {
  const twice = ago('failed', 2 * day, 1)
  expect(ask(failed('failed'), { observations: twice }).row).toBe('Q7')
  for (const said of OBSERVED.filter(one => one !== 'failed')) {
    const between = [...ago('failed', 2 * day), ...ago(said, day), ...ago('failed', 1)]
    expect(ask(failed('failed'), { observations: between }).row).toBe('Q8')
    const last = [...ago('failed', 2 * day), ...ago(said, 1)]
    expect(ask(failed('failed'), { observations: last }).row).toBe('Q8')
    const before = [...ago(said, 3 * day), ...ago('failed', 2 * day)]
    expect(ask(failed('failed'), { observations: before }).row).toBe('Q7')
  }
})

test('Q7: once is enough where the delay is 0', () => {
  expect(ask(failed('failed'), {}, { failedIsFinalAfterMs: 0 })).toEqual(died('Q7', 'failed_final', 'failed'))
  expect(ask(failed('refused'), {}, { failedIsFinalAfterMs: 0 }).row).toBe('Q7')
  expect(ask(failed('failed'), {}, { failedIsFinalAfterMs: 1 }).row).toBe('Q8')
})

test('Q7: a clock that went back, or is none, proves nothing', () => {
  const observations = ago('failed', day)
  expect(ask(failed('failed'), { observations }, {}, now - 1).row).toBe('Q8')
  expect(ask(failed('failed'), { observations }, {}, Number.NaN).row).toBe('Q8')
  expect(ask(failed('failed'), { observations: [{ said: 'failed', atMs: Number.NaN }] }).row).toBe('Q8')
})

test('Q7: neither a paid attempt nor a contradicted one dies of a failure', () => {
  const observations = ago('failed', 2 * day)
  for (const state of ['paid', 'returned'] as const) {
    expect(ask(failed('failed'), { state, observations }, trusting)).toEqual(
      unchanged('Q8', 'failed', { alarm: true }),
    )
  }
  expect(ask(failed('failed'), { contradicted: true, observations }, trusting)).toEqual(
    unchanged('Q8', 'failed', { alarm: true }),
  )
})

test('Q7: no other failure kills, however often it is seen', () => {
  for (const failure of ['duplicate', 'no_response', 'unlisted', null] as const) {
    const seen = answered({ ...read('failed'), failure })
    const facts = { observations: ago('failed', 9 * day, day) }
    expect(ask(seen, facts, trusting)).toEqual(unchanged('Q8', 'failure'))
  }
  // A failure word beside something else than failed is no failure.
  const facts = { observations: ago('failed', 9 * day) }
  expect(ask(answered(read('unknown', { failure: 'failed' })), facts, trusting)).toEqual(
    unchanged('Q8', 'other'),
  )
})

test('Q8: any other answer changes nothing, and an alarm tells what contradicts', () => {
  expect(ask(answered(read('unknown')))).toEqual(unchanged('Q8', 'other'))
  expect(ask(answered(read('unknown')), { contradicted: true })).toEqual(unchanged('Q8', 'other'))
  for (const state of ['paid', 'returned'] as const) {
    expect(ask(answered(read('unknown')), { state })).toEqual(unchanged('Q8', 'other'))
    expect(ask(answered(read('pending')), { state })).toEqual(unchanged('Q8', 'accepted', { alarm: true }))
    expect(ask(answered(read('created')), { state })).toEqual(unchanged('Q8', 'accepted', { alarm: true }))
    expect(ask(failed('duplicate'), { state })).toEqual(unchanged('Q8', 'failure', { alarm: true }))
  }
  const early = { stepsSent: 1 } as const
  expect(ask(answered(read('paid')), early, twoStep)).toEqual(unchanged('Q8', 'accepted', { alarm: true }))
  expect(ask(answered(read('returned')), early, twoStep)).toEqual(
    unchanged('Q8', 'accepted', { alarm: true }),
  )
  expect(ask(answered(read('paid')), { state: 'returned' })).toEqual(
    unchanged('Q8', 'accepted', { alarm: true }),
  )
  expect(ask(answered(read(strange<Saying>('settled'))))).toEqual(unchanged('Q8', 'other', { alarm: true }))
})

const refusedOnce = { refusedOnOnlySend: true, failureSeen: true } as const

test('Q9: not found after the only send was refused is dead, also where not found is never final', () => {
  expect(ask(notFound, refusedOnce)).toEqual(died('Q9', 'refused', 'not_found'))
  expect(ask(notFound, { ...refusedOnce, lastPossibleByteAtMs: null }).row).toBe('Q9')
  expect(ask(notFound, { failureSeen: true }).row).toBe('Q11')
})

test('Q9: a provider that knew the payout meanwhile proves nothing by not finding it', () => {
  for (const state of ['pending', 'paid', 'returned'] as const) {
    expect(ask(notFound, { ...refusedOnce, state })).toEqual(unchanged('Q11', 'not_found'))
  }
  expect(ask(notFound, { ...refusedOnce, acceptanceSeen: true }).row).toBe('Q11')
  expect(ask(notFound, { ...refusedOnce, contradicted: true }).row).toBe('Q11')
  expect(ask(notFound, { ...refusedOnce, sameScope: false })).toEqual(unchanged('Q11', 'other'))
})

test('Q10: not found often enough, late enough, in the same place is dead', () => {
  for (const state of ['sending', 'in_doubt'] as const) {
    expect(ask(notFound, { state, observations: threeNotFound }, patient)).toEqual(
      died('Q10', 'never_arrived', 'not_found'),
    )
  }
})

test('Q10 (a): as many answers as the contract needs, ten minutes or more apart', () => {
  const row = (observations: readonly Observation[], more = {}) =>
    ask(notFound, { observations }, { ...patient, ...more }).row
  expect(NOT_FOUND_APART_MS).toBe(10 * minute)
  expect(row([])).toBe('Q11')
  expect(row(ago('not_found', 10 * minute))).toBe('Q11')
  expect(row(ago('not_found', 20 * minute, 10 * minute - 1))).toBe('Q11')
  expect(row(ago('not_found', 20 * minute - 1, 10 * minute))).toBe('Q11')
  expect(row(ago('not_found', 2 * minute, 1 * minute, 1, 1, 1))).toBe('Q11')
  expect(row(ago('not_found', 20 * minute, 15 * minute, 10 * minute, 5 * minute))).toBe('Q10')
  expect(row(threeNotFound, { notFoundAnswersNeeded: 4 })).toBe('Q11')
  expect(row(ago('not_found', 30 * minute, 20 * minute, 10 * minute), { notFoundAnswersNeeded: 4 })).toBe(
    'Q10',
  )
  expect(row(ago('not_found', Number.NaN, Number.NaN))).toBe('Q11')
})

test('Q10 (a): any other value between starts the count anew', () => {
  for (const said of OBSERVED.filter(one => one !== 'not_found')) {
    const between = [
      ...ago('not_found', 30 * minute),
      ...ago(said, 20 * minute),
      ...ago('not_found', 10 * minute),
    ]
    expect(ask(notFound, { observations: between }, patient).row).toBe('Q11')
    const last = [...threeNotFound, ...ago(said, 1)]
    expect(ask(notFound, { observations: last }, patient).row).toBe('Q11')
    const before = [...ago(said, 30 * minute), ...threeNotFound]
    expect(ask(notFound, { observations: before }, patient).row).toBe('Q10')
  }
})

test('Q10 (b): the last answer comes after the last possible byte and the whole delay', () => {
  const row = (lastPossibleByteAtMs: number) =>
    ask(notFound, { observations: threeNotFound, lastPossibleByteAtMs }, patient).row
  expect(row(now - 8 * day - 1)).toBe('Q10')
  expect(row(now - 8 * day)).toBe('Q11')
  expect(row(now)).toBe('Q11')
  expect(row(Number.NaN)).toBe('Q11')
})

test('Q10 (c): asked elsewhere than at the send, not found is no answer', () => {
  expect(ask(notFound, { observations: threeNotFound, sameScope: false }, patient)).toEqual(
    unchanged('Q11', 'other'),
  )
})

test('Q10 (d): while the sender may still send, not found proves nothing', () => {
  expect(ask(notFound, { observations: threeNotFound, lastPossibleByteAtMs: null }, patient).row).toBe('Q11')
})

test('Q10: a provider that once knew the payout proves nothing by not finding it', () => {
  const observations = threeNotFound
  for (const state of ['pending', 'paid', 'returned'] as const) {
    expect(ask(notFound, { state, observations }, patient).row).toBe('Q11')
  }
  expect(ask(notFound, { acceptanceSeen: true, observations }, patient).row).toBe('Q11')
  expect(ask(notFound, { contradicted: true, observations }, patient).row).toBe('Q11')
})

test('Q11: where not found is never final it changes nothing for ever', () => {
  const observations = ago('not_found', 365 * day, 200 * day, 100 * day, day)
  const facts = { observations, lastPossibleByteAtMs: now - 366 * day }
  expect(ask(notFound, facts)).toEqual(unchanged('Q11', 'not_found'))
  expect(ask(notFound, facts, patient).row).toBe('Q10')
})

test('what is remembered judges as the whole history does', () => {
  const history = fc.array(
    fc.constantFrom<Observed>('failed', 'failed', 'not_found', 'not_found', 'accepted'),
    {
      maxLength: OBSERVATIONS_MAX,
    },
  )
  fc.assert(
    fc.property(history, fc.constantFrom(notFound, failed('failed')), (said, seen) => {
      const whole = said.map((one, index) => ({ said: one, atMs: now - (said.length - index) * 7 * minute }))
      const kept = whole.reduce<readonly Observation[]>(rememberObservation, [])
      const overrides = { ...patient, failedIsFinalAfterMs: 30 * minute }
      expect(ask(seen, { observations: kept }, overrides)).toEqual(
        ask(seen, { observations: whole }, overrides),
      )
    }),
  )
})

test('Q7 and Q10: of a doubt without end only so much is remembered, its oldest sighting among it', () => {
  let long: readonly Observation[] = ago('not_found', 999 * day)
  for (let index = 0; index < 3 * OBSERVATIONS_MAX; index += 1) {
    long = rememberObservation(long, { said: 'failed', atMs: now + index })
    expect(long).toHaveLength(Math.min(index + 1, OBSERVATIONS_MAX))
  }
  expect(OBSERVATIONS_MAX).toBe(64)
  expect(long[0]).toEqual({ said: 'failed', atMs: now })
  expect(long[1]?.atMs).toBe(now + 2 * OBSERVATIONS_MAX + 1)
  expect(long.at(-1)?.atMs).toBe(now + 3 * OBSERVATIONS_MAX - 1)
  expect(rememberObservation(long, { said: 'other', atMs: now })).toEqual([{ said: 'other', atMs: now }])
})

// ---- table C ----------------------------------------------------------------------------------------------------

const queryable = { queryableByOurReference: true } as const
const deciding = { callbackSigned: true, callbackDecides: true } as const

function called(
  answer: Answer,
  callback: Partial<CallbackFacts>,
  facts: Partial<AttemptFacts> = {},
  overrides: Partial<CapabilityOverrides> = queryable,
): CallbackVerdict {
  const attempt = { ...inDoubtAttempt, ...facts }
  return judgeCallback(
    answer,
    { signature: 'good', inquiry: null, ...callback },
    attempt,
    contract(overrides),
    {
      nowMs: now,
    },
  )
}

const undecided = { certainty: { kind: 'unchanged' }, ...quiet, observed: null, by: null }
const paid = read('paid')
const failing = read('failed', { failure: 'failed' })

test('W3: a callback alone decides nothing where the provider can be asked: it wakes an inquiry', () => {
  for (const signature of ['good', 'unsigned'] as const) {
    for (const answer of [paid, failing, read('returned'), read('not_found'), unreadable]) {
      const expected = { row: 'W3', ...undecided, next: 'inquire_now' }
      expect(called(answer, { signature })).toEqual(expected)
      expect(called(answer, { signature }, {}, { queryableByTheirId: true })).toEqual(expected)
    }
  }
})

test('W3: a callback with a bad signature changes nothing and wakes nobody', () => {
  const expected = { row: 'W3', ...undecided, next: 'none' }
  expect(called(paid, { signature: 'bad' })).toEqual(expected)
  expect(
    called(paid, { signature: 'bad', inquiry: answered(failing) }, {}, { ...queryable, ...trusting }),
  ).toEqual(expected)
})

test('W3: what the inquiry says is judged by table B', () => {
  const { row: _, ...agreed } = ask(answered(paid))
  expect(called(paid, { inquiry: answered(paid) })).toEqual({ row: 'W3', by: 'Q4', next: 'none', ...agreed })
  expect(called(failing, { inquiry: answered(failing) }, {}, { ...queryable, ...trusting })).toMatchObject({
    row: 'W3',
    by: 'Q7',
    certainty: { kind: 'dead', proof: 'failed_final' },
    next: 'none',
  })
  expect(called(read('returned'), { inquiry: answered(paid) })).toMatchObject({
    by: 'Q4',
    next: 'none',
    alarm: false,
  })
})

test('W3: an inquiry that tells no end is asked again soon, if the callback told one', () => {
  const open: readonly [Line, string][] = [
    [answered(read('pending')), 'Q4'],
    [answered(read('unknown')), 'Q8'],
    [failed('duplicate'), 'Q8'],
    [notFound, 'Q11'],
    [{ kind: 'cut', why: 'timeout' }, 'Q1'],
    [answered(failing, 500), 'Q1'],
    [answered(read('failed', { failure: 'failed', echo: { amount: 'other' } })), 'Q2'],
    [answered(read('failed', { failure: 'failed', echo: { amount: 'absent' } })), 'Q2'],
  ]
  for (const [inquiry, by] of open) {
    for (const answer of [paid, failing, read('returned')]) {
      expect(called(answer, { inquiry })).toMatchObject({ row: 'W3', by, next: 'ask_again_soon' })
    }
    for (const answer of [
      read('pending'),
      read('failed', { failure: 'duplicate' }),
      read('failed'),
      unread,
    ]) {
      expect(called(answer, { inquiry })).toMatchObject({ row: 'W3', by, next: 'none' })
    }
  }
})

test('W3: two different ends are a contradiction, and a person looks', () => {
  const ends: readonly [Answer, Answer][] = [
    [paid, failing],
    [paid, read('failed', { failure: 'refused' })],
    [read('returned'), failing],
    [failing, paid],
    [failing, read('returned')],
    [read('failed', { failure: 'refused' }), paid],
  ]
  for (const state of ['sending', 'in_doubt', 'pending'] as const) {
    for (const [told, asked] of ends) {
      for (const signature of ['good', 'unsigned'] as const) {
        const verdict = called(
          told,
          { signature, inquiry: answered(asked) },
          { state },
          { ...queryable, ...trusting },
        )
        expect(verdict).toEqual({
          row: 'W3',
          by: verdict.by,
          certainty: { kind: 'in_doubt', why: 'contradiction' },
          ...quiet,
          alarm: true,
          observed: 'accepted',
          next: 'person',
        })
        expect(['Q4', 'Q6', 'Q7']).toContain(verdict.by)
      }
    }
  }
})

test('W3: a failure that is not final yet is no end, so what is paid after it is paid; the other way round it is one', () => {
  const slow = { ...queryable, failedIsFinalAfterMs: day }
  for (const state of ['sending', 'in_doubt', 'pending'] as const) {
    for (const told of [failing, read('failed', { failure: 'refused' })])
      expect(called(told, { inquiry: answered(paid) }, { state }, slow)).toMatchObject({
        ...{ row: 'W3', by: 'Q4', certainty: { kind: 'accepted', as: 'paid' } },
        ...{ alarm: true, observed: 'accepted', next: 'none' },
      })
    expect(called(failing, { inquiry: answered(read('returned')) }, { state }, slow)).toMatchObject({
      ...{ by: 'Q6', certainty: { kind: 'accepted', as: 'paid' }, returned: true, next: 'none' },
    })
    expect(called(paid, { inquiry: answered(failing) }, { state }, slow)).toMatchObject({
      certainty: { kind: 'in_doubt', why: 'contradiction' },
      next: 'person',
    })
  }
})

test('W3: a paid attempt stays paid and a dead one dead under a contradiction', () => {
  for (const state of ['paid', 'returned', 'dead'] as const) {
    for (const [told, asked] of [
      [paid, failing],
      [failing, paid],
      [failing, read('returned')],
    ] as const) {
      expect(
        called(told, { inquiry: answered(asked) }, { state }, { ...queryable, ...trusting }),
      ).toMatchObject({
        certainty: { kind: 'unchanged' },
        alarm: true,
        returned: false,
        next: 'person',
      })
    }
  }
  expect(called(failing, { inquiry: answered(paid) }, { state: 'dead' })).toMatchObject({
    incident: 'paid_after_death',
    stopsAccount: true,
    recall: true,
  })
})

test('W3: a callback about something else contradicts nothing', () => {
  const other = read('paid', { echo: { amount: 'other' } })
  expect(called(other, { inquiry: answered(failing) }, {}, { ...queryable, ...trusting })).toMatchObject({
    by: 'Q7',
    next: 'none',
  })
  expect(
    called(
      paid,
      { inquiry: answered(read('failed', { failure: 'failed', theirId: null })) },
      { theirId: 'T2' },
      {
        ...queryable,
        ...trusting,
      },
    ),
  ).toMatchObject({ by: 'Q7', next: 'none' })
})

test('W4: where nobody can be asked, a signed callback decides if its contract says so', () => {
  const { row: _, ...verdict } = ask(answered(paid))
  expect(called(paid, {}, {}, deciding)).toEqual({ row: 'W4', by: 'Q4', next: 'none', ...verdict })
  expect(called(failing, {}, {}, { ...deciding, failedIsFinalAfterMs: 0 })).toMatchObject({
    row: 'W4',
    by: 'Q7',
    certainty: { kind: 'dead', proof: 'failed_final' },
  })
  expect(called(failing, {}, {}, deciding)).toMatchObject({ by: 'Q8', observed: 'failed' })
  expect(called(read('paid', { echo: { amount: 'other' } }), {}, {}, deciding)).toMatchObject({
    by: 'Q2',
    alarm: true,
  })
  expect(called(paid, {}, { state: 'dead' }, deciding)).toMatchObject({
    by: 'Q3',
    incident: 'paid_after_death',
  })
})

test('W4: every other callback goes to a person, or nowhere', () => {
  const person = { row: 'W4', ...undecided, next: 'person' }
  for (const answer of [paid, failing]) {
    expect(called(answer, {}, {}, { callbackSigned: true })).toEqual(person)
    expect(called(answer, {}, {}, {})).toEqual(person)
    expect(called(answer, { signature: 'unsigned' }, {}, deciding)).toEqual(person)
    expect(called(answer, { signature: 'bad' }, {}, deciding)).toEqual({ ...person, next: 'none' })
  }
  expect(called(unread, {}, {}, deciding)).toEqual(person)
  expect(called(unreadable, {}, {}, deciding)).toEqual(person)
})

test('W4: a callback never proves by not found', () => {
  const person = { row: 'W4', ...undecided, next: 'person' }
  const answer = read('not_found')
  expect(called(answer, {}, refusedOnce, deciding)).toEqual(person)
  expect(called(answer, {}, { observations: threeNotFound }, { ...deciding, ...patient })).toEqual(person)
})

// ---- the whole tables, by chance and by a second opinion -----------------------------------------------------------
// The premises below are written from the contract's words and not from the code, so that both must be wrong in the same
// way before a living attempt is called dead.

const runs = 10_000
// Long only where the machine is busy with much else.
const patienceMs = 60_000

const anyEcho: fc.Arbitrary<Echo> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(read('paid').echo) },
  {
    weight: 3,
    arbitrary: fc.record({
      reference: echoOf(),
      amount: echoOf(),
      currency: echoOf(),
      beneficiary: echoOf(),
    }),
  },
)

function echoOf() {
  return fc.constantFrom<Echo[EchoField]>('same', 'same', 'same', 'same', 'absent', 'absent', 'other')
}

const anyAnswer: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(unread) },
  { weight: 1, arbitrary: fc.constant(unreadable) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      said: fc.constantFrom<Saying>(...SAYINGS, 'failed', 'failed', 'failed', 'not_found', 'not_found'),
      failure: fc.constantFrom<Failure | null>(...FAILURES, 'failed', 'refused', null),
      theirId: fc.constantFrom('T1', 'T1', 'T2', null, null),
      echo: anyEcho,
    }),
  },
)

const anyStatus = fc.oneof(
  { weight: 6, arbitrary: fc.constant(200) },
  { weight: 3, arbitrary: fc.constantFrom(100, 199, 201, 299, 302, 409, 500, 503, 599, ...REFUSAL_STATUSES) },
  { weight: 1, arbitrary: fc.integer({ min: -1, max: 1_000 }) },
)

const anyLine: fc.Arbitrary<Line> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('unsent' as const),
      why: fc.constantFrom(...unsentWhys),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('cut' as const),
      why: fc.constantFrom(...cutWhys),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('answered' as const), status: anyStatus, answer: anyAnswer }),
  },
)

const anyEchoes = fc.oneof(fc.constant<EchoField[]>([]), fc.subarray([...ECHO_FIELDS]))

const anyContract: fc.Arbitrary<Capabilities> = fc
  .record({
    refusalConfirmedBy: fc.constantFrom('answer' as const, 'inquiry'),
    refusalStatuses: fc.subarray([...REFUSAL_STATUSES]),
    failedIsFinalAfterMs: fc.constantFrom(0, 1, 30 * minute, day),
    notFoundIsFinalAfterMs: fc.constantFrom('never' as const, 8 * day, 8 * day, 9 * day),
    notFoundAnswersNeeded: fc.constantFrom(3, 4),
    echoes: fc.record({ send: anyEchoes, inquiry: anyEchoes }),
    givesTheirId: fc.boolean(),
    twoStep: fc.boolean(),
    createAloneNeverPays: fc.boolean(),
    queryableByOurReference: fc.boolean(),
    callbackSigned: fc.boolean(),
    callbackDecides: fc.boolean(),
  })
  .map(drawn =>
    contract({
      ...drawn,
      createAloneNeverPays: drawn.twoStep && drawn.createAloneNeverPays,
      callbackDecides: drawn.callbackDecides && drawn.callbackSigned && !drawn.queryableByOurReference,
    }),
  )

const anySend = fc.record({
  step: fc.constantFrom('first' as const, 'second'),
  sends: fc.constantFrom(1, 1, 1, 2, 7),
  theirIdBefore: fc.constantFrom('T1', null, null),
})

/** Weight for what most drawn cases should have, so that the rare rows are reached. */
function usually<Value>(value: Value): readonly Value[] {
  return [value, value, value, value, value]
}

const anyFacts: fc.Arbitrary<AttemptFacts> = fc.record({
  state: fc.constantFrom<AttemptFacts['state']>(
    ...ATTEMPT_STATES,
    ...usually<AttemptFacts['state']>('in_doubt'),
  ),
  stepsSent: fc.constantFrom(1 as const, 2 as const),
  theirId: fc.constantFrom('T1', null, null),
  refusedOnOnlySend: fc.constantFrom(true, false, false),
  acceptanceSeen: fc.constantFrom(true, ...usually(false)),
  failureSeen: fc.boolean(),
  contradicted: fc.constantFrom(true, ...usually(false)),
  observations: fc
    .tuple(
      fc.constantFrom(...OBSERVED),
      fc.constantFrom<Observed>('failed', 'not_found', 'not_found'),
      fc.nat(5),
      fc.nat(2),
      fc.constantFrom(5, 10, 12),
    )
    .map(([other, said, length, others, apart]) => [
      ...ago(
        other,
        ...Array.from({ length: others }, (_, index) => (others - index + length) * apart * minute),
      ),
      ...ago(said, ...Array.from({ length }, (_, index) => (length - index) * apart * minute)),
    ]),
  lastPossibleByteAtMs: fc.constantFrom(
    null,
    ...usually(now - 10 * day),
    now - 9 * day,
    now - 8 * day - 1,
    now - 8 * day,
    now - day,
  ),
  sameAccount: fc.constantFrom(false, ...usually(true)),
  sameScope: fc.constantFrom(false, ...usually(true)),
})

const usable = (status: number) => /^[24]\d\d$/.test(String(status)) && status !== 409

/** The message of an exchange, if there is one and nothing in it speaks of another payout. */
function messageOf(seen: Line, theirId: string | null) {
  if (seen.kind !== 'answered' || seen.answer.kind !== 'read' || !usable(seen.status)) return null
  if (Object.values(seen.answer.echo).includes('other')) return null
  const ids = new Set([theirId, seen.answer.theirId])
  ids.delete(null)
  return ids.size > 1 ? null : seen.answer
}

function complete(echo: Echo, declared: readonly EchoField[]): boolean {
  return declared.every(field => echo[field] === 'same')
}

/** Second opinion: why this send may be called dead; null where it may not. */
function sendDeath(seen: Line, facts: SendFacts, terms: Capabilities): string | null {
  if (facts.sends !== 1) return null
  if (facts.step === 'second' && terms.createAloneNeverPays === false) return null
  if (seen.kind === 'unsent') return 'not_sent'
  if (seen.kind === 'cut') return null
  const refusals: readonly number[] = terms.refusalStatuses
  if (seen.answer.kind === 'unread') {
    return refusals.includes(seen.status) && terms.refusalConfirmedBy === 'answer' ? 'refused' : null
  }
  const message = messageOf(seen, facts.theirIdBefore)
  if (message === null || message.said !== 'failed') return null
  if (message.failure === 'refused') return terms.refusalConfirmedBy === 'answer' ? 'refused' : null
  if (message.failure !== 'failed' || !complete(message.echo, terms.echoes.send)) return null
  return terms.failedIsFinalAfterMs === 0 ? 'failed_final' : null
}

/** Second opinion: why this inquiry may be the end of the attempt; null where it may not. */
function inquiryDeath(seen: Line, facts: AttemptFacts, terms: Capabilities): string | null {
  const message = messageOf(seen, facts.theirId)
  if (message === null || !facts.sameAccount || facts.contradicted) return null
  const run: Observation[] = []
  for (const one of [...facts.observations].reverse()) {
    if (one.said !== (message.said === 'not_found' ? 'not_found' : 'failed')) break
    run.unshift(one)
  }
  if (message.said === 'failed') {
    if (!['sending', 'in_doubt', 'pending'].includes(facts.state)) return null
    if (message.failure !== 'failed' && message.failure !== 'refused') return null
    if (!complete(message.echo, terms.echoes.inquiry)) return null
    const span = run.length === 0 ? -1 : now - Math.min(...run.map(one => one.atMs))
    return terms.failedIsFinalAfterMs === 0 || span >= terms.failedIsFinalAfterMs ? 'failed_final' : null
  }
  if (message.said !== 'not_found' || facts.acceptanceSeen || !facts.sameScope) return null
  if (!['sending', 'in_doubt'].includes(facts.state)) return null
  if (facts.refusedOnOnlySend) return 'refused'
  if (terms.notFoundIsFinalAfterMs === 'never' || facts.lastPossibleByteAtMs === null) return null
  if (now - facts.lastPossibleByteAtMs <= terms.notFoundIsFinalAfterMs) return null
  return longestChain([...run.map(one => one.atMs), now]) >= terms.notFoundAnswersNeeded
    ? 'never_arrived'
    : null
}

/** The most of these times, the last one included, that lie ten minutes or more apart; every choice is tried. */
function longestChain(times: readonly number[]): number {
  const earlier = times.slice(0, -1)
  const last = times.at(-1) ?? 0
  return (
    1 +
    Math.max(
      0,
      ...earlier.map((at, index) =>
        last - at >= 10 * minute ? longestChain(earlier.slice(0, index + 1)) : 0,
      ),
    )
  )
}

test('no send is dead without a premise, and none with a premise is left in doubt', {
  timeout: patienceMs,
}, () => {
  const rows = new Set<string>()
  fc.assert(
    fc.property(anyLine, anySend, anyContract, (seen, drawn, terms) => {
      const facts: SendFacts = terms.twoStep ? drawn : { ...drawn, step: 'only' }
      const { row, certainty } = judgeSend(seen, facts, terms)
      rows.add(row)
      const proof = certainty.kind === 'dead' ? certainty.proof : null
      assert(proof === sendDeath(seen, facts, terms), `${row} says ${proof}`)
      const mayDie = ['S0', 'S1', 'S2', 'S3', 'S4', 'S11', 'S17', 'S19'].includes(row)
      assert(proof === null || (facts.sends === 1 && mayDie), `${row} is no row of death`)
    }),
    { numRuns: runs },
  )
  // Everything but the row that no type reaches: a generator that misses a row proves nothing about it.
  expect([...rows].sort()).toEqual(SEND_ROWS.filter(row => row !== 'S23').sort())
})

test('no send is accepted without a whole message that says so of this payout', {
  timeout: patienceMs,
}, () => {
  fc.assert(
    fc.property(anyLine, anySend, anyContract, (seen, drawn, terms) => {
      const facts: SendFacts = terms.twoStep ? drawn : { ...drawn, step: 'only' }
      const { row, certainty } = judgeSend(seen, facts, terms)
      const message = messageOf(seen, facts.theirIdBefore)
      const can: readonly Saying[] = facts.step === 'first' ? ['created', 'pending'] : ['pending', 'paid']
      const isNamed = !terms.givesTheirId || message?.theirId != null || facts.theirIdBefore !== null
      const isAcceptance =
        message !== null && isNamed && can.includes(message.said) && complete(message.echo, terms.echoes.send)
      const as = certainty.kind === 'accepted' ? certainty.as : null
      assert(as === (isAcceptance ? message.said : null), `${row} says ${as}`)
    }),
    { numRuns: runs },
  )
})

test('no inquiry proves a death without a premise, and none with a premise is left open', {
  timeout: patienceMs,
}, () => {
  const rows = new Set<string>()
  const proofs = new Set<string | null>()
  fc.assert(
    fc.property(anyLine, anyFacts, anyContract, (seen, facts, terms) => {
      const { row, certainty } = judgeInquiry(seen, facts, terms, { nowMs: now })
      const proof = certainty.kind === 'dead' ? certainty.proof : null
      rows.add(row)
      proofs.add(proof)
      assert(proof === inquiryDeath(seen, facts, terms), `${row} says ${proof}`)
      assert(proof === null || ['Q7', 'Q9', 'Q10'].includes(row), `${row} is no row of death`)
      assert(certainty.kind !== 'in_doubt', 'an inquiry makes no doubt')
    }),
    { numRuns: runs },
  )
  expect([...rows].sort()).toEqual([...INQUIRY_ROWS].sort())
  expect([...proofs].sort()).toEqual(['failed_final', 'never_arrived', 'refused', null].sort())
})

test('no inquiry makes paid what no paying step was sent for, or moves what is dead or returned', {
  timeout: patienceMs,
}, () => {
  fc.assert(
    fc.property(anyLine, anyFacts, anyContract, (seen, facts, terms) => {
      const { row, certainty, ...side } = judgeInquiry(seen, facts, terms, { nowMs: now })
      const isEnded = facts.state === 'dead' || facts.state === 'returned'
      assert(!isEnded || certainty.kind === 'unchanged', `${row} moves an ended attempt`)
      const as = certainty.kind === 'accepted' ? certainty.as : null
      assert(facts.state !== 'paid' || as === null || as === 'paid', `${row} takes paid back`)
      assert(as !== 'paid' || !terms.twoStep || facts.stepsSent === 2, `${row} pays before the paying step`)
      assert(!side.returned || as === 'paid', `${row} returns what was not paid`)
      assert((side.incident !== null) === side.stopsAccount, `${row} stops the account for an incident`)
      assert(!side.recall || side.incident !== null, `${row} recalls without an incident`)
    }),
    { numRuns: runs },
  )
})

test('no callback decides more than its inquiry, or than its contract lets it', {
  timeout: patienceMs,
}, () => {
  const rows = new Set<string>()
  const anySignature = fc.constantFrom<CallbackFacts['signature']>('good', 'good', 'bad', 'unsigned')
  const anyInquiry = fc.option(anyLine, { freq: 4 })
  fc.assert(
    fc.property(anyAnswer, anySignature, anyInquiry, anyFacts, anyContract, (answer, ...drawn) => {
      const [signature, inquiry, facts, terms] = drawn
      const { row, by, certainty } = judgeCallback(answer, { signature, inquiry }, facts, terms, {
        nowMs: now,
      })
      rows.add(row)
      if (certainty.kind === 'unchanged') return
      assert(signature !== 'bad', 'a bad signature changes something')
      if (certainty.kind === 'in_doubt') {
        assert(row === 'W3' && certainty.why === 'contradiction', `${row} says ${certainty.why}`)
        return
      }
      const seen = row === 'W3' ? inquiry : answered(answer)
      assert(seen !== null, 'a callback decides before its inquiry')
      const alone = judgeInquiry(seen, facts, terms, { nowMs: now })
      assert(JSON.stringify(certainty) === JSON.stringify(alone.certainty), `${row} says more than table B`)
      assert(
        row === 'W3' || (terms.callbackDecides && signature === 'good'),
        'a callback decides without a right',
      )
      assert(row === 'W3' || (by !== 'Q9' && by !== 'Q10'), 'a callback proves by not found')
    }),
    { numRuns: runs },
  )
  expect([...rows].sort()).toEqual([...CALLBACK_ROWS].sort())
})

test('a verdict changes nothing of what it was given', () => {
  fc.assert(
    fc.property(anyLine, anyFacts, anyContract, (seen, facts, terms) => {
      const before = JSON.stringify([seen, facts, terms])
      judgeInquiry(seen, facts, terms, { nowMs: now })
      assert(JSON.stringify([seen, facts, terms]) === before, 'an argument was changed')
    }),
  )
})

test('the lists name everything once', () => {
  const lists = [OUTCOMES, SAYINGS, FAILURES, DOUBTS, DEATHS, ECHO_FIELDS, OBSERVED, SEND_ROWS, INQUIRY_ROWS]
  for (const list of lists) expect(new Set(list).size).toBe(list.length)
  expect(Object.keys(DEATH_PREMISES)).toEqual([...DEATHS])
  for (const premise of Object.values(DEATH_PREMISES)) expect(premise).toMatch(/^[A-Z].*\.$/)
})
