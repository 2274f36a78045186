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
