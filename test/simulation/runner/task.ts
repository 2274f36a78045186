// What is said between whoever starts workers and a worker. Plain values, structured-cloned.
import type { Violation } from '../auditor/auditor.ts'

export interface Task {
  readonly kind: 'L0' | 'L1' | 'L1.5'
  /** L1 and L1.5: seeds. L0: numbers of placements. */
  readonly from: number
  readonly count: number
  /** Plays every seed a second time and compares. */
  readonly twice: boolean
  /** Ends the range at its first violation. */
  readonly untilFound: boolean
  /** As the planted bug of this number directs its seeds, also where it is not planted; empty: as they are. */
  readonly direct: string
}

export interface Found {
  readonly seed: number
  readonly violations: readonly Violation[]
}

export interface TaskResult {
  readonly kind: 'result'
  readonly from: number
  /** Seeds of the range, from `from` on. */
  readonly count: number
  readonly played: number
  readonly found: readonly Found[]
  readonly marks: readonly (readonly [string, number])[]
  readonly faults: readonly (readonly [string, number])[]
  readonly events: number
  readonly payouts: number
  readonly cpuMs: number
  /** What the worker holds of the machine's memory, in MiB. */
  readonly rssMb: number
}
