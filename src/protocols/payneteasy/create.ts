// payout-check and payout: the calls that create an order (contract, section 4). The first leaves it waiting for
// payout-pay, the second pays it in the same step; they are never the same content, or the repeat of a check would pay.
import { sha256 } from '../../lib/digest.ts'
import type { Money } from '../../money/money.ts'
import { type Beneficiary, beneficiaryKey } from '../../payout/beneficiary.ts'
import type { Desk, DoorAnswer, SubmissionRefusal } from '../protocol.ts'
import { PAYNETEASY_PROBLEMS, type PayneteasyProblem, payneteasyAccepted, payneteasyKept } from './answer.ts'
import { type PayneteasyTarget, payneteasyEndpointOf } from './checks.ts'
import type { PayneteasyAsked } from './request.ts'
import { payneteasyStepSerial } from './serial.ts'
import type { PayneteasyTurn } from './turn.ts'
import {
  payneteasyAmount,
  payneteasyIsAccountNumber,
  payneteasyIsWalletNumber,
  payneteasyOperator,
} from './wire.ts'

export async function payneteasyCreate(
  turn: PayneteasyTurn,
  call: 'payout-check' | 'payout',
  desk: Desk,
): Promise<DoorAnswer> {
  const read = readOrder(turn.asked, turn.target)
  if (!read.ok) return turn.refuse(read.problem)
  const { order } = read
  const { credential, clientOrderId } = turn
  const submitted = await desk.submit({
    merchantId: credential.merchantId,
    door: 'payneteasy',
    doorCredentialId: credential.publicId,
    requestId: turn.requestId,
    reference: clientOrderId,
    idempotencyKey: null,
    fingerprint: fingerprintOf(call, order),
    amount: order.amount,
    beneficiary: order.beneficiary,
    description: order.description,
    metadata: order.purpose === null ? null : { purpose: order.purpose },
    notifyUrl: order.notifyUrl,
    needsConfirmation: call === 'payout-check',
    firstAnswer: ({ number, tag }) =>
      payneteasyAccepted({
        serialNumber: payneteasyStepSerial(call, { number, tag }),
        merchantOrderId: clientOrderId,
        paynetOrderId: String(number),
        endPointId: order.endPointId,
      }),
  })
  switch (submitted.kind) {
    case 'accepted':
    case 'replayed':
      return payneteasyKept(submitted.answer, turn.isJson)
    case 'conflict':
      return turn.refuse(PAYNETEASY_PROBLEMS.otherContent, { paynetOrderId: String(submitted.number) })
    case 'refused':
      return turn.refuse(PROBLEM_OF_DESK[submitted.why])
  }
}

const PROBLEM_OF_DESK: Readonly<Record<SubmissionRefusal, PayneteasyProblem>> = {
  insufficient_funds: PAYNETEASY_PROBLEMS.funds,
  method_not_available: PAYNETEASY_PROBLEMS.notPayable,
  amount_out_of_limits: PAYNETEASY_PROBLEMS.limits,
  rate_limited: PAYNETEASY_PROBLEMS.limits,
}

interface Order {
  readonly amount: Money
  readonly endPointId: string
  readonly beneficiary: Beneficiary
  readonly description: string | null
  readonly purpose: string | null
  readonly notifyUrl: string | null
}

type OrderRead =
  | { readonly ok: true; readonly order: Order }
  | { readonly ok: false; readonly problem: PayneteasyProblem }

/** What the grammar of single parameters cannot say: the currency is the endpoint's, and somebody is to be paid. */
function readOrder(asked: PayneteasyAsked, target: PayneteasyTarget): OrderRead {
  const code = asked.get('currency') ?? ''
  const endPointId = payneteasyEndpointOf(target, code)
  const currency = target.endpoints.get(endPointId ?? '')
  if (endPointId === null || currency === undefined) return invalid('currency')
  const amount = payneteasyAmount(asked.get('amount') ?? '', currency)
  if (amount === null) return invalid('amount')

  const card = asked.get('credit_card_number')
  const account = asked.get('account_number')
  if (card === undefined && account === undefined)
    return { ok: false, problem: PAYNETEASY_PROBLEMS.missing('account_number') }
  if (card !== undefined && account !== undefined) return invalid('credit_card_number')
  const beneficiary =
    card === undefined ? accountOf(account ?? '', asked) : ({ kind: 'card', number: card } as const)
  if (beneficiary === null) return invalid('account_number')

  return {
    ok: true,
    order: {
      amount,
      endPointId,
      beneficiary,
      description: asked.get('order_desc') ?? null,
      purpose: asked.get('purpose') ?? null,
      // The one tells the final status, the other later types too: every state is told to the one that is given.
      notifyUrl: asked.get('server_callback_url') ?? asked.get('notify_url') ?? null,
    },
  }
}

/** A wallet travels as an account at its operator. Null where the number is none of that kind. */
function accountOf(account: string, asked: PayneteasyAsked): Beneficiary | null {
  const bank = asked.get('bank_name') ?? null
  const operator = bank === null ? null : payneteasyOperator(bank)
  if (operator !== null)
    return payneteasyIsWalletNumber(account) ? { kind: 'wallet', operator, number: account } : null
  if (!payneteasyIsAccountNumber(account)) return null
  return { kind: 'bank_account', account, bank, holder: asked.get('account_name') ?? null }
}

/** SHA-256 over what counts as the content. `ipaddress` does not: a repeat may come by another way. */
function fingerprintOf(call: 'payout-check' | 'payout', order: Order): Uint8Array {
  const { amount, beneficiary, description, purpose, notifyUrl } = order
  const holder = beneficiary.kind === 'bank_account' ? beneficiary.holder : null
  return sha256(
    JSON.stringify([
      'payneteasy',
      call,
      amount.currency,
      String(amount.minor),
      beneficiaryKey(beneficiary),
      holder,
      description,
      purpose,
      notifyUrl,
    ]),
  )
}

function invalid(name: string): OrderRead {
  return { ok: false, problem: PAYNETEASY_PROBLEMS.invalid(name) }
}
