import pg from 'pg'
import { databaseUrls } from '../lib/database-urls.ts'
import type { Log } from '../lib/log.ts'
import { PrimaryPool } from './primary-pool.ts'

export type Pool = pg.Pool
export type PoolClient = pg.PoolClient

export interface PoolOptions {
  /** `postgres://user:password@host:port/database`; with several hosts, the one that takes writes is used. */
  url: string
  /** The most connections this process opens. */
  size: number
  /** Shown in `pg_stat_activity`. */
  applicationName: string
  log: Pick<Log, 'warn'>
  /** The longest a statement may run on the server; COMMIT excepted, see `transaction`. */
  statementTimeoutMs?: number
  /** The longest an open transaction may wait for its next statement before the server ends the session. */
  idleInTransactionTimeoutMs?: number
  /** The longest wait for a connection: a free one, or a new one with its first answer. */
  connectTimeoutMs?: number
}

/**
 * Opens connections as they are needed; nothing is connected yet when it returns.
 *
 * Each new connection is set up and examined in one round trip before anybody gets it, and `UnsuitableServer` is thrown
 * to whoever asked for it when the server is too old or would acknowledge a commit that is not on its disk. A standby is
 * refused like a server that is away: what it knows may be out of date, and no decision rests on that (SAFETY B5).
 * `int8` comes back as `bigint`. A connection that breaks while idle is logged and replaced.
 *
 * `pool.query` is for reading: a write of its own would commit under the statement time-out and its warnings be lost.
 */
export function openPool(options: PoolOptions): Pool {
  const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS
  const config = {
    max: options.size,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_CONNECTION_MS_MAX,
    keepAlive: true,
    // The server gives up first and says why; this one is for a server or a network that says nothing any more.
    query_timeout: statementTimeoutMs + ANSWER_MARGIN_MS,
    types: { getTypeParser },
    onConnect: (client: pg.ClientBase) =>
      prepareSession(client, {
        TimeZone: 'UTC',
        // Whatever arrives as a notice is then a warning, in whichever language the server speaks: see `commit`.
        client_min_messages: 'warning',
        statement_timeout: `${statementTimeoutMs}`,
        idle_in_transaction_session_timeout: `${options.idleInTransactionTimeoutMs ?? IDLE_IN_TRANSACTION_TIMEOUT_MS}`,
      }),
  }
  // What is no address at all is refused by the driver, in its own words.
  const urls = databaseUrls(options.url) ?? [options.url]
  const pool = new PrimaryPool(urls, config, error => isUnavailable(error) && !isCrowded(error))
  pool.on('error', error => options.log.warn({ err: error }, 'an idle database connection broke'))
  // A connection that breaks in use fails the query that uses it. As an unheard event it would end the process, too.
  pool.on('connect', client => client.on('error', () => {}))
  return pool
}

/**
 * Runs `body` in a transaction of its own and commits it. For the store alone: nobody else holds a transaction open.
 *
 * A rejected `body` and a COMMIT that the server refused (a deferred constraint, a serialization failure) leave nothing
 * behind, and their error is passed on. @throws CommitInDoubt when it is not known what became of the transaction.
 */
export async function transaction<T>(pool: Pool, body: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let inDoubt = false
  try {
    await client.query('begin')
    const result = await orRollback(client, () => body(client))
    await commit(client)
    return result
  } catch (error) {
    inDoubt = error instanceof CommitInDoubt
    throw error
  } finally {
    // Anything short of a known end costs the connection, so that no one inherits an open transaction.
    client.release(inDoubt || client.getTransactionStatus() !== 'I')
  }
}

/**
 * The answer to a COMMIT was lost, or came with a warning. The transaction may have been committed or not; only a
 * search by natural key on a new connection can tell (SAFETY A4). Never retried as if it had failed.
 */
export class CommitInDoubt extends Error {
  override readonly name = 'CommitInDoubt'
}

/** The server answered and cannot be used: too old, or not safe enough for money. The message says what to change. */
export class UnsuitableServer extends Error {
  override readonly name = 'UnsuitableServer'
}

/** The server answered and follows another one: a standby, until it is promoted. */
export class StandbyServer extends Error {
  override readonly name = 'StandbyServer'
}

/** The database cannot be reached, is full or is going away: nothing is wrong with the request. Never a `CommitInDoubt`. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof StandbyServer) return true
  if (error instanceof pg.DatabaseError) return UNAVAILABLE_STATES.test(error.code ?? '')
  if ('code' in error && typeof error.code === 'string') return UNREACHABLE.has(error.code)
  return DRIVER_LOST.test(error.message)
}

/** The transaction was rolled back only because others ran beside it: the same one again may well succeed. */
export function isRetryable(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '40001' || error.code === '40P01')
}

