// Table B: what may be certain after an inquiry about one attempt. The header of certainty.ts says how it is read.
import type { AttemptState } from '../payout/attempt.ts'
import type { Death } from '../payout/death.ts'
import type { Line } from '../payout/outcome.ts'
import type { Capabilities } from '../protocols/capabilities.ts'
import {
  type Certainty,
  lacksEcho,
  type Observed,
  observedOf,
  type ReadAnswer,
  speaksOfAnother,
} from './certainty.ts'

export const INQUIRY_ROWS = ['Q1', 'Q2', 'Q3', 'Q4', 'Q5', 'Q6', 'Q7', 'Q8', 'Q9', 'Q10', 'Q11'] as const
export type InquiryRow = (typeof INQUIRY_ROWS)[number]

/** Two answers "not found" that are closer together than this count as one. */
export const NOT_FOUND_APART_MS = 600_000

/** More observations than this are never kept; of a longer run the oldest stays and the ones after it go. */
export const OBSERVATIONS_MAX = 64

/** What an earlier verdict observed, and when: milliseconds since the epoch by the database, as every time here. */
export interface Observation {
  readonly said: Observed
  readonly atMs: number
}

/** What an inquiry is judged by. Plain JSON; read in the transaction that applies the verdict. */
export interface AttemptFacts {
  readonly state: AttemptState
  /** How many different steps were given their send right, whether or not a byte is known to have left. Q4 to Q6. */
  readonly stepsSent: 1 | 2
  /** The provider's id as stored: an answer that names another one speaks of another payout. Q2. */
  readonly theirId: string | null
  /** One send in all, of one step and no repeat, and its verdict was in_doubt `refused` (S18, or S11 read as it). Q9. */
  readonly refusedOnOnlySend: boolean
  /** Some earlier verdict, the send's included, observed `accepted`. "Not found" then proves nothing. Q9, Q10. */
  readonly acceptanceSeen: boolean
  /** Some earlier verdict, the send's included, observed `failed` or `failure`. Q4. */
  readonly failureSeen: boolean
  /** A callback and an inquiry told two different ends (W3), and nobody has settled it: no answer proves a death. Q7, Q9, Q10. */
  readonly contradicted: boolean
  /** Oldest first, the send's own included, kept by `rememberObservation`. What is missing at the old end only delays. Q7, Q10. */
  readonly observations: readonly Observation[]
  /** When the last byte of any send of this attempt may have left; null while its sender may still be at work. Q10. */
  readonly lastPossibleByteAtMs: number | null
  /** This inquiry was answered by the provider account of the send. Q2. */
  readonly sameAccount: boolean
  /** This inquiry was asked at the provider account, region and endpoint of the send. Q9, Q10. */
  readonly sameScope: boolean
}

export interface InquiryVerdict {
  readonly row: InquiryRow
  readonly certainty: Certainty
  readonly alarm: boolean
  /** The provider pays what was proven dead: its contract is broken. */
  readonly incident: 'paid_after_death' | null
  readonly stopsAccount: boolean
  /** The dead attempt was paid after all: its money is to be recalled. */
  readonly recall: boolean
  /** After `paid` follows the step to returned, in the same transaction. */
  readonly returned: boolean
  readonly observed: Observed | null
}

/** Judges one answer to an inquiry about one attempt. What is not certain changes nothing. */
export function judgeInquiry(
  seen: Line,
  attempt: AttemptFacts,
  contract: Capabilities,
  at: { readonly nowMs: number },
): InquiryVerdict {
  if (seen.kind !== 'answered' || seen.answer.kind !== 'read' || !statusSpeaks(seen.status)) {
    return unchanged('Q1', { observed: null })
  }
  const { answer } = seen
  const { said, failure } = answer
  const observed = observedOf(answer)
  const wasPaid = attempt.state === 'paid' || attempt.state === 'returned'
  const payingStepSent = !contract.twoStep || attempt.stepsSent === 2

  if (speaksOfAnother(answer, attempt.theirId)) {
    return unchanged('Q2', { observed: 'other', alarm: true })
  }
  if (said !== 'not_found' && lacksEcho(answer, contract.echoes.inquiry)) {
    return unchanged('Q2', { observed: 'other', alarm: true })
  }
  if (!attempt.sameAccount) {
    return unchanged('Q2', { observed: 'other', alarm: true })
  }

  if (attempt.state === 'dead' && (said === 'paid' || said === 'pending')) {
    return paidAfterDeath(said)
  }
  if (attempt.state === 'dead') {
    return unchanged('Q3', { observed, alarm: said === 'returned' })
  }

  // Of a returned payout some providers go on saying paid; returned is final, so that is a case of Q8.
  if (said === 'paid' && payingStepSent && attempt.state !== 'returned') {
    return acceptedBy('Q4', 'paid', { alarm: attempt.failureSeen })
  }
  if (said === 'pending' && !wasPaid) {
    return acceptedBy('Q4', 'pending', { alarm: attempt.failureSeen })
  }

  if (said === 'created' && !wasPaid && !payingStepSent) {
    return acceptedBy('Q5', 'created', {})
  }
  if (said === 'created' && !wasPaid) {
    return unchanged('Q5', { observed })
  }

  if (said === 'returned' && attempt.state === 'returned') {
    return unchanged('Q6', { observed })
  }
  if (said === 'returned' && payingStepSent) {
    return acceptedBy('Q6', 'paid', { returned: true })
  }

  const isFailure = said === 'failed' && (failure === 'refused' || failure === 'failed')
  if (isFailure && !wasPaid && !attempt.contradicted && failedLongEnough(attempt, contract, at.nowMs)) {
    return deadBy('Q7', 'failed_final', observed)
  }

  if (said !== 'not_found') {
    return unchanged('Q8', { observed, alarm: contradicts(said, attempt) })
  }

  const mayBeUnknown = neverAccepted(attempt) && attempt.sameScope
  if (mayBeUnknown && attempt.refusedOnOnlySend) {
    return deadBy('Q9', 'refused', observed)
  }
  if (
    mayBeUnknown && // (c)
    notFoundOftenEnough(attempt, contract, at.nowMs) && // (a)
    notFoundLateEnough(attempt, contract, at.nowMs) // (b), (d)
  ) {
    return deadBy('Q10', 'never_arrived', observed)
  }
  // Asked elsewhere than at the send, "not found" is no answer about it and starts the count of Q10 anew.
  return unchanged('Q11', { observed: attempt.sameScope ? observed : 'other' })
}

