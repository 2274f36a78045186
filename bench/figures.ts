// What a part of the bench gives back: one line for each thing measured, with every run of it, so that nobody has to
// believe in a median that he cannot see the spread of.

export interface Figure {
  readonly part: string
  readonly name: string
  /** `per second`, `ms`, `MiB`, `s`, `%`. */
  readonly unit: string
  /** One for each run. */
  readonly values: readonly number[]
  /** The goal of docs/performance.md that it belongs to, and what that asks for. */
  readonly goal?: string
  /** Name of the figure in the same part that this one is divided by. */
  readonly against?: string
  /** Microseconds of processor time for each payout or request, medians of the runs. */
  readonly cpuUs?: Readonly<Record<string, number | null>>
  /** Further numbers of each run, such as latencies in milliseconds. */
  readonly more?: Readonly<Record<string, readonly number[]>>
  readonly note?: string
}

export interface PartOptions {
  /** Only to see that it works. */
  readonly quick: boolean
  readonly seconds: number
  readonly runs: number
  readonly minutes: number
  /** Stored payouts that growth is measured at. */
  readonly stored: readonly number[]
  /** Node's profiler writes what the switch does into this folder. */
  readonly profileFolder: string | null
  say(line: string): void
}

export interface Part {
  readonly name: string
  readonly about: string
  run(options: PartOptions): Promise<readonly Figure[]>
}

export function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** The value below which `share` of the list lies; the list is sorted in place. */
export function sortedAt(list: number[], share: number): number {
  list.sort((a, b) => a - b)
  return list[Math.floor((list.length - 1) * share)] ?? 0
}

/** Adds the runs of one figure up while they come. */
export function collector(part: string, name: string, unit: string, rest: Partial<Figure> = {}) {
  const values: number[] = []
  const more: Record<string, number[]> = {}
  const cpu: Record<string, number[]> = {}
  return {
    add(value: number, beside: Readonly<Record<string, number>> = {}, cpuUs: CpuUs = {}) {
      values.push(value)
      for (const [key, one] of Object.entries(beside)) push(more, key, one)
      for (const [key, one] of Object.entries(cpuUs)) if (one !== null) push(cpu, key, one)
    },
    figure(): Figure {
      const cpuUs = Object.fromEntries(Object.entries(cpu).map(([key, list]) => [key, median(list)]))
      return { ...{ part, name, unit, values, more, cpuUs }, ...rest }
    },
  }
}

function push(lists: Record<string, number[]>, key: string, value: number): void {
  const list = lists[key]
  if (list === undefined) lists[key] = [value]
  else list.push(value)
}

export type CpuUs = Readonly<Record<string, number | null>>
