// A simulated provider as a process of its own, so that the line between it and us is a real one.
import { spawn } from 'node:child_process'
import type { Clock } from '../lib/clock.ts'
import { isJsonObject, parseJson } from '../lib/json.ts'

export interface RailProcess {
  readonly url: string
  /** Resolves when the process has ended, asked or not. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

export interface RailProcessOptions {
  readonly protocol: string
  /** The file that this process was started from. */
  readonly program: string
  /** 0 takes any free one. */
  readonly port: number
  /** Where it keeps its books. */
  readonly booksPath: string
  /** The file of our public key there; null where the protocol needs none. */
  readonly publicKeyPath: string | null
  readonly clock: Clock
}

/**
 * @returns the sentence that says why it did not start, where it did not
 */
export async function startRailProcess(options: RailProcessOptions): Promise<RailProcess | string> {
  const { protocol, program, port, booksPath, publicKeyPath, clock } = options
  const keys = publicKeyPath === null ? [] : ['--public-key', publicKeyPath]
  const where = ['--port', String(port), '--books', booksPath]
  const argv = ['rail', '--protocol', protocol, ...where, ...keys, '--exit-with-parent']
  const child = spawn(process.execPath, [program, ...argv], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Out of our group: Ctrl-C reaches us alone, and the provider stays until what was sent is settled.
    detached: true,
  })
  const ended = new Promise<void>(resolve => {
    child.once('exit', () => resolve()).once('error', () => resolve())
  })
  const stop = async (): Promise<void> => {
    child.stdin.end()
    const late = clock.after(STOP_MS_MAX, () => child.kill('SIGKILL'))
    await ended
    late.cancel()
  }
  // A broken pipe is how the end of the process shows here; `ended` says it better.
  child.stdin.on('error', () => {})
  const told = new AbortController()
  const url = await Promise.race([firstUrl(child.stdout), ended, clock.sleep(START_MS_MAX, told.signal)])
  // A wait that goes on would keep this process from ending.
  told.abort()
  if (typeof url === 'string') return { url, ended, stop }
  await stop()
  return `the simulated provider ${protocol} did not start`
}

const START_MS_MAX = 15_000
const STOP_MS_MAX = 5_000
const LINE_LENGTH_MAX = 4_096

/** The address in the line that says it is ready; never resolves without one. */
function firstUrl(output: NodeJS.ReadableStream): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let text = ''
  output.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(0, LINE_LENGTH_MAX)
    const line = text.split('\n', 1)[0] ?? ''
    const parsed = parseJson(line)
    const url = parsed.ok && isJsonObject(parsed.value) ? parsed.value.get('url') : null
    if (typeof url === 'string') resolve(url)
  })
  return promise
}
