// Steps of payouts: mostly what could follow, sometimes computed from an older version, a claim or a revision that is gone,
// and sometimes what no lifecycle would ever compute.

import { type FixedRecipe, recipePostings } from '../../src/ledger/recipes.ts'
import type { AttemptState } from '../../src/payout/attempt.ts'
import { DEATHS } from '../../src/payout/death.ts'
import { DOUBTS } from '../../src/payout/outcome.ts'
import { PAYOUT_STATES, type PayoutState, type WaitReason } from '../../src/payout/payout.ts'
import type { AttemptChanged, AttemptOpened, PayoutStep } from '../../src/store/store.ts'
import type { Dossier } from '../simulation/model/rows.ts'
import type { Chance } from './chance.ts'
import { ACCOUNTS, bytes } from './draw-world.ts'
import type { Call } from './script.ts'

/** The script's own name of a claim that stands in the queue of this payout, or of one that it had. */
export type NameClaim = (dossier: Dossier) => bigint | null

export function drawAdvance(
  chance: Chance,
  dossiers: readonly Dossier[],
  nameClaim: NameClaim,
  nowMs: number,
): Call {
  const steps: PayoutStep[] = []
  // Most payouts end early; those that were sent have the longer life.
  const sent = dossiers.filter(({ payout }) => SENT.includes(payout.state))
  for (let count = chance.pick([1, 1, 1, 2, 3]); count > 0; count -= 1) {
    const dossier = chance.pick(sent.length > 0 && chance.sometimes(50) ? sent : dossiers)
    const { merchantId, number } = dossier.payout
    if (steps.some(step => step.merchantId === merchantId && step.number === number)) continue
    const step = drawStep(chance, dossier, nameClaim(dossier), nowMs)
    steps.push(chance.sometimes(SPOILT) ? spoilt(chance, step) : step)
  }
  return { name: 'advancePayouts', args: [steps] }
}

const SENT: readonly PayoutState[] = ['sending', 'pending', 'in_doubt']

/** How often a step is not what the dispatcher would write, in percent. */
const SPOILT = 22

/** Those that need no people: what people agree on is not played by the model. */
const DEATHS_ALONE = DEATHS.filter(kind => kind !== 'by_people' && kind !== 'by_statement')

function drawStep(chance: Chance, dossier: Dossier, claim: bigint | null, nowMs: number): PayoutStep {
  const note = chance.sometimes(15)
  const step = note ? noteOf(chance, dossier) : moveOf(chance, dossier, claim)
  const attemptNo = step.attempt?.attemptNo ?? null
  return {
    ...step,
    notices: step.to === null || chance.sometimes(40) ? [] : noticesOf(chance),
    exchange:
      attemptNo === null || chance.sometimes(40)
        ? null
        : {
            ...{ attemptNo, kind: chance.pick(['send', 'inquiry', 'callback'] as const), row: 'S16' },
            ...{ startedAtMs: nowMs - 5, durationMs: 5, status: chance.pick([200, 504, null]) },
            ...{ verdict: 'doubt', request: 'POST /', answer: chance.sometimes(50) ? 'OK' : null },
          },
    incident: chance.sometimes(8)
      ? { kind: chance.pick(['paid_after_death', 'contradiction', 'overdue']), detail: 'look at it' }
      : null,
    confirmation: chance.sometimes(20) ? `confirmed at version ${step.version}` : null,
  }
}

function bare({ payout }: Dossier): PayoutStep {
  return {
    ...{ merchantId: payout.merchantId, number: payout.number, version: payout.version },
    ...{ to: null, waitReason: null, why: null, claim: null, attempt: null, recipe: null, postings: [] },
    ...{ queue: { kind: 'keep' }, confirmation: null, notices: [], exchange: null, incident: null },
  }
}

function noteOf(chance: Chance, dossier: Dossier): PayoutStep {
  const last = dossier.attempts.at(-1)
  const step = bare(dossier)
  if (last === undefined || chance.sometimes(30))
    return dossier.queue === null ? step : { ...step, queue: putBack(chance) }
  return { ...step, attempt: changeOf(chance, dossier, null) }
}

