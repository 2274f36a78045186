import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, connect as openSocket, type Socket } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createTestDatabase, type TestDatabase, temporaryFolder } from '../../test/postgres.ts'
import { startEmbedded } from './embedded.ts'
import {
  CommitInDoubt,
  isRetryable,
  isUnavailable,
  openPool,
  type Pool,
  type PoolClient,
  type PoolOptions,
  transaction,
  UnsuitableServer,
} from './postgres.ts'

let database: TestDatabase
let pool: Pool

beforeAll(async () => {
  database = await createTestDatabase('postgres')
  pool = openPool({ url: database.url, size: 4, applicationName: 'quittance test', log: { warn } })
  await pool.query('create table entry (id int8 primary key, note text)')
  // Something happens at COMMIT itself: an entry is looked at there, and its note says what.
  await pool.query(`create function at_commit() returns trigger language plpgsql as $$
    begin
      if new.note = 'refuse' then raise exception 'refused at commit' using errcode = '23514'; end if;
      if new.note = 'warn' then raise warning 'something about this commit'; end if;
      if new.note = 'slow' then perform pg_sleep(0.5); end if;
      return null;
    end $$`)
  await pool.query(`create constraint trigger at_commit after insert on entry deferrable initially deferred
    for each row execute function at_commit()`)
})

afterAll(async () => {
  await pool.end()
  await database.drop()
})

test('of several servers the first that answers is used, and stays in use', async () => {
  const { port } = new URL(database.url)
  const url = database.url.replace(`127.0.0.1:${port}`, `127.0.0.1:9,127.0.0.1:${port}`)
  const several = ownPool({ url, size: 4 })
  const three = await Promise.all([1, 2, 3].map(n => several.query('select $1::int4 as n', [n])))
  expect(three.map(({ rows }) => rows[0]?.n)).toEqual([1, 2, 3])
  const client = await several.connect()
  client.release(true)
  expect((await several.query('select 4 as n')).rows).toEqual([{ n: 4 }])
})

test('where none of several servers answers the last one’s word is passed on, and no other is tried for ever', async () => {
  const several = ownPool({ url: 'postgres://u:p@127.0.0.1:9,127.0.0.1:10/q' })
  await expect(several.query('select 1')).rejects.toSatisfy(isUnavailable)
})

test('a session reads int8 as bigint, speaks UTC and keeps its limits', async () => {
  const other = ownPool({ statementTimeoutMs: 1234, idleInTransactionTimeoutMs: 5678 })
  const { rows } = await other.query(
    `select 9007199254740993::int8 as big, null::int8 as nothing, '{-1,NULL,9223372036854775807}'::int8[] as many,
       '{}'::int8[] as none, 7::int4 as small, 0.10::numeric as exact, current_setting('TimeZone') as zone,
       current_setting('statement_timeout') as statement, current_setting('application_name') as name,
       current_setting('idle_in_transaction_session_timeout') as idle`,
  )
  expect(rows[0]).toEqual({
    big: 9007199254740993n,
    nothing: null,
    many: [-1n, null, 9223372036854775807n],
    none: [],
    small: 7,
    exact: '0.10',
    zone: 'UTC',
    statement: '1234ms',
    name: 'quittance test',
    idle: '5678ms',
  })
  // The driver's own table is left alone: it belongs to every library in the process.
  expect(pg.types.getTypeParser(20)('1')).toBe('1')
})

test('a statement that takes too long is ended by the server', async () => {
  const error = await failure(ownPool({ statementTimeoutMs: 100 }).query('select pg_sleep(5)'))
  expect(error).toMatchObject({ code: '57014' })
  expect(isUnavailable(error)).toBe(false)
})

test('a server that acknowledges a commit before it is safe is refused', async () => {
  const withLevel = (level: string) =>
    `${database.url}?options=${encodeURIComponent(`-c synchronous_commit=${level}`)}`
  for (const level of ['off', 'local', 'remote_write']) {
    const error = await failure(ownPool({ url: withLevel(level) }).query('select 1'))
    expect(error).toBeInstanceOf(UnsuitableServer)
    expect(error).toMatchObject({ message: expect.stringContaining(`synchronous_commit is ${level}:`) })
  }
  for (const level of ['on', 'remote_apply']) await ownPool({ url: withLevel(level) }).query('select 1')
})

