import { paypro } from './paypro/index.ts'
import type { Protocol } from './protocol.ts'

/** Every protocol that is spoken here, one line each. */
export const PROTOCOLS: readonly Protocol[] = [
  paypro, //
]

/** The protocol of that name, or null. */
export function protocolNamed(name: string): Protocol | null {
  return PROTOCOLS.find(protocol => protocol.name === name) ?? null
}
