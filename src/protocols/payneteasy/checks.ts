// The checks of the door in the contract's order (section 7), as far as they need no desk. The door and the explanation
// of a request run this same code: whoever wants to know is told of each check as it is made, and nobody else is.

import type { CurrencyCode } from '../../money/currency.ts'
import { isAllowedFrom } from '../allowed-addresses.ts'
import type { Check, DoorCredential, DoorRequest } from '../protocol.ts'
import type { PayneteasyProblem } from './answer.ts'
import { PAYNETEASY_PROBLEMS } from './answer.ts'
import {
  PAYNETEASY_WINDOW_S,
  type PayneteasyClaims,
  payneteasyIsTimely,
  payneteasyReadAuthorization,
  payneteasyReadClaims,
} from './oauth.ts'
import { type PayneteasyAsked, payneteasyReadAsked, payneteasyUsedOrderId } from './request.ts'
import {
  payneteasyBaseString,
  payneteasyBaseUrl,
  payneteasyControlHolds,
  payneteasyStatusText,
  payneteasyVerify,
} from './sign.ts'
import { type PayneteasyCalled, payneteasySignMistake } from './sign-mistakes.ts'
import {
  PAYNETEASY_FORM_TYPE,
  type PayneteasyCall,
  type PayneteasyParameters,
  payneteasyEndpoints,
  payneteasyGroups,
  payneteasyIsLogin,
  payneteasyReadForm,
} from './wire.ts'

export const PAYNETEASY_BODY_BYTES_MAX = 65_536

/** Told of each check as it is made. */
export type PayneteasyWitness = (check: Check) => void

/** Who asks, verified. */
export interface PayneteasyHeard {
  readonly credential: DoorCredential
  readonly parameters: PayneteasyParameters
  /** Null where the call has no nonce. */
  readonly claims: PayneteasyClaims | null
}

export type PayneteasyHearing =
  | { readonly ok: true; readonly heard: PayneteasyHeard }
  | { readonly ok: false; readonly refusal: 'too_large' | 'denied' }

type FindCredential = (publicId: string) => DoorCredential | null

/** Checks 1 to 6: who speaks, and whether they said exactly this. */
export function payneteasyHear(
  request: DoorRequest,
  call: PayneteasyCall,
  find: FindCredential,
  witness: PayneteasyWitness | null = null,
): PayneteasyHearing {
  const check = checker(witness)
  const fits = !request.bodyTooLarge && request.body.length <= PAYNETEASY_BODY_BYTES_MAX
  if (!check('the body has at most 64 KiB', fits, () => 'it is larger')) return TOO_LARGE
  const [contentType = '', ...moreTypes] = request.headers.get('content-type') ?? []
  const isForm = moreTypes.length === 0 && mediaType(contentType) === PAYNETEASY_FORM_TYPE
  if (!check('the body is declared a form', isForm, () => `Content-Type is not ${PAYNETEASY_FORM_TYPE}`))
    return DENIED
  const why = 'it is refused, because a query is not signed here; send every parameter in the body'
  if (!check('the URL has no query', request.query === '', () => why)) return DENIED
  return call === 'status-v2' ? hearControl(request, find, check) : hearOauth(request, find, check)
}

