import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assert } from '../lib/assert.ts'
import { sha256Hex } from '../lib/digest.ts'
import { type Pool, type PoolClient, transaction } from './postgres.ts'

/** How the database stands to the files of this program; only `current` is ready for work. */
export type MigrationState = 'current' | 'behind' | 'newer' | 'changed'

/** The database and the files contradict each other, or the files are not a sequence. The message names the file. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused'
}

/**
 * Applies the files `NNNN-name.sql` of a folder that the database does not have yet: in order, each in one transaction
 * together with its row in `schema_migration`, so that a file that fails leaves nothing. Every transaction first waits
 * for the same lock and then looks at what is still missing: any number of processes may migrate at once.
 *
 * A file holds plain SQL without BEGIN and COMMIT. What was applied is never edited; a change is a new file.
 *
 * @throws MigrationRefused before anything is applied, if a file that was applied has changed or is gone, a number is
 *   missing, or the database knows more than this program
 */
export async function migrate(
  pool: Pool,
  options: { folder: URL | string; log: (line: string) => void },
): Promise<{ applied: string[]; already: number }> {
  const files = await readFiles(options.folder)
  const applied: string[] = []
  // One round more than there are files: also a database without anything missing is judged.
  for (let round = 0; round <= files.length; round += 1) {
    const name = await applyNext(pool, files)
    if (name === undefined) break
    options.log(`migrated ${name}`)
    applied.push(name)
  }
  return { applied, already: files.length - applied.length }
}

/** Compares without changing anything, and throws only if the folder or the database cannot be read. */
export async function migrationState(pool: Pool, folder: URL | string): Promise<MigrationState> {
  const files = await readFiles(folder)
  const { rows } = await pool.query(`select to_regclass('schema_migration') is not null as made`)
  return judge(files, rows[0].made ? await readApplied(pool) : []).state
}

/** An arbitrary number that nobody else locks; `quittance` on a telephone. */
const MIGRATION_LOCK = 784_882_623

/** How long one process waits for another one to migrate. */
const TURN_MS_MAX = 10 * 60_000
/** How long a file waits for a table in use, because everybody else queues up behind it. It may be tried again. */
const TABLE_WAIT_MS_MAX = 30_000
const FILE_MS_MAX = 60 * 60_000

interface File {
  name: string
  sql: string
  sha256: string
}

type Applied = Pick<File, 'name' | 'sha256'>

type Judgement =
  | { state: 'current' }
  | { state: 'behind'; next: File }
  | { state: 'newer' | 'changed'; why: string }

/** What was applied must be the beginning of what there is. */
function judge(files: readonly File[], applied: readonly Applied[]): Judgement {
  for (const [index, { name, sha256 }] of applied.entries()) {
    const file = files[index]
    if (file === undefined) {
      return {
        state: 'newer',
        why: `the database knows the migration ${name}, this program does not: it is too old`,
      }
    }
    if (file.name !== name) {
      return {
        state: 'changed',
        why: `the database has the migration ${name} where this program has ${file.name}`,
      }
    }
    if (file.sha256 !== sha256) {
      return { state: 'changed', why: `the migration ${name} was changed after it was applied` }
    }
  }
  const next = files[applied.length]
  return next ? { state: 'behind', next } : { state: 'current' }
}

async function applyNext(pool: Pool, files: readonly File[]): Promise<string | undefined> {
  return transaction(pool, async client => {
    await client.query(`set local statement_timeout = 0; set local lock_timeout = ${TURN_MS_MAX}`)
    await patiently(client, `select pg_advisory_xact_lock(${MIGRATION_LOCK})`)
    await client.query(`set local lock_timeout = ${TABLE_WAIT_MS_MAX}`)
    await client.query(
      `create table if not exists schema_migration (
         name text primary key,
         sha256 text not null,
         applied_at timestamptz not null default clock_timestamp())`,
    )
    const judgement = judge(files, await readApplied(client))
    if (judgement.state === 'current') return undefined
    if (judgement.state !== 'behind') throw new MigrationRefused(judgement.why)
    const { name, sql, sha256 } = judgement.next
    try {
      await patiently(client, sql)
    } catch (error) {
      throw new Error(`the migration ${name} failed: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      })
    }
    assert(client.getTransactionStatus() === 'T', 'a migration neither commits nor rolls back')
    await client.query('insert into schema_migration (name, sha256) values ($1, $2)', [name, sha256])
    return name
  })
}

/** Longer than the pool lets an ordinary statement take. */
async function patiently(client: PoolClient, text: string): Promise<void> {
  const request = { text, query_timeout: FILE_MS_MAX }
  await client.query(request)
}

async function readApplied(client: Pool | PoolClient): Promise<Applied[]> {
  const { rows } = await client.query<Applied>(
    'select name, sha256 from schema_migration order by name collate "C"',
  )
  return rows
}

async function readFiles(folder: URL | string): Promise<File[]> {
  const path = typeof folder === 'string' ? folder : fileURLToPath(folder)
  const names = (await readdir(path)).filter(name => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name, index) => {
      const expected = `${index + 1}`.padStart(4, '0')
      if (!/^\d{4}-[a-z0-9-]+\.sql$/.test(name))
        throw new MigrationRefused(`${name} is not named NNNN-name.sql`)
      if (!name.startsWith(expected))
        throw new MigrationRefused(`the migration ${expected} is missing before ${name}`)
      // A checkout with Windows line ends holds the same migration.
      const sql = (await readFile(join(path, name), 'utf8')).replaceAll('\r\n', '\n')
      return { name, sql, sha256: sha256Hex(sql) }
    }),
  )
}
