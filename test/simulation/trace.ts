// What happened, in order: a number that any difference changes, and on demand the same as text for people. The number
// is cheap, because it is made at every port call of every history.
import type { Scheduler } from './time/scheduler.ts'

export interface Trace {
  /** Notes one thing that happened; `what` names it, `about` says of what. */
  note(who: string, what: string, about: string | number): void
  hash(): string
  /** The last lines, where the history is told. */
  lines(): readonly string[]
}

/** Two words that are stirred by each character (the finaliser of MurmurHash3 at the end). Not for secrets. */
export function createTrace(scheduler: Pick<Scheduler, 'now'>, startMs: number, isTold: boolean): Trace {
  let one = 0xdeadbeef | 0
  let other = 0x41c6ce57 | 0
  const told: string[] = []

  function stirNumber(value: number): void {
    one = Math.imul(one ^ value, 2654435761)
    other = Math.imul(other ^ value, 1597334677)
    one = (one << 13) | (one >>> 19)
  }
  function stirText(text: string): void {
    for (let place = 0; place < text.length; place += 1) stirNumber(text.charCodeAt(place))
  }

  return {
    note(who, what, about) {
      const atMs = scheduler.now() - startMs
      stirNumber(atMs | 0)
      stirText(who)
      stirText(what)
      if (typeof about === 'number') stirNumber(about)
      else stirText(about)
      if (isTold) told.push(`${time(atMs)}  ${who.padEnd(9)} ${what} ${about}`)
    },
    hash() {
      const high = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909)
      const low = Math.imul(other ^ (other >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909)
      return (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0')
    },
    lines: () => told,
  }
}

/** Hours, minutes, seconds and milliseconds since the history began. */
function time(ms: number): string {
  const whole = Math.floor(ms)
  const part = (value: number, digits: number): string => String(value).padStart(digits, '0')
  const seconds = Math.floor(whole / 1_000)
  return `${part(Math.floor(seconds / 3_600), 2)}:${part(Math.floor(seconds / 60) % 60, 2)}:${part(seconds % 60, 2)}.${part(whole % 1_000, 3)}`
}
