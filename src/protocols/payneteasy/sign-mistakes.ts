// Why a signature is not over what is expected: the base string is made again with each mistake that clients usually
// make, and the one that the signature does fit is named. Only the public key is needed for that.
import { rsaPublicKey } from '../../lib/rsa.ts'
import type { PayneteasyClaims } from './oauth.ts'
import {
  payneteasyBaseString,
  payneteasyNormalized,
  payneteasySignatureBytes,
  payneteasyVerify,
} from './sign.ts'
import { type PayneteasyParameters, payneteasyPercentEncode } from './wire.ts'

export interface PayneteasySignedSoFar {
  /** PEM. */
  readonly key: string
  /** The URLs that are taken, as they are signed. */
  readonly urls: readonly string[]
  readonly parameters: PayneteasyParameters
  readonly claims: PayneteasyClaims
}

/** What is wrong with the signature, in a sentence. Called only where it was found wrong. */
export function payneteasySignMistake({ key, urls, parameters, claims }: PayneteasySignedSoFar): string {
  const read = rsaPublicKey(key)
  if (!read.ok) return 'the merchant has no public key that can be read, so nothing it signs is taken'
  const [url] = urls
  if (url === undefined) return 'no public address of this door is set, so that no URL can be signed'
  const bytes = payneteasySignatureBytes(claims.signature)?.length ?? 0
  if (bytes * 8 !== read.bits)
    return `the signature has ${bytes} bytes, and the key here signs with ${read.bits / 8}: it is another key, or hex was encoded`
  const found = mistakes(url, parameters, claims).find(({ text }) =>
    payneteasyVerify(key, text, claims.signature),
  )
  if (found !== undefined) return found.says
  return (
    `expected is RSA-SHA256 with PKCS#1 v1.5 padding over ${payneteasyBaseString(url, all(parameters, claims))}` +
    '; usually the private key is another one, or a parameter was changed after it was signed'
  )
}

interface Mistake {
  readonly says: string
  readonly text: string
}

function mistakes(
  url: string,
  parameters: PayneteasyParameters,
  claims: PayneteasyClaims,
): readonly Mistake[] {
  const signed = all(parameters, claims)
  const right = payneteasyBaseString(url, signed)
  const encodedUrl = payneteasyPercentEncode(url)
  const withUrl = (other: string) => payneteasyBaseString(other, signed)
  const over = (list: PayneteasyParameters) => payneteasyBaseString(url, list)
  const literal = (text: string) => ['POST', encodedUrl, payneteasyPercentEncode(text)].join('&')
  return [
    { says: 'a line end was signed behind the base string', text: `${right}\n` },
    {
      says: 'the percent escapes are in lower-case hex; they are in upper case',
      text: right.replace(/%[0-9A-F]{2}/g, hex => hex.toLowerCase()),
    },
    { says: 'the method is in lower case; it is POST', text: `post${right.slice(4)}` },
    {
      says: 'the parameters are not sorted; the oauth_ ones stand among those of the body, by name',
      text: literal(written([...parameters, ...claims.signed])),
    },
    {
      says: 'the sorted parameters are encoded once; in the base string they are encoded once more',
      text: `POST&${encodedUrl}&${payneteasyNormalized(signed)}`,
    },
    { says: 'the parameters of the body were left out', text: over(claims.signed) },
    { says: 'the oauth_ parameters were left out', text: over(parameters) },
    {
      says: 'parameters without a value were left out; they are signed too',
      text: over(signed.filter(([, value]) => value !== '')),
    },
    {
      says: 'a blank is signed as +; in the base string it is %20',
      text: literal(payneteasyNormalized(signed).replaceAll('%20', '+')),
    },
    { says: 'the URL was signed with another scheme', text: withUrl(otherScheme(url)) },
    { says: 'the URL was signed with a slash behind it', text: withUrl(`${url}/`) },
    {
      says: 'the URL was signed with its default port, which is left out',
      text: withUrl(url.replace(/^(https?:\/\/[^/]+)/, url.startsWith('https') ? '$1:443' : '$1:80')),
    },
    { says: 'the URL was signed without its port', text: withUrl(url.replace(/:[0-9]+(?=\/)/, '')) },
  ]
}

function all(parameters: PayneteasyParameters, claims: PayneteasyClaims): PayneteasyParameters {
  return [...parameters, ...claims.signed]
}

function written(parameters: PayneteasyParameters): string {
  return parameters
    .map(([name, value]) => `${payneteasyPercentEncode(name)}=${payneteasyPercentEncode(value)}`)
    .join('&')
}

function otherScheme(url: string): string {
  return url.startsWith('https:') ? url.replace('https:', 'http:') : url.replace('http:', 'https:')
}
