// `quittance migrate`: the database brought to the schema of this program, or, with --check, only looked at.
import { ROLE_MISSING } from '../auditor/session.ts'
import { createLog } from '../lib/log.ts'
import { prepareAuditorRole } from '../store/auditor.ts'
import { MigrationRefused, type MigrationState, migrate, migrationState } from '../store/migrate.ts'
import { openPool, type Pool } from '../store/postgres.ts'
import { MIGRATIONS } from '../store/postgres-store.ts'
import { configured, type Environment } from './configured.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface MigrateOptions {
  readonly check?: boolean
}

export async function migrateDatabase(
  options: MigrateOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  const config = configured('migrate', environment, terminal)
  if (config === null || config.databaseUrl === null) return 2
  const log = createLog({ level: config.logLevel, destination: process.stderr })
  const pool = openPool({ url: config.databaseUrl, size: 1, applicationName: 'quittance migrate', log })
  try {
    return options.check === true ? await check(pool, terminal) : await apply(pool, terminal)
  } catch (error) {
    terminal.problem(`quittance migrate: ${error instanceof Error ? error.message : String(error)}`)
    return error instanceof MigrationRefused ? 2 : 1
  } finally {
    await pool.end()
  }
}

async function apply(pool: Pool, terminal: Terminal): Promise<ExitCode> {
  const { applied, already } = await migrate(pool, { folder: MIGRATIONS, log: line => terminal.line(line) })
  terminal.line(`${applied.length} applied, ${already} were there: the database is current.`)
  if (!(await prepareAuditorRole(pool))) terminal.problem(`quittance migrate: ${ROLE_MISSING}`)
  return 0
}

async function check(pool: Pool, terminal: Terminal): Promise<ExitCode> {
  const state = await migrationState(pool, MIGRATIONS)
  terminal.line(STATE_WORDS[state])
  return state === 'current' ? 0 : 1
}

const STATE_WORDS: Readonly<Record<MigrationState, string>> = {
  current: 'current: the database has every migration of this program.',
  behind: 'behind: migrations are missing; run quittance migrate.',
  newer: 'newer: the database knows migrations that this program does not; use a newer program.',
  changed: 'changed: a migration was edited after it was applied; find out by whom before anything else.',
}
