import { expect, test } from 'vitest'
import { currency } from '../../test/store-kit.ts'
import type { Attempt } from '../payout/attempt.ts'
import type { Answer } from '../payout/outcome.ts'
import type { Payout } from '../payout/payout.ts'
import { declareCapabilities } from '../protocols/capabilities.ts'
import type { Connector } from '../protocols/protocol.ts'
import type { ReadyAccount } from './accounts.ts'
import { FACTS_AT_INTENT, parseFacts, type StoredFacts } from './facts.ts'
import { type Look, lookOutcome } from './look.ts'
import { LOOK_APART_MS } from './schedule.ts'

const CAPABILITIES = declareCapabilities({
  reference: { alphabet: '0123456789abcdefghijklmnopqrstuvwxyz', length: 24 },
  queryableByOurReference: true,
  failedIsFinalAfterMs: 900_000,
  echoes: { send: [], inquiry: ['reference'] },
  callsBack: true,
  callbackSigned: true,
})
const ECHO = { reference: 'same', amount: 'same', currency: 'absent', beneficiary: 'absent' } as const
type Said = 'paid' | 'failed' | 'not_found'
const answer = (said: Said): Answer => ({
  ...{ kind: 'read', said, failure: said === 'failed' ? 'failed' : null, theirId: null, echo: ECHO },
})
const attempt: Attempt = {
  ...{
    attemptNo: 1,
    state: 'in_doubt',
    providerAccountId: 'pa',
    reference: 'r',
    theirId: null,
    doubt: 'reset',
  },
  ...{ proof: null, createdAtMs: 0, nextInquiryAtMs: null, inquiries: 0, revision: 3 },
}
// The fields that a look reads of each.
const amount = { minor: 1_000n, currency: currency('BDT') }
const payout = { state: 'in_doubt', version: 4, attempts: 1, paidAtMs: null, amount } as Payout
const connector = { scrub: (text: string) => text } as Connector
const ready = { account: { id: 'pa', baseUrl: 'http://provider.example' }, connector } as ReadyAccount

/** A look at a provider that says failed after a callback that said paid. */
function contradicted(facts: StoredFacts, ageMs: number) {
  return looked('failed', { facts, ageMs, claimTookMs: 0, told: [answer('paid')] })
}

function looked(said: Said, of: LookedAt) {
  const look = lookAt(said, of)
  const [step] = lookOutcome(look, look.due, false, () => []).steps
  const change = step?.attempt?.kind === 'changed' ? step.attempt : null
  return {
    incident: step?.incident ?? null,
    facts: parseFacts(change?.facts),
    proof: change?.proof?.kind ?? null,
  }
}

type LookedAt = Pick<Look, 'ageMs' | 'claimTookMs' | 'told'> & {
  readonly facts: StoredFacts
  readonly state?: 'in_doubt' | 'paid'
}

function lookAt(said: Said, { facts, ageMs, claimTookMs, told, state = 'in_doubt' }: LookedAt): Look {
  const terms = { capabilities: CAPABILITIES, endpoint: 'http://provider.example' }
  const now = { payout: { ...payout, state }, attempt: { ...attempt, state } }
  const due = { ...now, facts, incarnation: 1n, contract: terms }
  const result = { status: 200, headers: {}, body: new Uint8Array(0) }
  return {
    ...{ due, terms, ready, ageMs, claimTookMs, jitter: 0, told },
    asked: {
      line: { kind: 'answered', status: 200, answer: answer(said) },
      result: { kind: 'answered', status: 200, answer: result, startedAtMs: 0, durationMs: 1 },
      request: { method: 'POST', url: 'http://provider.example/query', headers: {}, body: '' },
      step: 'only',
    },
  }
}

test('a contradiction that lasts is one incident, and not one for each look', () => {
  const first = contradicted(FACTS_AT_INTENT, 10_000)
  expect(first.incident).toMatchObject({ kind: 'contradiction' })
  expect(first.facts).toMatchObject({ contradicted: true, alarmed: ['W3'] })

  expect(contradicted(first.facts, 20_000).incident).toBeNull()
})

test('that it lasts is told at the ages at which every doubt is', () => {
  const { facts } = contradicted(FACTS_AT_INTENT, 10_000)
  expect(contradicted(facts, 16 * 60_000).incident).toMatchObject({ kind: 'look' })
})

