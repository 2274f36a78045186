// What is remembered of an attempt between one exchange and the next, stored beside it as JSON. Times are kept as
// milliseconds since the attempt was created, by the database's clock, because processes do not agree on what time it
// is and a proof of death may rest on how long something lasted.
//
// What is stored is read totally: nothing stored means that nothing was seen, and what cannot be read means that
// everything may have been seen, so that it proves nothing.
import type { Attempt } from '../payout/attempt.ts'
import type { Capabilities } from '../protocols/capabilities.ts'
import { OBSERVED, type Observed } from './certainty.ts'
import {
  type AttemptFacts,
  OBSERVATIONS_MAX,
  type Observation,
  rememberObservation,
} from './certainty-inquiry.ts'

/** What an attempt carries from exchange to exchange. Plain JSON. */
export interface StoredFacts {
  readonly stepsSent: 1 | 2
  /** Of two steps: the order exists at the provider, so the step that pays may be given its send right. */
  readonly created: boolean
  /** Of two steps: when the send right of the second was committed, and SHA-256 in hex of its exact bytes. */
  readonly payIntentAfterMs: number | null
  readonly payRequestHash: string | null
  /** The incarnation that was given the send right of the second. */
  readonly payIncarnation: string | null
  /** The provider's own id of the request that pays. */
  readonly payRequestId: string | null
  /** How often the same attempt was sent again, and when the last right to do so was committed. */
  readonly repeats: number
  readonly repeatedAfterMs: number | null
  readonly refusedOnOnlySend: boolean
  readonly acceptanceSeen: boolean
  readonly failureSeen: boolean
  readonly contradicted: boolean
  readonly observations: readonly { readonly said: Observed; readonly afterMs: number }[]
  readonly lastPossibleByteAfterMs: number | null
  /** Alarms that were raised about this attempt: each is raised once. */
  readonly alarmed: readonly string[]
  /** The money of this dead attempt was booked as to be recalled: once is enough. */
  readonly recalled: boolean
  /** How many callbacks were judged for their content. */
  readonly callbacksJudged: number
}

/** An attempt about which nothing was recorded after its intent: its sender may be at work, and may be gone. */
export const FACTS_AT_INTENT: StoredFacts = {
  stepsSent: 1,
  created: false,
  payIntentAfterMs: null,
  payRequestHash: null,
  payIncarnation: null,
  payRequestId: null,
  repeats: 0,
  repeatedAfterMs: null,
  refusedOnOnlySend: false,
  acceptanceSeen: false,
  failureSeen: false,
  contradicted: false,
  observations: [],
  lastPossibleByteAfterMs: null,
  alarmed: [],
  recalled: false,
  callbacksJudged: 0,
}

/** Reads what was stored. Total: see above. */
export function parseFacts(stored: unknown): StoredFacts {
  if (stored === null || stored === undefined) return FACTS_AT_INTENT
  // What an earlier version stored lacks what was not remembered then.
  return isStoredFacts(stored) ? { ...EARLIER, ...stored } : UNREADABLE_FACTS
}

/** The last step of an attempt that was given its send right. */
export function stepOf(
  contract: Pick<Capabilities, 'twoStep'>,
  { stepsSent }: Pick<StoredFacts, 'stepsSent'>,
): 'only' | 'first' | 'second' {
  if (!contract.twoStep) return 'only'
  return stepsSent === 1 ? 'first' : 'second'
}

/**
 * The facts of an attempt that is dead because its step that pays never left: there is the order, and no payment. Asked as
 * one, its provider's word for an order that was made would be read as a payment after death.
 */
export function withoutPayment(facts: StoredFacts): StoredFacts {
  return { ...facts, stepsSent: 1 }
}

/** Of two steps: the right to pay was given, and no end of that send is recorded. */
export function isPayingNow(facts: StoredFacts): boolean {
  return facts.stepsSent === 2 && senderMayWork(facts)
}

/** The end of its last send is not recorded: somebody may still be at it. */
export function senderMayWork({ lastPossibleByteAfterMs }: StoredFacts): boolean {
  return lastPossibleByteAfterMs === null
}

