// The persons of an installation, as their rows would say it. They are let in before a history begins and stay; what
// they do is played, their coming and going is not.
import type { Payout } from '../../../src/payout/payout.ts'
import type { Role } from '../../../src/payout/role.ts'
import type { Person } from '../../../src/store/people-store.ts'

export interface ModelPerson extends Person {
  /** The seed of the one-time codes. */
  readonly factor: Uint8Array
}

function person(name: string, ...roles: readonly Role[]): ModelPerson {
  const personId = `pe_${name.padEnd(12, '0')}`
  const grants = roles.map(role => ({ merchantId: null, role }))
  return { personId, name, grants, active: true, factor: Buffer.from(personId.padEnd(20)) }
}

export const ANA = person('ana', 'operator')
export const CAI = person('cai', 'operator', 'approver')
export const BEN = person('ben', 'approver')
export const DEE = person('dee', 'approver')
/** Owns a credential by which payouts come in, and is their maker. */
export const MIA = person('mia', 'maker', 'operator', 'approver')

/** The first two let the others in. */
export const PERSONS = [CAI, BEN, ANA, DEE, MIA]

export function personOf(personId: string): ModelPerson | null {
  return PERSONS.find(one => one.personId === personId) ?? null
}

/** payout_maker: whoever owns the credential by which it was asked for. Every other credential is the merchant's own. */
export function makerOf({
  door,
  doorCredentialId,
}: Pick<Payout, 'door' | 'doorCredentialId'>): string | null {
  return door === 'paypro' && doorCredentialId === 'shop-m_1' ? MIA.personId : null
}
