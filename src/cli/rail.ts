// `quittance rail`: one simulated provider as a process of its own.
import { mountDoor } from '../http/mount.ts'
import { createServer } from '../http/server.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { railProtocols, SIMULATED } from '../simulator/credentials.ts'
import { type RailServer, startRailServer } from '../simulator/rail-server.ts'
import { portProblem } from './port.ts'
import { readPublicKey } from './sandbox-keys.ts'
import { stopSignal } from './stop.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface RailCommandOptions {
  readonly protocol: string
  readonly port: number
  readonly seed?: number
  readonly latency: number
  readonly books?: string
  /** The file of our public key there, where the protocol signs with keys. */
  readonly publicKey?: string
  readonly exitWithParent?: boolean
}

export async function rail(options: RailCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const protocols = railProtocols(options.protocol)
  if (protocols.length === 0) {
    terminal.problem(`quittance rail: --protocol is one of ${SIMULATED.join(', ')}`)
    return 2
  }
  const keys = options.publicKey === undefined ? null : await readPublicKey(options.publicKey)
  const needsKeys = protocols.some(({ sandbox }) => sandbox?.needsKeys === true)
  if (typeof keys === 'string' || (keys === null && needsKeys)) {
    const why = keys ?? 'its client signs with a key, whose public half is needed'
    terminal.problem(`quittance rail: --public-key: ${why}`)
    return 2
  }
  const server = await start({
    protocols,
    keys,
    port: options.port,
    seed: options.seed ?? null,
    latencyMs: options.latency,
    ...(options.books === undefined ? {} : { booksPath: options.books }),
  })
  if (typeof server === 'string') {
    terminal.problem(`quittance rail: ${server}`)
    return 1
  }
  // Whoever reads the line may stop it at once.
  const stopped = stopSignal(terminal)
  terminal.line(JSON.stringify({ rail: options.protocol, url: server.url }))
  await (options.exitWithParent === true ? Promise.race([stopped, inputClosed()]) : stopped)
  await server.stop()
  // An input that is being read keeps the process alive, also after a signal.
  if (options.exitWithParent === true) process.stdin.destroy()
  return 0
}

async function start(
  options: Omit<Parameters<typeof startRailServer>[0], 'clock' | 'log'>,
): Promise<RailServer | string> {
  // Standard output carries the one line that is read by a program; faulty answers are what it is there to give.
  const log = createLog({ level: 'error', destination: process.stderr })
  try {
    return await startRailServer({ ...options, clock: systemClock, log }, { createServer, mountDoor })
  } catch (error) {
    return portProblem(error, options.port) ?? Promise.reject(error)
  }
}

function inputClosed(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  process.stdin.once('end', resolve).once('close', resolve).resume()
  return promise
}
