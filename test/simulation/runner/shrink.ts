// A violation with as little around it as possible: kinds of faults are switched off, clients and machines left out, for as
// long as the same invariant is broken. What is left is told line by line.
import { FAULTS, type Options, withoutFault } from '../options.ts'
import type { HistoryResult } from './history.ts'

export interface Shrunk {
  readonly options: Options
  readonly dropped: ReadonlySet<number>
  readonly result: HistoryResult
  readonly tries: number
}

export type PlayOne = (
  options: Options,
  dropped: ReadonlySet<number>,
  told: boolean,
) => Promise<HistoryResult>

/** More tries than this cost more than they tell. */
const TRIES_MAX = 200

export async function shrink(start: Options, play: PlayOne): Promise<Shrunk | null> {
  const first = await play(start, new Set(), false)
  const [violation] = first.violations
  if (violation === undefined) return null
  let options = start
  let dropped: ReadonlySet<number> = new Set()
  let tries = 0

  async function keeps(other: Options, without: ReadonlySet<number>): Promise<boolean> {
    if (tries >= TRIES_MAX) return false
    tries += 1
    const result = await play(other, without, false)
    return result.violations[0]?.invariant === violation?.invariant
  }

  for (const fault of FAULTS) {
    if (options.rates[fault] === 0) continue
    const other = withoutFault(options, fault)
    if (await keeps(other, dropped)) options = other
  }
  // Halves first, then one by one: most clients have nothing to do with it.
  for (let size = Math.ceil(options.payouts / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < options.payouts; from += size) {
      const without = new Set(dropped)
      for (let index = from; index < Math.min(from + size, options.payouts); index += 1) without.add(index)
      if (without.size === dropped.size || without.size === options.payouts) continue
      if (await keeps(options, without)) dropped = without
    }
  }
  while (options.hosts > 1) {
    const other = { ...options, hosts: options.hosts - 1 }
    if (!(await keeps(other, dropped))) break
    options = other
  }
  return { options, dropped, tries, result: await play(options, dropped, true) }
}