test('a server older than 15 is refused', async () => {
  const { rows } = await pool.query(`select current_setting('server_version_num') as version`)
  const answering = (version: string) =>
    ownProxy({
      toClient: bytes => Buffer.from(bytes.toString('latin1').replace(rows[0].version, version), 'latin1'),
    })
  const error = await failure(ownPool({ url: await answering('140022') }).query('select 1'))
  expect(error).toBeInstanceOf(UnsuitableServer)
  expect(error).toMatchObject({ message: expect.stringContaining('Postgres 15 or later is needed') })
  await ownPool({ url: await answering('150000') }).query('select 1')
})

test('a database that cannot hold every name is refused', async () => {
  const name = new URL(database.url).pathname.slice(1)
  await pool.query(
    `create database ${name}_ascii template template0 encoding 'SQL_ASCII' locale 'C' locale_provider libc`,
  )
  onTestFinished(async () => void (await pool.query(`drop database ${name}_ascii with (force)`)))
  const error = await failure(ownPool({ url: `${database.url}_ascii` }).query('select 1'))
  expect(error).toBeInstanceOf(UnsuitableServer)
  expect(error).toMatchObject({ message: expect.stringContaining('SQL_ASCII') })
})

test('a transaction gives what its body gives, and is committed', async () => {
  expect(await transaction(pool, async client => insert(client, 1))).toBe(1)
  expect(await stored(1)).toBe(true)
})

test('a transaction whose body fails leaves nothing, passes the error on and keeps its connection', async () => {
  const one = ownPool({ size: 1 })
  const session = await pidOf(one)
  const ours = new Error('of our own')
  const thrown = await failure(
    transaction(one, async client => {
      await insert(client, 2)
      throw ours
    }),
  )
  expect(thrown).toBe(ours)
  const theirs = await failure(transaction(one, client => client.query('select 1 / 0')))
  expect(theirs).toMatchObject({ code: '22012' })
  expect(await stored(2)).toBe(false)
  expect(await pidOf(one)).toBe(session)
})

test('a session whose transaction may still be open is given to nobody else', async () => {
  const one = ownPool({ size: 1 })
  const session = await pidOf(one)
  // What a body reports that lost some other connection: then nobody is asked to roll back.
  const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
  const error = await failure(
    transaction(one, async client => {
      await insert(client, 13)
      throw lost
    }),
  )
  expect(error).toBe(lost)
  expect(await pidOf(one)).not.toBe(session)
  expect(await stored(13)).toBe(false)
})

test('a body that swallows the error of a statement never looks committed', async () => {
  const error = await failure(
    transaction(pool, async client => {
      await insert(client, 3)
      await client.query('select 1 / 0').catch(() => {})
    }),
  )
  expect(error).toBeInstanceOf(CommitInDoubt)
  expect(error).toMatchObject({ message: expect.stringContaining('ROLLBACK') })
  expect(await stored(3)).toBe(false)
})

test('a COMMIT that the server refuses is a failure and no doubt', async () => {
  const one = ownPool({ size: 1 })
  const session = await pidOf(one)
  const error = await failure(transaction(one, client => insert(client, 4, 'refuse')))
  expect(error).toMatchObject({ code: '23514' })
  expect(error).not.toBeInstanceOf(CommitInDoubt)
  expect(await stored(4)).toBe(false)
  expect(await pidOf(one)).toBe(session)
})

test('a COMMIT that comes with a warning is in doubt', async () => {
  const error = await failure(transaction(pool, client => insert(client, 5, 'warn')))
  expect(error).toBeInstanceOf(CommitInDoubt)
  expect(error).toMatchObject({ message: expect.stringContaining('something about this commit') })
  expect(isUnavailable(error)).toBe(false)
  expect(isRetryable(error)).toBe(false)
  expect(await stored(5)).toBe(true)
})

test('a COMMIT whose connection is cut is in doubt, whether it arrived or not', async () => {
  const before = await ownProxy({ toServer: bytes => (isCommit(bytes) ? 'cut' : bytes) })
  const lost = await failure(transaction(ownPool({ url: before }), client => insert(client, 6)))
  expect(lost).toBeInstanceOf(CommitInDoubt)
  expect(isUnavailable(lost)).toBe(false)

  const after = await ownProxy({ toClient: bytes => (bytes.includes('COMMIT\0') ? 'cut' : bytes) })
  const unanswered = await failure(transaction(ownPool({ url: after }), client => insert(client, 7)))
  expect(unanswered).toBeInstanceOf(CommitInDoubt)

  expect(await stored(6)).toBe(false)
  expect(await stored(7)).toBe(true)
})

