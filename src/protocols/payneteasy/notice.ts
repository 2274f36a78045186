// The door's own callback (contract, section 8): a GET with its parameters added to the client's URL, signed by a SHA-1
// that covers neither the amount nor the type. A client asks for the status after it, as we do.
import { printDecimal } from '../../money/decimal.ts'
import type { DoorCredential, DoorNotice, DoorNotices, WireAnswer, WireRequest } from '../protocol.ts'
import { payneteasyCallbackText, payneteasyControl } from './sign.ts'
import { payneteasyDecline, payneteasyStatusFromState } from './status.ts'
import { type PayneteasyParameters, payneteasyPercentEncode } from './wire.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

export const payneteasyNotices: DoorNotices = {
  states: ['paid', 'failed', 'cancelled', 'returned'],
  // One try, and thirty repeats over fourteen days.
  scheduleMs: [
    0,
    ...[1, 2, 5, 10, 15, 30].map(minutes => minutes * MINUTE_MS),
    ...times(4, HOUR_MS),
    ...times(4, 3 * HOUR_MS),
    ...times(4, 6 * HOUR_MS),
    ...times(12, 24 * HOUR_MS),
  ],
  timeoutMs: 10_000,
  request,
  acknowledged: ({ status }: WireAnswer) => status === 200,
}

/** Made of the step and the stored payout alone, so that every try sends the same bytes. */
function request({ payout, state, url }: DoorNotice, { secret }: DoorCredential): WireRequest {
  const status = payneteasyStatusFromState(state)
  const orderid = String(payout.number)
  const clientOrderid = payout.reference
  // The payout may be further on than the step that is told; its reason then belongs to another one.
  const decline = payneteasyDecline(state, payout.state === state ? payout.why : null)
  const told: PayneteasyParameters = [
    ['status', status],
    ['merchant_order', clientOrderid],
    ['client_orderid', clientOrderid],
    ['orderid', orderid],
    ['type', 'payout'],
    ['amount', printDecimal(payout.amount)],
    ['control', payneteasyControl(payneteasyCallbackText({ status, orderid, clientOrderid }), secret)],
  ]
  const why: PayneteasyParameters =
    decline === null
      ? []
      : [
          ['error_message', decline.message],
          ['error_code', decline.code],
        ]
  return { method: 'GET', url: payneteasyCallbackUrl(url, [...told, ...why]), headers: {}, body: null }
}

/** The URL with parameters behind those that it has already. */
export function payneteasyCallbackUrl(url: string, parameters: PayneteasyParameters): string {
  const query = parameters
    .map(([name, value]) => `${payneteasyPercentEncode(name)}=${payneteasyPercentEncode(value)}`)
    .join('&')
  const separator = !url.includes('?') ? '?' : /[?&]$/.test(url) ? '' : '&'
  return url + separator + query
}

function times(count: number, ms: number): readonly number[] {
  return Array.from({ length: count }, () => ms)
}
