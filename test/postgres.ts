import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'
import { sha256Hex } from '../src/lib/digest.ts'
import { systemRandom } from '../src/lib/random.ts'
import { startEmbedded } from '../src/store/embedded.ts'
import { migrate } from '../src/store/migrate.ts'
import { openPool } from '../src/store/postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A server on which tests make databases of their own. Nothing is ever written to the database it names. */
    postgresUrl: string
  }
}

/**
 * One Postgres for all tests of a run: an embedded one that vanishes afterwards, or the one of `TEST_DATABASE_URL`, whose
 * user must be allowed to make databases (for a run on the oldest version we support, for example).
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_DATABASE_URL
  if (given) {
    project.provide('postgresUrl', given)
    return async () => {}
  }
  const folder = await temporaryFolder()
  const lines: string[] = []
  const started = await startEmbedded({ dataDir: folder, log: line => lines.push(line) })
  if (!started.ok) {
    await rm(folder, { recursive: true })
    throw new Error([started.why, ...lines].join('\n'))
  }
  project.provide('postgresUrl', started.server.url)
  return async () => {
    await started.server.stop()
    await rm(folder, { recursive: true })
  }
}

/** For a harness that no test runner started: the server on which it makes its databases. */
export function makeDatabasesOn(url: string): void {
  chosenUrl = url
}

let chosenUrl: string | null = null

function serverUrl(): string {
  return chosenUrl ?? inject('postgresUrl')
}

export interface TestDatabase {
  url: string
  /** Removes the database, and with it every connection to it. */
  drop(): Promise<void>
}

/** A fresh, empty database of its own. */
export async function createTestDatabase(name = 'test'): Promise<TestDatabase> {
  return createDatabase(name, 'template0')
}

/** A fresh database with every migration applied: a copy of one that is migrated once. `folder`: of another checkout. */
export async function createMigratedDatabase(name = 'test', folder = MIGRATIONS): Promise<TestDatabase> {
  const template = await withServer(server => migratedTemplate(server, folder))
  return createDatabase(name, template)
}

/** A folder under the system's temporary one that other users may pass through, as the server does under root. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-'))
  await chmod(folder, 0o711)
  return folder
}

export const MIGRATIONS = new URL('../src/store/migrations/', import.meta.url)

async function createDatabase(name: string, template: string): Promise<TestDatabase> {
  const database = `${name}_${systemRandom.text('abcdefghijklmnopqrstuvwxyz0123456789', 12)}`
  const quoted = pg.escapeIdentifier(database)
  await withServer(server => server.query(`create database ${quoted} template ${template} encoding 'UTF8'`))
  const drop = async () => {
    await withServer(server => dropDatabase(server, quoted))
  }
  return { url: urlOf(database), drop }
}

/** A vacuum of the server's own may be at work in it, which nobody but the server may end: it is over in a moment. */
async function dropDatabase(server: pg.Client, quoted: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await server.query(`drop database if exists ${quoted} with (force)`)
      return
    } catch (error) {
      const isVacuumed = error instanceof pg.DatabaseError && error.code === '42501'
      if (!isVacuumed || tries === 50) throw error
      await sleep(100)
    }
  }
}

/** Named after the contents of the migrations, so that on a server that stays, changed ones never meet an old copy. */
async function migratedTemplate(server: pg.Client, folder: URL): Promise<string> {
  const files = await migrationFiles(folder)
  const template = `quittance_template_${sha256Hex(files.join('\0')).slice(0, 16)}`
  await server.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK])
  const { rows } = await server.query('select datistemplate as ready from pg_database where datname = $1', [
    template,
  ])
  if (rows[0]?.ready === true) return template

  // One that is there and not ready is what a run that was cut short left behind.
  await dropDatabase(server, template)
  await server.query(`create database ${template} template template0 encoding 'UTF8'`)
  if (files.length > 0) await migrateOnce(urlOf(template), folder)
  await server.query(`alter database ${template} is_template true`)
  return template
}

/** An arbitrary number; the session that holds the lock ends with `withServer`. */
const TEMPLATE_LOCK = 730_515_884

async function migrationFiles(folder: URL): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  const files = names.filter(name => name.endsWith('.sql')).sort()
  return Promise.all(files.map(async name => `${name}\n${await readFile(new URL(name, folder), 'utf8')}`))
}

async function migrateOnce(url: string, folder: URL): Promise<void> {
  const log = { warn: () => {} }
  const pool = openPool({ url, size: 1, applicationName: 'quittance test template', log })
  try {
    await migrate(pool, { folder, log: () => {} })
  } finally {
    await pool.end()
  }
}

async function withServer<T>(body: (server: pg.Client) => Promise<T>): Promise<T> {
  const server = new pg.Client({ connectionString: serverUrl() })
  // One that breaks in use fails the query that uses it; unheard it would end this process too.
  server.on('error', () => {})
  await server.connect()
  try {
    return await body(server)
  } finally {
    await server.end()
  }
}

function urlOf(database: string): string {
  const url = new URL(serverUrl())
  url.pathname = `/${database}`
  return url.href
}
