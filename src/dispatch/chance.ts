// Time and chance as a call needs them.
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { CallMoment } from '../protocols/protocol.ts'

/** What a connector is given of time and chance. */
export function callMoment({ clock, random }: { clock: Clock; random: Random }): CallMoment {
  return { nowMs: clock.now(), nonce: random.text(NONCE_ALPHABET, 32) }
}

/** 0 up to, not including, 1. */
export function jitterOf(random: Random): number {
  return random.below(1_000_000) / 1_000_000
}

const NONCE_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
