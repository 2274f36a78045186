import { once } from 'node:events'
import type { FastifyReply } from 'fastify'

/** A whole answer. Header names go out in the letters they are written in here. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/**
 * Writes an answer byte for byte, past the framework: no charset is added, no name is lowered, the length is exact.
 * Where the client has gone there is nobody to write to, and nothing happens.
 */
export function writeAnswer(reply: FastifyReply, answer: HttpAnswer): void {
  if (!reply.sent) reply.hijack()
  const raw = reply.raw
  if (raw.destroyed || raw.headersSent) return
  raw.writeHead(answer.status, {
    ...answer.headers,
    'X-Request-Id': reply.request.id,
    'Content-Length': Buffer.byteLength(answer.body),
  })
  raw.end(answer.body)
}

/** An answer that is written while it is made. */
export interface StreamedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly stream: AsyncIterable<string>
}

/**
 * Writes each piece when the one before has gone: what a slow reader has not taken is not made. A piece that cannot be made
 * cuts the connection, so that nobody takes what came for the whole. Whoever reads nothing for as long as the server
 * waits for a byte is cut by it.
 */
export async function writeStream(reply: FastifyReply, answer: StreamedAnswer): Promise<void> {
  if (!reply.sent) reply.hijack()
  const raw = reply.raw
  if (raw.destroyed || raw.headersSent) return
  raw.writeHead(answer.status, { ...answer.headers, 'X-Request-Id': reply.request.id })
  try {
    for await (const piece of answer.stream) {
      if (raw.destroyed) return
      if (!raw.write(piece)) await drained(raw)
    }
    raw.end()
  } catch (error) {
    raw.destroy()
    throw error
  }
}

/** Until there is room again, or nobody reads any more. */
async function drained(raw: FastifyReply['raw']): Promise<void> {
  const waiting = new AbortController()
  const { signal } = waiting
  try {
    await Promise.race([once(raw, 'drain', { signal }), once(raw, 'close', { signal })])
  } finally {
    waiting.abort()
  }
}