function putBack(chance: Chance): PayoutStep['queue'] {
  const dueInMs = chance.pick([0, 0.4, 1_000, 60_000])
  const why = chance.sometimes(50) ? 'the provider is asked to slow down' : null
  return { kind: 'put', dueInMs, counted: chance.sometimes(60), why }
}

function moveOf(chance: Chance, dossier: Dossier, claim: bigint | null): PayoutStep {
  const { state } = dossier.payout
  const step = { ...bare(dossier), why: chance.sometimes(25) ? `why ${chance.below(9)}` : null }
  switch (state) {
    case 'waiting':
      return chance.sometimes(70)
        ? { ...step, to: 'queued', queue: { kind: 'put', dueInMs: 0, counted: false, why: null } }
        : { ...step, to: 'cancelled', ...booked(dossier, 'release') }
    case 'queued':
      return fromQueue(chance, dossier, step, claim)
    case 'sending':
    case 'pending':
    case 'in_doubt':
      return answered(chance, dossier, step)
    case 'paid':
      return {
        ...step,
        to: 'returned',
        attempt: changeOf(chance, dossier, 'returned'),
        ...booked(dossier, 'return'),
      }
    default:
      return step
  }
}

function fromQueue(chance: Chance, dossier: Dossier, step: PayoutStep, claim: bigint | null): PayoutStep {
  const queue = { kind: 'drop' } as const
  const kind = chance.weighted({ send: 70, cancel: 12, wait: 8, putBack: 10 })
  if (kind === 'cancel') return { ...step, queue, to: 'cancelled', ...booked(dossier, 'release') }
  if (kind === 'wait') return { ...step, queue, claim, to: 'waiting', waitReason: 'review' }
  if (kind === 'putBack') return { ...step, claim, queue: putBack(chance) }
  const attempt = openedOf(chance, dossier)
  return { ...step, claim, queue, attempt, to: 'sending', ...booked(dossier, 'dispatch') }
}

function answered(chance: Chance, dossier: Dossier, step: PayoutStep): PayoutStep {
  const { state } = dossier.payout
  const kind = chance.weighted({
    ...{ paid: 25, requeue: 12, review: 5, failed: 12, in_doubt: state === 'in_doubt' ? 4 : 20 },
    ...{ pending: state === 'pending' ? 0 : 16, same: state === 'pending' ? 0 : 8 },
  })
  const change = (to: AttemptState | null) => changeOf(chance, dossier, to)
  switch (kind) {
    case 'paid':
      return { ...step, to: 'paid', attempt: change('paid'), ...booked(dossier, 'settle') }
    case 'requeue': {
      const queue = { kind: 'put', dueInMs: chance.pick([0, 500]), counted: true, why: null } as const
      return { ...step, queue, to: 'queued', attempt: change('dead'), ...booked(dossier, 'requeue') }
    }
    case 'review': {
      const waitReason = 'review'
      return { ...step, waitReason, to: 'waiting', attempt: change('dead'), ...booked(dossier, 'requeue') }
    }
    case 'failed':
      return { ...step, to: 'failed', attempt: change('dead'), ...booked(dossier, 'fail') }
    case 'in_doubt':
    case 'pending':
      return { ...step, to: kind, attempt: change(kind) }
    case 'same':
      return { ...step, to: state, attempt: change(null) }
  }
}

function openedOf(chance: Chance, dossier: Dossier): AttemptOpened {
  const { number, attempts } = dossier.payout
  return {
    kind: 'opened',
    attemptNo: attempts + 1,
    providerAccountId: chance.sometimes(60) ? ACCOUNTS[0] : chance.pick(ACCOUNTS),
    // Now and then two payouts, or two attempts, would have one reference.
    reference: chance.sometimes(95) ? `our-${number}-${attempts + 1}` : 'our-own',
    requestHash: bytes(32, attempts + 1),
    contract: chance.pick(CONTRACTS),
    incarnation: 1n,
    lostInMs: chance.pick([30_000, 0.6]),
  }
}

const CONTRACTS = [{ keyed: true, window: 'P1D' }, { keyed: false }]

