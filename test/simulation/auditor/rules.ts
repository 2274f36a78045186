// The rules of the auditor, written a second time from SAFETY.md and DESIGN.md: it imports no judgement of the code that
// it judges. What stands here twice would have to be wrong twice in the same way.
import type { PayoutState } from '../../../src/payout/payout.ts'

/** I7: from each state, where a payout may go. Sending and in doubt may follow themselves: of two steps the second. */
const NEXT: Readonly<Record<PayoutState, readonly PayoutState[]>> = {
  accepted: ['waiting', 'queued'],
  waiting: ['waiting', 'queued', 'cancelled'],
  queued: ['waiting', 'cancelled', 'sending'],
  sending: ['sending', 'in_doubt', 'pending', 'paid', 'queued', 'waiting', 'failed'],
  in_doubt: ['in_doubt', 'pending', 'paid', 'queued', 'waiting', 'failed'],
  pending: ['in_doubt', 'paid', 'queued', 'waiting', 'failed'],
  paid: ['returned'],
  failed: [],
  cancelled: [],
  returned: [],
}

export function mayFollow(from: PayoutState, to: PayoutState): boolean {
  return NEXT[from].includes(to)
}

/** Attempts: nothing leaves `dead`, nothing returns to `sending`. */
const NEXT_ATTEMPT: Readonly<Record<string, readonly string[]>> = {
  sending: ['sending', 'in_doubt', 'pending', 'paid', 'dead'],
  in_doubt: ['in_doubt', 'pending', 'paid', 'dead'],
  pending: ['in_doubt', 'paid', 'dead'],
  paid: ['returned'],
  returned: [],
  dead: [],
}

export function attemptMayFollow(from: string, to: string): boolean {
  return NEXT_ATTEMPT[from]?.includes(to) ?? false
}

export function isEnd(state: PayoutState): boolean {
  return state === 'paid' || state === 'failed' || state === 'cancelled' || state === 'returned'
}

/** Where the money of a payout stands. `out`: it left through the provider. */
export type Place = 'held' | 'in_flight' | 'out' | 'available'

export function placeOf(state: PayoutState): Place {
  switch (state) {
    case 'accepted':
    case 'waiting':
    case 'queued':
      return 'held'
    case 'sending':
    case 'pending':
    case 'in_doubt':
      return 'in_flight'
    case 'paid':
      return 'out'
    case 'failed':
    case 'cancelled':
    case 'returned':
      return 'available'
  }
}

/** I8: the one movement that a step makes, as `from>to`; null where the money stays. */
export function movementOf(from: PayoutState, to: PayoutState, account: string): string | null {
  const [one, other] = [placeOf(from), placeOf(to)].map(place =>
    place === 'out' ? `float:${account}` : place,
  )
  return one === other ? null : `${one}>${other}`
}

/** The rows of the certainty tables that may prove each death (SAFETY.md section 2). */
export const PROVING_ROWS: Readonly<Record<string, readonly string[]>> = {
  not_sent: ['S0', 'S1', 'S2', 'S3', 'S4'],
  refused: ['S11', 'S17', 'Q9'],
  failed_final: ['S19', 'Q7', 'W4'],
  never_arrived: ['Q10'],
  by_statement: ['W6'],
  by_people: ['W7'],
}

/** States that a PayPro client is told of. */
export function isTold(door: string, notifyUrl: string | null, state: PayoutState): boolean {
  return door === 'paypro' && notifyUrl !== null && isEnd(state)
}
