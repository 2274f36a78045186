import type { Payout } from '../api/types.gen.ts'
import { Tag, type Tone } from './tag.tsx'

export type PayoutState = Payout['state']

/** The state of a payout, with the reason for a wait. */
export function State({ state, reason = null }: { state: PayoutState; reason?: string | null }) {
  const word = wordOf(state)
  return <Tag tone={TONES[state]}>{reason === null ? word : `${word} for ${reason}`}</Tag>
}

export function wordOf(state: string): string {
  return state.replaceAll('_', ' ')
}

const TONES: Readonly<Record<PayoutState, Tone>> = {
  waiting: 'calm',
  queued: 'busy',
  sending: 'busy',
  pending: 'busy',
  in_doubt: 'care',
  paid: 'good',
  failed: 'bad',
  cancelled: 'calm',
  returned: 'bad',
}

/** In the order of a payout's life. */
export const PAYOUT_STATES = Object.keys(TONES) as readonly PayoutState[] // the keys of a total record
