// A script: groups of calls, one group after the other; the calls of one group run side by side. Arguments are plain
// values, so that a script can be cut, run again and printed. Only a claim's number is given by each store as it
// likes: a script names it by the group that took it and the payout.
import { sha256Hex } from '../../src/lib/digest.ts'
import type { Store } from '../../src/store/store.ts'
import { plain } from './plain.ts'

export interface Call {
  readonly name: keyof Store
  readonly args: readonly unknown[]
}

export interface Group {
  /** Stays its own when groups before it are cut out. */
  readonly id: number
  /** The clock goes on by so much before it. */
  readonly advanceMs: number
  readonly calls: readonly Call[]
}

export type Script = readonly Group[]

export const SCRIPT_START_MS = Date.UTC(2026, 0, 31, 23, 59)

/** The number by which a script means a claim: of the call at `place` in the group, on this payout. */
export function claimNamed(group: number, place: number, payoutKey: string): bigint {
  return BigInt(`0x${sha256Hex(`${group} ${place} ${payoutKey}`).slice(0, 12)}`)
}

/** A script as a log, one call a line. */
export function printed(script: Script): string {
  const lines: string[] = []
  for (const { id, advanceMs, calls } of script)
    for (const [place, { name, args }] of calls.entries()) {
      const side = calls.length > 1 ? ` side by side ${place + 1}/${calls.length}` : ''
      const wait = advanceMs > 0 && place === 0 ? ` after ${advanceMs} ms` : ''
      lines.push(`${id}${wait}${side}: ${name}(${args.map(shown).join(', ')})`)
    }
  return lines.join('\n')
}

/** What is empty or null goes without saying. */
function shown(value: unknown): string {
  return JSON.stringify(plain(value), (_name, part: unknown) =>
    part === null || (Array.isArray(part) && part.length === 0) ? undefined : part,
  )
}
