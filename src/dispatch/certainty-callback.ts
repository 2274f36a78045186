// Table C, as far as it needs neither people nor statements: what may be certain after a callback. The header of
// certainty.ts says how it is read.
import type { Answer, Line } from '../payout/outcome.ts'
import { type Capabilities, isQueryable } from '../protocols/capabilities.ts'
import { type Certainty, observedOf, speaksOfAnother } from './certainty.ts'
import {
  type AttemptFacts,
  type InquiryRow,
  type InquiryVerdict,
  judgeInquiry,
  quiet,
} from './certainty-inquiry.ts'

// ---- table C: the callback -------------------------------------------------------------------------------------
// Its other witnesses (W1, W2, W5 to W7) are a withdrawn send right, a cancel, statements and people.

export const CALLBACK_ROWS = ['W3', 'W4'] as const
export type CallbackRow = (typeof CALLBACK_ROWS)[number]

export interface CallbackFacts {
  /** `unsigned` where the protocol signs no callback. A bad one changes nothing and wakes nobody. */
  readonly signature: 'good' | 'bad' | 'unsigned'
  /** What the inquiry that this callback woke has seen; null before it was made. */
  readonly inquiry: Line | null
}

export interface CallbackVerdict extends Omit<InquiryVerdict, 'row'> {
  readonly row: CallbackRow
  /** The row of table B that was read; null where none was. */
  readonly by: InquiryRow | null
  readonly next: 'inquire_now' | 'ask_again_soon' | 'person' | 'none'
}

/**
 * What a callback allows. Where the provider can be asked it wakes an inquiry, and is judged again beside what that has
 * seen. Each callback is judged for its content once: the same bytes again are no second sighting.
 */
export function judgeCallback(
  answer: Answer,
  callback: CallbackFacts,
  attempt: AttemptFacts,
  contract: Capabilities,
  at: { readonly nowMs: number },
): CallbackVerdict {
  const row = isQueryable(contract) ? 'W3' : 'W4'
  if (callback.signature === 'bad') return undecided(row, 'none')
  if (row === 'W4') return judgeUnasked(answer, callback, attempt, contract, at)
  if (callback.inquiry === null) return undecided(row, 'inquire_now')

  const { row: by, ...judged } = judgeInquiry(callback.inquiry, attempt, contract, at)
  const told = endOf(asLine(answer), attempt)
  const asked = by === 'Q1' || by === 'Q2' ? null : endOf(callback.inquiry, attempt)
  // A failure that the contract does not call final yet is no end: like one that an inquiry saw, it may still be paid.
  if (told === 'unpaid' && asked === 'paid' && contract.failedIsFinalAfterMs > 0) {
    return { row, by, ...judged, alarm: true, next: 'none' }
  }
  if (told !== null && asked !== null && told !== asked) {
    return { row, by, ...judged, ...contradiction(attempt) }
  }
  return { row, by, ...judged, next: told !== null && asked === null ? 'ask_again_soon' : 'none' }
}

/** W4: the provider cannot be asked, so the callback decides where its contract lets it, or a person does. */
function judgeUnasked(
  answer: Answer,
  callback: CallbackFacts,
  attempt: AttemptFacts,
  contract: Capabilities,
  at: { readonly nowMs: number },
): CallbackVerdict {
  const mayDecide = contract.callbackDecides && callback.signature === 'good'
  if (!mayDecide) return undecided('W4', 'person')
  if (answer.kind !== 'read' || answer.said === 'not_found') return undecided('W4', 'person')
  const { row: by, ...judged } = judgeInquiry(asLine(answer), attempt, contract, at)
  return { row: 'W4', by, ...judged, next: 'none' }
}

/** What was settled stays as it is; everything else waits in doubt until a person has looked. */
function contradiction(attempt: AttemptFacts): Partial<CallbackVerdict> & Pick<CallbackVerdict, 'next'> {
  const isSettled = attempt.state === 'paid' || attempt.state === 'returned' || attempt.state === 'dead'
  const certainty: Certainty = isSettled ? { kind: 'unchanged' } : { kind: 'in_doubt', why: 'contradiction' }
  return { certainty, alarm: true, returned: false, observed: 'accepted', next: 'person' }
}

/** The end that an answer about this attempt tells, if it tells one. */
function endOf(seen: Line, attempt: AttemptFacts): 'paid' | 'unpaid' | null {
  if (seen.kind !== 'answered' || seen.answer.kind !== 'read') return null
  if (speaksOfAnother(seen.answer, attempt.theirId)) return null
  const { said } = seen.answer
  if (said === 'paid' || said === 'returned') return 'paid'
  return observedOf(seen.answer) === 'failed' ? 'unpaid' : null
}

function undecided(row: CallbackRow, next: CallbackVerdict['next']): CallbackVerdict {
  return { row, by: null, certainty: { kind: 'unchanged' }, ...quiet(), next }
}

function asLine(answer: Answer): Line {
  return { kind: 'answered', status: 200, answer }
}