/** The stored facts as the certainty tables want them. `sameScope`: this inquiry asks where the send went. */
export function attemptFacts(
  facts: StoredFacts,
  attempt: Pick<Attempt, 'state' | 'theirId' | 'createdAtMs'>,
  asked: { readonly sameAccount: boolean; readonly sameScope: boolean },
): AttemptFacts {
  const { createdAtMs } = attempt
  return {
    state: attempt.state,
    theirId: attempt.theirId,
    stepsSent: facts.stepsSent,
    refusedOnOnlySend: facts.refusedOnOnlySend,
    acceptanceSeen: facts.acceptanceSeen,
    failureSeen: facts.failureSeen,
    contradicted: facts.contradicted,
    observations: observationsAt(facts, createdAtMs),
    lastPossibleByteAtMs:
      facts.lastPossibleByteAfterMs === null ? null : createdAtMs + facts.lastPossibleByteAfterMs,
    ...asked,
  }
}

/** The facts with one more thing seen, `afterMs` after the attempt was created. */
export function factsAfter(facts: StoredFacts, observed: Observed | null, afterMs: number): StoredFacts {
  if (observed === null) return facts
  const observations = rememberObservation(observationsAt(facts, 0), { said: observed, atMs: afterMs })
  return {
    ...facts,
    acceptanceSeen: facts.acceptanceSeen || observed === 'accepted',
    failureSeen: facts.failureSeen || observed === 'failed' || observed === 'failure',
    observations: observations.map(({ said, atMs }) => ({ said, afterMs: atMs })),
  }
}

/** The facts with these alarms raised, and those of them that were not raised before. */
export function withAlarms(
  facts: StoredFacts,
  alarms: readonly string[],
): { facts: StoredFacts; raised: readonly string[] } {
  const raised = alarms.filter(alarm => !facts.alarmed.includes(alarm))
  if (raised.length === 0) return { facts, raised }
  return { facts: { ...facts, alarmed: [...facts.alarmed, ...raised].slice(0, ALARMS_MAX) }, raised }
}

const EARLIER: Pick<StoredFacts, 'payIncarnation'> = { payIncarnation: null }

/** There are fewer alarms than this; a stored list that is longer is not ours. */
const ALARMS_MAX = 100

const UNREADABLE_FACTS: StoredFacts = {
  ...FACTS_AT_INTENT,
  acceptanceSeen: true,
  failureSeen: true,
  contradicted: true,
  recalled: true,
}

function observationsAt(facts: StoredFacts, createdAtMs: number): readonly Observation[] {
  return facts.observations.map(({ said, afterMs }) => ({ said, atMs: createdAtMs + afterMs }))
}

function isStoredFacts(stored: unknown): stored is StoredFacts {
  if (typeof stored !== 'object' || stored === null) return false
  const facts = stored as Record<keyof StoredFacts, unknown>
  return (
    (facts.stepsSent === 1 || facts.stepsSent === 2) &&
    (facts.payIntentAfterMs === null || isTime(facts.payIntentAfterMs)) &&
    (facts.repeatedAfterMs === null || isTime(facts.repeatedAfterMs)) &&
    isCount(facts.repeats) &&
    [facts.payRequestHash, facts.payRequestId, facts.payIncarnation ?? null].every(isText) &&
    [
      facts.created,
      facts.refusedOnOnlySend,
      facts.acceptanceSeen,
      facts.failureSeen,
      facts.contradicted,
      facts.recalled,
    ].every(flag => typeof flag === 'boolean') &&
    isListOf(facts.observations, OBSERVATIONS_MAX, isStoredObservation) &&
    (facts.lastPossibleByteAfterMs === null || isTime(facts.lastPossibleByteAfterMs)) &&
    isListOf(facts.alarmed, ALARMS_MAX, alarm => typeof alarm === 'string') &&
    isCount(facts.callbacksJudged)
  )
}

function isText(stored: unknown): boolean {
  return stored === null || typeof stored === 'string'
}

function isStoredObservation(stored: unknown): boolean {
  if (typeof stored !== 'object' || stored === null) return false
  const { said, afterMs } = stored as Record<'said' | 'afterMs', unknown>
  return (OBSERVED as readonly unknown[]).includes(said) && isTime(afterMs)
}

function isListOf(stored: unknown, max: number, isMember: (member: unknown) => boolean): boolean {
  return Array.isArray(stored) && stored.length <= max && stored.every(isMember)
}

function isCount(stored: unknown): boolean {
  return Number.isSafeInteger(stored) && Number(stored) >= 0
}

/** A time before the attempt was created would make a proof older than its attempt. */
function isTime(stored: unknown): boolean {
  return typeof stored === 'number' && Number.isFinite(stored) && stored >= 0
}
