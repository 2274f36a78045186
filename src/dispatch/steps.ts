// From what is certain to what is written. Certainty says what may be believed of an attempt, the lifecycle says what
// that does to its payout, the recipes say what it does to the money; this file only puts the three together and adds
// nothing of its own. A step that the lifecycle refuses is never dropped: it becomes a note on the attempt, and unless
// the payout simply is where it should be, an incident that a person sees.
import { recipePostings } from '../ledger/recipes.ts'
import type { Attempt, AttemptState } from '../payout/attempt.ts'
import type { Death } from '../payout/death.ts'
import { type PayoutEvent, type Refusal, type Step, transition } from '../payout/lifecycle.ts'
import type { Doubt } from '../payout/outcome.ts'
import type { Payout, PayoutState } from '../payout/payout.ts'
import type {
  AttemptChanged,
  AttemptOpened,
  NewExchange,
  NewIncident,
  NewNotice,
  PayoutStep,
} from '../store/store.ts'
import type { Certainty } from './certainty.ts'
import type { StoredFacts } from './facts.ts'
import { deathWords, doubtWords } from './words.ts'

/** The notices that are due when a payout reaches a state; `payout` stands in it already. */
export type NoticesFor = (payout: Payout, state: PayoutState) => readonly NewNotice[]

/** What follows a proof of death. */
export type AfterDeath =
  | { readonly next: 'queued'; readonly dueInMs: number; readonly counted: boolean }
  | { readonly next: 'review' }
  | { readonly next: 'failed' }

/** One exchange about one attempt, judged. */
export interface Judged {
  readonly attemptNo: number
  readonly providerAccountId: string
  /** False where the payout has another attempt by now, or this one is dead: then no step of the payout follows. */
  readonly live: boolean
  readonly certainty: Certainty
  /** After `paid` comes the step to returned. */
  readonly returned: boolean
  readonly afterDeath: AfterDeath
  /** Of the record that the proof of death points to. */
  readonly premises: unknown
  /** What people are told instead of the usual words; null for those. */
  readonly why: string | null
  /** What the provider said in its own words, to be shown beside ours; null where it said nothing. */
  readonly said: string | null
  readonly theirId: string | null
  /** The revision of the attempt that `facts` were computed from; null: they depend on none. */
  readonly revision: number | null
  /** Null: what is remembered of the attempt is not at hand, and stays as it is. */
  readonly facts: StoredFacts | null
  /** When the attempt is looked at again, by the state that it then has. */
  readonly nextLookInMs: (state: AttemptState) => number | null
  readonly inquired: boolean
  readonly exchange: NewExchange | null
  readonly incident: NewIncident | null
  /** Its provider says of a dead attempt that it is paid or will be: nothing more is sent before a person has looked. */
  readonly paidAfterDeath: boolean
  /** The dead attempt was paid after all: its money is booked as to be recalled. */
  readonly recall: boolean
}

/** The intent: the attempt and its send right, committed before any byte leaves. */
export function intentStep(of: {
  readonly payout: Payout
  /** Null where no queue entry was claimed: the payout's version alone is the fence. */
  readonly claim: bigint | null
  readonly opened: Omit<AttemptOpened, 'kind'>
  readonly noticesFor: NoticesFor
}): PayoutStep | { readonly refusal: Refusal } {
  const { payout, claim, opened } = of
  const next = transition(payout.state, { kind: 'send' })
  if (!next.ok) return { refusal: next.refusal }
  return {
    ...stepOf(payout, next, of.noticesFor, opened.providerAccountId),
    claim,
    attempt: { kind: 'opened', ...opened },
    queue: { kind: 'drop' },
  }
}

/** The intent of the second of two steps: its send right, committed before any byte of it leaves. */
export function commitStep(of: {
  readonly payout: Payout
  readonly next: Step
  readonly attemptNo: number
  readonly facts: StoredFacts
  readonly revision: number
  /** When the sender's time is over: from then on this send counts as lost. */
  readonly lostInMs: number
  readonly noticesFor: NoticesFor
}): PayoutStep {
  const { payout, next, attemptNo, facts, lostInMs } = of
  return {
    ...stepOf(payout, next, of.noticesFor, ''),
    attempt: {
      ...NOTHING_SEEN,
      attemptNo,
      state: next.attempt,
      nextLookInMs: lostInMs,
      facts,
      revision: of.revision,
    },
  }
}

