// The kill switch has a connection of its own. It is read four times a second and stops all sending when it cannot be:
// so it must not wait behind others for a connection, nor long for an answer that does not come.
import { openPool, type PoolOptions } from './postgres.ts'
import type { Store } from './store.ts'
import { trippedSwitches } from './switches.ts'
import { wholeStatements } from './whole.ts'

const STATEMENT_MS_MAX = 1_000
const CONNECT_MS_MAX = 2_000

export interface SwitchReader extends Pick<Store, 'trippedSwitches'> {
  close(): Promise<void>
}

export function openSwitchReader(of: {
  readonly url: string
  /** Of the process, to be shown in `pg_stat_activity`. */
  readonly mode: string
  readonly log: PoolOptions['log']
}): SwitchReader {
  const pool = openPool({
    ...{ url: of.url, size: 1, log: of.log },
    applicationName: `quittance ${of.mode} switches`,
    statementTimeoutMs: STATEMENT_MS_MAX,
    connectTimeoutMs: CONNECT_MS_MAX,
  })
  const whole = wholeStatements(pool)
  return { trippedSwitches: () => trippedSwitches(whole), close: () => pool.end() }
}
