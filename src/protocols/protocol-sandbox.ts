// How a protocol is tried without its provider: fixed credentials for the demo and its simulated provider.
import type { DoorCredential } from './desk-port.ts'

/** Fixed credentials, for the demo and its simulated provider alone; none of them exists in production. */
export interface ProtocolSandbox {
  /** True where clients sign with RSA keys: two pairs are made at the first start, one for each side below. */
  readonly needsKeys: boolean
  /** The sandbox merchant at our door. Null keys only where none are needed. */
  credentials(keys: SandboxKeys | null): readonly SandboxCredential[]
  /** Us at the simulated provider, which is the same door on a fake rail. */
  readonly rail: SandboxRail
}

export interface SandboxRail {
  /** What the simulated provider's door knows of us. Other than `credentials`, so that one is never taken for the other. */
  credentials(keys: SandboxKeys | null): readonly SandboxCredential[]
  /** What our provider account is told, so that its connector fits that door. */
  accountSettings(keys: SandboxKeys | null): Readonly<Record<string, string>>
  /** The currencies that are paid through it; none where the protocol pays nothing. */
  readonly currencies: readonly string[]
}

export type SandboxCredential = Pick<DoorCredential, 'publicId' | 'secret' | 'settings'>

/** PEM texts: PKCS#1 private, SPKI public. */
export interface SandboxKeys {
  readonly privateKey: string
  readonly publicKey: string
}