function hearOauth(request: DoorRequest, find: FindCredential, check: Checker): PayneteasyHearing {
  const headers = request.headers.get('authorization') ?? []
  const [header] = headers
  const oauth = header === undefined || headers.length > 1 ? null : payneteasyReadAuthorization(header)
  const says = 'there is one well-formed Authorization header of the scheme OAuth'
  const found = headers.length === 1 ? 'it is not OAuth k="v", k="v"' : `there are ${headers.length}`
  if (!check(says, oauth !== null, () => found) || oauth === null) return DENIED

  const parameters = payneteasyReadForm(request.body)
  const isMixed = parameters?.some(([name]) => name.startsWith('oauth_')) ?? false
  const claimed = payneteasyReadClaims(oauth)
  const flaw = isMixed ? 'an oauth_ parameter is in the body' : claimed.ok ? '' : claimed.why
  if (!check('each oauth_ parameter comes once and is well-formed', flaw === '', () => flaw)) return DENIED
  if (!claimed.ok) return DENIED
  const { claims } = claimed

  const credential = find(claims.consumerKey)
  if (!isWelcome(request, credential, 'the consumer key is known and active', check)) return DENIED

  const isTimely = payneteasyIsTimely(claims.timestamp, request.nowMs)
  const apart = () =>
    `it says ${claims.timestamp}, the clock here ${Math.floor(request.nowMs / 1_000)}; seconds, not milliseconds`
  if (!check(`oauth_timestamp is within ${PAYNETEASY_WINDOW_S} s of our clock`, isTimely, apart))
    return DENIED

  if (!check(FORM_SAYS, parameters !== null, () => FORM_WHY) || parameters === null) return DENIED
  const urls = urlsOf(request)
  const signed = [...parameters, ...claims.signed]
  const key = credential.settings.public_key ?? ''
  const isSigned = urls.some(url =>
    payneteasyVerify(key, payneteasyBaseString(url, signed), claims.signature),
  )
  const mistake = () =>
    payneteasySignMistake({ key, urls, parameters, claims, called: calledOf(request, credential) })
  if (!check('the signature is right', isSigned, mistake)) return DENIED
  return { ok: true, heard: { credential, parameters, claims } }
}

/** The v2 status has no OAuth: the login names the credential, and `control` is all there is of a signature. */
function hearControl(request: DoorRequest, find: FindCredential, check: Checker): PayneteasyHearing {
  const parameters = payneteasyReadForm(request.body)
  if (!check(FORM_SAYS, parameters !== null, () => FORM_WHY) || parameters === null) return DENIED
  const first = (name: string) => parameters.find(one => one[0] === name)?.[1] ?? ''
  const login = first('login')
  const credential = payneteasyIsLogin(login) ? find(login) : null
  if (!isWelcome(request, credential, 'the login is a consumer key that is known and active', check))
    return DENIED
  const text = payneteasyStatusText({
    login,
    // The spelling that is read afterwards, or the control of one order would open another.
    clientOrderid: payneteasyUsedOrderId(parameters),
    orderid: first('orderid'),
  })
  const holds = payneteasyControlHolds(text, credential.secret, first('control'))
  const why = () => `it is not the lowercase hex SHA-1 of ${text} and the merchant control behind it`
  if (!check('control is right', holds, why)) return DENIED
  return { ok: true, heard: { credential, parameters, claims: null } }
}

function isWelcome(
  request: DoorRequest,
  credential: DoorCredential | null,
  says: string,
  check: Checker,
): credential is DoorCredential {
  const why = () => (credential === null ? 'it is not known' : 'it is switched off')
  if (!check(says, credential?.active === true, why) || credential === null) return false
  const isAllowed = isAllowedFrom(request.remoteAddress, credential.settings.addresses)
  return check('the address is one of the list, if there is one', isAllowed, () => 'it is not in the list')
}

// ---- what is asked about -------------------------------------------------------------------------------------------

/** The endpoint of the path, or the endpoints of its group, with their currencies. */
export interface PayneteasyTarget {
  /** The endpoint of the path; null where it names a group. */
  readonly endpoint: string | null
  readonly endpoints: ReadonlyMap<string, CurrencyCode>
}

export interface PayneteasyAskedAt {
  readonly target: PayneteasyTarget
  readonly asked: PayneteasyAsked
}

export type PayneteasyAsking =
  | { readonly ok: true; readonly at: PayneteasyAskedAt }
  | { readonly ok: false; readonly target: PayneteasyTarget; readonly problem: PayneteasyProblem }
  | { readonly ok: false; readonly target: null }

