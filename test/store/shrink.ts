// The smallest script that still fails: groups, then calls, then the waits are left out one after the other for as long
// as the stores still part. The first mismatch may become another one on the way; the smallest is what helps.

import { recorded } from './draw.ts'
import type { Pair } from './pair.ts'
import { type Run, runScript } from './run.ts'
import type { Group, Script } from './script.ts'

/** Runs of a script that shrinking may take. */
const RUNS_MAX = 400
/** A mismatch of calls side by side may need some luck to come again. */
const TRIES = 5

export async function shrunk(pair: Pair, failed: Run): Promise<Run> {
  let best = failed
  let runs = 0

  async function stillFails(script: Script): Promise<boolean> {
    const isParallel = script.some(({ calls }) => calls.length > 1)
    for (let tries = isParallel ? TRIES : 1; tries > 0 && runs < RUNS_MAX; tries -= 1) {
      runs += 1
      const run = await runScript(pair, recorded(script))
      if (run.mismatch === null) continue
      best = run
      return true
    }
    return false
  }

  async function isCutSmaller(place: number): Promise<boolean> {
    for (const smaller of smallerGroups(best.script[place]))
      if (await stillFails(best.script.with(place, smaller))) return true
    return false
  }

  for (let size = Math.ceil(best.script.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let end = best.script.length; end > 0 && runs < RUNS_MAX; end -= size) {
      const { script } = best
      const cut = [...script.slice(0, Math.max(0, end - size)), ...script.slice(end)]
      if (cut.length > 0) await stillFails(cut)
    }
  for (let place = 0; place < best.script.length && runs < RUNS_MAX; place += 1)
    while (await isCutSmaller(place));
  return best
}

function smallerGroups(group: Group | undefined): readonly Group[] {
  if (group === undefined) return []
  const { calls } = group
  const fewer =
    calls.length === 1 ? [] : calls.map((_, place) => ({ ...group, calls: calls.toSpliced(place, 1) }))
  const batches = calls.flatMap((call, place) => {
    const batch = call.args[0]
    if (!Array.isArray(batch) || batch.length < 2) return []
    return batch.map((_, item) => ({
      ...group,
      calls: calls.with(place, { ...call, args: [batch.toSpliced(item, 1), ...call.args.slice(1)] }),
    }))
  })
  return [...fewer, ...batches, ...(group.advanceMs === 0 ? [] : [{ ...group, advanceMs: 0 }])]
}
