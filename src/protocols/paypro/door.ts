// PayPro with us as the server. A client written for that provider works here after changing its base URL and
// credentials. Checks 1 to 5 of the contract's order (section 7) are those of checks.ts; 6 to 8 are the desk's, and 9 is
// whether the order exists.
import { assert } from '../../lib/assert.ts'
import { payoutCode } from '../../payout/number.ts'
import type { Desk, Door, DoorAnswer, DoorRequest, DoorRoute, SubmissionRefusal } from '../protocol.ts'
import {
  type PayproRefusal,
  payproAnswered,
  payproBalance,
  payproCreated,
  payproFault,
  payproFound,
  payproNotFound,
  payproRefusal,
} from './answer.ts'
import {
  PAYPRO_BODY_BYTES_MAX,
  PAYPRO_CALLS,
  type PayproCall,
  type PayproChecked,
  payproCheck,
} from './checks.ts'
import { payproNotices } from './notice.ts'
import { type PayproOrder, payproFingerprint } from './request.ts'

export const payproDoor: Door = {
  routes: [...PAYPRO_CALLS].map(([path, call]) => route(path, call)),
  notices: payproNotices,
}

function route(path: string, call: PayproCall): DoorRoute {
  return {
    method: 'POST',
    path,
    bodyLimitBytes: PAYPRO_BODY_BYTES_MAX,
    handle: (request, desk) => handle(request, desk, call),
  }
}

async function handle(request: DoorRequest, desk: Desk, call: PayproCall): Promise<DoorAnswer> {
  const { nowMs } = request
  let remark = ''
  try {
    const checked = payproCheck(request, call, merchantNo => desk.credential('paypro', merchantNo))
    remark = checked.remark
    if (!checked.ok)
      return payproRefusal(checked.refusal, nowMs, {
        remark,
        ...(checked.field === null ? {} : { field: checked.field }),
      })
    return await answer(checked, request, desk)
  } catch {
    // Whatever broke, it is not known whether the order was recorded; the answer says so and is safe to query on.
    return payproFault(nowMs, remark)
  }
}

type Passed = Extract<PayproChecked, { ok: true }>

function answer(checked: Passed, request: DoorRequest, desk: Desk): Promise<DoorAnswer> {
  const { asked } = checked
  switch (asked.call) {
    case 'create':
      return answerCreate(asked.order, checked, request, desk)
    case 'query':
      return answerQuery(asked.tradeNo, checked, request, desk)
    case 'balance':
      return answerBalance(checked, request, desk)
  }
}

async function answerCreate(
  order: PayproOrder,
  { credential, remark }: Passed,
  { nowMs, requestId }: DoorRequest,
  desk: Desk,
): Promise<DoorAnswer> {
  const submitted = await desk.submit({
    merchantId: credential.merchantId,
    door: 'paypro',
    doorCredentialId: credential.publicId,
    requestId,
    reference: order.tradeNo,
    idempotencyKey: null,
    fingerprint: payproFingerprint(order),
    amount: order.amount,
    beneficiary: { kind: 'wallet', operator: order.operator, number: order.walletId },
    description: order.remark,
    metadata: null,
    notifyUrl: order.notifyUrl,
    needsConfirmation: false,
    firstAnswer: payout => payproCreated(payout, remark),
  })
  switch (submitted.kind) {
    case 'accepted':
    case 'replayed':
      return payproAnswered(submitted.answer)
    case 'conflict': {
      const platFormTradeNo = payoutCode(submitted.number, submitted.tag)
      return payproRefusal('other_content', nowMs, { platFormTradeNo, remark })
    }
    case 'refused':
      return payproRefusal(REFUSAL_OF_DESK[submitted.why], nowMs, { remark })
  }
}

const REFUSAL_OF_DESK: Readonly<Record<SubmissionRefusal, PayproRefusal>> = {
  method_not_available: 'way_code',
  amount_out_of_limits: 'limits',
  insufficient_funds: 'funds',
  rate_limited: 'rate',
}

async function answerQuery(
  tradeNo: string,
  { credential }: Passed,
  { nowMs }: DoorRequest,
  desk: Desk,
): Promise<DoorAnswer> {
  const payout = await desk.find(credential.merchantId, { by: 'reference', reference: tradeNo })
  if (payout === null) return payproNotFound(tradeNo, nowMs)
  assert(payout.merchantId === credential.merchantId, 'a merchant reads its own payouts alone')
  return payproFound(payout, nowMs)
}

async function answerBalance(
  { credential }: Passed,
  { nowMs }: DoorRequest,
  desk: Desk,
): Promise<DoorAnswer> {
  return payproBalance(await desk.balances(credential.merchantId), nowMs)
}