test('a COMMIT during which the server ends the session is in doubt', async () => {
  const one = ownPool({ size: 1 })
  const session = await pidOf(one)
  const committing = failure(transaction(one, client => insert(client, 8, 'slow')))
  await expect.poll(() => activityOf(session)).toMatch(/commit$/)
  await pool.query('select pg_terminate_backend($1)', [session])
  expect(await committing).toBeInstanceOf(CommitInDoubt)
  expect(await pidOf(one)).not.toBe(session)
})

test('the statement time-out does not cut a COMMIT short', async () => {
  const hasty = ownPool({ statementTimeoutMs: 200 })
  await transaction(hasty, client => insert(client, 10, 'slow'))
  expect(await stored(10)).toBe(true)
  const forced = transaction(hasty, async client => {
    await insert(client, 11, 'slow')
    await client.query('set constraints all immediate')
  })
  expect(await failure(forced)).toMatchObject({ code: '57014' })
})

test('a COMMIT that no longer waits for its standby is in doubt', { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder()
  const started = await startEmbedded({ dataDir: folder, log: () => {} })
  if (!started.ok) throw new Error(started.why)
  onTestFinished(async () => {
    await started.server.stop()
    await rm(folder, { recursive: true })
  })
  const admin = new pg.Client({ connectionString: started.server.url.replace('//quittance', '//postgres') })
  await admin.connect()
  await admin.query(`alter system set synchronous_standby_names = 'one_that_never_comes'`)
  await admin.query('select pg_reload_conf()')

  const one = ownPool({ url: started.server.url, size: 1 })
  const session = await pidOf(one)
  await expect
    .poll(async () => (await one.query('show synchronous_standby_names')).rows[0].synchronous_standby_names)
    .toMatch(/never/)
  const committing = failure(transaction(one, client => client.query('create table held_up ()')))
  const waiting = async () =>
    (await admin.query('select wait_event from pg_stat_activity where pid = $1', [session])).rows[0]
      ?.wait_event
  await expect.poll(waiting).toBe('SyncRep')
  await admin.query('select pg_cancel_backend($1)', [session])

  const error = await committing
  expect(error).toBeInstanceOf(CommitInDoubt)
  expect(error).toMatchObject({ message: expect.stringContaining('synchronous replication') })
  expect((await admin.query(`select to_regclass('held_up') is not null as made`)).rows).toEqual([
    { made: true },
  ])
  await admin.end()
})

test('a connection that breaks in use fails its transaction, and nothing else', async () => {
  const one = ownPool({ size: 1 })
  const error = await failure(
    transaction(one, async client => {
      const { rows } = await client.query('select pg_backend_pid() as pid')
      await pool.query('select pg_terminate_backend($1)', [rows[0].pid])
      await insert(client, 12)
    }),
  )
  expect(error).not.toBeInstanceOf(CommitInDoubt)
  expect(isUnavailable(error)).toBe(true)
  expect(await stored(12)).toBe(false)
  expect((await one.query('select 1 as up')).rows).toEqual([{ up: 1 }])
})

test('a connection that breaks while idle is logged and replaced', async () => {
  const logged: unknown[] = []
  const one = ownPool({ size: 1, log: { warn: (...line: unknown[]) => void logged.push(line) } })
  await pool.query('select pg_terminate_backend($1)', [await pidOf(one)])
  await expect
    .poll(() => logged)
    .toEqual([[{ err: expect.objectContaining({ code: '57P01' }) }, expect.any(String)]])
  expect((await one.query('select 1 as up')).rows).toEqual([{ up: 1 }])
})

