// The places at which a process can be hit: every call that it makes of a port, in order. What hits it is decided by
// whoever plays the history; the ports only do what they are told.
import type { Life } from './life.ts'

/** SAFETY.md section 7, the fault kinds. */
export const FAULT_KINDS = [
  'crash_before',
  'crash_after',
  'answer_lost',
  'no_effect',
  'pause',
  'twice',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export interface Point {
  readonly life: Life
  readonly port: 'store' | 'send' | 'ask'
  /** The store's function, or the host that is called. */
  readonly name: string
}

/** What happens at a point; null: nothing. */
export type Strike = (point: Point) => FaultKind | null

/** How long a paused process stands still, and whether its monotonic clock does too. */
export type DrawPause = () => { readonly ms: number; readonly frozen: boolean }
