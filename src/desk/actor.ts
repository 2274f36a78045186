// Who acts, and for whom. A person is one and the same by whichever of its keys it comes; the host is nobody's second
// person, for whoever sits at it may be anybody.
import type { Role } from '../payout/role.ts'
import type { Person } from '../store/people-store.ts'

export type Actor = PersonActor | HostActor

export interface PersonActor {
  readonly kind: 'person'
  readonly person: Person
  /** The public half of the key that it came by. */
  readonly credential: string
}

export interface HostActor {
  readonly kind: 'host'
  /** The user of the operating system. */
  readonly user: string
}

/** Who it is, as it is recorded: `pe_…`, or `host:<user>`. */
export function whoIs(actor: Actor): string {
  return actor.kind === 'person' ? actor.person.personId : `host:${actor.user}`
}

export function credentialOf(actor: Actor): string {
  return actor.kind === 'person' ? actor.credential : `host:${actor.user}`
}

/** The merchants for which it has one of these roles; null: for all of them. The host sees what the database holds. */
export function merchantsOf(actor: Actor, roles: readonly Role[]): readonly string[] | null {
  if (actor.kind === 'host') return null
  const grants = actor.person.grants.filter(({ role }) => roles.includes(role))
  if (grants.some(({ merchantId }) => merchantId === null)) return null
  return [...new Set(grants.flatMap(({ merchantId }) => merchantId ?? []))]
}

/** Whether it has one of these roles for this merchant; `merchantId` null: for the whole installation. */
export function mayFor(actor: Actor, roles: readonly Role[], merchantId: string | null): boolean {
  const merchants = merchantsOf(actor, roles)
  return merchants === null || (merchantId !== null && merchants.includes(merchantId))
}
