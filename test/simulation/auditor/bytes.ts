import { createHash } from 'node:crypto'
import type { WireRequest } from '../../../src/protocols/protocol.ts'

/** SHA-256 in hex of the bytes as an intent names them (SAFETY.md section 3): method, URL, headers, body. */
export function hashOfBytes({ method, url, headers, body }: WireRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([method, url, Object.entries(headers), body]))
    .digest('hex')
}
