import type { ProtocolSandbox, SandboxCredential } from '../protocol.ts'
import { proofapiKeyId } from './sign.ts'

/** Fixed values, so that every example can be pasted. The rail's are others: one is never taken for the other. */
export const proofapiSandbox: ProtocolSandbox = {
  needsKeys: false,
  credentials: () => [credential('sandbox-proof-api-key', 'sandbox-proof-secret', 'PID001')],
  rail: {
    credentials: () => [credential('simulated-proof-api-key', 'simulated-proof-secret', 'PID900')],
    accountSettings: () => ({
      pid: 'PID900',
      api_key: 'simulated-proof-api-key',
      secret: 'simulated-proof-secret',
    }),
    currencies: [],
  },
}

/** The key stands beside its hash here alone, for the request builder, which is a client: the door never reads it. */
function credential(apiKey: string, secret: string, pids: string): SandboxCredential {
  return { publicId: proofapiKeyId(apiKey), secret, settings: { pids, api_key: apiKey } }
}
