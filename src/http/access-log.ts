import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Log } from '../lib/log.ts'
import type { Metrics } from '../lib/metrics.ts'

/**
 * One line for each answer: method, route, status, milliseconds, request id, merchant. Never a body, a query string or
 * a path as it was sent, which can hold names and keys. What went well is told at `debug` only, because at many
 * thousand payouts a second the line would cost more than the payout; the metrics count everything.
 */
export function logAccess(server: FastifyInstance, options: { log: Log; metrics: Metrics | null }): void {
  const { log } = options
  server.addHook('onResponse', (request, reply, done) => {
    const status = reply.raw.statusCode
    const level = levelOf(status)
    if (log.isLevelEnabled(level)) {
      log[level](
        {
          method: request.raw.method,
          route: routeOf(request),
          status,
          ms: Math.round(reply.elapsedTime * 10) / 10,
          request: request.id,
          merchant: request.merchantId ?? undefined,
        },
        'answered',
      )
    }
    done()
  })
}

function levelOf(status: number): 'debug' | 'info' | 'warn' {
  if (status < 400) return 'debug'
  return status < 500 ? 'info' : 'warn'
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unknown'
}
