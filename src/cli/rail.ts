// `quittance rail`: one simulated provider as a process of its own.
import { mountDoor } from '../http/mount.ts'
import { createServer } from '../http/server.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { protocolNamed } from '../protocols/registry.ts'
import { railCredential, SIMULATED } from '../simulator/credentials.ts'
import { type RailServer, startRailServer } from '../simulator/rail-server.ts'
import { portProblem } from './port.ts'
import { stopSignal } from './stop.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface RailCommandOptions {
  readonly protocol: string
  readonly port: number
  readonly seed?: number
  readonly latency: number
  readonly books?: string
  readonly exitWithParent?: boolean
}

export async function rail(options: RailCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const door = protocolNamed(options.protocol)?.door ?? null
  if (door === null || railCredential(options.protocol) === null) {
    terminal.problem(`quittance rail: --protocol is one of ${SIMULATED.join(', ')}`)
    return 2
  }
  const server = await start({
    protocol: options.protocol,
    door,
    port: options.port,
    seed: options.seed ?? null,
    latencyMs: options.latency,
    ...(options.books === undefined ? {} : { booksPath: options.books }),
  })
  if (typeof server === 'string') {
    terminal.problem(`quittance rail: ${server}`)
    return 1
  }
  terminal.line(JSON.stringify({ rail: options.protocol, url: server.url }))
  await (options.exitWithParent === true
    ? Promise.race([stopSignal(terminal), inputClosed()])
    : stopSignal(terminal))
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
