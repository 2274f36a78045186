// Every certainty against every state, and what each step does to the money.
import { expect, test } from 'vitest'
import { BDT } from '../../test/store-kit.ts'
import { type PayoutEvent, transition } from '../payout/lifecycle.ts'
import { PAYOUT_STATES, type Payout, type PayoutState } from '../payout/payout.ts'
import type { NewExchange } from '../store/store.ts'
import type { Certainty } from './certainty.ts'
import { FACTS_AT_INTENT } from './facts.ts'
import { intentStep, type Judged, putBackStep, reviewStep, stepsFor } from './steps.ts'

const MONEY = { minor: 1_000n, currency: BDT }
const FLOAT = 'float:pa_1'

function payout(state: PayoutState): Payout {
  return {
    ...{ merchantId: 'm_1', number: 42n, tag: 1, reference: 'r', amount: MONEY, method: 'bkash' },
    ...{
      description: null,
      metadata: null,
      door: 'api',
      doorCredentialId: 'k',
      requestId: null,
      notifyUrl: null,
    },
    ...{ state, waitReason: null, why: null, createdAtMs: 0, stateSinceMs: 0, paidAtMs: null },
    ...{ version: 7, attempts: 1, beneficiary: { kind: 'wallet', operator: 'bkash', number: '01712345678' } },
  }
}

function judged(change: Partial<Judged>): Judged {
  return {
    ...{
      attemptNo: 1,
      providerAccountId: 'pa_1',
      live: true,
      certainty: { kind: 'unchanged' },
      returned: false,
    },
    ...{
      afterDeath: { next: 'failed' },
      premises: { row: 'X' },
      why: null,
      said: null,
      theirId: null,
      revision: null,
    },
    ...{ facts: FACTS_AT_INTENT, nextLookInMs: () => 5_000, inquired: true, exchange: EXCHANGE },
    ...{ incident: null, paidAfterDeath: false, recall: false },
    ...change,
  }
}
const EXCHANGE: NewExchange = {
  ...{ attemptNo: 1, kind: 'inquiry', startedAtMs: 0, durationMs: 1, status: 200 },
  ...{ row: 'X', verdict: 'x', request: null, answer: null },
}
const NOTICE = { target: 'door', url: 'http://merchant.example.com/', dueInMs: 0 }

const CERTAINTIES: readonly Certainty[] = [
  { kind: 'unchanged' },
  { kind: 'accepted', as: 'created' },
  { kind: 'accepted', as: 'pending' },
  { kind: 'accepted', as: 'paid' },
  { kind: 'in_doubt', why: 'timeout' },
  { kind: 'dead', proof: 'refused' },
]

test('whatever is certain of whatever payout, the exchange is kept once and nothing is dropped without a word', () => {
  for (const state of PAYOUT_STATES)
    for (const certainty of CERTAINTIES)
      for (const returned of [false, true]) {
        const steps = stepsFor(payout(state), judged({ certainty, returned }), () => [])
        expect(steps.length).toBeGreaterThan(0)
        expect(steps.filter(({ exchange }) => exchange !== null)).toEqual([steps[0]])
        expect(steps.filter(({ attempt }) => attempt?.kind === 'changed' && attempt.inquired)).toHaveLength(1)
        const moved = steps.filter(({ to }) => to !== null)
        const refusal = firstRefusal(state, certainty, returned)
        expect(steps[0]?.incident?.kind ?? null).toBe(refusal === null ? null : 'refused_step')
        moved.forEach((step, index) => {
          expect(step.version).toBe(7 + index)
        })
      }
})

/** Walks the lifecycle itself: the first refusal that is more than "it is there already". */
function firstRefusal(state: PayoutState, certainty: Certainty, returned: boolean): string | null {
  let at = state
  for (const event of lifecycleEvents(certainty, returned)) {
    const next = transition(at, event)
    if (next.ok) at = next.to
    else if (next.refusal !== 'unchanged') return next.refusal
  }
  return null
}

