// How a client presents itself at each simulated provider. Fixed, so that a provider account can be pasted; other than
// the sandbox credentials of our own doors, so that one can never be taken for the other.
import type { DoorCredential } from '../protocols/protocol.ts'

/** The one client of every simulated provider. */
export const RAIL_MERCHANT_ID = 'rail'

const CREDENTIALS: readonly Pick<DoorCredential, 'door' | 'publicId' | 'secret'>[] = [
  { door: 'paypro', publicId: '9000000001', secret: 'simulated-paypro-secret' },
]

/** The credential at the simulated provider of this protocol, or null where none is simulated. */
export function railCredential(protocol: string): DoorCredential | null {
  const found = CREDENTIALS.find(({ door }) => door === protocol)
  return found === undefined ? null : { ...found, merchantId: RAIL_MERCHANT_ID, active: true, settings: {} }
}

/** Protocols whose provider can be simulated. */
export const SIMULATED: readonly string[] = CREDENTIALS.map(({ door }) => door)
