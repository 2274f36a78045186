// The door's answers as bytes: compact JSON, members in the order of the document's example (contract, sections 5
// and 7). Everything is HTTP 200 but a flood and a fault of ours.
import { printShortest, printWithDecimals } from '../../money/decimal.ts'
import { type Money, money, moneyAdd } from '../../money/money.ts'
import { payoutCode } from '../../payout/number.ts'
import type { Payout } from '../../payout/payout.ts'
import type { DoorAnswer, MerchantBalance, NewPayoutIdentity } from '../protocol.ts'
import type { PayproField } from './request.ts'
import { payproStatusFromState, payproWordsOfStatus } from './status.ts'
import { PAYPRO_CONTENT_TYPE, PAYPRO_CURRENCY, PAYPRO_OUTER_ACCEPTED, payproLocalTime } from './wire.ts'

/** Why the door turns a request away: code and text of section 7, in its order. The codes are our own. */
export const PAYPRO_REFUSALS = {
  body: { code: '990001', text: 'invalid request body' },
  no_merchant: { code: '990002', text: 'merchantNo required' },
  merchant: { code: '990003', text: 'merchant not available' },
  address: { code: '990009', text: 'ip denied' },
  sign: { code: '990005', text: 'sign error' },
  field: { code: '990004', text: 'invalid' },
  other_content: { code: '990007', text: 'tradeNo already used with different content' },
  way_code: { code: '990012', text: 'wayCode not available' },
  limits: { code: '990011', text: 'amount out of limits' },
  funds: { code: '990010', text: 'insufficient balance' },
  rate: { code: '990013', text: 'too many requests' },
} as const satisfies Record<string, { code: string; text: string }>
export type PayproRefusal = keyof typeof PAYPRO_REFUSALS

export interface PayproRefusalMore {
  /** Which field, where it is one. */
  readonly field?: PayproField
  /** The order that stands, where there is one. */
  readonly platFormTradeNo?: string
  /** Echoed only where the signature was right. */
  readonly remark?: string
}

export function payproRefusal(
  refusal: PayproRefusal,
  nowMs: number,
  { field, platFormTradeNo = '', remark = '' }: PayproRefusalMore = {},
): DoorAnswer {
  const { code, text } = PAYPRO_REFUSALS[refusal]
  const desc = field === undefined ? text : `${field} ${text}`
  const data = { platFormTradeNo, status: code, desc, remark }
  return answer(refusal === 'rate' ? 429 : 200, envelope({ msg: desc, code, nowMs, success: false, data }))
}

/**
 * A fault of ours: nobody can say what became of the request. It says "processing", never a failure code, because a
 * client that treats every other code as failed would pay a second time.
 */
export function payproFault(nowMs: number, remark: string): DoorAnswer {
  const msg = 'system error, query by tradeNo'
  const data = { platFormTradeNo: '', status: payproStatusFromState('in_doubt'), desc: msg, remark }
  return answer(500, envelope({ msg, code: '00032', nowMs, success: false, data }))
}

/** The body of the answer to a create, given again to every repeat. */
export function payproCreated(payout: NewPayoutIdentity, remark: string): string {
  const status = payproStatusFromState(payout.state)
  const desc = payproWordsOfStatus(status)
  const data = { platFormTradeNo: payoutCode(payout.number, payout.tag), status, desc, remark }
  return accepted(payout.createdAtMs, data)
}

export function payproFound(payout: Payout, nowMs: number): DoorAnswer {
  const status = payproStatusFromState(payout.state)
  const words = payproWordsOfStatus(status)
  return payproAnswered(
    accepted(nowMs, {
      platFormTradeNo: payoutCode(payout.number, payout.tag),
      tradeNo: payout.reference,
      amount: printShortest(payout.amount),
      status,
      message: words,
      desc: words,
      successTime: payout.state === 'paid' ? payproLocalTime(payout.paidAtMs ?? payout.stateSinceMs) : '',
    }),
  )
}

/** Without `data.status`, so that no client takes it for a failure of the payout. */
export function payproNotFound(tradeNo: string, nowMs: number): DoorAnswer {
  const refused = { msg: 'order not found', code: '990008', nowMs, success: false }
  return answer(200, envelope({ ...refused, data: { tradeNo } }))
}

/** What can be spent, and what is held or on its way; a merchant without BDT has none of both. */
export function payproBalance(balances: readonly MerchantBalance[], nowMs: number): DoorAnswer {
  const nothing = money(0n, PAYPRO_CURRENCY)
  const balance = balances.find(({ available }) => available.currency === PAYPRO_CURRENCY)
  const frozen = balance === undefined ? nothing : moneyAdd(balance.held, balance.inFlight)
  return payproAnswered(
    accepted(nowMs, {
      availableAmount: fourDecimals(balance?.available ?? nothing),
      freezeAmount: fourDecimals(frozen),
      unsettledAmount: fourDecimals(nothing),
    }),
  )
}

/** A body that stands already, as HTTP. */
export function payproAnswered(body: string): DoorAnswer {
  return answer(200, body)
}

const HEADERS = { 'content-type': PAYPRO_CONTENT_TYPE }

function answer(status: number, body: string): DoorAnswer {
  return { status, headers: HEADERS, body }
}

function accepted(nowMs: number, data: Readonly<Record<string, string>>): string {
  return envelope({ msg: 'success', code: PAYPRO_OUTER_ACCEPTED, nowMs, success: true, data })
}

interface Envelope {
  readonly msg: string
  readonly code: string
  readonly nowMs: number
  readonly success: boolean
  readonly data: Readonly<Record<string, string>>
}

function envelope({ msg, code, nowMs, success, data }: Envelope): string {
  return JSON.stringify({ msg, code, timestamp: Math.trunc(nowMs), success, data })
}

function fourDecimals(amount: Money): string {
  return printWithDecimals(amount, 4)
}
