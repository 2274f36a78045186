import { write } from './client.ts'
import type { Explanation, SandboxExplain, SandboxSign, SignedRequest } from './types.gen.ts'

export function signRequest(protocol: string, body: SandboxSign, merchant: string): Promise<SignedRequest> {
  return write(`/v1/sandbox/sign/${protocol}`, { merchant, body })
}

export function explainRequest(
  protocol: string,
  body: SandboxExplain,
  merchant: string,
): Promise<Explanation> {
  return write(`/v1/sandbox/explain/${protocol}`, { merchant, body })
}
