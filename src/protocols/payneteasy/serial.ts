// Serial numbers: one per request, `00000000-0000-0000-0000-` and twelve hex digits. A door has no chance and no storage
// of its own, so they are hashes: of the order for the answers that are kept with it, of the request for all others.
// Forty-eight bits tell the requests of one order apart, which is all that a client asks by; they are no secret.
import { sha256Hex } from '../../lib/digest.ts'

/** The steps of an order whose answers are kept, and given again to every repeat. */
export type PayneteasyStep = 'payout-check' | 'payout' | 'payout-pay'
const STEPS: readonly PayneteasyStep[] = ['payout-check', 'payout', 'payout-pay']

interface Order {
  readonly number: bigint
  readonly tag: number
}

/** The serial number of the answer to one step of an order. */
export function payneteasyStepSerial(step: PayneteasyStep, { number, tag }: Order): string {
  return serial([step, String(number), String(tag)])
}

/** The serial number of any other answer. `nonce`: empty where the request has none. */
export function payneteasyRequestSerial(requestId: string, publicId: string, nonce: string): string {
  return serial(['request', requestId, publicId, nonce])
}

/** Whether this is the serial number of an answer that a step of this order has, or would have. */
export function payneteasyIsSerialOf(text: string, order: Order): boolean {
  return STEPS.some(step => payneteasyStepSerial(step, order) === text.toLowerCase())
}

function serial(parts: readonly string[]): string {
  return `00000000-0000-0000-0000-${sha256Hex(JSON.stringify(parts)).slice(0, 12)}`
}
