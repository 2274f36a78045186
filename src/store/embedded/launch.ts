import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, rename, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { assert } from '../../lib/assert.ts'
import { systemClock } from '../../lib/clock.ts'
import { type Home, logPath } from './home.ts'
import { disown, POLL_MS, readPostmaster, serves, stopServer } from './postmaster.ts'
import { CHILD, exists, LAST_WORDS_LENGTH, Refusal } from './system.ts'

export interface Running {
  pid: number
  port: number
  attached: boolean
}

/**
 * Waits until a server of this cluster is ready, and starts one whenever there is none. What is found may be a server
 * that starts, recovers or stops; one that another start won the race for; or nothing but the children of a killed one,
 * which Postgres itself recognises by their shared memory and refuses to join.
 */
export async function launchOrAttach(home: Home): Promise<Running> {
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

const READY_MS_MAX = 60_000

const PROGRESS_MS = 5_000

/** What a fresh server may die of while something older is still going away. It is started again within the minute. */
const PASSING =
  /pre-existing shared memory block|lock file .* (already exists|is empty)|could not bind|Address already in use/

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

const LOG_BYTES_MAX = 16 * 1024 * 1024

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

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  assert(address !== null && typeof address === 'object', 'a listening socket has a port')
  probe.close()
  await once(probe, 'close')
  return address.port
}
