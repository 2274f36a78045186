// Runs the Python clients as somebody would at a shell: one process for one call, JSON out, an exit code that judges.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { eventually } from '../program.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const CALL_MS_MAX = 40_000
const OUTPUT_BYTES_MAX = 32 * 1024 * 1024

export type ClientName = 'paypro' | 'avanor' | 'payneteasy' | 'proofapi'

/** What a client printed. Numbers of an answer are the text that stood in it: `150`, never 150.0. */
export type Printed = Readonly<Record<string, unknown>>

export interface ClientRun {
  /** 0: the provider's document was kept. 1: it was not, and `problem` says what was broken. 2: wrong usage. */
  readonly code: number
  readonly printed: Printed | null
  readonly problem: string
}

/** @param options before the command: where it goes, and as whom */
export function runClient(
  name: ClientName,
  options: Readonly<Record<string, string>>,
  argv: readonly string[],
): Promise<ClientRun> {
  const given = Object.entries(options).map(([key, value]) => `--${key}=${value}`)
  return new Promise((resolve, reject) => {
    execFile(
      'python3',
      // Without bytecode: nothing is written beside the clients.
      ['-B', `${HERE}${name}_client.py`, ...given, ...argv],
      { timeout: CALL_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code
        if (typeof code !== 'number') return reject(error)
        // Printed by the client that was just run, one line.
        const printed = code === 0 ? (JSON.parse(stdout) as Printed) : null
        resolve({ code, printed, problem: stderr.trim() })
      },
    )
  })
}

/** One callback as the merchant's receiver judged it. */
export interface Told {
  readonly protocol: 'paypro' | 'payneteasy'
  readonly method: string
  readonly content_type: string | null
  readonly valid: boolean
  readonly problem?: string
  readonly answered: number
  readonly fields: Readonly<Record<string, string>>
}

export interface PythonReceiver extends AsyncDisposable {
  readonly url: string
  calls(): readonly Told[]
}

/** A merchant's own server in Python, which verifies what it is told. */
export async function startReceiver(argv: readonly string[]): Promise<PythonReceiver> {
  const child: ChildProcess = spawn('python3', ['-B', `${HERE}receiver.py`, ...argv], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  let out = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
  })
  const lines = () => out.split('\n').slice(0, -1)
  const [first = ''] = await eventually('the receiver listens', lines, all => all.length > 0)
  // Printed by receiver.py: its port, then one line for each call.
  const { port } = JSON.parse(first) as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    calls: () =>
      lines()
        .slice(1)
        .map(line => JSON.parse(line) as Told),
    async [Symbol.asyncDispose]() {
      child.stdin?.end()
      await ended
    },
  }
}
