// What many histories add up to, in the order of their seeds whatever the order in which workers end: so it can be kept at
// any moment as "all seeds below this one", and gone on from.
import { addMarks } from '../marks.ts'
import type { Found, TaskResult } from './task.ts'

export interface Tally {
  /** Every seed below this one is in the sums. */
  nextSeed: number
  played: number
  found: Found[]
  /** All seeds with a violation, also those that `found` has no room for. */
  violations: number
  readonly marks: Map<string, number>
  readonly faults: Map<string, number>
  events: number
  payouts: number
  /** Of all workers together: what it took of a core. */
  cpuMs: number
  /** The largest worker, in MiB. */
  rssMb: number
}

/** Where everything breaks, a thousand seeds say no more than a hundred. */
const FOUND_MAX = 100

export function emptyTally(nextSeed: number): Tally {
  return {
    ...{ nextSeed, played: 0, found: [], violations: 0, events: 0, payouts: 0, cpuMs: 0, rssMb: 0 },
    marks: new Map(),
    faults: new Map(),
  }
}

/** Takes results in any order; one that is ahead waits for those before it. */
export function createTallier(tally: Tally): { add(result: TaskResult): void } {
  const ahead = new Map<number, TaskResult>()
  return {
    add(result) {
      ahead.set(result.from, result)
      for (;;) {
        const next = ahead.get(tally.nextSeed)
        if (next === undefined) return
        ahead.delete(tally.nextSeed)
        addTo(tally, next)
      }
    },
  }
}

function addTo(tally: Tally, result: TaskResult): void {
  tally.nextSeed = result.from + result.count
  tally.played += result.played
  tally.violations += result.found.length
  tally.found.push(...result.found.slice(0, FOUND_MAX - tally.found.length))
  tally.events += result.events
  tally.payouts += result.payouts
  tally.cpuMs += result.cpuMs
  tally.rssMb = Math.max(tally.rssMb, result.rssMb)
  addMarks(tally.marks, result.marks)
  addMarks(tally.faults, result.faults)
}
