import type { FastifyInstance } from 'fastify'
import type { Clock } from '../lib/clock.ts'
import type { Metrics } from '../lib/metrics.ts'
import { type HttpAnswer, writeAnswer } from './answer.ts'
import { addWholeRoute } from './route.ts'

export type Readiness = { readonly ok: true } | { readonly ok: false; readonly why: string }

export interface HealthOptions {
  readonly clock: Clock
  /** By name. A check that throws or takes longer than two seconds has not passed. */
  readonly checks: Readonly<Record<string, () => Promise<Readiness>>>
  /** What is said beside the status of a process that may be given work. */
  readonly notes?: () => Readonly<Record<string, string>>
}

/**
 * `GET /health/live` says that the process runs, and asks nobody: a process must not be restarted because the database
 * is away. `GET /health/ready` says whether it may be given work.
 */
export function mountHealth(server: FastifyInstance, options: HealthOptions): void {
  mountAnswer(server, '/health/live', async () => jsonAnswer(200, { status: 'ok' }))
  mountAnswer(server, '/health/ready', () => readyAnswer(options))
}

/** `GET /metrics` in the text form of Prometheus. */
export function mountMetrics(server: FastifyInstance, metrics: Metrics): void {
  mountAnswer(server, '/metrics', async () => ({
    status: 200,
    headers: { ...NO_STORE, 'Content-Type': metrics.contentType },
    body: await metrics.render(),
  }))
}

const CHECK_MS_MAX = 2_000
const NO_STORE = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }

async function readyAnswer({ checks, clock, notes }: HealthOptions): Promise<HttpAnswer> {
  const failed: Record<string, string> = {}
  await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const readiness = await bounded(check, clock)
      if (!readiness.ok) failed[name] = readiness.why
    }),
  )
  const ready = Object.keys(failed).length === 0
  return ready
    ? jsonAnswer(200, { status: 'ok', ...notes?.() })
    : jsonAnswer(503, { status: 'not_ready', failed })
}

async function bounded(check: () => Promise<Readiness>, clock: Clock): Promise<Readiness> {
  const over = new AbortController()
  const late = clock
    .sleep(CHECK_MS_MAX, over.signal)
    .then((): Readiness => ({ ok: false, why: 'no answer in time' }))
  // The reason is for those who run the system, who find it in the log as well: an error's text may name hosts.
  const checked = check().catch((): Readiness => ({ ok: false, why: 'the check failed' }))
  const readiness = await Promise.race([checked, late])
  over.abort()
  return readiness
}

function mountAnswer(server: FastifyInstance, url: string, answer: () => Promise<HttpAnswer>): void {
  addWholeRoute(server, {
    // Load balancers ask by HEAD; Node leaves the body of that answer out by itself.
    method: ['GET', 'HEAD'],
    url,
    schema: null,
    serve: async (_request, reply) => writeAnswer(reply, await answer()),
    fault: (_error, _request, reply) => writeAnswer(reply, jsonAnswer(500, { status: 'fault' })),
  })
}

function jsonAnswer(status: number, body: Readonly<Record<string, unknown>>): HttpAnswer {
  return {
    status,
    headers: { ...NO_STORE, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }
}
