// Why a signature is not the one that is expected: the text is made again with each mistake that clients usually make,
// and the one whose digest was sent is named. The secret itself is never part of what is said.
import { equalConstantTime, hmacSha256, md5Hex, sha256Hex } from '../../lib/digest.ts'
import { type ProofapiSigned, proofapiSign } from './sign.ts'

/** What is wrong with a signature, in a sentence. Called only where it was found wrong. */
export function proofapiSignMistake(signed: ProofapiSigned, signature: string, secret: string): string {
  if (secret === '') return 'the API key has no secret, so nothing that it signs is taken'
  const right = proofapiSign(signed, secret)
  const plain = signature.trim().toLowerCase()
  if (equalConstantTime(right, signature.trim())) return 'there are blanks or a line end around the signature'
  if (equalConstantTime(right, plain))
    return 'the hex is in upper case; SHA-256 in hex is written in lower case'
  if (equalConstantTime(Buffer.from(right, 'hex').toString('base64'), signature.trim()))
    return 'the digest is in Base64; it is written in lowercase hex'
  const found = mistakes(signed, secret).find(({ digests }) =>
    digests.some(digest => equalConstantTime(digest, plain)),
  )
  if (found !== undefined) return found.says
  if (!/^[0-9a-f]{64}$/.test(plain))
    return `it has ${signature.length} characters, and a SHA-256 in hex has 64 of 0-9 a-f`
  const { pid, orderId } = signed
  return (
    `expected is the SHA-256 of ${JSON.stringify(pid)}, the secret and ${JSON.stringify(orderId)} with nothing between; ` +
    'usually the secret is another one, or pid or order_id was changed after it was signed'
  )
}

interface Mistake {
  readonly says: string
  readonly digests: readonly string[]
}

function mistakes({ pid, orderId }: ProofapiSigned, secret: string): readonly Mistake[] {
  const order = 'the order is pid, secret, order_id'
  return [
    mistake(`the secret stands in front; ${order}`, secret + pid + orderId, secret + orderId + pid),
    mistake(`the secret stands at the end; ${order}`, pid + orderId + secret, orderId + pid + secret),
    mistake(`pid and order_id are exchanged; ${order}`, orderId + secret + pid),
    mistake('order_id is missing from the hashed text', pid + secret),
    mistake('pid is missing from the hashed text', secret + orderId),
    mistake('the secret is missing from the hashed text', pid + orderId),
    mistake(
      'there is a line end in the hashed text; nothing follows order_id or the secret',
      `${pid}${secret}${orderId}\n`,
      `${pid}${secret}\n${orderId}`,
      `${pid}${secret}\n${orderId}\n`,
    ),
    mistake(
      'something stands between the three; they are joined with nothing',
      ...['|', '&', ':', '-', '_', ' ', ',', '.'].map(mark => [pid, secret, orderId].join(mark)),
    ),
    mistake(
      'pid or order_id was signed in another letter case, or without its blanks',
      `${pid}${secret}${orderId.toLowerCase()}`,
      `${pid}${secret}${orderId.toUpperCase()}`,
      `${pid.toLowerCase()}${secret}${orderId}`,
      `${pid.trim()}${secret}${orderId.trim()}`,
    ),
    {
      says: 'it is an HMAC; the signature is a plain SHA-256 of pid, secret and order_id',
      digests: [pid + orderId, orderId, pid + secret + orderId].map(text =>
        Buffer.from(hmacSha256(secret, text)).toString('hex'),
      ),
    },
    { says: 'it is an MD5; the signature is a SHA-256', digests: [md5Hex(pid + secret + orderId)] },
  ]
}

function mistake(says: string, ...texts: readonly string[]): Mistake {
  return { says, digests: texts.map(text => sha256Hex(text)) }
}
