// payout-pay: releases an order that was created before. It carries no amount and no account, so that whoever repeats
// it changes nothing: the first answer stands, byte for byte, whatever nonce comes with the repeat.
import { assert } from '../../lib/assert.ts'
import type { Desk, DoorAnswer } from '../protocol.ts'
import { PAYNETEASY_PROBLEMS, payneteasyAccepted, payneteasyKept } from './answer.ts'
import { payneteasyStepSerial } from './serial.ts'
import { type PayneteasyTurn, payneteasyFindOrder } from './turn.ts'

export async function payneteasyPay(turn: PayneteasyTurn, desk: Desk): Promise<DoorAnswer> {
  const found = await payneteasyFindOrder(turn, desk)
  if (!found.ok) return found.answer
  const { payout, endPointId } = found
  assert(payout.merchantId === turn.credential.merchantId, 'a merchant releases its own payouts alone')
  const paynetOrderId = String(payout.number)
  const answer = payneteasyAccepted({
    serialNumber: payneteasyStepSerial('payout-pay', payout),
    merchantOrderId: payout.reference,
    paynetOrderId,
    endPointId,
  })
  const confirmed = await desk.confirm(payout.merchantId, payout.number, answer)
  if (confirmed.kind === 'not_waiting')
    return turn.refuse(PAYNETEASY_PROBLEMS.notPayable, { paynetOrderId, endPointId })
  return payneteasyKept(confirmed.answer, turn.isJson)
}
