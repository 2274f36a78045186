// The program as somebody starts it: a process of its own, its output kept, ended by its own id.
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { systemRandom } from '../src/lib/random.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Program extends AsyncDisposable {
  readonly pid: number
  /** Standard output and standard error so far. */
  out(): string
  problems(): string
  /** The first match on standard output. @throws with all that was written, where it ends or waits too long before */
  until(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>
  signal(name: NodeJS.Signals): void
  /** A line on its standard input. */
  tell(line: string): void
  readonly ended: Promise<Ended>
}

/**
 * Starts `quittance …`, or another program of ours. It gets the environment that is given and nothing of ours, so that
 * no setting of the machine decides a test. Disposing of it kills it.
 */
export function startProgram(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  /** What is run; left out: the program itself. */
  main = MAIN,
): Program {
  const child = spawn(process.execPath, [main, ...argv], {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  running.add(child)
  let out = ''
  let problems = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    problems += chunk
  })
  child.stdin.on('error', () => {})
  let end: Ended | null = null
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    // After the last of its output.
    child.once('close', (code, signal) => {
      end = { code, signal }
      running.delete(child)
      resolve(end)
    })
  })
  const { pid } = child
  if (pid === undefined) throw new Error('the process did not start')
  return {
    pid,
    out: () => out,
    problems: () => problems,
    ended,
    signal: name => {
      child.kill(name)
    },
    tell: line => {
      child.stdin.write(`${line}\n`)
    },
    async until(pattern, withinMs = START_MS_MAX) {
      const endMs = Date.now() + withinMs
      for (;;) {
        const match = pattern.exec(out)
        if (match !== null) return match
        if (end !== null || Date.now() > endMs)
          throw new Error(`${argv.join(' ')} never wrote ${pattern}:\n${out}\n${problems}`)
        await sleep(20)
      }
    },
    async [Symbol.asyncDispose]() {
      if (end === null) child.kill('SIGKILL')
      await ended
    },
  }
}

/** Generous, because the machine of a test run has other things to do. */
const START_MS_MAX = 90_000

/** Whatever ends this process takes its children along. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * A free port below those that the system gives to outgoing connections: a client that knocks on such a port while
 * nobody listens there can meet its own connection.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = 20_000 + systemRandom.below(12_000)
    const server = createServer()
    const isFree = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise<void>(resolve => server.close(() => resolve()))
    return port
  }
  throw new Error('there is no free port')
}

/** Reads until it is as wanted. @throws with what was read last */
export async function eventually<Value>(
  what: string,
  read: () => Promise<Value> | Value,
  isIt: (value: Value) => boolean,
  { withinMs = 60_000, everyMs = 100 }: { withinMs?: number; everyMs?: number } = {},
): Promise<Value> {
  const endMs = Date.now() + withinMs
  for (;;) {
    const value = await read()
    if (isIt(value)) return value
    if (Date.now() > endMs) throw new Error(`never within ${withinMs} ms: ${what}; at last ${printed(value)}`)
    await sleep(everyMs)
  }
}

function printed(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))
}
