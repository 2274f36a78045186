// What Payneteasy's statuses mean, both ways (contract, section 6). The two functions are not inverses.
//
// The same word means one thing about a check and another about a payment: `approved` before payout-pay says only that
// the order is in order. So a reading needs to know which step was asked about, and what is not tied to the paying
// step proves neither a payment nor a failure.
import type { Failure, Outcome, Saying } from '../../payout/outcome.ts'
import type { PayoutState } from '../../payout/payout.ts'

/** What one answer says. `failure` stands only beside `failed`. */
export interface PayneteasySaying {
  readonly said: Saying
  readonly failure: Failure | null
}

/** Which step a status is about. `untied`: payout-pay was sent, but the answer may still speak of the check. */
export type PayneteasyAbout = 'check' | 'payment' | 'untied'

/** The meaning of a status that belongs to the paying step. Total; compared without regard to letter case. */
export function payneteasyOutcomeFromStatus(status: string | null): Outcome {
  switch (status?.toLowerCase()) {
    case 'approved':
      return 'paid'
    case 'declined':
    case 'filtered':
      return 'failed'
    case 'processing':
      return 'pending'
    default:
      return 'unknown'
  }
}

/**
 * What the status of an order says. `paysAtOnce`: this account is paid without waiting for the check, so an order that
 * is known is one that can be paid.
 */
export function payneteasySayingOfStatus(
  status: string | null,
  about: PayneteasyAbout,
  { paysAtOnce }: { readonly paysAtOnce: boolean },
): PayneteasySaying {
  const outcome = payneteasyOutcomeFromStatus(status)
  if (outcome === 'pending') return say(about === 'check' && paysAtOnce ? 'created' : 'pending')
  // Whichever step it speaks of, an order that was declined is not paid now. So it is told as a failure, which people hear
  // of who believe that it was paid, and as one that proves nothing.
  if (about === 'untied' && outcome === 'failed') return { said: 'failed', failure: 'unlisted' }
  if (about === 'untied' || outcome === 'unknown') return say('unknown')
  if (outcome === 'failed') return { said: 'failed', failure: 'failed' }
  return say(about === 'check' ? 'created' : outcome)
}

export type PayneteasyStatus = 'processing' | 'approved' | 'declined'

/** The value our door shows for a state. Doubt is processing: it is never a failure. */
export function payneteasyStatusFromState(state: PayoutState): PayneteasyStatus {
  return STATUS_OF_STATE[state]
}

/** Why a payout is shown as declined: words and an opaque code of ours; null for every other state. */
export function payneteasyDecline(
  state: PayoutState,
  why: string | null,
): { readonly message: string; readonly code: string } | null {
  switch (state) {
    case 'failed':
      return { message: why ?? 'Payout failed', code: '301' }
    case 'cancelled':
      return { message: why ?? 'Payout cancelled', code: '302' }
    case 'returned':
      return { message: 'Payout returned', code: '303' }
    default:
      return null
  }
}

const STATUS_OF_STATE: Readonly<Record<PayoutState, PayneteasyStatus>> = {
  accepted: 'processing',
  waiting: 'processing',
  queued: 'processing',
  sending: 'processing',
  pending: 'processing',
  in_doubt: 'processing',
  paid: 'approved',
  failed: 'declined',
  cancelled: 'declined',
  returned: 'declined',
}

function say(said: Saying): PayneteasySaying {
  return { said, failure: null }
}