function changeOf(chance: Chance, dossier: Dossier, state: AttemptState | null): AttemptChanged {
  const row = dossier.attempts.at(-1)
  const { attemptNo, revision } = row?.attempt ?? { attemptNo: 1, revision: 0 }
  const remembers = chance.sometimes(50)
  const fresh = chance.sometimes(85)
  return {
    ...{ kind: 'changed', attemptNo, state, inquired: chance.sometimes(40) },
    theirId: chance.sometimes(40) ? `their-${chance.below(5)}` : null,
    doubt: state === 'in_doubt' ? chance.pick(DOUBTS) : null,
    proof: state === 'dead' ? { kind: chance.pick(DEATHS_ALONE), premises: { exchange: 1 } } : null,
    nextLookInMs: chance.pick([null, 0, 700, 60_000]),
    facts: remembers
      ? { lastPossibleByteAfterMs: chance.pick([null, 40]), observations: [{ said: 'not_found' }] }
      : null,
    revision: remembers || chance.sometimes(20) ? (fresh ? revision : revision - 1) : null,
  }
}

function noticesOf(chance: Chance): PayoutStep['notices'] {
  const targets = chance.sometimes(80) ? ['door'] : ['door', 'endpoint 1']
  return targets.map(target => ({ target, url: 'http://127.0.0.1:1/n', dueInMs: chance.pick([0, 0, 300]) }))
}

function booked({ payout, attempts }: Dossier, recipe: FixedRecipe) {
  const account = attempts.at(-1)?.attempt.providerAccountId ?? ACCOUNTS[0]
  return { recipe, postings: recipePostings(recipe, payout.amount, account) }
}

/** One thing about the step is not as it should be. */
function spoilt(chance: Chance, step: PayoutStep): PayoutStep {
  const kind = chance.weighted({
    ...{ version: 6, claim: 5, noClaim: 2, state: 4, stranger: 2, postings: 2, recipe: 1 },
    ...{ attempt: 4, waitReason: 1, notice: 1, exchange: 1, queue: 2 },
  })
  switch (kind) {
    case 'version':
      return { ...step, version: Math.max(1, step.version + chance.pick([-1, 1])) }
    case 'claim':
      return { ...step, claim: 2n ** 50n }
    case 'noClaim':
      return { ...step, claim: null }
    case 'state': {
      const to: PayoutState = chance.pick(PAYOUT_STATES)
      const waitReason: WaitReason | null = to === 'waiting' ? 'review' : null
      return { ...step, to, waitReason }
    }
    case 'stranger':
      return { ...step, number: step.number + 500_000n }
    case 'postings':
      return {
        ...step,
        postings: step.postings.map(one => ({
          ...one,
          amount: { ...one.amount, minor: one.amount.minor * chance.pick([2n, 1_000_000n]) },
        })),
      }
    case 'recipe':
      return { ...step, recipe: null }
    case 'attempt':
      return { ...step, attempt: spoiltAttempt(chance, step.attempt) }
    case 'waitReason':
      return { ...step, waitReason: 'funds' }
    case 'notice':
      return { ...step, notices: [...noticesOf(chance), ...noticesOf(chance)] }
    case 'exchange':
      return step.exchange === null ? step : { ...step, exchange: { ...step.exchange, status: null } }
    case 'queue':
      return { ...step, queue: chance.pick([{ kind: 'keep' }, { kind: 'drop' }, putBack(chance)] as const) }
  }
}

function spoiltAttempt(chance: Chance, attempt: PayoutStep['attempt']): PayoutStep['attempt'] {
  if (attempt === null) return null
  if (attempt.kind === 'opened')
    return { ...attempt, ...chance.pick([{ attemptNo: 1 }, { attemptNo: 0 }, { requestHash: bytes(31, 1) }]) }
  return {
    ...attempt,
    ...chance.pick<Partial<AttemptChanged>>([
      { doubt: null },
      { doubt: 'lost' },
      { proof: null },
      { proof: { kind: 'refused', premises: { exchange: 2 } } },
      { proof: { kind: 'refused', premises: null } },
      { state: 'sending' },
      { state: 'dead' },
      { state: 'paid' },
      { attemptNo: attempt.attemptNo + 1 },
      { revision: (attempt.revision ?? 0) + 1 },
    ]),
  }
}