/** Checks 8 to 10: where it is asked, and what. Check 7, the nonce, is made before these by whoever has a desk. */
export function payneteasyAsk(
  request: DoorRequest,
  call: PayneteasyCall,
  { credential, parameters }: PayneteasyHeard,
  witness: PayneteasyWitness | null = null,
): PayneteasyAsking {
  const check = checker(witness)
  const target = payneteasyTarget(request.path, credential)
  const says = 'the endpoint or endpoint group belongs to the merchant'
  const why = () =>
    'it does not, or the setting names two endpoints of one currency; an endpoint is no group, and a group is no endpoint'
  if (!check(says, target !== null, why) || target === null) return { ok: false, target: null }

  const read = payneteasyReadAsked(call, parameters)
  const flaw = read.ok ? '' : `${read.problem.code} ${read.problem.message}`
  check('every parameter is there, well-formed and once', read.ok, () => flaw)
  if (!read.ok) return { ok: false, target, problem: read.problem }

  const login = read.asked.get('login') ?? ''
  // v2 found the credential by its login, so that the consumer key is one there, listed or not.
  const isOurs =
    loginsOf(credential).includes(login) || (call === 'status-v2' && login === credential.publicId)
  const problem = PAYNETEASY_PROBLEMS.login
  if (!check("the login is one of the consumer key's merchant", isOurs, () => problem.message))
    return { ok: false, target, problem }
  return { ok: true, at: { target, asked: read.asked } }
}

/**
 * Null where the path names neither an endpoint nor a group of this credential, and for all of them where the setting
 * has two endpoints of one currency: an order belongs to the one of its currency, and could be answered for the other.
 */
export function payneteasyTarget(
  path: string,
  { settings }: Pick<DoorCredential, 'settings'>,
): PayneteasyTarget | null {
  const [, group, id = ''] = /\/(group\/)?([^/]+)$/.exec(path) ?? []
  const endpoints = payneteasyEndpoints(settings.endpoints)
  if (endpoints === null || new Set(endpoints.values()).size < endpoints.size) return null
  const members = group === undefined ? [id] : (payneteasyGroups(settings.groups)?.get(id) ?? [])
  const own = members.flatMap(member => {
    const currency = endpoints.get(member)
    return currency === undefined ? [] : [[member, currency] as const]
  })
  if (own.length === 0) return null
  return { endpoint: group === undefined ? id : null, endpoints: new Map(own) }
}

/** The endpoint of a currency here, or null: an order belongs to the endpoint of its currency. */
export function payneteasyEndpointOf({ endpoints }: PayneteasyTarget, currency: string): string | null {
  for (const [id, own] of endpoints) if (own === currency) return id
  return null
}

/** Where the setting is left out, the consumer key is the one login. */
function loginsOf({ publicId, settings }: DoorCredential): readonly string[] {
  const list = settings.logins ?? ''
  return list.trim() === '' ? [publicId] : list.split(',').map(login => login.trim())
}

// ---- what the checks lean on ------------------------------------------------------------------------------------------

const FORM_SAYS = 'the body is a form that can be decoded'
const FORM_WHY =
  'a % escape is broken, a NUL is in it, or it has more than 64 fields or a name of more than 64 bytes'

const TOO_LARGE = { ok: false, refusal: 'too_large' } as const
const DENIED = { ok: false, refusal: 'denied' } as const

type Checker = (says: string, holds: boolean, why: () => string) => boolean

/** Why something does not hold is only found out where somebody wants to know. */
function checker(witness: PayneteasyWitness | null): Checker {
  return (says, holds, why) => {
    witness?.({ says, ok: holds, why: holds ? null : why() })
    return holds
  }
}

/** The URL under each address by which clients may know this door; never the one of the Host header. */
function urlsOf(request: DoorRequest): readonly string[] {
  return request.publicUrls.slice(0, PUBLIC_URLS_MAX).flatMap(publicUrl => {
    const url = payneteasyBaseUrl(publicUrl + request.path)
    return url === null ? [] : [url]
  })
}

/** What a client may have signed in the place of what it called. */
function calledOf({ path, headers }: DoorRequest, { settings }: DoorCredential): PayneteasyCalled {
  const ids = [...(payneteasyEndpoints(settings.endpoints)?.keys() ?? [])]
  const groups = [...(payneteasyGroups(settings.groups)?.keys() ?? [])].map(group => `group/${group}`)
  return { path, host: headers.get('host')?.[0] ?? '', places: [...ids, ...groups] }
}

/** Each costs one verification. */
const PUBLIC_URLS_MAX = 8

function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase()
}
