// Reads the Authorization header as strictly as its grammar allows (contract, section 3; RFC 5849 section 3.5.1):
// parameters in any order, blanks around the commas or none, any letter case of the scheme, and `realm` ignored.
import { PAYNETEASY_METHOD, payneteasySignatureBytes } from './sign.ts'
import { type PayneteasyParameters, payneteasyIsLogin, payneteasyPercentDecode } from './wire.ts'

/** How far a timestamp may lie from our clock, in seconds, either way. */
export const PAYNETEASY_WINDOW_S = 900

/** What a header claims, well-formed and not yet verified. */
export interface PayneteasyClaims {
  readonly consumerKey: string
  readonly nonce: string
  /** Decimal seconds since the epoch, as written. */
  readonly timestamp: string
  /** Base64, as written. */
  readonly signature: string
  /** Every parameter that is signed: all but the signature itself. */
  readonly signed: PayneteasyParameters
}

export type PayneteasyClaimed =
  | { readonly ok: true; readonly claims: PayneteasyClaims }
  | { readonly ok: false; readonly why: string }

/** The parameters of one Authorization header, `realm` left out, or null where it is not well-formed OAuth. */
export function payneteasyReadAuthorization(header: string): PayneteasyParameters | null {
  const [, list] = header.length > HEADER_LENGTH_MAX ? [] : (/^OAuth[ \t]+(.*)$/i.exec(header.trim()) ?? [])
  if (list === undefined) return null
  const parameters: [string, string][] = []
  for (let rest = list, count = 0; count < PARAMETERS_MAX; count += 1) {
    const [whole, name = '', value = '', comma] = PARAMETER.exec(rest) ?? []
    if (whole === undefined) return null
    if (name.toLowerCase() !== 'realm') {
      const decoded = payneteasyPercentDecode(value)
      if (decoded === null || !name.startsWith('oauth_')) return null
      parameters.push([name, decoded])
    }
    rest = rest.slice(whole.length)
    if (comma === undefined) return rest === '' ? parameters : null
  }
  return null
}

/** Each parameter once, the one method, version and forms that are taken; the first that is wrong is named. */
export function payneteasyReadClaims(parameters: PayneteasyParameters): PayneteasyClaimed {
  const claims = new Map<string, string>()
  for (const [name, value] of parameters) {
    if (claims.has(name)) return { ok: false, why: `${shown(name)} comes twice` }
    claims.set(name, value)
  }
  const consumerKey = claims.get('oauth_consumer_key') ?? ''
  if (!payneteasyIsLogin(consumerKey)) return wrong('oauth_consumer_key is missing or not printable')
  const method = claims.get('oauth_signature_method')
  if (method !== PAYNETEASY_METHOD) return wrong(`oauth_signature_method is not ${PAYNETEASY_METHOD}`)
  const version = claims.get('oauth_version')
  if (version !== undefined && version !== '1.0') return wrong('oauth_version is neither 1.0 nor absent')
  const nonce = claims.get('oauth_nonce') ?? ''
  if (!/^[ -~]{1,128}$/.test(nonce)) return wrong('oauth_nonce is not 1 to 128 printable characters')
  const timestamp = claims.get('oauth_timestamp') ?? ''
  if (!/^(?:0|[1-9][0-9]{0,14})$/.test(timestamp))
    return wrong('oauth_timestamp is not decimal seconds without sign and leading zero')
  const signature = claims.get('oauth_signature') ?? ''
  if (payneteasySignatureBytes(signature) === null)
    return wrong('oauth_signature is missing or not Base64, percent-encoded')
  const signed = parameters.filter(([name]) => name !== 'oauth_signature')
  return { ok: true, claims: { consumerKey, nonce, timestamp, signature, signed } }
}

/** Whether a well-formed timestamp lies inside the window around a moment in milliseconds, judged in whole seconds. */
export function payneteasyIsTimely(timestamp: string, nowMs: number): boolean {
  if (!/^(?:0|[1-9][0-9]{0,14})$/.test(timestamp)) return false
  const apart = Math.floor(nowMs / 1_000) - Number.parseInt(timestamp, 10)
  return Math.abs(apart) <= PAYNETEASY_WINDOW_S
}

const HEADER_LENGTH_MAX = 8_192
const PARAMETERS_MAX = 32
/** One parameter and the comma behind it, if one follows. Nothing here can be matched in two ways. */
const PARAMETER = /^([A-Za-z0-9_.~-]{1,64})="([^"]*)"[ \t]*(,[ \t]*)?/

function wrong(why: string): PayneteasyClaimed {
  return { ok: false, why }
}

function shown(name: string): string {
  return name.slice(0, 64)
}
