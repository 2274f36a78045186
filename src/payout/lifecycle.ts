// The life of a payout, whole. `transition` is a table of every state against every event; each cell is a step or
// a named refusal, and nothing else in the system decides what follows what.
//
//   accepted ─▶ waiting ─▶ queued ─▶ sending ─▶ pending ─▶ paid ─▶ returned
//                  │          │         │  ▲        │ ▲
//                  └─ cancel ─┘         │  │        ▼ │
//                             ▲         └──┼──▶ in_doubt ─▶ paid, pending
//                             └── dead ────┴────────┘       (dead: only with a proof; else failed or waiting)
//
// Doubt is the default answer of a send. Money of a payout in doubt stays in flight; it never returns to available
// until a proof of death says that the attempt can never be paid. Success is not final: rails return money.
import { unreachable } from '../lib/assert.ts'
import type { AttemptState } from './attempt.ts'
import type { Death } from './death.ts'
import type { Doubt } from './outcome.ts'
import type { PayoutState, WaitReason } from './payout.ts'

export type PayoutEvent =
  /** Nothing is left to wait for. */
  | { readonly kind: 'release' }
  | { readonly kind: 'wait'; readonly reason: WaitReason }
  | { readonly kind: 'cancel' }
  /** The intent: the attempt is committed and its send right with it. */
  | { readonly kind: 'send' }
  /** The first of two steps was accepted; no money moved. */
  | { readonly kind: 'created' }
  /** The intent of the second of two steps, the one that pays: its send right is committed. */
  | { readonly kind: 'second_send' }
  | { readonly kind: 'pending' }
  | { readonly kind: 'paid' }
  | { readonly kind: 'doubt'; readonly why: Doubt }
  /** The attempt can never be paid. `next` is policy: another attempt, a person, or the end. */
  | { readonly kind: 'dead'; readonly proof: Death; readonly next: 'queued' | 'review' | 'failed' }
  | { readonly kind: 'returned' }
export const PAYOUT_EVENT_KINDS = [
  'release',
  'wait',
  'cancel',
  'send',
  'created',
  'second_send',
  'pending',
  'paid',
  'doubt',
  'dead',
  'returned',
] as const satisfies readonly PayoutEvent['kind'][]

/** The ledger recipes that a step books (ledger/recipes.ts holds their postings). */
export type StepRecipe = 'hold' | 'release' | 'dispatch' | 'requeue' | 'fail' | 'settle' | 'return'

/** Why an event does not apply. A closed list: each says what stands in the way. */
export const REFUSALS = [
  /** accepted is not recorded yet: nothing but release or wait can follow. */
  'not_recorded',
  /** the payout waits; it is not in the queue. */
  'not_queued',
  'already_queued',
  /** bytes may have left: what can be undone before sending cannot be undone now. */
  'already_sent',
  /** the payout is in doubt: only an answer, a proof or people move it. */
  'payout_in_doubt',
  /** an answer about a payout that was never sent. */
  'not_sent',
  /** the payout is where the event would bring it. */
  'unchanged',
  /** a first step cannot follow what the provider already accepted. */
  'already_accepted',
  'not_paid',
  'already_paid',
  /** failed, cancelled and returned end a payout. */
  'already_final',
  /** the provider says paid of a payout that ended unpaid: an incident, never a transition. */
  'paid_after_death',
] as const
export type Refusal = (typeof REFUSALS)[number]

export interface Step {
  readonly ok: true
  readonly to: PayoutState
  readonly waitReason: WaitReason | null
  readonly recipe: StepRecipe | null
  /** What becomes of the live attempt; null where no attempt is touched. */
  readonly attempt: AttemptState | null
}
export type Transition = Step | { readonly ok: false; readonly refusal: Refusal }

export function transition(state: PayoutState, event: PayoutEvent): Transition {
  switch (state) {
    case 'accepted':
      return fromAccepted(event)
    case 'waiting':
      return fromWaiting(event)
    case 'queued':
      return fromQueued(event)
    case 'sending':
      return fromSending(event)
    case 'pending':
      return fromPending(event)
    case 'in_doubt':
      return fromInDoubt(event)
    case 'paid':
      return fromPaid(event)
    case 'failed':
    case 'cancelled':
    case 'returned':
      return fromEnded(state, event)
    default:
      return unreachable(state)
  }
}

