// A closed-loop load generator over raw sockets: each connection sends a request, waits for the whole answer, sends the
// next. It shares the machine with what it measures, so it does as little as it can: requests are one string each, and
// of an answer only the status and the length are read. Runs as a process of its own (bench/intake.ts starts it).
import { connect } from 'node:net'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/lib/clock.ts'
import { systemRandom } from '../src/lib/random.ts'

export interface LoadResult {
  readonly seconds: number
  readonly answers: number
  /** Answers by HTTP status. */
  readonly statuses: Record<string, number>
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

interface LoadOptions {
  readonly host: string
  readonly port: number
  readonly connections: number
  readonly seconds: number
  /** The whole request for the n-th call. */
  request(n: number): string
}

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const statuses: Record<string, number> = {}
  const latencies: number[] = []
  let sent = 0
  const begun = systemClock.monotonic()
  const end = begun + options.seconds * 1000

  await Promise.all(
    Array.from(
      { length: options.connections },
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = connect(options.port, options.host)
          socket.setNoDelay(true)
          let startedAt = 0
          let received = ''
          const next = () => {
            startedAt = systemClock.monotonic()
            if (startedAt >= end) {
              socket.destroy()
              resolve()
              return
            }
            sent += 1
            socket.write(options.request(sent))
          }
          socket.on('connect', next)
          socket.on('error', reject)
          socket.on('close', () => resolve())
          socket.on('data', chunk => {
            received += chunk.toString('latin1')
            const status = wholeAnswer(received)
            if (status === null) return
            received = ''
            statuses[status] = (statuses[status] ?? 0) + 1
            latencies.push(systemClock.monotonic() - startedAt)
            next()
          })
        }),
    ),
  )

  const seconds = (systemClock.monotonic() - begun) / 1000
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor((latencies.length - 1) * share)] ?? 0
  return {
    seconds,
    answers: latencies.length,
    statuses,
    perSecond: latencies.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
  }
}

/** The status of one answer once all of it is there, else null. */
function wholeAnswer(text: string): string | null {
  const headersEnd = text.indexOf('\r\n\r\n')
  if (headersEnd < 0) return null
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, headersEnd + 2))
  if (length === null) throw new Error(`an answer without a length: ${text.slice(0, headersEnd)}`)
  return text.length >= headersEnd + 4 + Number.parseInt(length[1] ?? '0', 10) ? text.slice(9, 12) : null
}

/** A native create; every one with a reference and a key of its own. */
export function nativeCreate(host: string, run: string, key: string): (n: number) => string {
  return n => {
    const reference = `${run}-${n}`
    const body = `{"reference":"${reference}","amount":"10.50","currency":"BDT","beneficiary":{"kind":"wallet","operator":"bkash","number":"01712345678"},"description":"bench"}`
    return `POST /v1/payouts HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${key}\r\nidempotency-key: ${reference}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      connections: { type: 'string' },
      seconds: { type: 'string' },
      key: { type: 'string' },
    },
  })
  const run = systemRandom.text('abcdefghijklmnopqrstuvwxyz', 8)
  const result = await runLoad({
    host: '127.0.0.1',
    port: Number.parseInt(values.port ?? '', 10),
    connections: Number.parseInt(values.connections ?? '64', 10),
    seconds: Number.parseInt(values.seconds ?? '10', 10),
    request: nativeCreate('127.0.0.1', run, values.key ?? ''),
  })
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
