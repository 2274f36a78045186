// What PayPro's status values mean, both ways. The two functions are not inverses: a provider's value is a claim that has
// to be read with care, our own value is a word that clients of the door act on.
//
// Reading is pessimistic. A wrong "failed" pays twice, a wrong "unknown" costs a question.
import type { Failure, Outcome } from '../../payout/outcome.ts'
import type { PayoutState } from '../../payout/payout.ts'
import { type PayproAnswer, payproIsWellFormedStatus } from './wire.ts'

/** What an operator has stated about one provider account. */
export interface PayproStatusRules {
  /** Outer codes with which this account turns a request away and keeps nothing of it. Empty unless proven. */
  readonly provenRefusals: ReadonlySet<string>
  /** The value with which this account says that the money came back; null where it has none, as in the document. */
  readonly returnedStatus: string | null
}

/** What one answer says. `failure` stands only beside `failed`. */
export interface PayproSaying {
  readonly said: Outcome
  readonly failure: Failure | null
}

/** Values whose meaning is settled; no setting may give them another one. */
export const PAYPRO_SETTLED_STATUSES: ReadonlySet<string> = new Set([
  '0000',
  '0015',
  '0001',
  '00032',
  '0100119',
])

/**
 * The meaning of `data.status` by itself (contract, section 6). Total: whatever is not 4 to 10 digits is unknown, and
 * so are 00032 (unknown error) and 0001 (partial payment) of a sibling's list. No value means returned by itself.
 */
export function payproOutcomeFromStatus(status: string | null, returnedStatus: string | null): Outcome {
  if (status === null || !payproIsWellFormedStatus(status)) return 'unknown'
  if (status === '0000') return 'paid'
  if (status === '0015') return 'pending'
  if (status === '0001' || status === '00032') return 'unknown'
  if (status === returnedStatus) return 'returned'
  return 'failed'
}

/** What the answer to a create says about the payout. */
export function payproSayingOfCreate(answer: PayproAnswer, rules: PayproStatusRules): PayproSaying {
  const outcome = payproOutcomeFromStatus(answer.status, rules.returnedStatus)
  if (outcome === 'pending') return say('pending')
  if (answer.accepted) return outcome === 'failed' ? failure(answer) : say(outcome)
  // Under an outer failure only a code that was proven to refuse says anything, and not when the inner value speaks
  // against it.
  const isProven = answer.code !== null && rules.provenRefusals.has(answer.code)
  const isSilent = outcome === 'failed' || answer.statusAbsent
  if (!isProven || !isSilent) return say('unknown')
  return { said: 'failed', failure: speaksOfDuplicate(answer) ? 'duplicate' : 'refused' }
}

/**
 * What the answer to a query, or a callback, says. An outer failure here refuses the question and says nothing about
 * the payout. A failure without the platform's number may only mean that they did not find it.
 */
export function payproSayingOfQuery(answer: PayproAnswer, rules: PayproStatusRules): PayproSaying {
  const outcome = payproOutcomeFromStatus(answer.status, rules.returnedStatus)
  if (outcome === 'pending') return say('pending')
  if (!answer.accepted) return say('unknown')
  if (outcome === 'paid') return say('paid')
  if (answer.platFormTradeNo === null) return say('unknown')
  return outcome === 'failed' ? failure(answer) : say(outcome)
}

export type PayproStatus = '0000' | '0015' | '0100119' | '990020'

/** The value our door shows for a state. Doubt is "processing": it is never an error and never a failure. */
export function payproStatusFromState(state: PayoutState): PayproStatus {
  return STATUS_OF_STATE[state]
}

/** The words our door puts beside a value. */
export function payproWordsOfStatus(status: PayproStatus): string {
  return WORDS_OF_STATUS[status]
}

const STATUS_OF_STATE: Readonly<Record<PayoutState, PayproStatus>> = {
  accepted: '0015',
  waiting: '0015',
  queued: '0015',
  sending: '0015',
  pending: '0015',
  in_doubt: '0015',
  paid: '0000',
  failed: '0100119',
  cancelled: '0100119',
  returned: '990020',
}

const WORDS_OF_STATUS: Readonly<Record<PayproStatus, string>> = {
  '0015': 'processing',
  '0000': 'success',
  '0100119': 'fail',
  '990020': 'returned',
}

function say(said: Outcome): PayproSaying {
  return { said, failure: null }
}

function failure(answer: PayproAnswer): PayproSaying {
  return { said: 'failed', failure: speaksOfDuplicate(answer) ? 'duplicate' : 'failed' }
}

/** Such a failure may be about a repeat and not about the payment. The platform's pages are written in Chinese too. */
function speaksOfDuplicate(answer: PayproAnswer): boolean {
  return /duplicat|exist|repeat|重复|存在/i.test(answer.words)
}