function lifecycleEvents(certainty: Certainty, returned: boolean): readonly PayoutEvent[] {
  switch (certainty.kind) {
    case 'unchanged':
      return []
    case 'in_doubt':
      return [{ kind: 'doubt', why: certainty.why }]
    case 'dead':
      return [{ kind: 'dead', proof: certainty.proof, next: 'failed' }]
    case 'accepted':
      return [{ kind: certainty.as }, ...(returned ? [{ kind: 'returned' } as const] : [])]
  }
}

test('money moves as the recipe of the step says, and stays where there is no step', () => {
  const booked = (state: PayoutState, change: Partial<Judged>) =>
    stepsFor(payout(state), judged(change), () => []).map(({ to, recipe, postings }) => [
      to,
      recipe,
      postings,
    ])
  expect(booked('sending', { certainty: { kind: 'accepted', as: 'paid' } })).toEqual([
    ['paid', 'settle', [{ debit: 'in_flight', credit: FLOAT, amount: MONEY }]],
  ])
  expect(booked('in_doubt', { certainty: { kind: 'dead', proof: 'refused' } })).toEqual([
    ['failed', 'fail', [{ debit: 'in_flight', credit: 'available', amount: MONEY }]],
  ])
  expect(booked('sending', { certainty: { kind: 'in_doubt', why: 'reset' } })).toEqual([
    ['in_doubt', null, []],
  ])
  expect(booked('pending', {})).toEqual([[null, null, []]])
})

test('paid and returned at once are two steps in order, and the second one is computed from the first', () => {
  const certainty = { kind: 'accepted', as: 'paid' } as const
  const steps = stepsFor(payout('pending'), judged({ certainty, returned: true }), () => [NOTICE])
  expect(steps.map(({ to, version, recipe }) => [to, version, recipe])).toEqual([
    ['paid', 7, 'settle'],
    ['returned', 8, 'return'],
  ])
  expect(steps[1]?.postings).toEqual([{ debit: FLOAT, credit: 'available', amount: MONEY }])
  const already = stepsFor(payout('paid'), judged({ certainty, returned: true }), () => [])
  expect(already.map(({ to, version }) => [to, version])).toEqual([['returned', 7]])
})

test('after a death the payout goes where policy says, with its proof, and only a queued one has a place in the queue', () => {
  const certainty = { kind: 'dead', proof: 'not_sent' } as const
  const after = (afterDeath: Judged['afterDeath']) =>
    stepsFor(payout('sending'), judged({ certainty, afterDeath, nextLookInMs: () => null }), () => [])[0]
  expect(after({ next: 'queued', dueInMs: 2_000, counted: true })).toMatchObject({
    to: 'queued',
    recipe: 'requeue',
    queue: { kind: 'put', dueInMs: 2_000, counted: true },
    attempt: { state: 'dead', proof: { kind: 'not_sent', premises: { row: 'X' } }, nextLookInMs: null },
  })
  expect(after({ next: 'review' })).toMatchObject({
    to: 'waiting',
    waitReason: 'review',
    recipe: 'requeue',
    queue: { kind: 'keep' },
  })
  expect(after({ next: 'failed' })).toMatchObject({ to: 'failed', recipe: 'fail', queue: { kind: 'keep' } })
})

test('a proof stands exactly where the attempt becomes dead, and a doubt exactly where it is in doubt', () => {
  for (const state of ['sending', 'pending', 'in_doubt'] as const)
    for (const certainty of CERTAINTIES)
      for (const { attempt, to } of stepsFor(payout(state), judged({ certainty }), () => [])) {
        if (attempt?.kind !== 'changed') throw new Error('an attempt is changed')
        expect(attempt.proof !== null).toBe(attempt.state === 'dead')
        if (to === 'in_doubt' && certainty.kind === 'in_doubt') expect(attempt.doubt).toBe('timeout')
        if (attempt.doubt !== null) expect(to ?? state).toBe('in_doubt')
      }
})

