// One history over real Postgres, as often as it is asked for: the database is cleared before each.
import { type Options, withoutFault } from '../options.ts'
import type { HostNeeds } from '../process/host.ts'
import { type HistoryResult, playHistory } from '../runner/history.ts'
import { createBeside } from './beside.ts'
import type { WorldDatabase } from './database.ts'
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
  const parted: string[] = []
  let store: PostgresWorldStore | null = null
  const createStore = (clock: { now(): number }): PostgresWorldStore => {
    const beside = besideModel ? createBeside(clock) : null
    store = openWorldStore({ database, turns, clock, beside, parted: said => void parted.push(said) })
    return store
  }
  const result = await playHistory({ ...given, options: withoutRestores(options), createStore, hold: turns })
  if (result.violations.length === 0) await compare(store)
  const violations = parted.map(said => ({ invariant: MODEL, said, atMs: result.virtualMs }))
  return { ...result, violations: [...result.violations, ...violations] }
}

/** Postgres and the model part. */
export const MODEL = 'model'

/** TypeScript does not see that the history has made its store. */
async function compare(store: PostgresWorldStore | null): Promise<void> {
  await store?.compare()
}

/** A server that is set back is another one, and takes seconds: that is played elsewhere, with real standbys. */
function withoutRestores(options: Options): Options {
  return withoutFault(withoutFault(options, 'lost_tail'), 'restore')
}
