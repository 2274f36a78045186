// What the door would say of a request and why: the door's own checks, told as they are made, up to the first that
// fails. Whether a nonce is new, and what stands behind an order, only a desk knows; neither is judged here.
import type { Check, DoorCredential, DoorRequest } from '../protocol.ts'
import { payneteasyAsk, payneteasyHear } from './checks.ts'
import { PAYNETEASY_PATHS, type PayneteasyCall } from './wire.ts'

export function payneteasyExplain(
  request: DoorRequest,
  credentialOf: (publicId: string) => DoorCredential | null,
): readonly Check[] {
  const checks: Check[] = []
  const call = request.method === 'POST' ? payneteasyCallAt(request.path) : null
  if (call === null) {
    const paths = Object.values(PAYNETEASY_PATHS).join(', ')
    const why = `${request.method} ${request.path} is none of the door's: POST, then one of ${paths}, then an endpoint or group/ and a group`
    return [{ says: ADDRESS, ok: false, why }]
  }
  checks.push({ says: ADDRESS, ok: true, why: null })
  const witness = (check: Check): void => void checks.push(check)
  const hearing = payneteasyHear(request, call, credentialOf, witness)
  if (hearing.ok) payneteasyAsk(request, call, hearing.heard, witness)
  return checks
}

/** The call of a path of this door, or null. */
export function payneteasyCallAt(path: string): PayneteasyCall | null {
  const base = path.replace(/\/(?:group\/)?[^/]+$/, '')
  for (const call of CALLS) if (PAYNETEASY_PATHS[call] === base) return call
  return null
}

const CALLS = ['payout-pay', 'payout-check', 'payout', 'status', 'status-v2'] as const
const ADDRESS = "the address is one of the door's"
