// What `transaction_status` means, both ways (contract, section 6). The two functions are not inverses: the document
// shows one value, and what a provider says in any other word is not known, while our own door has a word for each state.
import type { PayoutState } from '../../payout/payout.ts'

/** `failed`, `pending` and `returned` are never read from this API: it is evidence beside a payout, not its state. */
export function proofapiSaidOfStatus(status: string | null): 'paid' | 'unknown' {
  return status !== null && /^approved$/i.test(status) ? 'paid' : 'unknown'
}

export type ProofapiStatus = 'Approved' | 'Pending' | 'Failed' | 'Returned'

/** The value our door shows for a state. Doubt is pending: it is never a failure. */
export function proofapiStatusFromState(state: PayoutState): ProofapiStatus {
  return STATUS_OF_STATE[state]
}

/** Whether pictures go with it: money that came back had been paid, and the proof of that stays proof. */
export function proofapiShowsImages(state: PayoutState): boolean {
  return state === 'paid' || state === 'returned'
}

const STATUS_OF_STATE: Readonly<Record<PayoutState, ProofapiStatus>> = {
  accepted: 'Pending',
  waiting: 'Pending',
  queued: 'Pending',
  sending: 'Pending',
  pending: 'Pending',
  in_doubt: 'Pending',
  paid: 'Approved',
  failed: 'Failed',
  cancelled: 'Failed',
  returned: 'Returned',
}
