// Which steps of a payout are told, and to whom. So far to the door by which it came: in that door's own words, at the
// address that came with the payout.
import type { Payout, PayoutState } from '../payout/payout.ts'
import type { DoorNotices } from '../protocols/protocol.ts'
import type { NewNotice } from '../store/store.ts'

/** The target of a notice in the words of the payout's own door. */
export const DOOR_TARGET = 'door'

/** The notices due when a payout reaches a state; written in the same commit as the step. */
export function noticesFor(
  payout: Payout,
  state: PayoutState,
  noticesOf: (door: string) => DoorNotices | null,
): readonly NewNotice[] {
  if (payout.notifyUrl === null) return []
  const notices = noticesOf(payout.door)
  if (notices === null || !notices.states.includes(state)) return []
  return [{ target: DOOR_TARGET, url: payout.notifyUrl, dueInMs: notices.scheduleMs[0] ?? 0 }]
}
