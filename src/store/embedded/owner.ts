import pg from 'pg'
import { systemClock } from '../../lib/clock.ts'
import type { Home } from './home.ts'
import type { Running } from './launch.ts'
import { COMMAND_MS_MAX, codeOf, InUse, messageOf, Refusal } from './system.ts'

export interface Ownership {
  /** The session is about to end on purpose: it is not to be regained. */
  letGo(): void
  close(): Promise<void>
}

/**
 * Holds the lock until `letGo`. A crash of one server process closes every session, this one too, while the server
 * goes on: then the lock is taken again.
 */
export async function takeOwnership(home: Home, running: Running, password: string): Promise<Ownership> {
  const over = new AbortController()
  let session = await ownerSession(home, running, password)
  const regain = async () => {
    for (let tries = 0; tries < REGAIN_TRIES_MAX; tries += 1) {
      if (over.signal.aborted) return
      try {
        session = await ownerSession(home, running, password)
        session.once('end', () => void regain())
        return
      } catch (error) {
        if (tries === 0) home.options.log(`lost the hold on ${home.dataDir}: ${messageOf(error)}`)
      }
      await systemClock.sleep(REGAIN_MS, over.signal)
    }
  }
  session.once('end', () => void regain())
  return { letGo: () => over.abort(), close: () => session.end() }
}

const OWNER_WAIT_MS_MAX = 1_000

const REGAIN_TRIES_MAX = 600

const REGAIN_MS = 100

const CONNECT_MS_MAX = 10_000

/** A session that holds the lock. @throws Refusal naming the process that holds it. */
async function ownerSession(home: Home, running: Running, password: string): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: running.port,
    user: 'postgres',
    database: 'postgres',
    password,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    query_timeout: COMMAND_MS_MAX,
    application_name: `quittance owner ${process.pid}`,
  })
  // Without a listener a closed connection would end this process; whoever asks next learns it anyway.
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query('show data_directory')
    if (rows[0]?.data_directory !== home.cluster)
      throw new Refusal(`port ${running.port} is another server's`)
    await lockFolder(client, home.dataDir)
    await prepareDatabase(client, password)
    return client
  } catch (error) {
    await client.end().catch(() => {})
    if (error instanceof Refusal) throw error
    if (codeOf(error) !== '28P01') throw new Refusal(`Postgres does not answer: ${messageOf(error)}`)
    throw new Refusal(`postgres.password in ${home.dataDir} is not the password of this cluster`)
  }
}

/** The two keys of the advisory lock in the database `postgres`: the letters QUIT, and the first thing to own. */
const OWNER_LOCK = [0x51554954, 1]

async function lockFolder(client: pg.Client, dataDir: string): Promise<void> {
  // The session of an owner that was killed a moment ago may still be closing.
  for (let waited = 0; waited <= OWNER_WAIT_MS_MAX; waited += OWNER_WAIT_MS_MAX / 10) {
    const { rows } = await client.query('select pg_try_advisory_lock($1, $2) as held', OWNER_LOCK)
    if (rows[0]?.held === true) return
    await systemClock.sleep(OWNER_WAIT_MS_MAX / 10)
  }
  const { rows } = await client.query(
    `select application_name as owner from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and classid::int8 = $1 and objid::int8 = $2 and granted`,
    OWNER_LOCK,
  )
  const pid = String(rows[0]?.owner ?? '').match(/\d+$/)?.[0] ?? 'unknown'
  throw new InUse(
    `${dataDir} is in use by process ${pid}: stop that one first, or choose another data folder`,
  )
}

/** Looked at on every start: the very first one may have been cut short after the cluster was in place. */
async function prepareDatabase(client: pg.Client, password: string): Promise<void> {
  const role = await client.query(`select from pg_roles where rolname = 'quittance'`)
  if (role.rowCount === 0) {
    // Not a superuser: what works here works on a managed Postgres, and row rights and triggers hold.
    await client.query(
      `create role quittance login createdb createrole password ${pg.escapeLiteral(password)}`,
    )
  }
  const database = await client.query(`select from pg_database where datname = 'quittance'`)
  if (database.rowCount === 0) await client.query('create database quittance owner quittance')
}
