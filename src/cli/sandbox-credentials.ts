// The fixed credentials of the demo, so that every example can be pasted. They exist in the demo alone: `serve` refuses
// to start on a database that holds them.
import type { DoorCredential } from '../protocols/protocol.ts'

export const SANDBOX_MERCHANT_ID = 'm_sandbox'

/** The whole native key; its public half is what the store keeps in clear. */
export const SANDBOX_API_KEY = 'qk_test_sandbox'

const CREDENTIALS: readonly Pick<DoorCredential, 'door' | 'publicId' | 'secret'>[] = [
  { door: 'paypro', publicId: '1000000001', secret: 'sandbox-paypro-secret' },
]

export const SANDBOX_CREDENTIALS: readonly DoorCredential[] = CREDENTIALS.map(credential => ({
  ...credential,
  merchantId: SANDBOX_MERCHANT_ID,
  active: true,
  settings: {},
}))

/** The sandbox merchant's credential at this door, or null where it has none. */
export function sandboxCredential(door: string): DoorCredential | null {
  return SANDBOX_CREDENTIALS.find(credential => credential.door === door) ?? null
}
