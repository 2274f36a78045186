// Where a command writes and what it may ask of the process around it. Commands never reach for the process
// themselves, so a test reads what they say.
import { styleText } from 'node:util'

export interface Terminal {
  /** One line of the result, on standard output. */
  line(text: string): void
  /** One line for the person, on standard error. */
  problem(text: string): void
  /** A line that the next one takes the place of; empty text takes it away. Only where a person watches. */
  status(text: string): void
  /** Whether a person watches: a progress display may move. */
  readonly isInteractive: boolean
  readonly paint: Paint
}

export type Paint = (style: 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan', text: string) => string

/** 0 done; 1 it was tried and failed; 2 the command or the settings are wrong, nothing was tried. */
export type ExitCode = 0 | 1 | 2

export const plainPaint: Paint = (_style, text) => text

/** The terminal of this process. Colours only for a person, and never with NO_COLOR. */
export function processTerminal(): Terminal {
  // Whoever reads may have read enough: `quittance sign … | head -1` is no fault of anybody's.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return {
    line: text => process.stdout.write(`${text}\n`),
    problem: text => process.stderr.write(`${text}\n`),
    status: text => process.stdout.write(`\r\u001b[2K${text}`),
    isInteractive: process.stdout.isTTY === true,
    paint: (style, text) => styleText(style, text, { stream: process.stdout }),
  }
}

/** What is piped into this process, up to a bound; null where a person sits at it. */
export function standardInput(): (() => Promise<Uint8Array>) | null {
  if (process.stdin.isTTY) return null
  return async () => {
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of process.stdin) {
      const bytes = Buffer.from(chunk)
      chunks.push(bytes)
      length += bytes.length
      // Whoever reads it refuses what is longer; nothing is gained by taking all of it.
      if (length > INPUT_BYTES_MAX) break
    }
    return Buffer.concat(chunks)
  }
}

const INPUT_BYTES_MAX = 2 * 1024 * 1024
