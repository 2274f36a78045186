// When an attempt is looked at next, by the state it has after an exchange.
import type { AttemptState } from '../payout/attempt.ts'
import { type Capabilities, isQueryable } from '../protocols/capabilities.ts'
import { takesRepeats } from './may-repeat.ts'
import { LOOK_APART_MS, nextAlarmInMs, nextInquiryInMs, nextReturnLookInMs } from './schedule.ts'

export interface Looks {
  /** Milliseconds, or null: never by itself. */
  next(state: AttemptState): number | null
  /** The same, where a failure has to grow old before it is final. */
  whenFinal(state: AttemptState): number | null
}

/** `ageMs`: since the attempt was created. `sincePaidMs`: since it was paid, 0 where it is paid only now. */
export function looksOf(
  contract: Capabilities,
  at: { readonly ageMs: number; readonly sincePaidMs: number; readonly jitter: number },
): Looks {
  const next = (state: AttemptState): number | null => {
    switch (state) {
      case 'dead':
      case 'returned':
        return null
      case 'paid':
        return isQueryable(contract)
          ? nextReturnLookInMs(contract.returnsWithinMs, at.sincePaidMs, at.jitter)
          : null
      case 'sending':
      case 'in_doubt':
      case 'pending':
        // Without anybody to ask and nothing to send again, the looks that are left are those at which people are told.
        return isQueryable(contract) || takesRepeats(contract)
          ? nextInquiryInMs(contract.inquiryTimesMs, at.ageMs, at.jitter)
          : nextAlarmInMs(at.ageMs)
    }
  }
  return {
    next,
    whenFinal(state) {
      const usual = next(state)
      if (usual === null || !isQueryable(contract) || state === 'paid') return usual
      return Math.max(contract.failedIsFinalAfterMs, LOOK_APART_MS)
    },
  }
}
