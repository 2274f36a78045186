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
  const seconds = options.metrics?.histogram(
    'quittance_http_request_seconds',
    'Time from the headers of a request to the end of its answer.',
    ['method', 'route', 'status'],
  )
  server.addHook('onResponse', (request, reply, done) => {
    const status = reply.raw.statusCode
    seconds?.observe(
      { method: request.raw.method ?? '', route: routeOf(request), status },
      reply.elapsedTime / 1_000,
    )
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

/** As it was declared, with `:name` parts: the path that was sent belongs in no log and would be endless as a label. */
function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unknown'
}
