import type { Protocol } from './protocol.ts'
import * as registered from './registered.ts'

/** Every protocol that registered.ts names, by name. */
export const PROTOCOLS: readonly Protocol[] = Object.values(registered)

/** The protocol of that name, or null. */
export function protocolNamed(name: string): Protocol | null {
  return PROTOCOLS.find(protocol => protocol.name === name) ?? null
}
