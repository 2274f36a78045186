import type { IncomingMessage } from 'node:http'
import type { Random } from '../lib/random.ts'

const GIVEN = /^[A-Za-z0-9._-]{1,128}$/
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz'

/**
 * The name of a request: what the client calls it in `X-Request-Id`, where that is plain and came once, else one of
 * ours. Ours are unique by a random beginning for each process and a count behind it; they need not be secret.
 */
export function requestIds(random: Random): (request: IncomingMessage) => string {
  const beginning = `req_${random.text(ALPHABET, 10)}`
  let count = 0
  return request => {
    // A header that came twice is joined with a comma, which the expression refuses.
    const given = request.headers['x-request-id']
    if (typeof given === 'string' && GIVEN.test(given)) return given
    count += 1
    return beginning + count.toString(36).padStart(6, '0')
  }
}
