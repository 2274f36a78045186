// Who the sandbox merchant is at each door. The values are each protocol's own and fixed, so that every example can be
// pasted. They exist in the demo alone: `serve` refuses to start on a database that holds them.
import type { DoorCredential, Protocol, SandboxKeys } from '../protocols/protocol.ts'
import { PROTOCOLS, protocolNamed } from '../protocols/registry.ts'
import type { SandboxKeyRing } from './sandbox-keys.ts'

export const SANDBOX_MERCHANT_ID = 'm_sandbox'

/** The whole native key; its public half is what the store keeps in clear. */
export const SANDBOX_API_KEY = 'qk_test_sandbox'

/** As our doors keep them. A door whose keys are not in the ring is left out: nobody could sign for it. */
export function sandboxCredentials(keys: SandboxKeyRing): readonly DoorCredential[] {
  return PROTOCOLS.flatMap(protocol => {
    const pair = keys.get(protocol.name)?.merchant ?? null
    return protocol.sandbox?.needsKeys === true && pair === null ? [] : credentialsAt(protocol, pair)
  })
}

/** Every name by which the sandbox merchant presents itself at a door. */
export const SANDBOX_PUBLIC_IDS: readonly Pick<DoorCredential, 'door' | 'publicId'>[] = PROTOCOLS.flatMap(
  protocol => credentialsAt(protocol, noKeys()),
)

/**
 * The sandbox merchant as a client of this door, or null where it has no credential. With its keys the private one is
 * in `settings.private_key`, where request builders look for it.
 */
export function sandboxCredential(door: string, keys: SandboxKeys | null = null): DoorCredential | null {
  const protocol = protocolNamed(door)
  const [first] = protocol === null ? [] : credentialsAt(protocol, keys ?? noKeys())
  if (first === undefined) return null
  return keys === null ? first : { ...first, settings: { ...first.settings, private_key: keys.privateKey } }
}

function credentialsAt({ name, sandbox }: Protocol, keys: SandboxKeys | null): readonly DoorCredential[] {
  if (sandbox === null) return []
  const given = sandbox.credentials(sandbox.needsKeys ? keys : null)
  return given.map(one => ({ ...one, door: name, merchantId: SANDBOX_MERCHANT_ID, active: true }))
}

/** A function, because the constant above is made while this file loads. */
function noKeys(): SandboxKeys {
  return { privateKey: '', publicKey: '' }
}
