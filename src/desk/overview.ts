// The overview, made once for everybody who looks at the same merchants within a few seconds: a wall of screens costs what
// one of them does.
import type { Clock } from '../lib/clock.ts'
import type { ConsoleStore, Overview, OverviewAsked } from '../store/console-store.ts'
import type { DoubtTotal, PeopleStore } from '../store/people-store.ts'

export interface OverviewRead {
  readonly kind: 'found'
  readonly overview: Overview & { readonly doubts: readonly DoubtTotal[] }
}

export interface Overviews {
  read(asked: OverviewAsked): Promise<OverviewRead>
}

const KEPT_MS = 5_000
const KEPT_MAX = 64

export function createOverviews({
  console,
  people,
  clock,
}: {
  readonly console: Pick<ConsoleStore, 'readOverview'>
  readonly people: Pick<PeopleStore, 'listDoubts'>
  readonly clock: Clock
}): Overviews {
  const kept = new Map<string, { readonly untilMs: number; readonly read: Promise<OverviewRead> }>()

  async function make(asked: OverviewAsked): Promise<OverviewRead> {
    const [overview, { totals }] = await Promise.all([
      console.readOverview(asked),
      people.listDoubts({ merchants: asked.merchants, before: null, limit: 1 }),
    ])
    return { kind: 'found', overview: { ...overview, doubts: totals } }
  }
  return {
    read(asked) {
      const key = JSON.stringify([asked.hours, [...asked.merchants].sort()])
      const known = kept.get(key)
      if (known !== undefined && clock.monotonic() < known.untilMs) return known.read
      const read = make(asked)
      // What failed is asked anew by the next one.
      read.catch(() => kept.delete(key))
      kept.delete(key)
      kept.set(key, { untilMs: clock.monotonic() + KEPT_MS, read })
      const [oldest] = kept.keys()
      if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest)
      return read
    },
  }
}
