import { createHash } from 'node:crypto'
import type { WireRequest } from '../../../src/protocols/protocol.ts'

/** SHA-256 in hex of the bytes as an intent names them (SAFETY.md section 3): method, URL, headers, body. */
export function hashOfBytes({ method, url, headers, body }: WireRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([method, url, Object.entries(headers), body]))
    .digest('hex')
}

/** Our reference, derived a second time (SAFETY.md section 3): digits of the hash in the alphabet, least first. */
export function referenceOf(
  of: readonly [string, string, number],
  { alphabet, length }: { readonly alphabet: string; readonly length: number },
): string {
  let rest = BigInt(`0x${createHash('sha256').update(JSON.stringify(of)).digest('hex')}`)
  let text = ''
  while (text.length < length) {
    text += alphabet[Number(rest % BigInt(alphabet.length))] ?? ''
    rest /= BigInt(alphabet.length)
  }
  return text
}

/** SHA-256 in hex of a callback as it came: what makes a repeat a repeat. */
export function hashOfCallback({ method, url, body }: WireRequest): string {
  return createHash('sha256')
    .update(`${method} ?${new URL(url).search.slice(1)}\n`)
    .update(body ?? '')
    .digest('hex')
}
