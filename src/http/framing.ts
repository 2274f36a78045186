// How a request may be framed, before anybody looks at what it says. Node's parser already refuses both lengths
// together, two lengths, a bare line feed and folded headers; here stands what it lets through.
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { writeAnswer } from './answer.ts'
import type { ServerLimits } from './limits.ts'

/** Refuses too many headers, an address that is too long or has a fragment, and two Host headers, all without a body. */
export function refuseFraming(server: FastifyInstance, limits: ServerLimits): void {
  server.addHook('onRequest', (request, reply, done) => {
    const status = framingStatus(request.raw.rawHeaders, request.raw.url ?? '', limits)
    if (status === null) done()
    else writeAnswer(reply, { status, headers: CLOSE, body: '' })
  })
}

/** The status of the refusal, or null. `rawHeaders` holds names and values in turn. */
export function framingStatus(
  rawHeaders: readonly string[],
  url: string,
  limits: Pick<ServerLimits, 'headers' | 'urlBytes'>,
): number | null {
  if (rawHeaders.length > limits.headers * 2) return 431
  if (url.length > limits.urlBytes) return 414
  // No part of an address that is sent (RFC 9112 section 3.2); what stands behind it would be read by some and not by others.
  if (url.includes('#')) return 400
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1
  }
  return hosts > 1 ? 400 : null
}

/**
 * Ends a connection whose bytes are no HTTP. An answer is written only where no request stands on it unanswered: behind
 * a payout that is being recorded, a 400 for the garbage after it would be read as the answer to the payout.
 */
export function answerBrokenRequest(error: { code: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (!socket.writable || hasUnanswered(socket)) {
    socket.destroy()
    return
  }
  const status = BROKEN_STATUS[error.code] ?? 400
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    () => socket.destroy(),
  )
}

const CLOSE = { Connection: 'close' }

const BROKEN_STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** Node keeps the answer that is due on a socket in this field; there is no public name for it. */
function hasUnanswered(socket: Socket): boolean {
  return '_httpMessage' in socket && socket._httpMessage !== null && socket._httpMessage !== undefined
}