const STATEMENT_TIMEOUT_MS = 30_000
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000
const CONNECT_TIMEOUT_MS = 10_000
const IDLE_CONNECTION_MS_MAX = 60_000
const ANSWER_MARGIN_MS = 5_000
const COMMIT_ANSWER_MS_MAX = 60_000

const SERVER_VERSION_MIN = 150_000

/** `local` and `remote_write` acknowledge before the commit is safe where it has to be, `off` before it is anywhere. */
const SYNCHRONOUS_COMMIT_SAFE = new Set(['on', 'remote_apply'])

/** Classes of SQLSTATE: 08 connection, 53 out of resources, 57P0x shutdown, 58 disk; 25006: a standby since a failover. */
const UNAVAILABLE_STATES = /^(08|53|57P0|58)|^25006$/

const UNREACHABLE = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'ENOENT'],
])

/** The driver's own words, which carry no code: a connection that ended, or a wait of ours that did. */
const DRIVER_LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection)/

/** All connections of the pool are in use: that is no word about the server. */
function isCrowded(error: unknown): boolean {
  return error instanceof Error && error.message === 'timeout exceeded when trying to connect'
}

const INT8 = 20
const INT8_ARRAY = 1016

/** Ours alone, not the driver's global table: another library in this process may rely on that one. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (format !== 'binary' && oid === INT8) return BigInt
  const parse = pg.types.getTypeParser(oid, format)
  if (format !== 'binary' && oid === INT8_ARRAY) return (text: string) => bigints(text)
  return parse
}

/** One dimension, as every array of ours: `{1,NULL,-3}`. */
function bigints(text: string): (bigint | null)[] {
  const inner = text.slice(1, -1)
  return inner === '' ? [] : inner.split(',').map(item => (item === 'NULL' ? null : BigInt(item)))
}

async function prepareSession(client: pg.ClientBase, settings: Record<string, string>): Promise<void> {
  const { rows } = await client.query(
    `select (select count(set_config(name, value, false)) from unnest($1::text[], $2::text[]) as setting (name, value)),
       current_setting('server_version_num')::int4 as version, current_setting('server_version') as shown,
       current_setting('synchronous_commit') as commits, current_setting('server_encoding') as encoding,
       pg_is_in_recovery() as follows`,
    [Object.keys(settings), Object.values(settings)],
  )
  const [server] = rows
  if (server.version < SERVER_VERSION_MIN) {
    throw new UnsuitableServer(`Postgres 15 or later is needed, the database is ${server.shown}`)
  }
  if (server.follows) throw new StandbyServer('the database is a standby, which takes no writes')
  if (!SYNCHRONOUS_COMMIT_SAFE.has(server.commits)) {
    throw new UnsuitableServer(
      `synchronous_commit is ${server.commits}: set it to on, or a crash loses paid payouts`,
    )
  }
  if (server.encoding !== 'UTF8') {
    throw new UnsuitableServer(`the database is encoded in ${server.encoding}: make it with encoding UTF8`)
  }
}

async function orRollback<T>(client: PoolClient, body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (error) {
    // Where nobody answers, or if this fails as well, the connection is given up and the server rolls back by itself.
    if (!isUnavailable(error)) await client.query('rollback').catch(() => {})
    throw error
  }
}

/**
 * Commits, and says so only if the server did.
 *
 * The statement time-out has no part in it: Postgres takes it off before it commits. That matters, for a COMMIT that is
 * cut off while it waits for a standby stands although its caller hears of trouble. Our own wait for the answer is
 * bounded, and longer than for a statement.
 *
 * An error to which the session survives is an answer: nothing was committed. Any other end (a broken connection, a
 * session closed by the server, no answer), a warning (`canceling wait for synchronous replication`) and a ROLLBACK in
 * place of a COMMIT, which follows a statement whose error was swallowed, are doubts.
 */
async function commit(client: PoolClient): Promise<void> {
  const warnings: string[] = []
  const listen = (notice: { message?: string | undefined }) => warnings.push(notice.message ?? 'no message')
  client.on('notice', listen)
  try {
    const request = { text: 'commit', query_timeout: COMMIT_ANSWER_MS_MAX }
    const { command } = await client.query(request)
    if (command !== 'COMMIT') throw new CommitInDoubt(`the answer to COMMIT was ${command}`)
    if (warnings.length > 0)
      throw new CommitInDoubt(`COMMIT was answered with a warning: ${warnings.join('; ')}`)
  } catch (error) {
    if (error instanceof CommitInDoubt) throw error
    if (error instanceof pg.DatabaseError && (await survived(client))) throw error
    throw new CommitInDoubt('the answer to COMMIT was lost', { cause: error })
  } finally {
    client.off('notice', listen)
  }
}

async function survived(client: PoolClient): Promise<boolean> {
  return client.query('rollback').then(
    () => true,
    () => false,
  )
}
