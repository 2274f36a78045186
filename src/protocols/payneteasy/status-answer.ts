// The status of an order, v4 and v2 (contract, section 5). Until payout-pay was sent, and as long as nobody knows, it
// is `processing`; `approved` is never said of the check alone, because whoever reads it takes it for a payment.
import { printDecimal } from '../../money/decimal.ts'
import type { Desk, DoorAnswer } from '../protocol.ts'
import { PAYNETEASY_PROBLEMS, payneteasyFields } from './answer.ts'
import { payneteasyIsSerialOf } from './serial.ts'
import { payneteasyDecline, payneteasyStatusFromState } from './status.ts'
import { type PayneteasyTurn, payneteasyFindOrder } from './turn.ts'
import type { PayneteasyParameters } from './wire.ts'

export async function payneteasyAnswerStatus(turn: PayneteasyTurn, desk: Desk): Promise<DoorAnswer> {
  const found = await payneteasyFindOrder(turn, desk)
  if (!found.ok) return found.answer
  const { payout } = found
  const bySerial = turn.asked.get('by-request-sn')
  // Only the steps of the order have serial numbers that can be known again; all others name no request of it.
  if (bySerial !== undefined && !payneteasyIsSerialOf(bySerial, payout))
    return turn.refuse(PAYNETEASY_PROBLEMS.notFound)

  const decline = payneteasyDecline(payout.state, payout.why)
  const declined: PayneteasyParameters =
    decline === null
      ? []
      : [
          ['error-message', decline.message],
          ['error-code', decline.code],
        ]
  return payneteasyFields(
    [
      ['type', 'status-response'],
      ['serial-number', turn.serialNumber],
      ['merchant-order-id', payout.reference],
      ['paynet-order-id', String(payout.number)],
      ['status', payneteasyStatusFromState(payout.state)],
      ['amount', printDecimal(payout.amount)],
      ['currency', payout.amount.currency],
      ...declined,
    ],
    turn.isJson,
  )
}
