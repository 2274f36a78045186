import { expect, test } from 'vitest'
import {
  attemptFacts,
  FACTS_AT_INTENT,
  factsAfter,
  parseFacts,
  type StoredFacts,
  withAlarms,
} from './facts.ts'

const SEEN: StoredFacts = {
  ...FACTS_AT_INTENT,
  failureSeen: true,
  observations: [{ said: 'failed', afterMs: 5_000 }],
  lastPossibleByteAfterMs: 4_000,
  alarmed: ['S20'],
  callbacksJudged: 2,
}
const ATTEMPT = { state: 'in_doubt', theirId: 'T1', createdAtMs: 1_000_000 } as const
const HERE = { sameAccount: true, sameScope: true }

test('what is stored reads back as it was, through JSON', () => {
  for (const facts of [FACTS_AT_INTENT, SEEN])
    expect(parseFacts(JSON.parse(JSON.stringify(facts)))).toEqual(facts)
})

test('nothing stored means that nothing was seen, and that the sender may be at work', () => {
  for (const stored of [null, undefined]) expect(parseFacts(stored)).toEqual(FACTS_AT_INTENT)
  expect(attemptFacts(FACTS_AT_INTENT, ATTEMPT, HERE)).toMatchObject({
    lastPossibleByteAtMs: null,
    observations: [],
  })
})

test.each<[string, unknown]>([
  ['text', 'facts'],
  ['a list', []],
  ['an empty object', {}],
  ['a step that is none', { ...SEEN, stepsSent: 3 }],
  ['a flag that is text', { ...SEEN, contradicted: 'false' }],
  ['a flag that is missing', { ...SEEN, acceptanceSeen: undefined }],
  ['observations that are none', { ...SEEN, observations: {} }],
  ['an observation that is not listed', { ...SEEN, observations: [{ said: 'paid', afterMs: 1 }] }],
  ['an observation before the attempt', { ...SEEN, observations: [{ said: 'failed', afterMs: -1 }] }],
  ['an observation without a time', { ...SEEN, observations: [{ said: 'failed', afterMs: null }] }],
  ['a last byte before the attempt', { ...SEEN, lastPossibleByteAfterMs: -5 }],
  ['alarms that are numbers', { ...SEEN, alarmed: [1] }],
  ['too many observations', { ...SEEN, observations: Array(65).fill({ said: 'failed', afterMs: 1 }) }],
])('what cannot be read proves nothing, because everything may have been seen: %s', (_title, stored) => {
  expect(parseFacts(stored)).toMatchObject({
    acceptanceSeen: true,
    contradicted: true,
    recalled: true,
    refusedOnOnlySend: false,
    observations: [],
    lastPossibleByteAfterMs: null,
  })
})

test('times are kept from the attempt on and judged by the clock of the database', () => {
  const later = attemptFacts(SEEN, { ...ATTEMPT, createdAtMs: 2_000_000 }, HERE)
  expect(later.observations).toEqual([{ said: 'failed', atMs: 2_005_000 }])
  expect(later.lastPossibleByteAtMs).toBe(2_004_000)
})

test('whether an acceptance or a failure was ever seen is never forgotten', () => {
  const accepted = factsAfter(FACTS_AT_INTENT, 'accepted', 1)
  const all = factsAfter(factsAfter(accepted, 'not_found', 2), 'failure', 3)
  expect(all).toMatchObject({ acceptanceSeen: true, failureSeen: true })
  expect(factsAfter(FACTS_AT_INTENT, 'other', 1)).toMatchObject({ acceptanceSeen: false, failureSeen: false })
  expect(factsAfter(SEEN, null, 9)).toBe(SEEN)
})

test('a run of equal observations grows, and another value begins a new one', () => {
  const twice = factsAfter(SEEN, 'failed', 9_000)
  expect(twice.observations).toEqual([
    { said: 'failed', afterMs: 5_000 },
    { said: 'failed', afterMs: 9_000 },
  ])
  expect(factsAfter(twice, 'not_found', 10_000).observations).toEqual([
    { said: 'not_found', afterMs: 10_000 },
  ])
})

test('an alarm is raised once', () => {
  const first = withAlarms(SEEN, ['S20', 'Q8'])
  expect(first.raised).toEqual(['Q8'])
  expect(withAlarms(first.facts, ['Q8', 'S20']).raised).toEqual([])
})