test('an attempt that is dead or has a successor moves nothing of its payout', () => {
  for (const state of PAYOUT_STATES)
    for (const certainty of CERTAINTIES) {
      const steps = stepsFor(payout(state), judged({ certainty, live: false }), () => [NOTICE])
      expect(steps).toMatchObject([
        { to: null, recipe: null, postings: [], notices: [], queue: { kind: 'keep' }, exchange: EXCHANGE },
      ])
    }
})

test('a payout that would be sent again although a dead attempt was paid waits for a person, and no other moves', () => {
  const RECALL = {
    recipe: 'recall',
    postings: [{ debit: 'recall_receivable', credit: FLOAT, amount: MONEY }],
  }
  for (const state of PAYOUT_STATES) {
    const found = judged({ live: false, paidAfterDeath: true, recall: true })
    const [step, ...more] = stepsFor(payout(state), found, () => [])
    expect(more).toEqual([])
    expect(step).toMatchObject({ ...RECALL, attempt: { state: null, proof: null }, exchange: EXCHANGE })
    if (state === 'queued' || state === 'waiting')
      expect(step).toMatchObject({ to: 'waiting', waitReason: 'review', queue: { kind: 'drop' } })
    else expect(step).toMatchObject({ to: null, waitReason: null, queue: { kind: 'keep' } })
  }
})

test('notices are those of the state that is reached, and none where nothing is reached', () => {
  const asked: [PayoutState, number, PayoutState][] = []
  const noticesFor = (at: Payout, state: PayoutState) => {
    asked.push([at.state, at.version, state])
    return [NOTICE]
  }
  const [paid] = stepsFor(
    payout('pending'),
    judged({ certainty: { kind: 'accepted', as: 'paid' } }),
    noticesFor,
  )
  expect(paid?.notices).toEqual([NOTICE])
  expect(asked).toEqual([['paid', 8, 'paid']])
  const [note] = stepsFor(payout('paid'), judged({ certainty: { kind: 'accepted', as: 'paid' } }), noticesFor)
  expect(note?.notices).toEqual([])
})

test('a doubt is told to the merchant as what it is, never as a failure', () => {
  const [step] = stepsFor(
    payout('sending'),
    judged({ certainty: { kind: 'in_doubt', why: 'timeout' } }),
    () => [],
  )
  expect(step?.why).toBe(
    'It is not certain whether this payout was paid: the provider did not answer in time; we are asking.',
  )
})

test('an intent opens the next attempt from the queue, and from no other state', () => {
  const opened = {
    ...{ attemptNo: 2, providerAccountId: 'pa_1', reference: 'r', requestHash: new Uint8Array(32) },
    ...{ contract: {}, incarnation: 1n, lostInMs: 75_000 },
  }
  for (const state of PAYOUT_STATES) {
    const step = intentStep({ payout: payout(state), claim: 5n, opened, noticesFor: () => [] })
    if (state !== 'queued') expect(step).toHaveProperty('refusal')
    else
      expect(step).toMatchObject({
        to: 'sending',
        claim: 5n,
        recipe: 'dispatch',
        postings: [{ debit: 'held', credit: 'in_flight', amount: MONEY }],
        queue: { kind: 'drop' },
        attempt: { kind: 'opened', attemptNo: 2 },
      })
  }
})

test('what cannot be sent leaves the queue for a person; what cannot be sent now goes back into it uncounted', () => {
  const incident = { kind: 'cannot_carry', detail: 'x' }
  const review = reviewStep({ payout: payout('queued'), claim: 5n, why: 'w', incident, noticesFor: () => [] })
  expect(review).toMatchObject({
    to: 'waiting',
    waitReason: 'review',
    claim: 5n,
    queue: { kind: 'drop' },
    incident,
  })
  expect(
    reviewStep({ payout: payout('sending'), claim: 5n, why: 'w', incident, noticesFor: () => [] }),
  ).toEqual({
    refusal: 'already_sent',
  })
  expect(putBackStep(payout('queued'), 5n, { dueInMs: 9, why: 'down' })).toMatchObject({
    to: null,
    claim: 5n,
    attempt: null,
    queue: { kind: 'put', dueInMs: 9, counted: false, why: 'down' },
  })
})
