import type { IncomingMessage } from 'node:http'

export type BodyRead =
  | { readonly kind: 'whole'; readonly body: Uint8Array }
  /** Larger than the limit. `ended`: the rest was read and dropped, so the connection can go on. */
  | { readonly kind: 'too_large'; readonly ended: boolean }
  /** The client went away in the middle; there is nobody to answer. */
  | { readonly kind: 'gone' }

/**
 * Reads a body of at most `limitBytes` from the line, as it came. Of a larger one a little more is read and dropped:
 * whoever is still sending would otherwise see the connection break instead of the answer that says why.
 * The time is bounded by the server's request time-out.
 */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<BodyRead> {
  return new Promise(resolve => {
    const chunks: Uint8Array[] = []
    let received = 0

    const finish = (read: BodyRead): void => {
      request.off('data', onData)
      request.off('end', onEnd)
      request.off('close', onClose)
      resolve(read)
    }
    const onData = (chunk: Uint8Array): void => {
      received += chunk.length
      if (received <= limitBytes) chunks.push(chunk)
      else if (received > limitBytes + DROPPED_BYTES_MAX) finish({ kind: 'too_large', ended: false })
    }
    const onEnd = (): void => {
      finish(
        received <= limitBytes ? { kind: 'whole', body: joined(chunks) } : { kind: 'too_large', ended: true },
      )
    }
    const onClose = (): void => finish({ kind: 'gone' })

    if (announced(request) > limitBytes + DROPPED_BYTES_MAX) {
      resolve({ kind: 'too_large', ended: false })
      return
    }
    request.on('data', onData)
    request.on('end', onEnd)
    request.on('close', onClose)
  })
}

/** Of a body over its limit, what is read for politeness alone. */
const DROPPED_BYTES_MAX = 256 * 1024

const EMPTY = new Uint8Array(0)

function announced(request: IncomingMessage): number {
  const length = request.headers['content-length']
  return length === undefined ? 0 : Number.parseInt(length, 10)
}

/** Node hands over a fresh copy with each chunk, so a body that came in one needs no other. */
function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks
  if (first === undefined) return EMPTY
  return chunks.length === 1 ? first : Buffer.concat(chunks)
}
