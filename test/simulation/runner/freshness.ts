// When the kill switch has to be known fresh. A process reads it every quarter of a second for as long as it lives; a reading
// that nothing rests on changes nothing, so only those are played that a send may rest on: from before something comes due
// until what was claimed has left.

export interface Freshness {
  /** Work was claimed, and may be sent. */
  claimed(): void
  /** When it has to be fresh next; null: at no known time. */
  nextMs(): number | null
}

/** Longer than a reading is good for, and more than one poll. */
const BEFORE_MS = 2_000
/** From a claim to the first byte. What takes longer finds that it cannot see the switch, and is not sent. */
const UNDER_WAY_MS = 6_000

export function freshness(now: () => number, dueAtMs: () => number | null): Freshness {
  let untilMs = Number.NEGATIVE_INFINITY
  return {
    claimed() {
      untilMs = now() + UNDER_WAY_MS
    },
    nextMs() {
      if (now() < untilMs) return now()
      const atMs = dueAtMs()
      return atMs === null ? null : atMs - BEFORE_MS
    },
  }
}
