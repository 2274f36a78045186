// What one run is, drawn from its seed.
import { type Random, seededRandom } from '../../src/lib/random.ts'
import type { Shape } from './installation.ts'
import type { Waits } from './standby.ts'

export type Kind = 'synchronous' | 'asynchronous'

export interface Draw {
  readonly kind: Kind
  readonly seed: number
  readonly waits: Waits
  readonly shape: Shape
  /** `list`: both servers in the address; `moved`: one address that is pointed to the standby. */
  readonly address: 'list' | 'moved'
  /** The program dies with the primary and is started again; else it reconnects. */
  readonly restarts: boolean
  /** The primary is killed when so many are acknowledged, and so many milliseconds later. */
  readonly killAfter: number
  readonly killLaterMs: number
  /** Until somebody promotes the standby. */
  readonly noticedAfterMs: number
  /** Asynchronous: so long before the kill the standby heard the last of the primary. */
  readonly lostMs: number
}

export const ORDERS = 120

export function drawRun(kind: Kind, seed: number, count = ORDERS): { draw: Draw; random: Random } {
  const random = seededRandom(seed)
  const one = <Value>(...of: readonly [Value, ...Value[]]): Value => of[random.below(of.length)] ?? of[0]
  const draw: Draw = {
    ...{ kind, seed },
    waits: kind === 'synchronous' ? one('on', 'remote_apply') : 'no',
    shape: one('one', 'split'),
    address: one('list', 'moved'),
    restarts: one(true, false),
    killAfter: Math.round(count * 0.15) + random.below(Math.round(count * 0.55)),
    killLaterMs: random.below(120),
    noticedAfterMs: random.below(1_500),
    lostMs: 100 + random.below(500),
  }
  return { draw, random }
}