/** Before any attempt: a person has to look at the payout, because it cannot be sent as it is. */
export function reviewStep(of: {
  readonly payout: Payout
  readonly claim: bigint
  readonly why: string
  readonly incident: NewIncident
  readonly noticesFor: NoticesFor
}): PayoutStep | { readonly refusal: Refusal } {
  const next = transition(of.payout.state, { kind: 'wait', reason: 'review' })
  if (!next.ok) return { refusal: next.refusal }
  return {
    ...stepOf(of.payout, next, of.noticesFor, ''),
    claim: of.claim,
    why: of.why,
    queue: { kind: 'drop' },
    incident: of.incident,
  }
}

/** Back into the queue without an attempt: nothing was tried, nothing is counted. `why` is shown while it is queued. */
export function putBackStep(
  payout: Payout,
  claim: bigint,
  again: { readonly dueInMs: number; readonly why: string | null },
): PayoutStep {
  return { ...noteStep(payout), claim, queue: { kind: 'put', ...again, counted: false } }
}

/** An exchange is kept beside the payout, and nothing else changes. */
export function exchangeStep(payout: Payout, exchange: NewExchange): PayoutStep {
  return { ...noteStep(payout), exchange }
}

/** The attempt is looked at later; nothing was seen. */
export function postponeStep(payout: Payout, attemptNo: number, nextLookInMs: number): PayoutStep {
  return { ...noteStep(payout), attempt: { ...NOTHING_SEEN, attemptNo, nextLookInMs } }
}

/** A change of an attempt about which nothing was heard: whatever is not given is kept. */
const NOTHING_SEEN = {
  kind: 'changed',
  state: null,
  theirId: null,
  doubt: null,
  proof: null,
  inquired: false,
  facts: null,
  revision: null,
} as const

/**
 * What is remembered of an attempt changes, and its payout stays where it is: the right to send it once more, or something
 * in the way that only people can remove, which is told once.
 */
export function rememberStep(
  payout: Payout,
  attempt: Pick<Attempt, 'attemptNo' | 'revision'>,
  of: {
    readonly facts: StoredFacts
    readonly nextLookInMs: number
    readonly incident: NewIncident | null
  },
): PayoutStep {
  const { attemptNo, revision } = attempt
  const { facts, nextLookInMs, incident } = of
  return {
    ...noteStep(payout),
    attempt: { ...NOTHING_SEEN, attemptNo, nextLookInMs, facts, revision },
    incident,
  }
}

/**
 * The steps that one judged exchange makes, in order; usually one, two where a payout is paid and returned at once.
 * Never empty: whatever was seen is at least noted on the attempt.
 */
export function stepsFor(payout: Payout, judged: Judged, noticesFor: NoticesFor): readonly PayoutStep[] {
  if (!judged.live) return [afterDeathStep(payout, judged, noticesFor)]
  const steps: PayoutStep[] = []
  let refused: PayoutEvent | null = null
  let at = payout
  for (const event of eventsOf(judged)) {
    const next = transition(at.state, event)
    if (next.ok) {
      const step = stepOf(at, next, noticesFor, judged.providerAccountId)
      steps.push({
        ...step,
        why: whyOf(event, judged),
        attempt: changed(laterBy(judged, steps.length), next, event),
        queue: queueAfter(event, judged.afterDeath),
      })
      at = { ...at, state: next.to, version: at.version + 1 }
    } else if (next.refusal !== 'unchanged') {
      refused = event
      break
    }
  }
  const [first = noteOf(payout, judged), ...rest] = steps
  const incident = judged.incident ?? (refused === null ? null : refusedIncident(at.state, refused))
  return [{ ...first, exchange: judged.exchange, incident }, ...rest]
}

/** The same for the step after so many others of one exchange: it is one inquiry, and each step is a change. */
function laterBy(judged: Judged, steps: number): Judged {
  if (steps === 0) return judged
  const revision = judged.revision === null ? null : judged.revision + steps
  return { ...judged, inquired: false, revision }
}

/**
 * What an exchange about a dead attempt does. Its payout stays as it is, but for one that would be sent again although
 * the first money left: that one waits for a person.
 */
function afterDeathStep(payout: Payout, judged: Judged, noticesFor: NoticesFor): PayoutStep {
  const waits = judged.paidAfterDeath && (payout.state === 'queued' || payout.state === 'waiting')
  const next = waits ? transition(payout.state, { kind: 'wait', reason: 'review' }) : null
  const step = next?.ok
    ? {
        ...stepOf(payout, next, noticesFor, judged.providerAccountId),
        why: PAID_AFTER_DEATH_WORDS,
        queue: { kind: 'drop' } as const,
      }
    : noteStep(payout)
  return {
    ...step,
    ...(judged.recall ? recallOf(payout, judged) : {}),
    attempt: attemptChanged(judged, { state: null, at: 'dead', doubt: null }),
    exchange: judged.exchange,
    incident: judged.incident,
  }
}

