// Plays a range of seeds and adds up what was seen.
import { assert } from '../../../src/lib/assert.ts'
import { playPlacement } from '../l0/play.ts'
import { addMarks } from '../marks.ts'
import { createModelStore } from '../model/model-store.ts'
import { drawOptions, type Options } from '../options.ts'
import { plantedNumbered } from '../planted/list.ts'
import type { Planted } from '../planted/planted.ts'
import type { WorldDatabase } from '../postgres/database.ts'
import { playOverPostgres } from '../postgres/play.ts'
import { type HistoryResult, playHistory } from './history.ts'
import type { Found, Task, TaskResult } from './task.ts'

/** One seed that shows many violations shows them all for the same reason. */
const VIOLATIONS_KEPT = 5

/** `database`: for histories over Postgres. */
export async function runTask(
  task: Task,
  planted: Planted | null,
  database: WorldDatabase | null = null,
): Promise<TaskResult> {
  const began = process.cpuUsage()
  const director = planted ?? (task.direct === '' ? null : await plantedNumbered(task.direct))
  const marks = new Map<string, number>()
  const faults = new Map<string, number>()
  const found: Found[] = []
  let events = 0
  let payouts = 0
  let played = 0
  for (let seed = task.from; seed < task.from + task.count; seed += 1) {
    const options = (director?.direct ?? same)(drawOptions(seed))
    const playAgain = (): Promise<HistoryResult & { readonly reached?: boolean }> => {
      if (task.kind === 'L0')
        return playPlacement(seed, { createStore, told: false, stopEarly: task.untilFound })
      if (task.kind === 'L1') return play(options, planted, task.untilFound)
      assert(database !== null, 'a worker of such histories has a database')
      const of = { options, stopEarly: task.untilFound, besideModel: planted === null }
      return playOverPostgres(database, { ...of, ...wrapOf(planted) })
    }
    let result: HistoryResult & { readonly reached?: boolean }
    try {
      result = await playAgain()
    } catch (error) {
      // It threw, or ran without end: that is a finding about this seed, and the others are played all the same.
      found.push({
        seed,
        violations: [{ invariant: 'M', said: `the history threw ${words(error)}`, atMs: 0 }],
      })
      if (task.untilFound) break
      continue
    }
    if (result.reached !== false) played += 1
    events += result.events
    payouts += result.payouts
    addMarks(marks, result.marks)
    addMarks(faults, result.faults)
    const violations = [...result.violations]
    if (task.twice) {
      const again = await playAgain()
      if (again.hash !== result.hash)
        violations.push({ invariant: 'I24', said: `hash ${result.hash}, then ${again.hash}`, atMs: 0 })
    }
    if (violations.length === 0) continue
    found.push({ seed, violations: violations.slice(0, VIOLATIONS_KEPT) })
    if (task.untilFound) break
  }
  return {
    ...{ kind: 'result', from: task.from, count: task.count, played, found, events, payouts },
    marks: [...marks],
    faults: [...faults],
    cpuMs: cpuMs(began),
    rssMb: Math.round(process.memoryUsage.rss() / 1_048_576),
  }
}

function play(options: Options, planted: Planted | null, stopEarly: boolean): Promise<HistoryResult> {
  return playHistory({
    ...{ options, stopEarly, createStore },
    ...wrapOf(planted),
  })
}

function wrapOf(planted: Planted | null): Pick<Planted, 'wrap'> {
  return planted?.wrap === undefined ? {} : { wrap: planted.wrap }
}

const createStore = (clock: { now(): number }) => createModelStore({ clock })

const same = (options: Options): Options => options

function words(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** Of this process alone: other work on the machine does not count. */
function cpuMs(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1_000
}
