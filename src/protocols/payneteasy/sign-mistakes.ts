// Why a signature is not over what is expected: the base string is made again with each mistake that clients usually
// make, and the one that the signature does fit is named. Only the public key is needed for that.
import { constants, type KeyObject, verify } from 'node:crypto'
import { rsaPublicKey, rsaSha256Verify } from '../../lib/rsa.ts'
import type { PayneteasyClaims } from './oauth.ts'
import {
  payneteasyBaseString,
  payneteasyBaseUrl,
  payneteasyNormalized,
  payneteasySignatureBytes,
} from './sign.ts'
import {
  PAYNETEASY_PATHS,
  type PayneteasyParameters,
  payneteasyPercentEncode,
  payneteasyWriteForm,
} from './wire.ts'

export interface PayneteasySignedSoFar {
  /** PEM. */
  readonly key: string
  /** The URLs that are taken, as they are signed. */
  readonly urls: readonly string[]
  readonly parameters: PayneteasyParameters
  readonly claims: PayneteasyClaims
  readonly called: PayneteasyCalled
}

/** Where the request came, and where else the merchant could have sent one. Nothing of it is trusted. */
export interface PayneteasyCalled {
  /** As received, undecoded. */
  readonly path: string
  /** The Host header; empty where there is none. */
  readonly host: string
  /** The merchant's endpoints and, with `group/` before them, groups. */
  readonly places: readonly string[]
}

/** What is wrong with the signature, in a sentence. Called only where it was found wrong. */
export function payneteasySignMistake(sofar: PayneteasySignedSoFar): string {
  const { key, urls, parameters, claims } = sofar
  const read = rsaPublicKey(key)
  if (!read.ok) return 'the merchant has no public key that can be read, so nothing it signs is taken'
  const [url] = urls
  if (url === undefined) return 'no public address of this door is set, so that no URL can be signed'
  const signature = payneteasySignatureBytes(claims.signature) ?? new Uint8Array(0)
  if (signature.length * 8 !== read.bits)
    return `the signature has ${signature.length} bytes, and the key here signs with ${read.bits / 8}: it is another key, or hex was encoded`

  const signed = [...parameters, ...claims.signed]
  const found = mistakes(sofar, signed).find(({ text }) => rsaSha256Verify(read.key, text, signature))
  if (found !== undefined) return found.says
  for (const one of urls) {
    const scheme = otherAlgorithm(read.key, payneteasyBaseString(one, signed), signature)
    if (scheme !== null) return scheme
  }
  return (
    `expected is RSA-SHA256 with PKCS#1 v1.5 padding over ${payneteasyBaseString(url, signed)}` +
    '; usually the private key is another one, or a parameter was changed after it was signed'
  )
}

interface Mistake {
  readonly says: string
  readonly text: string
}

function mistakes(sofar: PayneteasySignedSoFar, signed: PayneteasyParameters): readonly Mistake[] {
  const { urls, called } = sofar
  const hosts = otherHosts(called).map(url => ({
    says: `the URL was signed for the host ${url.replace(/^https?:\/\/([^/]*).*$/, '$1')}; this door is ${urls.join(' or ')}`,
    text: payneteasyBaseString(url, signed),
  }))
  return [
    ...urls.flatMap(url => [...ofText(url, sofar, signed), ...ofUrl(url, sofar, signed)]),
    ...hosts,
    ...urls.flatMap(url => ofPlace(url, called, signed)),
  ]
}

function ofText(
  url: string,
  { parameters, claims }: PayneteasySignedSoFar,
  signed: PayneteasyParameters,
): readonly Mistake[] {
  const right = payneteasyBaseString(url, signed)
  const encodedUrl = payneteasyPercentEncode(url)
  const normalized = payneteasyNormalized(signed)
  const unencoded = unencodedOf(signed)
  const over = (list: PayneteasyParameters) => payneteasyBaseString(url, list)
  const literal = (text: string) => ['POST', encodedUrl, payneteasyPercentEncode(text)].join('&')
  const notEncoded = 'names and values were not encoded before they were sorted and joined'
  return [
    { says: 'a line end was signed behind the base string', text: `${right}\n` },
    {
      says: 'the percent escapes are in lower-case hex; they are in upper case',
      text: right.replace(/%[0-9A-F]{2}/g, hex => hex.toLowerCase()),
    },
    { says: 'the method is in lower case; it is POST', text: `post${right.slice(4)}` },
    { says: 'the base string has the method GET; every call is a POST', text: `GET${right.slice(4)}` },
    {
      says: 'the parameters are not sorted; the oauth_ ones stand among those of the body, by name',
      text: literal(written([...parameters, ...claims.signed])),
    },
    {
      says: 'the sorted parameters are encoded once; in the base string they are encoded once more',
      text: `POST&${encodedUrl}&${normalized}`,
    },
    { says: 'the URL is not encoded in the base string', text: right.replace(encodedUrl, () => url) },
    { says: notEncoded, text: literal(unencoded) },
    { says: `${notEncoded}, nor was anything else`, text: `POST&${url}&${unencoded}` },
    { says: 'neither the URL nor the joined parameters are encoded', text: `POST&${url}&${normalized}` },
    { says: 'the parameters of the body were left out', text: over(claims.signed) },
    { says: 'the oauth_ parameters were left out', text: over(parameters) },
    {
      says: 'parameters without a value were left out; they are signed too',
      text: over(signed.filter(([, value]) => value !== '')),
    },
    {
      says: 'a blank is signed as +; in the base string it is %20',
      text: literal(normalized.replaceAll('%20', '+')),
    },
  ]
}

