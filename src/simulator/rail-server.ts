// One simulated provider: the real doors of its protocols on one fake rail, as an HTTP server of its own on this machine.
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { type Random, seededRandom, systemRandom } from '../lib/random.ts'
import type { Desk, Door, Protocol, SandboxKeys } from '../protocols/protocol.ts'
import type { RailOrder } from './books.ts'
import { createCallbacks } from './callbacks.ts'
import { addControl, isControlPath } from './control.ts'
import { railCredentials } from './credentials.ts'
import { loopbackExchanger } from './exchange.ts'
import { createFaultPlan, type FaultPlan } from './faults.ts'
import { openJournal } from './journal.ts'
import { layLine } from './line.ts'
import { LINE_DELAY_MS } from './line-faults.ts'
import { createRail } from './rail.ts'

export interface RailServer {
  /** `http://127.0.0.1:<port>`, the base URL of a provider account. */
  readonly url: string
  readonly faults: FaultPlan
  books(): readonly RailOrder[]
  stop(): Promise<void>
}

/** What the server plumbing gives: a bare server, and the mounting of a door on it. */
export interface RailServerNeeds {
  createServer(options: { log: Log; clock: Clock; random: Random }): FastifyInstance
  mountDoor(
    server: FastifyInstance,
    options: { door: Door; desk: Desk; clock: Clock; log: Log; publicUrls(): readonly string[] },
  ): void
}

export interface RailServerOptions {
  /** Those whose doors stand on the rail: the one that pays, and the one that shows what it paid. */
  readonly protocols: readonly Protocol[]
  /** The public half of our key there, for protocols that need one; `privateKey` may be empty. */
  readonly keys: SandboxKeys | null
  /** 0 takes any free port. */
  readonly port: number
  /** Null: every run is another one. */
  readonly seed: number | null
  readonly latencyMs: number
  /** The file that outlives it; without one the books end with the process. */
  readonly booksPath?: string
  readonly clock: Clock
  readonly log: Log
}

/** @throws where the port is taken */
export async function startRailServer(
  options: RailServerOptions,
  needs: RailServerNeeds,
): Promise<RailServer> {
  const { clock, log, seed, protocols, keys } = options
  // A generator for each purpose: a fault that is set changes no delay and no id.
  const chance = (purpose: number): Random => (seed === null ? systemRandom : seededRandom(seed + purpose))
  const faults = createFaultPlan(chance(1))
  const exchanger = loopbackExchanger()
  const callbacks = createCallbacks({
    noticesOf: name => protocols.find(protocol => protocol.name === name)?.door?.notices ?? null,
    clock,
    log,
    exchange: exchanger.exchange,
  })
  const server = needs.createServer({ log, clock, random: systemRandom })
  const line = layLine(server, {
    clock,
    random: systemRandom,
    latencyMs: options.latencyMs,
    delayMs: LINE_DELAY_MS,
    draw: faults.drawLine,
    isControl: isControlPath,
  })
  const rail = createRail({
    clock,
    random: chance(2),
    credentials: protocols.flatMap(protocol => railCredentials(protocol, keys)),
    tell: callbacks.tell,
    drawBehaviour: faults.drawBehaviour,
    meetLine: line.meet,
    ...(options.booksPath === undefined ? {} : openJournal(options.booksPath)),
  })
  // Known once it listens, and no request comes before that.
  const publicUrls: string[] = []
  for (const { door } of protocols)
    if (door !== null)
      needs.mountDoor(server, { door, desk: rail.desk, clock, log, publicUrls: () => publicUrls })
  addControl(server, { faults, books: rail.books, callbacksWaiting: callbacks.waiting })
  const url = await server.listen({ host: '127.0.0.1', port: options.port })
  publicUrls.push(url, url.replace('127.0.0.1', 'localhost'))
  return {
    url,
    faults,
    books: rail.books,
    async stop() {
      rail.stop()
      callbacks.stop()
      await server.close()
      await exchanger.close()
    },
  }
}