/**
 * The observations with one more. What lies before a change of value can never count again and is let go, so that
 * the list stays short however long a doubt lasts.
 */
export function rememberObservation(
  observations: readonly Observation[],
  next: Observation,
): readonly Observation[] {
  const run = runOf(next.said, observations)
  if (run.length < OBSERVATIONS_MAX) return [...run, next]
  return [...run.slice(0, 1), ...run.slice(2), next]
}

/** Q1, the other way round: the statuses under which a body may speak. */
function statusSpeaks(status: number): boolean {
  return (status >= 200 && status < 300) || (status >= 400 && status < 500 && status !== 409)
}

/** Q7: this failure and those right before it span the finality delay; one is enough where that is 0. */
function failedLongEnough(attempt: AttemptFacts, contract: Capabilities, nowMs: number): boolean {
  if (contract.failedIsFinalAfterMs === 0) return true
  const [first] = runOf('failed', attempt.observations)
  return first !== undefined && nowMs - first.atMs >= contract.failedIsFinalAfterMs
}

/** Q10 (a): this answer and enough of those right before it, each far enough from the next. */
function notFoundOftenEnough(attempt: AttemptFacts, contract: Capabilities, nowMs: number): boolean {
  let counted = 1
  let countedAtMs = nowMs
  for (const { atMs } of runOf('not_found', attempt.observations).toReversed()) {
    if (countedAtMs - atMs >= NOT_FOUND_APART_MS) {
      counted += 1
      countedAtMs = atMs
    }
  }
  return counted >= contract.notFoundAnswersNeeded
}

/** Q10 (b) and (d): the last possible byte is known, and longer ago than an accepted payout stays unseen. */
function notFoundLateEnough(attempt: AttemptFacts, contract: Capabilities, nowMs: number): boolean {
  if (contract.notFoundIsFinalAfterMs === 'never') return false
  if (attempt.lastPossibleByteAtMs === null) return false
  return nowMs > attempt.lastPossibleByteAtMs + contract.notFoundIsFinalAfterMs
}

/** A provider that once knew the payout cannot prove by "not found" that it never did. */
function neverAccepted(attempt: AttemptFacts): boolean {
  const isOpen = attempt.state === 'sending' || attempt.state === 'in_doubt'
  return isOpen && !attempt.acceptanceSeen && !attempt.contradicted
}

/** Q8: whether what was said cannot be true beside what is known already. */
function contradicts(said: ReadAnswer['said'], attempt: AttemptFacts): boolean {
  if (said === 'unknown') return false
  const wasPaid = attempt.state === 'paid' || attempt.state === 'returned'
  return wasPaid || attempt.contradicted || said !== 'failed'
}

/** The observations of one kind that no other kind follows, oldest first. */
function runOf(said: Observed, observations: readonly Observation[]): readonly Observation[] {
  return observations.slice(observations.findLastIndex(observation => observation.said !== said) + 1)
}

type InquiryExtras = Partial<Omit<InquiryVerdict, 'row' | 'certainty'>>

function unchanged(row: InquiryRow, extras: InquiryExtras): InquiryVerdict {
  return inquiryVerdict(row, { kind: 'unchanged' }, extras)
}

function acceptedBy(
  row: InquiryRow,
  as: 'created' | 'pending' | 'paid',
  extras: InquiryExtras,
): InquiryVerdict {
  return inquiryVerdict(row, { kind: 'accepted', as }, { observed: 'accepted', ...extras })
}

function deadBy(row: InquiryRow, proof: Death, observed: Observed): InquiryVerdict {
  return inquiryVerdict(row, { kind: 'dead', proof }, { observed })
}

function paidAfterDeath(said: 'paid' | 'pending'): InquiryVerdict {
  const recall = said === 'paid'
  const extras = { alarm: true, incident: 'paid_after_death', stopsAccount: true, recall } as const
  return unchanged('Q3', { ...extras, observed: 'accepted' })
}

function inquiryVerdict(row: InquiryRow, certainty: Certainty, extras: InquiryExtras): InquiryVerdict {
  return { row, certainty, ...quiet(), ...extras }
}

/** A verdict that asks nobody for anything. */
export function quiet(): Omit<InquiryVerdict, 'row' | 'certainty'> {
  return {
    alarm: false,
    incident: null,
    stopsAccount: false,
    recall: false,
    returned: false,
    observed: null,
  }
}
