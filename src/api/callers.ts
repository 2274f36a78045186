// Who comes, and for whom: a merchant's key, a person's key, or the session of a person. A session is what a browser sends
// by itself, so a write by one has to show that our own page made it: by its origin, and by a token that no other page can
// read (SECURITY.md section 4).
import type { Problem } from '../http/problem.ts'
import { equalConstantTime } from '../lib/digest.ts'
import { ROLES, type Role } from '../payout/role.ts'
import type { Merchant } from '../store/store.ts'
import { authenticate, authenticatePerson, scopeProblem, UNAUTHENTICATED } from './auth.ts'
import type { Scope } from './call.ts'
import { readCookie } from './cookies.ts'
import { type ApiHeaders, TWICE } from './headers.ts'
import type { ApiNeeds } from './needs.ts'
import { readQuery } from './page.ts'
import type { ApiPerson } from './people-needs.ts'
import type { ApiSession } from './session-needs.ts'

/** What of a request says who makes it. */
export interface Arrival {
  readonly method: string
  readonly headers: ApiHeaders
  readonly query: string
}

export type PersonCaller =
  | { readonly ok: true; readonly by: ApiPerson; readonly session: ApiSession | null }
  | Refused

export type MerchantCaller =
  | {
      readonly ok: true
      readonly merchantId: string
      readonly credentialId: string
      /** Null: it came with a key of the merchant. */
      readonly by: ApiPerson | null
      /** Without what named the merchant. */
      readonly query: string
    }
  | Refused

interface Refused {
  readonly ok: false
  readonly problem: Problem
}

/** A person by its key; where none came, by its session. */
export async function personCaller(arrival: Arrival, needs: ApiNeeds): Promise<PersonCaller> {
  const { people, livemode, sessions } = needs
  if (people === undefined) return refused({ code: 'not_found' })
  const { authorization, cookie } = arrival.headers
  if (authorization !== null) {
    const by = await authenticatePerson(authorization, { people, livemode })
    return by === null ? refused(UNAUTHENTICATED) : { ok: true, by, session: null }
  }
  const secret = sessions === undefined ? null : readCookie(cookie, sessions.sandbox)
  const session = secret === null ? null : ((await sessions?.find(secret)) ?? null)
  if (session === null) return refused(UNAUTHENTICATED)
  const forged = forgeryProblem(arrival, session, needs)
  return forged === null ? { ok: true, by: session.by, session } : refused(forged)
}

/** A key is of one merchant. A person says for which one it asks, unless it has one alone. */
export async function merchantCaller(
  arrival: Arrival,
  scope: Scope,
  needs: ApiNeeds,
): Promise<MerchantCaller> {
  const { authorization } = arrival.headers
  if (needs.console === undefined || !isOfPerson(arrival.headers)) {
    const who = authenticate(authorization, needs)
    if (!who.ok) return who
    const forbidden = scopeProblem(who.key, scope)
    if (forbidden !== null) return refused(forbidden)
    const { merchantId, keyId } = who.key
    return { ok: true, merchantId, credentialId: keyId, by: null, query: arrival.query }
  }
  const caller = await personCaller(arrival, needs)
  return caller.ok ? forMerchant(caller.by, arrival, scope, needs) : caller
}

/** What it claims to be; whether it is, is asked next. */
function isOfPerson({ authorization, cookie }: ApiHeaders): boolean {
  if (authorization === null) return cookie !== null
  return typeof authorization === 'string' && /^bearer +qp_/i.test(authorization)
}

/** Null, or what shows that no page of ours wrote this. Reading is free: what is read, another page does not see. */
export function forgeryProblem(
  { method, headers }: Pick<Arrival, 'method' | 'headers'>,
  { token }: Pick<ApiSession, 'token'>,
  needs: ApiNeeds,
): Problem | null {
  if (method === 'GET' || method === 'HEAD') return null
  const foreign = originProblem(headers, needs)
  if (foreign !== null) return foreign
  if (typeof headers.token === 'string' && equalConstantTime(headers.token, token)) return null
  return { code: 'forbidden', detail: 'A write by a session brings its token in the header Quittance-Token.' }
}