test('a database that is away, full or busy is unavailable; a refused statement is not', async () => {
  const nobody = createServer().listen(0, '127.0.0.1')
  await once(nobody, 'listening')
  const away = new URL(database.url)
  away.port = String(portOf(nobody))
  nobody.close()
  expect(isUnavailable(await failure(ownPool({ url: away.href }).query('select 1')))).toBe(true)

  const silent = await ownProxy({ toClient: () => Buffer.alloc(0) })
  expect(
    isUnavailable(await failure(ownPool({ url: silent, connectTimeoutMs: 100 }).query('select 1'))),
  ).toBe(true)

  const one = ownPool({ size: 1, connectTimeoutMs: 1000 })
  const held = await one.connect()
  expect(isUnavailable(await failure(one.query('select 1')))).toBe(true)
  held.release()

  const crowded = new URL(database.url)
  crowded.username = `${crowded.pathname.slice(1)}_crowded`
  crowded.password = 'crowded'
  await pool.query(`create role ${crowded.username} login password 'crowded' connection limit 0`)
  onTestFinished(async () => void (await pool.query(`drop role ${crowded.username}`)))
  const full = await failure(ownPool({ url: crowded.href }).query('select 1'))
  expect(full).toMatchObject({ code: '53300' })
  expect(isUnavailable(full)).toBe(true)

  expect(isUnavailable(await failure(pool.query('select 1 / 0')))).toBe(false)
  expect(isUnavailable(await failure(pool.query('select from nowhere')))).toBe(false)
  expect(isUnavailable(new Error('Connection problems of another kind'))).toBe(false)
  expect(isUnavailable('57P01')).toBe(false)
})

test('a transaction that lost to another one may be repeated; one that broke a rule may not', async () => {
  await transaction(pool, client => insert(client, 20))
  const error = await failure(
    transaction(pool, async client => {
      await client.query('set transaction isolation level repeatable read')
      await client.query('select from entry')
      await transaction(pool, other => other.query(`update entry set note = 'theirs' where id = 20`))
      await client.query(`update entry set note = 'ours' where id = 20`)
    }),
  )
  expect(error).toMatchObject({ code: '40001' })
  expect(isRetryable(error)).toBe(true)

  const deadlock = await Promise.all([lockBoth(20, 1), lockBoth(1, 20)])
  const loser = deadlock.find(result => result !== undefined)
  expect(loser).toMatchObject({ code: '40P01' })
  expect(isRetryable(loser)).toBe(true)

  const rule = await failure(transaction(pool, client => insert(client, 20)))
  expect(rule).toMatchObject({ code: '23505' })
  expect(isRetryable(rule)).toBe(false)
})

function warn(): void {}

/** A pool that ends with the test. */
function ownPool(options: Partial<PoolOptions>): Pool {
  const own = openPool({
    url: database.url,
    size: 2,
    applicationName: 'quittance test',
    log: { warn },
    ...options,
  })
  onTestFinished(() => own.end())
  return own
}

async function insert(client: PoolClient, id: number, note = ''): Promise<number> {
  await client.query('insert into entry (id, note) values ($1, $2)', [id, note])
  return id
}

/** Whether the entry is there, once nobody is at work on it any more. */
async function stored(id: number): Promise<boolean> {
  return transaction(pool, async client => {
    await client.query('lock table entry in exclusive mode')
    return (await client.query('select from entry where id = $1', [id])).rowCount === 1
  })
}

async function pidOf(own: Pool): Promise<number> {
  return (await own.query('select pg_backend_pid() as pid')).rows[0].pid
}

async function activityOf(session: number): Promise<string> {
  const { rows } = await pool.query('select query from pg_stat_activity where pid = $1', [session])
  return rows[0]?.query ?? ''
}

async function lockBoth(first: number, second: number): Promise<unknown> {
  const lock = 'select from entry where id = $1 for update'
  return transaction(pool, async client => {
    await client.query(lock, [first])
    await client.query('select pg_sleep(0.2)')
    await client.query(lock, [second])
  }).catch(error => error)
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('it was meant to fail'),
    error => error,
  )
}

function isCommit(bytes: Buffer): boolean {
  return bytes.includes('commit\0')
}

type Edit = (bytes: Buffer) => Buffer | 'cut'

/** A line to the database that may change what passes, or break. */
async function ownProxy(edits: { toServer?: Edit; toClient?: Edit }): Promise<string> {
  const target = new URL(database.url)
  const [port, hostname] = [Number.parseInt(target.port, 10), target.hostname]
  const sockets: Socket[] = []
  const server = createServer(client => {
    const upstream = openSocket(port, hostname)
    sockets.push(client, upstream)
    const pass = (from: Socket, to: Socket, edit: Edit = bytes => bytes) => {
      from.on('error', () => {})
      from.on('close', () => to.destroy())
      from.on('data', bytes => {
        const edited = edit(bytes)
        if (edited === 'cut') client.destroy()
        else to.write(edited)
      })
    }
    pass(client, upstream, edits.toServer)
    pass(upstream, client, edits.toClient)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  target.port = String(portOf(server))
  target.hostname = '127.0.0.1'
  return target.href
}

function portOf(server: ReturnType<typeof createServer>): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  return address.port
}
