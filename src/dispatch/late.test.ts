import { expect, test } from 'vitest'
import { ATTEMPT_STATES, type Attempt, type AttemptState } from '../payout/attempt.ts'
import { DEATHS, type Death } from '../payout/death.ts'
import type { Certainty } from './certainty.ts'
import { FACTS_AT_INTENT } from './facts.ts'
import { lateVerdict } from './late.ts'

const DEAD: Certainty = { kind: 'dead', proof: 'refused' }
const DOUBT: Certainty = { kind: 'in_doubt', why: 'timeout' }
const PENDING: Certainty = { kind: 'accepted', as: 'pending' }
const PAID: Certainty = { kind: 'accepted', as: 'paid' }

function found(state: AttemptState, attemptNo = 1): { attempt: Attempt } {
  const attempt: Attempt = {
    ...{ attemptNo, state, providerAccountId: 'pa', reference: 'r', theirId: null, doubt: null },
    ...{ proof: null, createdAtMs: 0, nextInquiryAtMs: null, inquiries: 0, revision: 0 },
  }
  return { attempt }
}
function verdict(
  certainty: Certainty,
  state: AttemptState,
  facts = FACTS_AT_INTENT,
  atIntent = FACTS_AT_INTENT,
) {
  return lateVerdict(certainty, 1, found(state), facts, atIntent)
}

test('while the payout is being sent a verdict stands as it is', () => {
  for (const certainty of [DEAD, DOUBT, PENDING, PAID])
    expect(verdict(certainty, 'sending')).toMatchObject({ live: true, certainty, incident: null })
})

test('a lost attempt whose sender comes back takes its verdict, also a proof of death', () => {
  for (const certainty of [DEAD, PENDING, PAID])
    expect(verdict(certainty, 'in_doubt')).toMatchObject({ live: true, certainty, incident: null })
})

test('a proof of death never stands beside an acceptance that was seen, or beside a contradiction', () => {
  for (const facts of [
    { ...FACTS_AT_INTENT, acceptanceSeen: true },
    { ...FACTS_AT_INTENT, contradicted: true },
  ])
    expect(verdict(DEAD, 'in_doubt', facts)).toMatchObject(CONTRADICTED)
  for (const state of ['pending', 'paid', 'returned'] as const)
    expect(verdict(DEAD, state)).toMatchObject(CONTRADICTED)
})
const CONTRADICTED = {
  certainty: { kind: 'unchanged' },
  contradicted: true,
  ask: true,
  incident: { kind: 'contradiction' },
}

test('a doubt never takes an acceptance back', () => {
  for (const state of ['pending', 'paid', 'returned'] as const)
    expect(verdict(DOUBT, state)).toMatchObject({ certainty: { kind: 'unchanged' }, incident: null })
})

test('pending may still become paid, and paid stays paid', () => {
  expect(verdict(PAID, 'pending')).toMatchObject({ certainty: PAID })
  for (const certainty of [PENDING, PAID])
    expect(verdict(certainty, 'paid')).toMatchObject({ certainty: { kind: 'unchanged' }, incident: null })
})

test('an acceptance of an attempt that is dead, or has a successor, is an incident and is asked about', () => {
  for (const at of [found('dead'), found('sending', 2), { attempt: null }])
    expect(lateVerdict(PAID, 1, at, FACTS_AT_INTENT, FACTS_AT_INTENT)).toMatchObject({
      live: false,
      certainty: { kind: 'unchanged' },
      ask: true,
      paidAfterDeath: true,
      incident: { kind: 'answer_after_death' },
    })
})

test('that it was taken does not contradict that it ended unpaid afterwards, but is asked about', () => {
  const { attempt } = found('dead')
  const at = (proof: Death) => ({ attempt: { ...attempt, proof } })
  const judged = (certainty: Certainty, proof: Death) =>
    lateVerdict(certainty, 1, at(proof), FACTS_AT_INTENT, FACTS_AT_INTENT)
  expect(judged(PENDING, 'failed_final')).toMatchObject({ live: false, incident: null, ask: true })

  const incident = { kind: 'answer_after_death' }
  expect(judged(PAID, 'failed_final')).toMatchObject({ incident, ask: true, paidAfterDeath: true })
  for (const proof of DEATHS.filter(each => each !== 'failed_final'))
    expect(judged(PENDING, proof), proof).toMatchObject({ incident, ask: true, paidAfterDeath: true })
})

test('any other verdict on a dead attempt is only noted', () => {
  for (const certainty of [DEAD, DOUBT])
    expect(verdict(certainty, 'dead')).toMatchObject({ live: false, incident: null, ask: false })
})

test('no verdict, however late, makes an attempt dead that is not in sending or in doubt', () => {
  for (const state of ATTEMPT_STATES) {
    const { certainty } = verdict(DEAD, state)
    expect(certainty.kind === 'dead').toBe(state === 'sending' || state === 'in_doubt')
  }
})

test('what was accepted before the send began does not contradict its death', () => {
  const accepted = { ...FACTS_AT_INTENT, acceptanceSeen: true }
  expect(verdict(DEAD, 'in_doubt', accepted, accepted)).toMatchObject({ certainty: DEAD, incident: null })
  expect(verdict(DEAD, 'in_doubt', accepted)).toMatchObject({ incident: { kind: 'contradiction' } })
  const contradicted = { ...accepted, contradicted: true }
  expect(verdict(DEAD, 'in_doubt', contradicted, accepted)).toMatchObject({
    incident: { kind: 'contradiction' },
  })
})
