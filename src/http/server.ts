// The HTTP server without any route of its own. It bounds what a stranger can make us hold, names every request, and
// leaves bodies alone: a door verifies signatures over the bytes as they came, so no parser stands in front of it.
import { METHODS } from 'node:http'
import { type FastifyInstance, fastify } from 'fastify'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Metrics } from '../lib/metrics.ts'
import type { Random } from '../lib/random.ts'
import { logAccess } from './access-log.ts'
import { writeAnswer } from './answer.ts'
import { limitConnections } from './connections.ts'
import { answerBrokenRequest, refuseFraming } from './framing.ts'
import { SERVER_LIMITS, type ServerLimits } from './limits.ts'
import { problemAnswer, problemOf } from './problem.ts'
import { requestIds } from './request-id.ts'

export interface ServerOptions {
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  readonly limits?: Partial<ServerLimits>
  readonly metrics?: Metrics
}

/** Routes are mounted before `ready` or `listen`; `stopServer` ends it. */
export function createServer(options: ServerOptions): FastifyInstance {
  const limits = { ...SERVER_LIMITS, ...options.limits }
  const server = fastify({
    // Our own access log is one line for one request and costs nothing where it is not wanted.
    logger: false,
    genReqId: requestIds(options.random),
    requestIdHeader: false,
    exposeHeadRoutes: false,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionTimeout: limits.silenceMs,
    // What came in is answered, with `Connection: close`; a refusal while stopping would say less than the truth.
    return503OnClosing: false,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: 1_000,
    },
    routerOptions: {
      maxParamLength: 1_024,
      // Query strings are read by those who want one, from the text and strictly.
      querystringParser: () => NO_QUERY,
    },
    frameworkErrors: (_error, request, reply) => {
      writeAnswer(reply, problemAnswer({ code: 'not_found' }, request.id))
    },
    clientErrorHandler: answerBrokenRequest,
  })
  server.removeAllContentTypeParsers()
  // One more than is allowed, because Node drops what is over its count without a word.
  server.server.maxHeadersCount = limits.headers + 1
  server.server.maxConnections = limits.connections
  limitConnections(server.server, limits.connectionsPerAddress)
  for (const method of METHODS) {
    if (!server.supportedMethods.includes(method)) server.addHttpMethod(method, { hasBody: true })
  }
  server.decorateRequest('merchantId', null)
  refuseFraming(server, limits)
  logAccess(server, { log: options.log, metrics: options.metrics ?? null })
  // For the few pages that the framework sends; everything else is written by writeAnswer, which names it itself.
  server.addHook('onSend', (request, reply, _payload, done) => {
    reply.header('X-Request-Id', request.id)
    done()
  })
  server.setNotFoundHandler((request, reply) => {
    writeAnswer(reply, problemAnswer({ code: 'not_found' }, request.id))
  })
  server.setErrorHandler((error, request, reply) => {
    options.log.error({ err: error, request: request.id }, 'a request ended in a fault')
    writeAnswer(reply, problemAnswer(problemOf(error), request.id))
  })
  return server
}

/** Accepts nothing new, lets what is in flight finish for `graceMs`, then cuts what is left. */
export async function stopServer(
  server: FastifyInstance,
  options: { clock: Clock; graceMs: number },
): Promise<void> {
  const { clock, graceMs } = options
  const cut = clock.after(graceMs, () => server.server.closeAllConnections())
  const closed = new AbortController()
  const sweeping = sweepIdle(server, clock, closed.signal)
  try {
    await server.close()
  } finally {
    closed.abort()
    cut.cancel()
    await sweeping
  }
}

/** A connection whose last answer has gone out would otherwise stay open for its keep-alive time. */
async function sweepIdle(server: FastifyInstance, clock: Clock, closed: AbortSignal): Promise<void> {
  while (!closed.aborted) {
    await clock.sleep(SWEEP_MS, closed)
    server.server.closeIdleConnections()
  }
}

const SWEEP_MS = 50
const NO_QUERY = Object.freeze({})

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose credential the request carries, once that is known; for the access log. */
    merchantId: string | null
  }
}
