// Why a signature is not the one that is expected: the text is made again with each mistake that clients usually make,
// and the one whose digest was sent is named. The secret itself is never part of what is said.
import { equalConstantTime, md5Hex, sha256Hex } from '../../lib/digest.ts'
import { JsonNumber } from '../../lib/json.ts'
import { type PayproSalt, payproCanonical } from './sign.ts'
import { type PayproFields, payproLiteral, payproText } from './wire.ts'

export interface PayproSigned {
  readonly fields: PayproFields
  readonly merchantNo: string
  readonly salt: PayproSalt
}

/** What is wrong with `sign`, in a sentence. Called only where it was found wrong. */
export function payproSignMistake({ fields, merchantNo, salt }: PayproSigned): string {
  const sign = fields.get('sign')
  if (sign === undefined || sign === null || sign === '') return 'sign is missing; it is a field of the body'
  if (typeof sign !== 'string') return 'sign is no string'
  if (salt.secret === '') return 'the merchant has no secret, so nothing it signs is taken'
  const found = mistakes({ fields, merchantNo, salt }).find(({ digest }) =>
    equalConstantTime(digest, sign.toLowerCase()),
  )
  if (found !== undefined) return found.says
  if (!/^[0-9a-fA-F]{32}$/.test(sign))
    return `sign has ${sign.length} characters, and an MD5 in hex has 32 of 0-9 a-f`
  const secret = '<secret>'
  const canonical = payproCanonical(fields)
  const text = salt.position === 'append' ? canonical + secret : secret + canonical
  return `expected is the MD5 of ${text} in lowercase hex; usually the secret is another one, or a field was changed after it was signed`
}

interface Mistake {
  readonly says: string
  readonly digest: string
}

function mistakes({ fields, merchantNo, salt }: PayproSigned): readonly Mistake[] {
  const { secret, position } = salt
  const canonical = payproCanonical(fields)
  const other = position === 'append' ? 'prepend' : 'append'
  const salted = (text: string, key = secret): string => (position === 'append' ? text + key : key + text)
  const joined = parts(fields).join('&')
  return [
    mistake('the hex is in upper case; the document writes it in lower case', salted(canonical)),
    mistake(
      `the secret stands at the wrong end; here it is to ${position}, not to ${other}`,
      position === 'append' ? secret + canonical : canonical + secret,
    ),
    mistake('nothing was appended: the secret is missing from the hashed text', canonical),
    mistake('the fields are joined with &; nothing stands between them', salted(joined)),
    mistake(
      'the fields are joined with & and the secret as key=…; nothing stands between them',
      `${joined}&key=${secret}`,
    ),
    mistake('the secret was read with a line end behind it', salted(canonical, `${secret}\n`)),
    mistake(
      'the secret was read with blanks around it',
      salted(canonical, ` ${secret} `),
      salted(canonical, `${secret} `),
    ),
    mistake(
      'the fields are sorted without regard to case; upper case comes before lower case',
      salted(parts(fields, noCase).join('')),
    ),
    mistake('the fields are not sorted; they are sorted by name', salted(parts(fields, null).join(''))),
    mistake('only the values are hashed; each is written name=value', salted(values(fields))),
    mistake(
      'the header merchantNo was signed too; only fields of the body are',
      salted(payproCanonical(new Map([...fields, ['merchantNo', merchantNo]]))),
    ),
    mistake(
      'a number was written anew; it is signed with the digits of the body',
      salted(payproCanonical(reprinted(fields))),
    ),
    mistake(
      'the values are percent-encoded in the hashed text; they are signed as they are',
      salted(parts(fields, byCode, encodeURIComponent).join('')),
    ),
    { says: 'it is hashed with SHA-256; this protocol takes MD5', digest: sha256Hex(salted(canonical)) },
  ].flat()
}

function mistake(says: string, ...texts: readonly string[]): readonly Mistake[] {
  return texts.map(text => ({ says, digest: md5Hex(text) }))
}

type Order = (one: string, other: string) => number
const byCode: Order = (one, other) => (one < other ? -1 : one > other ? 1 : 0)
const noCase: Order = (one, other) => byCode(one.toLowerCase(), other.toLowerCase())

function parts(
  fields: PayproFields,
  order: Order | null = byCode,
  write = (text: string) => text,
): readonly string[] {
  const names = [...fields.keys()].filter(name => name !== 'sign' && payproText(fields.get(name)) !== null)
  if (order !== null) names.sort(order)
  return names.map(name => `${name}=${write(payproLiteral(fields.get(name) ?? ''))}`)
}

function values(fields: PayproFields): string {
  return parts(fields)
    .map(part => part.slice(part.indexOf('=') + 1))
    .join('')
}

/** What a language that reads numbers as floating point writes in their place. */
function reprinted(fields: PayproFields): PayproFields {
  return new Map(
    [...fields].map(([name, value]) => [
      name,
      value instanceof JsonNumber ? String(JSON.parse(value.literal)) : value,
    ]),
  )
}