test('that a paid payout failed is told, once, also where something was odd before it was paid', () => {
  const at = { facts: { ...FACTS_AT_INTENT, alarmed: ['Q8'] }, ageMs: 10_000, claimTookMs: 0, told: [] }
  const first = looked('failed', { ...at, state: 'paid' })
  expect(first.incident).toMatchObject({ kind: 'look', detail: 'pa: Q8, Q8 since it was paid' })
  expect(looked('failed', { ...at, facts: first.facts, state: 'paid' }).incident).toBeNull()
})

test('that a paid payout failed is told also where two ends were told before people decided that it was paid', () => {
  const facts = { ...FACTS_AT_INTENT, contradicted: true, alarmed: ['W3', 'Q4'] }
  const at = { facts, ageMs: 10_000, claimTookMs: 0, state: 'paid' } as const
  const first = looked('failed', { ...at, told: [answer('paid')] })
  expect(first.incident).toMatchObject({ kind: 'look', detail: 'pa: W3, Q8 since it was paid' })
  expect(looked('failed', { ...at, facts: first.facts, told: [answer('paid')] }).incident).toBeNull()
  // What was told and decided is no news as long as the provider says paid.
  expect(looked('paid', { ...at, told: [answer('failed')] }).incident).toBeNull()
})

test('a failure is remembered as of the latest moment at which it may have been told', () => {
  const at = { facts: FACTS_AT_INTENT, ageMs: 10_000, told: [] }
  const { facts } = looked('failed', { ...at, claimTookMs: 90_000 })
  expect(facts.observations).toEqual([{ said: 'failed', afterMs: 100_000 }])

  // And judged as of the earliest: 899 s after it, however long the claim took.
  const later = { facts, ageMs: 999_000, told: [] }
  expect(looked('failed', { ...later, claimTookMs: 90_000 }).proof).toBeNull()
  expect(looked('failed', { ...later, ageMs: 1_000_000, claimTookMs: 0 }).proof).toBe('failed_final')
})

/** The look began when the attempt was in doubt; by now it is dead, and another one is being sent. */
const SUCCEEDED = {
  payout: { ...payout, state: 'sending', version: 9, attempts: 2 } as Payout,
  attempt: { ...attempt, attemptNo: 2, state: 'sending', revision: 0 } as Attempt,
  ...{ facts: null, incarnation: 1n, contract: null },
}
const ASKED = { facts: FACTS_AT_INTENT, ageMs: 10_000, claimTookMs: 0, told: [] }

test('an attempt that got a successor during the question and is paid is an incident like every paid dead one', () => {
  const seen = lookOutcome(lookAt('paid', ASKED), SUCCEEDED, false, () => [])
  expect(seen).toMatchObject({ row: 'Q3', stopsAccount: true })
  expect(seen.steps).toMatchObject([{ to: null, incident: { kind: 'paid_after_death' } }])
  // What is remembered of it now is not at hand: the next look has it, and books the recall once.
  const change = { attemptNo: 1, state: null, facts: null, nextLookInMs: LOOK_APART_MS }
  expect(seen.steps).toMatchObject([{ recipe: null, attempt: change }])
})

test('one that got a successor and is not paid is noted, and asked about no more', () => {
  const seen = lookOutcome(lookAt('failed', ASKED), SUCCEEDED, false, () => [])
  expect(seen).toMatchObject({ row: 'Q3', stopsAccount: false })
  expect(seen.steps).toMatchObject([{ to: null, incident: null, attempt: { nextLookInMs: null } }])
})

test('Q9: "not found" confirms a refusal only where it was asked after the refusal was recorded', () => {
  const refused = { ...FACTS_AT_INTENT, refusedOnOnlySend: true, lastPossibleByteAfterMs: 40 }
  const proofOf = (look: Look) => {
    // Recorded now, when the refusal is known.
    const found = { ...look.due, facts: refused }
    const [step] = lookOutcome(look, found, false, () => []).steps
    return step?.attempt?.kind === 'changed' ? step.attempt.proof?.kind : undefined
  }
  expect(proofOf(lookAt('not_found', { ...ASKED, facts: refused }))).toBe('refused')
  // Its sender was taken for lost, and its request was on its way while the provider did not know it.
  expect(proofOf(lookAt('not_found', { ...ASKED, facts: FACTS_AT_INTENT }))).toBeUndefined()
})