const PAID_AFTER_DEATH_WORDS =
  'The provider says that an earlier attempt was paid after it was proven unpaid; a person looks at it.'

function recallOf(payout: Payout, judged: Judged): Pick<PayoutStep, 'recipe' | 'postings'> {
  return { recipe: 'recall', postings: recipePostings('recall', payout.amount, judged.providerAccountId) }
}

/** What is certain, in the lifecycle's words. */
function eventsOf({ certainty, returned, afterDeath }: Judged): readonly PayoutEvent[] {
  switch (certainty.kind) {
    case 'unchanged':
      return []
    case 'in_doubt':
      return [{ kind: 'doubt', why: certainty.why }]
    case 'dead':
      return [{ kind: 'dead', proof: certainty.proof, next: afterDeath.next }]
    case 'accepted':
      return returned ? [{ kind: certainty.as }, { kind: 'returned' }] : [{ kind: certainty.as }]
  }
}

function stepOf(payout: Payout, next: Step, noticesFor: NoticesFor, providerAccountId: string): PayoutStep {
  const after = { ...payout, state: next.to, waitReason: next.waitReason, version: payout.version + 1 }
  return {
    ...noteStep(payout),
    to: next.to,
    waitReason: next.waitReason,
    recipe: next.recipe,
    postings: next.recipe === null ? [] : recipePostings(next.recipe, payout.amount, providerAccountId),
    notices: noticesFor(after, next.to),
  }
}

/** A note: the payout stays as it is, and what was seen is kept. */
function noteOf(payout: Payout, judged: Judged): PayoutStep {
  const { certainty } = judged
  // A doubt that goes on may have another reason by now.
  const doubt = certainty.kind === 'in_doubt' && payout.state === 'in_doubt' ? certainty.why : null
  return {
    ...noteStep(payout),
    attempt: attemptChanged(judged, { state: null, at: liveState(payout.state), doubt }),
  }
}

function noteStep(payout: Payout): PayoutStep {
  return {
    merchantId: payout.merchantId,
    number: payout.number,
    version: payout.version,
    to: null,
    waitReason: null,
    why: null,
    claim: null,
    attempt: null,
    recipe: null,
    postings: [],
    queue: { kind: 'keep' },
    confirmation: null,
    notices: [],
    exchange: null,
    incident: null,
  }
}

function changed(judged: Judged, next: Step, event: PayoutEvent): AttemptChanged {
  const state = next.attempt ?? liveState(next.to)
  const doubt = event.kind === 'doubt' ? event.why : null
  const proof = event.kind === 'dead' ? { kind: event.proof, premises: judged.premises } : null
  return attemptChanged(judged, { state, at: state, doubt, proof })
}

function attemptChanged(
  judged: Judged,
  now: {
    readonly state: AttemptState | null
    readonly at: AttemptState
    readonly doubt: Doubt | null
    readonly proof?: { readonly kind: Death; readonly premises: unknown } | null
  },
): AttemptChanged {
  return {
    kind: 'changed',
    attemptNo: judged.attemptNo,
    state: now.state,
    theirId: judged.theirId,
    doubt: now.doubt,
    proof: now.proof ?? null,
    nextLookInMs: judged.nextLookInMs(now.at),
    inquired: judged.inquired,
    facts: judged.facts,
    revision: judged.revision,
  }
}

/** The state of a live attempt while its payout is in this one. */
function liveState(state: PayoutState): AttemptState {
  switch (state) {
    case 'sending':
    case 'pending':
    case 'in_doubt':
    case 'paid':
    case 'returned':
      return state
    default:
      return 'dead'
  }
}

function queueAfter(event: PayoutEvent, afterDeath: AfterDeath): PayoutStep['queue'] {
  if (event.kind !== 'dead' || afterDeath.next !== 'queued') return { kind: 'keep' }
  // The step itself says why.
  return { kind: 'put', dueInMs: afterDeath.dueInMs, counted: afterDeath.counted, why: null }
}

function whyOf(event: PayoutEvent, judged: Judged): string | null {
  if (judged.why !== null) return judged.why
  if (event.kind === 'doubt') return doubtWords(event.why)
  if (event.kind === 'dead') return deathWords(event.proof, event.next, judged.said)
  return null
}

function refusedIncident(state: PayoutState, event: PayoutEvent): NewIncident {
  return { kind: 'refused_step', detail: `${event.kind} was seen of a payout that is ${state}` }
}
