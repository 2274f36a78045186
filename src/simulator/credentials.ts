// Which providers can be simulated, and how their one client presents itself there. The values are each protocol's own:
// fixed, so that a provider account can be pasted, and other than those of our own doors.
import type { DoorCredential, Protocol, SandboxKeys } from '../protocols/protocol.ts'
import { PROTOCOLS, protocolNamed } from '../protocols/registry.ts'

/** The one client of every simulated provider. */
export const RAIL_MERCHANT_ID = 'rail'

/** Protocols whose provider can be simulated: those that pay. */
export const SIMULATED: readonly string[] = PROTOCOLS.filter(isSimulated).map(({ name }) => name)

/**
 * The protocols whose doors the simulated provider of this name serves: its own, and those that show proof of what was
 * paid there. Empty where there is no such provider.
 */
export function railProtocols(name: string): readonly Protocol[] {
  const own = protocolNamed(name)
  if (own === null || !isSimulated(own)) return []
  const proving = PROTOCOLS.filter(other => other !== own && other.proof !== null && hasSandbox(other))
  return [own, ...proving]
}

/**
 * What the simulated provider's door knows of us; nothing where keys are needed and there are none.
 *
 * @param keys the pair of our side; only its public half is looked at
 */
export function railCredentials(protocol: Protocol, keys: SandboxKeys | null): readonly DoorCredential[] {
  const { name, sandbox } = protocol
  if (sandbox === null || (sandbox.needsKeys && keys === null)) return []
  return sandbox.rail
    .credentials(sandbox.needsKeys ? keys : null)
    .map(credential => ({ ...credential, door: name, merchantId: RAIL_MERCHANT_ID, active: true }))
}

function isSimulated(protocol: Protocol): boolean {
  return protocol.connector !== null && hasSandbox(protocol)
}

function hasSandbox({ door, sandbox }: Protocol): boolean {
  return door !== null && sandbox !== null
}
