import { avanor } from './avanor/index.ts'
import { payneteasy } from './payneteasy/index.ts'
import { paypro } from './paypro/index.ts'
import { proofapi } from './proofapi/index.ts'
import type { Protocol } from './protocol.ts'

/** Every protocol that is spoken here, one line each. */
export const PROTOCOLS: readonly Protocol[] = [
  paypro, //
  payneteasy,
  avanor,
  proofapi,
]

/** The protocol of that name, or null. */
export function protocolNamed(name: string): Protocol | null {
  return PROTOCOLS.find(protocol => protocol.name === name) ?? null
}