function ofUrl(
  url: string,
  { parameters, claims }: PayneteasySignedSoFar,
  signed: PayneteasyParameters,
): readonly Mistake[] {
  const withUrl = (other: string) => payneteasyBaseString(other, signed)
  const query = 'the URL was signed with a query behind it; it ends with the path'
  const form = `${url}?${payneteasyWriteForm(parameters)}`
  return [
    { says: 'the URL was signed with another scheme', text: withUrl(otherScheme(url)) },
    { says: 'the URL was signed with a slash behind it', text: withUrl(`${url}/`) },
    {
      says: 'the URL was signed with its default port, which is left out',
      text: withUrl(url.replace(/^(https?:\/\/[^/]+)/, url.startsWith('https') ? '$1:443' : '$1:80')),
    },
    { says: 'the URL was signed without its port', text: withUrl(url.replace(/:[0-9]+(?=\/)/, '')) },
    { says: query, text: withUrl(`${url}?`) },
    { says: query, text: withUrl(form) },
    { says: query, text: payneteasyBaseString(form, claims.signed) },
  ]
}

/** Another call or endpoint of this door. */
function ofPlace(
  url: string,
  { path, places }: PayneteasyCalled,
  signed: PayneteasyParameters,
): readonly Mistake[] {
  if (!url.endsWith(path)) return []
  const origin = url.slice(0, url.length - path.length)
  return Object.values(PAYNETEASY_PATHS).flatMap(call =>
    places.slice(0, PLACES_MAX).map(place => ({
      says: `the URL was signed for ${call}/${place}, and the request came to ${path}`,
      text: payneteasyBaseString(`${origin}${call}/${place}`, signed),
    })),
  )
}

/** Each costs a verification for every call and public address. */
const PLACES_MAX = 16

/** The same path at the host that was called, if it is one, and at the hosts of the document. */
function otherHosts({ path, host }: PayneteasyCalled): readonly string[] {
  const called = /^[A-Za-z0-9.:[\]-]{1,255}$/.test(host) ? [host] : []
  return [...called, ...DOCUMENTED_HOSTS]
    .flatMap(one => [`https://${one}${path}`, `http://${one}${path}`])
    .flatMap(one => payneteasyBaseUrl(one) ?? [])
}

/** Contract, section 2. */
const DOCUMENTED_HOSTS = ['sandbox.payneteasy.com', 'gate.payneteasy.com']

/** The right text under another hash or padding, in a sentence; null where it is none of those. */
function otherAlgorithm(key: KeyObject, text: string, signature: Uint8Array): string | null {
  const bytes = Buffer.from(text)
  for (const hash of ['SHA-1', 'SHA-384', 'SHA-512', 'MD5'])
    if (verify(hash.replace('-', ''), bytes, key, signature))
      return `the signature is made with ${hash}; it is SHA-256`
  for (const hash of ['sha256', 'sha1', 'sha512'])
    if (verify(hash, bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING }, signature))
      return 'the padding of the signature is PSS; it is PKCS#1 v1.5'
  return null
}

function written(parameters: PayneteasyParameters): string {
  return parameters
    .map(([name, value]) => `${payneteasyPercentEncode(name)}=${payneteasyPercentEncode(value)}`)
    .join('&')
}

function unencodedOf(parameters: PayneteasyParameters): string {
  return [...parameters]
    .sort(([name, value], [otherName, otherValue]) => order(name, otherName) || order(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

function otherScheme(url: string): string {
  return url.startsWith('https:') ? url.replace('https:', 'http:') : url.replace('http:', 'https:')
}
