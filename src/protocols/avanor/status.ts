// What Avanor's status values and error codes mean, both ways. The two status functions are not inverses: a provider's
// value is a claim that has to be read with care, our own value is a word that clients of the door act on. Invoices of
// the platform use other numbers (4 is success there), so this table is of payouts alone.
import { unreachable } from '../../lib/assert.ts'
import type { JsonValue } from '../../lib/json.ts'
import type { Failure, Outcome, Saying } from '../../payout/outcome.ts'
import type { PayoutState } from '../../payout/payout.ts'
import { type AvanorEnvelope, avanorDigits } from './wire.ts'

/** What one answer says. `failure` stands only beside `failed`. */
export interface AvanorSaying {
  readonly said: Saying
  readonly failure: Failure | null
}

/**
 * The meaning of `data.status` (contract, section 6). Total: 4 and 9 are errors that the platform goes on working on, 8 is
 * told of by one client only, and everything that is not listed, or no whole number, is unknown.
 */
export function avanorOutcomeFromStatus(status: JsonValue | undefined): Outcome {
  return OUTCOMES.get(avanorDigits(status) ?? '') ?? 'unknown'
}

const OUTCOMES: ReadonlyMap<string, Outcome> = new Map([
  ['1', 'pending'],
  ['2', 'pending'],
  ['3', 'pending'],
  ['4', 'pending'],
  ['5', 'paid'],
  ['6', 'failed'],
  ['7', 'pending'],
  ['9', 'pending'],
])

/** The `data.status` that our door shows of a state. A payout that came back is rejected: no value says returned. */
export function avanorStatusFromState(state: PayoutState): number {
  switch (state) {
    case 'accepted':
    case 'waiting':
    case 'queued':
      return 1
    case 'sending':
    case 'pending':
    case 'in_doubt':
      return 3
    case 'paid':
      return 5
    case 'failed':
    case 'cancelled':
    case 'returned':
      return 6
    default:
      return unreachable(state)
  }
}

/** What the answer to a create says about the payout. */
export function avanorSayingOfCreate(envelope: AvanorEnvelope, httpStatus: number): AvanorSaying {
  const refused = refusalCode(envelope)
  if (refused === null) return sayingOfSuccess(envelope, httpStatus)
  if (refused >= 1 && refused <= 5) return { said: 'failed', failure: 'refused' }
  if (refused === 6) return { said: 'failed', failure: 'duplicate' }
  return say(refused === 8 ? 'pending' : 'unknown')
}

/** What the answer to a question says. An error here refuses the question, and only 7 speaks of the payout. */
export function avanorSayingOfInquiry(envelope: AvanorEnvelope, httpStatus: number): AvanorSaying {
  const refused = refusalCode(envelope)
  if (refused === null) return sayingOfSuccess(envelope, httpStatus)
  return say(refused === 7 ? 'not_found' : 'unknown')
}

/** Whether the envelope says that it went well, without contradicting itself. Nothing but a 2xx can say so. */
export function avanorIsSuccess({ result, errorCode }: AvanorEnvelope, httpStatus: number): boolean {
  return result === true && errorCode === 0 && httpStatus >= 200 && httpStatus < 300
}

/** The code of an error that does not contradict itself: one that brings data speaks of two things at once. */
function refusalCode({ result, errorCode, dataAbsent }: AvanorEnvelope): number | null {
  return result === false && errorCode !== null && errorCode > 0 && dataAbsent ? errorCode : null
}

function sayingOfSuccess(envelope: AvanorEnvelope, httpStatus: number): AvanorSaying {
  if (!avanorIsSuccess(envelope, httpStatus) || envelope.data === null) return say('unknown')
  const outcome = avanorOutcomeFromStatus(envelope.data.get('status'))
  return outcome === 'failed' ? { said: 'failed', failure: 'failed' } : say(outcome)
}

function say(said: Exclude<Saying, 'failed'>): AvanorSaying {
  return { said, failure: null }
}
