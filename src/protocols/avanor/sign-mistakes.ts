// Why a signature is not the one that is expected: the string is made again with each mistake that clients usually make,
// and the one whose digest was sent is named. The secret itself is never part of what is said.
import { equalConstantTime, hmacSha256, md5Hex, sha1Hex, sha256Hex } from '../../lib/digest.ts'
import { avanorStringsToSign, avanorStringToSign } from './sign.ts'
import { type AvanorFields, avanorShortest, avanorText } from './wire.ts'

export interface AvanorSigned {
  readonly fields: AvanorFields
  /** The signed fields of the method. */
  readonly names: readonly string[]
  readonly secret: string
}

/** What is wrong with `sign`, in a sentence. Called only where it was found wrong. */
export function avanorSignMistake({ fields, names, secret }: AvanorSigned): string {
  const sign = avanorText(fields.get('sign')) ?? ''
  if (secret === '') return 'the shop has no secret, so nothing it signs is taken'
  const found = mistakes({ fields, names, secret }).find(({ digest }) =>
    equalConstantTime(digest, sign.trim().toLowerCase()),
  )
  if (found !== undefined) return found.says
  if (!/^[0-9a-fA-F]{64}$/.test(sign))
    return `sign has ${sign.length} characters, and a SHA-256 in hex has 64 of 0-9 a-f`
  const text = avanorStringToSign(fields, names)
  return `expected is the SHA-256 of ${text}<secret> in lowercase hex; usually the secret is another one, or a field was changed after it was signed`
}

interface Mistake {
  readonly says: string
  readonly digest: string
}

function mistakes({ fields, names, secret }: AvanorSigned): readonly Mistake[] {
  const text = avanorStringToSign(fields, names)
  const valuesOf = (list: readonly string[]): string =>
    list.map(name => avanorText(fields.get(name)) ?? '').join(':')
  const everything = [...fields.keys()].filter(name => name !== 'sign').sort()
  const pairs = names.map(name => `${name}=${avanorText(fields.get(name)) ?? ''}`)
  const shortened = names.map(name => avanorShortest(avanorText(fields.get(name)) ?? '')).join(':')
  return [
    ...avanorStringsToSign(fields, names).map(string => ({
      says: 'the hex is in upper case or has blanks around it; it is 64 lowercase characters and nothing else',
      digest: sha256Hex(string + secret),
    })),
    mistake('the secret is joined with a colon; nothing stands before it', `${text}:${secret}`),
    mistake('the secret stands in front; it stands at the end', secret + text, `${secret}:${text}`),
    mistake('the secret is missing from the hashed string', text),
    mistake('the secret was read with a line end behind it', `${text}${secret}\n`),
    mistake('the secret was read with blanks around it', `${text} ${secret}`, `${text}${secret} `),
    mistake(
      'every field of the body is signed; only the listed ones are',
      valuesOf(everything) + secret,
      `${valuesOf(everything)}:${secret}`,
    ),
    mistake(
      'the values are not ordered by the names of their fields',
      valuesOf([...fields.keys()].filter(name => names.includes(name))) + secret,
      [...names.map(name => avanorText(fields.get(name)) ?? '')].sort().join(':') + secret,
    ),
    mistake('names are signed too; only the values are', pairs.join(':') + secret, pairs.join('&') + secret),
    mistake('nothing joins the values; colons do', text.replaceAll(':', '') + secret),
    mistake('a number was written anew; text is signed as it stands in the body', shortened + secret),
    {
      says: 'it is an HMAC; this protocol hashes the string with the secret behind it',
      digest: hmac(secret, text),
    },
    { says: 'it is hashed with MD5; this protocol takes SHA-256', digest: md5Hex(text + secret) },
    { says: 'it is hashed with SHA-1; this protocol takes SHA-256', digest: sha1Hex(text + secret) },
  ].flat()
}

function mistake(says: string, ...texts: readonly string[]): readonly Mistake[] {
  return texts.map(text => ({ says, digest: sha256Hex(text) }))
}

function hmac(secret: string, text: string): string {
  return Buffer.from(hmacSha256(secret, text)).toString('hex')
}
