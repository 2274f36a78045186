import type { Problem } from '../http/problem.ts'
import { equalConstantTime, sha256Hex } from '../lib/digest.ts'
import type { Role } from '../payout/role.ts'
import type { ApiKey } from '../store/store.ts'
import type { Scope } from './call.ts'
import type { HeaderValue } from './headers.ts'
import type { ApiPeople, ApiPerson } from './people-needs.ts'

export type Authenticated =
  | { readonly ok: true; readonly key: ApiKey }
  | { readonly ok: false; readonly problem: Problem }

export interface AuthNeeds {
  readonly directory: { apiKey(keyId: string): ApiKey | null }
  readonly livemode: boolean
}

/**
 * Who calls, by `Authorization: Bearer qk_test_<id>_<secret>`. The key is found by its public half, and the hash of the
 * whole is compared in constant time. An unknown id does the same work, so time does not tell which ids there are.
 */
export function authenticate(authorization: HeaderValue, { directory, livemode }: AuthNeeds): Authenticated {
  if (typeof authorization !== 'string') return REFUSED
  const bearer = BEARER.exec(authorization)
  const whole = bearer?.[1] ?? ''
  const key = directory.apiKey(bearer?.[2] ?? '')
  const stored = key === null ? NO_HASH : hexOf(key)
  const proven = equalConstantTime(sha256Hex(whole), stored)
  if (key === null || !proven || !key.active || key.live !== livemode) return REFUSED
  return { ok: true, key }
}

/** Null, or why the key may not do this. */
export function scopeProblem(key: ApiKey, scope: Scope): Problem | null {
  if (key.scopes.includes(scope)) return null
  return { code: 'forbidden', detail: `The API key lacks the scope ${scope}.` }
}

/** Who comes with `Authorization: Bearer qp_live_<id>_<secret>`; null: nobody that is known here. */
export async function authenticatePerson(
  authorization: HeaderValue,
  { people, livemode }: { readonly people: ApiPeople; readonly livemode: boolean },
): Promise<ApiPerson | null> {
  const key = typeof authorization === 'string' ? PERSON_BEARER.exec(authorization)?.[1] : undefined
  return key === undefined ? null : people.authenticate(key, livemode)
}

/** Null, or why this person may not come here at all; for which merchant it may, the desk asks. */
export function roleProblem({ person }: ApiPerson, roles: readonly Role[]): Problem | null {
  if (person.grants.some(({ role }) => roles.includes(role))) return null
  return { code: 'forbidden', detail: `This takes the role ${roles.join(' or ')}.` }
}

const PERSON_BEARER = /^bearer +(qp_(?:test|live)_[A-Za-z0-9]{1,32}_[A-Za-z0-9]{1,128}) *$/i

/** The whole key, and its public half: all of it but the secret, where there is one behind it. */
const BEARER = /^bearer +((qk_(?:test|live)_[A-Za-z0-9]{1,32})(?:_[A-Za-z0-9]{1,128})?) *$/i

/** Of no key: nothing that anybody can write hashes to it. */
const NO_HASH = '0'.repeat(64)

/** Made once for each key that the directory holds. */
const hashes = new WeakMap<ApiKey, string>()

function hexOf(key: ApiKey): string {
  let hex = hashes.get(key)
  if (hex === undefined) {
    hex = Buffer.from(key.hash).toString('hex')
    hashes.set(key, hex)
  }
  return hex
}

export const UNAUTHENTICATED: Problem = {
  code: 'unauthenticated',
  headers: { 'WWW-Authenticate': 'Bearer realm="quittance"' },
}
const REFUSED: Authenticated = { ok: false, problem: UNAUTHENTICATED }
