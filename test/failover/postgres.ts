// Postgres servers of our own, from the three programs that come with npm (initdb, pg_ctl, postgres): started, killed with
// every process they have, and promoted. What the program brings for its own start keeps one server for itself alone.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Home, prepareHome } from '../../src/store/embedded/home.ts'
import { initialise, readPassword } from '../../src/store/embedded/initialise.ts'
import { CHILD, run } from '../../src/store/embedded/system.ts'
import { childrenOf } from '../processes.ts'
import { eventually, freePort } from '../program.ts'

/** A cluster on the disk, with one database `quittance` and its owner of the same name. */
export interface Cluster {
  readonly home: Home
  /** The folder that Postgres calls its data directory. */
  readonly path: string
  readonly password: string
}

export interface Postgres {
  readonly cluster: Cluster
  readonly port: number
  /** As the owner of the database, who is no superuser. */
  readonly url: string
  readonly superUrl: string
  /** Ends the server and each of its processes at one blow; nothing of it writes or answers any more. */
  kill(): Promise<void>
  /** Ends what follows another server and takes writes from then on. @returns milliseconds until it did */
  promote(): Promise<number>
  stop(): Promise<void>
}

/** The words of the commands that `psql` would run. */
export type Ask = <Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<Row[]>

/** @param dataDir a folder that the server's user can pass through */
export async function makeCluster(dataDir: string): Promise<Cluster> {
  const cluster = await openCluster(dataDir)
  const server = await startPostgres(cluster)
  try {
    await withSession(server.superUrl.replace(/\/quittance$/, '/postgres'), async ask => {
      await ask(`create role quittance login createdb createrole password '${cluster.password}'`)
      await ask("create database quittance owner quittance template template0 encoding 'UTF8'")
    })
  } finally {
    await server.stop()
  }
  return cluster
}

/** The cluster in a folder: the one that is there, or a fresh one without any database of ours. */
export async function openCluster(dataDir: string): Promise<Cluster> {
  const home = await prepareHome({ dataDir, log: () => {} })
  const password = await readPassword(home)
  if (home.cluster === undefined) await initialise(home, password)
  if (home.cluster === undefined) throw new Error('initdb made no cluster')
  return { home, path: home.cluster, password }
}

export async function startPostgres(
  cluster: Cluster,
  settings: Readonly<Record<string, string>> = {},
): Promise<Postgres> {
  const { home, path, password } = cluster
  const port = await freePort()
  const logPath = join(home.dataDir, 'postgres.log')
  const log = await open(logPath, 'a', 0o600)
  const given = Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  const child = spawn(join(home.bin, 'postgres'), ['-D', path, '-p', `${port}`, ...given], {
    ...home.user,
    ...CHILD,
    stdio: ['ignore', log.fd, log.fd],
    detached: true,
  })
  await once(child, 'spawn').finally(() => log.close())
  const { pid } = child
  if (pid === undefined) throw new Error('postgres did not start')
  const ended = once(child, 'exit')
  running.add(child)
  void ended.then(() => running.delete(child))
  const superUrl = `postgres://postgres:${password}@127.0.0.1:${port}/quittance`

  async function stop(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGINT')
    const isGone = await Promise.race([ended.then(() => true), sleep(STOP_MS_MAX, false, { ref: false })])
    if (!isGone) child.kill('SIGQUIT')
    await ended
  }

  try {
    await eventually(
      'the server answers',
      async () => {
        if (child.exitCode !== null) throw new Error(`postgres ended:\n${await readFile(logPath, 'utf8')}`)
        return withSession(superUrl.replace(/\/quittance$/, '/postgres'), ask => ask('select 1')).then(
          () => true,
          () => false,
        )
      },
      answers => answers,
      { withinMs: 180_000, everyMs: 50 },
    )
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ...{ cluster, port, superUrl, stop },
    url: `postgres://quittance:${password}@127.0.0.1:${port}/quittance`,
    async kill() {
      const memory = await sharedMemory(path)
      // Stopped first, so that it makes no new process and does not clean up behind the ones that go.
      child.kill('SIGSTOP')
      for (const one of await childrenOf(pid)) process.kill(one, 'SIGKILL')
      child.kill('SIGKILL')
      await ended
      // The system keeps it for a server that would come back.
      if (memory !== null) await run('ipcrm', ['-m', memory]).catch(() => {})
    },
    async promote() {
      const startedMs = Date.now()
      await run(join(home.bin, 'pg_ctl'), ['promote', '-D', path, '-w', '-t', '60'], {
        ...home.user,
        timeout: 90_000,
      })
      await eventually(
        'it takes writes',
        () =>
          withSession(superUrl, async ask => {
            const [row] = await ask<{ standby: boolean }>('select pg_is_in_recovery() as standby')
            return row?.standby === false
          }).catch(() => false),
        takes => takes,
        { everyMs: 20 },
      )
      return Date.now() - startedMs
    },
  }
}

const STOP_MS_MAX = 30_000

/** Whatever ends this process takes its servers along. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGQUIT')
})

/** One session for a few statements. @throws what the server answers */
export async function withSession<T>(url: string, body: (ask: Ask) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    query_timeout: 30_000,
  })
  client.on('error', () => {})
  await client.connect()
  try {
    return await body(async (text, values = []) => (await client.query<never>(text, [...values])).rows)
  } finally {
    await client.end().catch(() => {})
  }
}

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '64MB',
  // Files in the cluster's own folder: what a killed server leaves goes with it.
  dynamic_shared_memory_type: 'mmap',
  max_connections: '100',
  wal_level: 'replica',
  max_wal_senders: '5',
  max_replication_slots: '5',
  wal_retrieve_retry_interval: '200ms',
  wal_receiver_status_interval: '1s',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

/** The id of the segment by which a server knows its own, as `postmaster.pid` has it in its seventh line. */
async function sharedMemory(path: string): Promise<string | null> {
  const text = await readFile(join(path, 'postmaster.pid'), 'utf8').catch(() => '')
  return /^\s*[0-9]+\s+([0-9]+)\s*$/.exec(text.split('\n')[6] ?? '')?.[1] ?? null
}
