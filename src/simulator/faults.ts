// Faults that are set by name while the rail runs. A name is a behaviour of magic.ts, which then drives orders whatever
// their wallet, or a fault of the line, which meets any request. Chance is seeded: the same seed and the same
// requests in the same order meet the same faults.
import type { Random } from '../lib/random.ts'
import { isLineFault, type LineFaultName } from './line-faults.ts'
import { BEHAVIOUR_NAMES } from './magic.ts'

export interface Fault {
  readonly name: string
  /** How often, from 0 (never) to 1 (always). */
  readonly rate: number
  /** How many times at most; null is without end. */
  readonly count: number | null
  /** Line faults only: the beginning of the paths it meets; null is every path of the door. */
  readonly path: string | null
}

export interface FaultPlan {
  /** A new fault of the same name takes the place of the old one. @returns why it cannot be set, or null */
  set(fault: Fault): string | null
  clear(): void
  /** With the count that is left. */
  list(): readonly Fault[]
  /** The behaviour for the next order, or null where the wallet decides. */
  drawBehaviour(): string | null
  drawLine(path: string): LineFaultName | null
}

/** Rates are drawn in millionths. */
const RATE_PARTS = 1_000_000

export function createFaultPlan(random: Random): FaultPlan {
  const faults = new Map<string, Fault>()

  function strikes(fault: Fault): boolean {
    if (fault.count === 0 || random.below(RATE_PARTS) >= fault.rate * RATE_PARTS) return false
    if (fault.count !== null) faults.set(fault.name, { ...fault, count: fault.count - 1 })
    return true
  }

  return {
    set(fault) {
      const isBehaviour = BEHAVIOUR_NAMES.includes(fault.name)
      if (!isBehaviour && !isLineFault(fault.name))
        return `${fault.name} is no fault of the rail or of the line`
      if (isBehaviour && fault.path !== null) return 'only a fault of the line has a path'
      if (!(fault.rate >= 0 && fault.rate <= 1)) return 'rate is a number from 0 to 1'
      if (fault.count !== null && !(Number.isSafeInteger(fault.count) && fault.count > 0))
        return 'count is a whole number above 0, or null'
      faults.set(fault.name, fault)
      return null
    },
    clear: () => faults.clear(),
    list: () => [...faults.values()],
    drawBehaviour() {
      for (const fault of faults.values()) if (!isLineFault(fault.name) && strikes(fault)) return fault.name
      return null
    },
    drawLine(path) {
      for (const fault of faults.values())
        if (isLineFault(fault.name) && path.startsWith(fault.path ?? '') && strikes(fault)) return fault.name
      return null
    },
  }
}
