// The claims of the protocol that signs with RSA, and hashes its callbacks.
import { type Claim, mistakeOf } from './claims.ts'
import { at, type Entry, textAt } from './vectors.ts'

const CONTROL = 'sandbox-merchant-control'
/** Mistakes of a callback that the entries describe in words: what was hashed. */
const CALLBACK_MISTAKES: Readonly<Record<string, string>> = {
  reordered: `900258approved3${CONTROL}`,
  'secret-first': `${CONTROL}approved9002583`,
  'trailing-newline': `approved9002583${CONTROL}\n`,
  'other-status': `declined9002583${CONTROL}`,
  'empty-client-orderid': `approved900258${CONTROL}`,
}

export function payneteasyClaims(entry: Entry, worked: string): readonly Claim[] {
  const { id } = entry
  const sha256 = (stated: string, of: string): Claim => ({ id, stated, made: 'sha256', of, form: 'hex' })
  const sha1 = (stated: string, of: string): Claim => ({ id, stated, made: 'sha1', of, form: 'hex' })
  switch (entry.kind) {
    case 'base-string':
      return [sha256(textAt(entry, 'expected', 'sha256'), textAt(entry, 'expected', 'base_string'))]
    case 'sign': {
      const of = textAt(entry, 'input', 'base_string')
      const rsa = { id, made: 'rsa-sha256', of } as const
      return [
        sha256(textAt(entry, 'expected', 'sha256'), of),
        { ...rsa, stated: textAt(entry, 'expected', 'signature_hex'), form: 'hex' },
        { ...rsa, stated: textAt(entry, 'expected', 'signature_base64'), form: 'base64' },
        { ...rsa, stated: textAt(entry, 'expected', 'oauth_signature_encoded'), form: 'escaped' },
      ]
    }
    case 'auth-header':
      return headerClaims(entry, worked)
    case 'verify-negative':
      return [signatureMistake(entry, textAt(entry, 'input', 'base_string'))]
    case 'response-bytes':
      return typeof at(entry, 'expected', 'sha256') === 'string'
        ? [sha256(textAt(entry, 'expected', 'sha256'), textAt(entry, 'expected', 'body'))]
        : []
    case 'callback-sign':
    case 'v2-control':
      return [sha1(textAt(entry, 'expected', 'control'), textAt(entry, 'expected', 'string_to_hash'))]
    case 'callback-url':
      return [sha1(textAt(entry, 'input', 'params', 'control'), `approved9002583${CONTROL}`)]
    case 'callback-negative':
      return [callbackMistake(entry)]
    default:
      return []
  }
}

/** A header holds its signature escaped; what is read from it holds it plain. */
function headerClaims(entry: Entry, worked: string): readonly Claim[] {
  const { id } = entry
  const header = at(entry, 'input', 'header')
  const escaped = /oauth_signature="([^"]*)"/.exec(`${header}`)?.[1]
  const plain = at(entry, 'expected', 'params', 'oauth_signature')
  if (escaped === undefined) return []
  if (id === 'pne-header-doc')
    return [escaped, plain].map(stated => ({
      id,
      stated: `${stated}`,
      made: 'none',
      why: 'printed in the document',
    }))
  const own = at(entry, 'expected', 'base_string')
  const rsa = { id, made: 'rsa-sha256', of: typeof own === 'string' ? own : worked } as const
  const claims: Claim[] = [{ ...rsa, stated: escaped, form: 'escaped' }]
  if (typeof plain === 'string') claims.push({ ...rsa, stated: plain, form: 'base64' })
  return claims
}

function signatureMistake(entry: Entry, insteadOf: string): Claim {
  const { id } = entry
  const stated = textAt(entry, 'input', 'signature_base64')
  const signed = at(entry, 'input', 'string_that_was_signed')
  if (typeof signed === 'string')
    return { id, stated, made: 'rsa-sha256', of: signed, form: 'base64', insteadOf }
  const right = { id, stated, made: 'rsa-sha256', of: insteadOf, insteadOf } as const
  switch (mistakeOf(id)) {
    case 'sha1':
      return { ...right, made: 'rsa-sha1', form: 'base64' }
    case 'pss':
      return { ...right, made: 'rsa-pss', form: 'base64' }
    case 'hex-instead-of-base64':
      return { ...right, form: 'hex' }
    case 'truncated':
      return { ...right, form: 'base64-cut' }
    case 'empty':
      return { id, stated, made: 'none', why: 'empty' }
    default:
      throw new Error(`${id} makes a mistake that is not known here`)
  }
}

function callbackMistake(entry: Entry): Claim {
  const { id } = entry
  const stated = textAt(entry, 'input', 'params', 'control')
  const insteadOf = `approved9002583${CONTROL}`
  const of = CALLBACK_MISTAKES[mistakeOf(id)]
  if (of !== undefined) return { id, stated, made: 'sha1', of, form: 'hex', insteadOf }
  if (mistakeOf(id) !== 'truncated') throw new Error(`${id} makes a mistake that is not known here`)
  return { id, stated, made: 'sha1', of: insteadOf, form: 'cut', insteadOf }
}
