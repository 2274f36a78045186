// One history over real Postgres, as often as it is asked for: the database is cleared before each.
import type { Violation } from '../auditor/auditor.ts'
import { type Options, withoutFault } from '../options.ts'
import type { HostNeeds } from '../process/host.ts'
import { type HistoryResult, playHistory } from '../runner/history.ts'
import { createBeside } from './beside.ts'
import type { WorldDatabase } from './database.ts'
import { createPasses } from './passes.ts'
import { createTurns } from './turn.ts'
import { openWorldStore, type PostgresWorldStore } from './world-store.ts'

export interface OverPostgres {
  readonly options: Options
  readonly dropped?: ReadonlySet<number>
  readonly told?: boolean
  readonly stopEarly: boolean
  readonly wrap?: HostNeeds['wrap']
  /** Whether the model is asked the same. Not with a bug planted: it would be the first to see each. */
  readonly besideModel: boolean
}

export async function playOverPostgres(
  database: WorldDatabase,
  { options, besideModel, ...given }: OverPostgres,
): Promise<HistoryResult> {
  const turns = createTurns()
  await turns.take(() => database.clear())
  const found: Violation[] = []
  let store: PostgresWorldStore | null = null
  const createStore = (clock: { now(): number }): PostgresWorldStore => {
    const startMs = clock.now()
    store = openWorldStore({
      ...{ database, turns, clock, passes: createPasses(database.session) },
      beside: besideModel ? createBeside(clock) : null,
      report: (invariant, said) => void found.push({ invariant, said, atMs: clock.now() - startMs }),
    })
    return store
  }
  const result = await playHistory({ ...given, options: withoutRestores(options), createStore, hold: turns })
  if (result.violations.length === 0) await audit(store)
  return { ...result, violations: [...result.violations, ...found] }
}

/** TypeScript does not see that the history has made its store. */
async function audit(store: PostgresWorldStore | null): Promise<void> {
  await store?.audit()
}

/** A server that is set back is another one, and takes seconds: that is played elsewhere, with real standbys. */
function withoutRestores(options: Options): Options {
  return withoutFault(withoutFault(options, 'lost_tail'), 'restore')
}
