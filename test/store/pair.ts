// Both stores of a run: Postgres by the clock of the script, and a fresh model for each script.
import { createSeal } from '../../src/lib/seal.ts'
import { openPool, type Pool } from '../../src/store/postgres.ts'
import { openStore } from '../../src/store/postgres-store.ts'
import type { Store } from '../../src/store/store.ts'
import { createModelStore, type ModelStore } from '../simulation/model/model-store.ts'
import { installScriptClock, type ScriptClock, scriptClock } from './clock.ts'
import { createRowReader, type RowReader } from './rows.ts'

export type Isolation = 'read committed' | 'serializable'

export interface Pair {
  readonly isolation: Isolation
  readonly postgres: Store
  readonly pool: Pool
  readonly clock: ScriptClock
  readonly reader: RowReader
  readonly createModel: (clock: { now(): number }) => ModelStore
  close(): Promise<void>
}

/** `url`: a migrated database of its own, which is changed for good. */
export async function openPair(url: string, isolation: Isolation): Promise<Pair> {
  await installScriptClock(url, isolation)
  const log = { warn: () => undefined }
  const pool = openPool({ url, size: PARALLEL_MAX + 1, applicationName: 'store scripts', log })
  // Nothing crashes here, so nobody has to wait for the disk. The pool itself refuses such a server; that is past by now.
  pool.on('connect', client => void client.query('set synchronous_commit = off'))
  const seal = createSeal([{ id: 'scripts', key: new Uint8Array(32).fill(7) }])
  const postgres = openStore({ pool, seal })
  return {
    ...{ isolation, postgres, pool, clock: scriptClock(pool), reader: await createRowReader(pool, seal) },
    createModel: clock => createModelStore({ clock }),
    close: () => postgres.close(),
  }
}

/** Calls of one group: their orders are tried one by one. */
export const PARALLEL_MAX = 3