function fromAccepted(event: PayoutEvent): Transition {
  switch (event.kind) {
    case 'release':
      return step('queued', { recipe: 'hold' })
    case 'wait':
      return step('waiting', { recipe: 'hold', waitReason: event.reason })
    case 'cancel':
    case 'send':
      return refused('not_recorded')
    default:
      return refusedUnsent(event)
  }
}

function fromWaiting(event: PayoutEvent): Transition {
  switch (event.kind) {
    case 'release':
      return step('queued')
    case 'wait':
      return step('waiting', { waitReason: event.reason })
    case 'cancel':
      return step('cancelled', { recipe: 'release' })
    case 'send':
      return refused('not_queued')
    default:
      return refusedUnsent(event)
  }
}

function fromQueued(event: PayoutEvent): Transition {
  switch (event.kind) {
    case 'release':
      return refused('already_queued')
    case 'wait':
      return step('waiting', { waitReason: event.reason })
    case 'cancel':
      return step('cancelled', { recipe: 'release' })
    case 'send':
      return step('sending', { recipe: 'dispatch', attempt: 'sending' })
    default:
      return refusedUnsent(event)
  }
}

function fromSending(event: PayoutEvent): Transition {
  switch (event.kind) {
    case 'created':
    case 'second_send':
      return step('sending', { attempt: 'sending' })
    case 'returned':
      return refused('not_paid')
    case 'release':
    case 'wait':
    case 'cancel':
    case 'send':
      return refused('already_sent')
    default:
      return answered(event)
  }
}

function fromPending(event: PayoutEvent): Transition {
  switch (event.kind) {
    case 'pending':
      return refused('unchanged')
    case 'created':
    case 'second_send':
      return refused('already_accepted')
    case 'returned':
      return refused('not_paid')
    case 'release':
    case 'wait':
    case 'cancel':
    case 'send':
      return refused('already_sent')
    default:
      return answered(event)
  }
}

function fromInDoubt(event: PayoutEvent): Transition {
  switch (event.kind) {
    case 'doubt':
      return refused('unchanged')
    case 'created':
    case 'second_send':
      return step('in_doubt', { attempt: 'in_doubt' })
    case 'returned':
      return refused('not_paid')
    case 'release':
    case 'wait':
    case 'cancel':
    case 'send':
      return refused('payout_in_doubt')
    default:
      return answered(event)
  }
}

function fromPaid(event: PayoutEvent): Transition {
  switch (event.kind) {
    case 'returned':
      return step('returned', { recipe: 'return', attempt: 'returned' })
    case 'paid':
      return refused('unchanged')
    default:
      return refused('already_paid')
  }
}

function fromEnded(state: 'failed' | 'cancelled' | 'returned', event: PayoutEvent): Transition {
  if (event.kind === 'paid' && state !== 'returned') return refused('paid_after_death')
  return refused('already_final')
}

/** What an answer does to a payout whose bytes may have left. */
function answered(event: Extract<PayoutEvent, { kind: 'pending' | 'paid' | 'doubt' | 'dead' }>): Transition {
  switch (event.kind) {
    case 'pending':
      return step('pending', { attempt: 'pending' })
    case 'paid':
      return step('paid', { recipe: 'settle', attempt: 'paid' })
    case 'doubt':
      return step('in_doubt', { attempt: 'in_doubt' })
    case 'dead':
      return died(event.next)
    default:
      return unreachable(event)
  }
}

function died(next: 'queued' | 'review' | 'failed'): Transition {
  switch (next) {
    case 'queued':
      return step('queued', { recipe: 'requeue', attempt: 'dead' })
    case 'review':
      return step('waiting', { recipe: 'requeue', attempt: 'dead', waitReason: 'review' })
    case 'failed':
      return step('failed', { recipe: 'fail', attempt: 'dead' })
    default:
      return unreachable(next)
  }
}

/** Answers about a payout that never left: a provider cannot know it. */
function refusedUnsent(
  event: Extract<
    PayoutEvent,
    { kind: 'created' | 'second_send' | 'pending' | 'paid' | 'doubt' | 'dead' | 'returned' }
  >,
): Transition {
  return refused(event.kind === 'returned' ? 'not_paid' : 'not_sent')
}

function step(to: PayoutState, more: Partial<Pick<Step, 'waitReason' | 'recipe' | 'attempt'>> = {}): Step {
  return { ok: true, to, waitReason: null, recipe: null, attempt: null, ...more }
}

function refused(refusal: Refusal): Transition {
  return { ok: false, refusal }
}
