import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert } from '../../lib/assert.ts'
import { systemClock } from '../../lib/clock.ts'
import { type Home, logPath } from './home.ts'
import { codeOf, run } from './system.ts'

/** The lines of `postmaster.pid`, in the order of Postgres' `miscadmin.h`: process, folder, start, port, …, status. */
export async function readPostmaster(
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
export async function serves(pid: number, cluster: string): Promise<boolean> {
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
export async function disown(found: { pid: number }, cluster: string): Promise<void> {
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

export async function stopServer(home: Home, pid: number): Promise<void> {
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

const STOP_FAST_MS_MAX = 30_000

const STOP_IMMEDIATE_MS_MAX = 10_000

async function signalAndWait(
  pid: number,
  cluster: string,
  signal: NodeJS.Signals,
  waitMs: number,
): Promise<boolean> {
  if (!(await serves(pid, cluster))) return true
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It ended by itself between the look and the signal.
    if (codeOf(error) !== 'ESRCH') throw error
    return true
  }
  const deadline = systemClock.monotonic() + waitMs
  while (systemClock.monotonic() < deadline) {
    await systemClock.sleep(POLL_MS)
    if (!(await serves(pid, cluster))) return true
  }
  return false
}

export const POLL_MS = 20