/** Null, or why this is not from a page of ours. A browser names the origin of every write. */
export function originProblem(
  { origin }: Pick<ApiHeaders, 'origin'>,
  { sessions }: ApiNeeds,
): Problem | null {
  const own = sessions?.origins() ?? []
  if (typeof origin === 'string' && own.includes(origin)) return null
  return {
    code: 'forbidden',
    detail: `A write by a session comes from the console itself, at ${own[0] ?? 'its own address'}.`,
  }
}

/** Whether it has one of these roles for this merchant. */
export function hasRole({ person }: ApiPerson, roles: readonly Role[], merchantId: string): boolean {
  return person.grants.some(
    grant => roles.includes(grant.role) && (grant.merchantId === null || grant.merchantId === merchantId),
  )
}

function forMerchant(by: ApiPerson, arrival: Arrival, scope: Scope, needs: ApiNeeds): MerchantCaller {
  const named = readMerchant(arrival)
  if (!named.ok) return named
  const roles = ROLES_OF[scope]
  const seen = needs.console?.merchants(by) ?? []
  const asked =
    named.merchantId === null ? only(seen, by, roles) : seen.find(one => one.merchantId === named.merchantId)
  if (asked === 'several') return refused(NAME_ONE)
  // One answer for a merchant that is unknown and for one of others.
  if (asked === undefined) return refused({ code: 'not_found', detail: 'There is no such merchant.' })
  if (!hasRole(by, roles, asked.merchantId))
    return refused({ code: 'forbidden', detail: `This takes the role ${roles.join(' or ')}.` })
  if (scope === 'payouts:write' && !asked.active)
    return refused({ code: 'forbidden', detail: 'This merchant is switched off.' })
  return {
    ok: true,
    merchantId: asked.merchantId,
    credentialId: by.person.personId,
    by,
    query: named.query,
  }
}

/** The merchant of whoever has one alone. */
function only(
  seen: readonly Merchant[],
  by: ApiPerson,
  roles: readonly Role[],
): Merchant | 'several' | undefined {
  const [first, ...more] = seen.filter(({ merchantId }) => hasRole(by, roles, merchantId))
  // Without the role anywhere, whichever is named is refused for that.
  if (first === undefined) return seen[0]
  return more.length === 0 ? first : 'several'
}

const ROLES_OF: Readonly<Record<Scope, readonly Role[]>> = {
  'payouts:read': ROLES,
  'balances:read': ROLES,
  'payouts:write': ['maker'],
}

type MerchantNamed =
  | { readonly ok: true; readonly merchantId: string | null; readonly query: string }
  | Refused

/** By the header; of what a browser opens by its address, by the query as well. */
function readMerchant({ method, headers, query }: Arrival): MerchantNamed {
  const { merchant } = headers
  if (merchant === TWICE) return refused(wrong('Quittance-Merchant', 'came twice'))
  if (method !== 'GET') return { ok: true, merchantId: merchant, query }
  const read = readQuery(query)
  if (!read.ok) return refused({ code: 'invalid_request', errors: read.errors })
  const inQuery = read.values.get('merchant') ?? null
  if (inQuery !== null && merchant !== null && inQuery !== merchant)
    return refused(wrong('merchant', 'is another one than in the header Quittance-Merchant'))
  const rest = query.split('&').filter(part => !/^merchant(?:=|$)/.test(part))
  return { ok: true, merchantId: merchant ?? inQuery, query: rest.join('&') }
}

const NAME_ONE: Problem = wrong('Quittance-Merchant', 'is needed: you have more than one merchant')

function wrong(pointer: string, message: string): Problem {
  return { code: 'invalid_request', errors: [{ pointer, message }] }
}

function refused(problem: Problem): Refused {
  return { ok: false, problem }
}
