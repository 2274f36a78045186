// The auditor's own two connections: one that reads whole snapshots, one that writes findings while a snapshot is open.
import pg from 'pg'
import { databaseUrls } from '../lib/database-urls.ts'

/** The one sentence for whoever may make roles; also what `quittance migrate` says where it may not. */
export const ROLE_MISSING =
  'the role quittance_auditor cannot be used: let an administrator run "create role quittance_auditor nologin; grant quittance_auditor to <the user of DATABASE_URL>;" and then quittance migrate again, or set QUITTANCE_AUDITOR_URL to a connection of its own'

/** It does not start, and the message is the sentence that says what to do. */
export class AuditorRefused extends Error {
  override readonly name = 'AuditorRefused'
}

export interface Session {
  /** Text in, text out: amounts never pass through a double. */
  read<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>
  /** Runs `body` over one snapshot, which sees nothing that is committed later, and changes nothing. */
  inSnapshot<T>(body: (snapshot: string) => Promise<T>): Promise<T>
  /** Runs `body` in one transaction on the other connection; one at a time, in the order of the calls. */
  write<T>(body: (query: Query) => Promise<T>): Promise<T>
  /** True from then on: no other auditor of this database is active while this session lasts. */
  takeTurn(): Promise<boolean>
  /** Lets go at once, also of what is under way. */
  close(): Promise<void>
}

export type Query = <Row extends pg.QueryResultRow>(
  text: string,
  values?: readonly unknown[],
) => Promise<Row[]>

/** @param own whether the connection was given for the auditor alone; else it takes the role, which it then must be able to */
export async function openSession({ url, own }: { url: string; own: boolean }): Promise<Session> {
  await using opening = new AsyncDisposableStack()
  const reader = await connect(url, own, opening)
  const writer = await connect(url, own, opening)
  const open = opening.move()
  let turn: Promise<unknown> = Promise.resolve()

  const queryOf =
    (client: pg.Client): Query =>
    async (text, values = []) =>
      (await client.query<never>(text, [...values])).rows
  const read = queryOf(reader)

  return {
    read,
    async inSnapshot(body) {
      await read('begin isolation level repeatable read read only')
      try {
        const [row] = await read<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot')
        return await body(row?.snapshot ?? '')
      } finally {
        // It only read. Where the connection is broken there is nothing to end, and the next statement says so.
        await read('rollback').catch(() => {})
      }
    },
    write(body) {
      const next = turn.then(() => inTransaction(queryOf(writer), body))
      turn = next.catch(() => {})
      return next
    },
    async takeTurn() {
      const [row] = await read<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [TURN_LOCK])
      return row?.taken === true
    },
    close: () => open.disposeAsync(),
  }
}

async function inTransaction<T>(query: Query, body: (query: Query) => Promise<T>): Promise<T> {
  await query('begin')
  try {
    const result = await body(query)
    await query('commit')
    return result
  } catch (error) {
    await query('rollback').catch(() => {})
    throw error
  }
}

/** An arbitrary number that nobody else locks; `auditor` on a telephone. */
const TURN_LOCK = 2_834_867

const CONNECT_MS_MAX = 10_000
/** The sums over whole tables take the longest. What takes longer is taken for hung: the process ends and begins again. */
const STATEMENT_MS_MAX = 5 * 60_000
const IDLE_MS_MAX = 60_000
const ANSWER_MARGIN_MS = 5_000

/** To the first of the servers that answers and takes writes: findings are written, and a standby lags behind. */
async function connect(url: string, own: boolean, closing: AsyncDisposableStack): Promise<pg.Client> {
  const client = await connectToAny(databaseUrls(url) ?? [url])
  closing.defer(() => client.end())
  await client.query(
    `select set_config(name, value, false) from unnest($1::text[], $2::text[]) as setting (name, value)`,
    [Object.keys(SETTINGS), Object.values(SETTINGS)],
  )
  await takeRole(client, own)
  return client
}

async function connectToAny(urls: readonly string[]): Promise<pg.Client> {
  let failed: unknown = null
  for (const url of urls) {
    const client = clientOf(url)
    try {
      await client.connect()
      const { rows } = await client.query('select pg_is_in_recovery() as follows')
      if (rows[0]?.follows === false) return client
      failed = new Error('the database is a standby, which takes no writes')
    } catch (error) {
      failed = error
    }
    await client.end().catch(() => {})
  }
  throw failed
}

function clientOf(url: string): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'quittance auditor',
    connectionTimeoutMillis: CONNECT_MS_MAX,
    query_timeout: STATEMENT_MS_MAX + ANSWER_MARGIN_MS,
    keepAlive: true,
    types: { getTypeParser: (oid, format) => (oid === INT8 ? String : pg.types.getTypeParser(oid, format)) },
  })
  // A connection that breaks fails the query that uses it. As an unheard event it would end the process without a word.
  client.on('error', () => {})
  return client
}

const INT8 = 20
const SETTINGS: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  statement_timeout: `${STATEMENT_MS_MAX}`,
  idle_in_transaction_session_timeout: `${IDLE_MS_MAX}`,
}

/** With less than it needs it would see nothing and find nothing. */
async function takeRole(client: pg.Client, own: boolean): Promise<void> {
  try {
    if (!own) await client.query('set role quittance_auditor')
    const { rows } = await client.query(
      `select has_table_privilege('balance', 'select') and has_table_privilege('finding', 'insert') as may`,
    )
    if (rows[0]?.may === true) return
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    if (error.code === UNDEFINED_TABLE)
      throw new AuditorRefused('the database schema is behind; run quittance migrate', { cause: error })
    throw new AuditorRefused(ROLE_MISSING, { cause: error })
  }
  throw new AuditorRefused(ROLE_MISSING)
}

const UNDEFINED_TABLE = '42P01'
