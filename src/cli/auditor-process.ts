// The auditor as a child of this process: started again when it dies, ended with us, its lines in our log.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'

export interface AuditorProcess {
  /** Of the child that runs now, or ran last; null before the first. */
  pid(): number | null
  stop(): Promise<void>
}

export interface AuditorProcessOptions {
  /** The file that this process was started from. */
  readonly program: string
  readonly databaseUrl: string
  /** A connection of its own, where it has one. */
  readonly auditorUrl: string | null
  readonly logLevel: string
  readonly clock: Clock
  readonly log: Log
}

export function startAuditorProcess(options: AuditorProcessOptions): AuditorProcess {
  const { clock } = options
  const log = options.log.child({ child: 'auditor' })
  const stopped = new AbortController()
  let pid: number | null = null
  let end = () => {}

  async function keepRunning(): Promise<void> {
    for (let deaths = 0; !stopped.signal.aborted; ) {
      const began = clock.monotonic()
      const child = startChild(options, log)
      pid = child.pid
      end = child.end
      const code = await child.ended
      if (stopped.signal.aborted) return
      deaths = clock.monotonic() - began > SETTLED_MS ? 1 : deaths + 1
      const againInMs = Math.min(AGAIN_MS_MAX, AGAIN_MS_MIN * 2 ** Math.min(deaths - 1, 10))
      log.error({ code, againInMs }, 'the auditor has ended; it is started again')
      await clock.sleep(againInMs, stopped.signal)
    }
  }
  const running = keepRunning()
  return {
    pid: () => pid,
    async stop() {
      stopped.abort()
      end()
      await running
    },
  }
}

const AGAIN_MS_MIN = 1_000
const AGAIN_MS_MAX = 30_000
/** One that ran for so long did not die of how it was started. */
const SETTLED_MS = 60_000
const STOP_MS_MAX = 5_000

/** It is given what it needs and nothing else: above all, no master key. */
function environmentOf({ databaseUrl, auditorUrl, logLevel }: AuditorProcessOptions): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    ...(auditorUrl === null ? {} : { QUITTANCE_AUDITOR_URL: auditorUrl }),
    LOG_LEVEL: logLevel,
  }
}

function startChild(options: AuditorProcessOptions, log: Log) {
  const child = spawn(process.execPath, [options.program, 'auditor', '--exit-with-parent'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environmentOf(options),
    // Out of our group: Ctrl-C reaches us alone, and it watches until we have stopped.
    detached: true,
  })
  // A broken pipe is how the end of the process shows here; `ended` says it better.
  child.stdin.on('error', () => {})
  createInterface({ input: child.stdout }).on('line', line => tell(log, line))
  createInterface({ input: child.stderr }).on('line', line => log.warn(line.slice(0, LINE_LENGTH_MAX)))
  const ended = new Promise<number | string | null>(resolve => {
    child
      .once('error', error => resolve(error.message))
      .once('close', (code, signal) => resolve(code ?? signal))
  })
  const end = (): void => {
    child.stdin.end()
    const late = options.clock.after(STOP_MS_MAX, () => child.kill('SIGKILL'))
    void ended.then(() => late.cancel())
  }
  return { pid: child.pid ?? null, ended, end }
}

const LINE_LENGTH_MAX = 8_192

/** A line of its log becomes one of ours; what is no such line is told as it is. */
function tell(log: Log, line: string): void {
  const read = line.length <= LINE_LENGTH_MAX ? readLine(line) : null
  if (read === null) {
    log.warn(line.slice(0, LINE_LENGTH_MAX))
    return
  }
  const { level, msg, time: _time, process: _process, ...fields } = read
  const say = typeof msg === 'string' ? msg : ''
  if (level === 'error' || level === 'fatal') log.error(fields, say)
  else if (level === 'warn') log.warn(fields, say)
  else log.info(fields, say)
}

function readLine(line: string): Record<string, unknown> | null {
  try {
    const read: unknown = JSON.parse(line)
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? { ...read } : null
  } catch {
    return null
  }
}
