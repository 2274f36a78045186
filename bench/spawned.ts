// A process of the bench: a file beside this one, run by the same Node. Its plan is the first line on its standard input;
// it says things in lines of JSON on its standard output, the first of them when it is ready, answers each further line
// with one, and ends when its input closes: so none of them outlives the bench, however that ends.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { systemClock } from '../src/lib/clock.ts'

export interface Spawned {
  readonly pid: number
  /** The line that said it was ready. */
  readonly ready: unknown
  /** Sends a line and gives the next one that comes. One question at a time. */
  ask(line: string): Promise<unknown>
  /** The next line; for what it says by itself. */
  next(): Promise<unknown>
  stop(): Promise<void>
}

const READY_MS_MAX = 60_000
const STOP_MS_MAX = 60_000

/** @throws where it ends before it is ready */
export async function spawnScript(
  name: string,
  plan: unknown,
  nodeOptions: readonly string[] = [],
): Promise<Spawned> {
  const path = new URL(name, import.meta.url).pathname
  const child = spawn(process.execPath, [...nodeOptions, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.write(`${JSON.stringify(plan)}\n`)
  return attach(name, child)
}

async function attach(name: string, child: ChildProcess): Promise<Spawned> {
  const { stdin, stdout } = child
  if (stdin === null || stdout === null || child.pid === undefined)
    throw new Error(`${name} could not be started`)
  stdin.on('error', () => {})
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<unknown> => {
    const line = await lines.next()
    if (line.done === true) throw new Error(`${name} ended early, status ${child.exitCode}`)
    return JSON.parse(line.value)
  }
  const stop = async (): Promise<void> => {
    stdin.end()
    const late = systemClock.after(STOP_MS_MAX, () => child.kill('SIGKILL'))
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    late.cancel()
  }
  const slow = systemClock.after(READY_MS_MAX, () => child.kill('SIGKILL'))
  try {
    const ready = await next()
    return {
      pid: child.pid,
      ready,
      next,
      ask(line) {
        stdin.write(`${line}\n`)
        return next()
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  } finally {
    slow.cancel()
  }
}

// ---- the other side ------------------------------------------------------------------------------------------------

/** What this process was started with. */
export async function planOf<Plan>(): Promise<Plan> {
  const line = await input().next()
  // The parent is this repository's own bench: what it writes is what its types say.
  return JSON.parse(line.value ?? '{}') as Plan
}

export function tell(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** Answers each line, and ends with the input. */
export async function serveLines(
  answer: (line: string) => Promise<unknown> | unknown,
  end: () => Promise<void> = async () => {},
): Promise<void> {
  for await (const line of { [Symbol.asyncIterator]: input }) tell(await answer(line))
  await end()
  process.exit(0)
}

let lines: AsyncIterator<string, string | undefined> | null = null

function input(): AsyncIterator<string, string | undefined> {
  lines ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  return lines
}
