// PayPro with us as the server. A client written for that provider works here after changing its base URL and
// credentials. The order of the checks is the contract's (section 7), because a client learns from the first refusal:
//
//   1 body · 2 merchantNo · 3 merchant and source address · 4 sign · 5 fields · 6 to 8 the desk · 9 order exists
//
// Nothing but the credential is used of a request before its signature was verified over the text that was received.
import { assert } from '../../lib/assert.ts'
import { payoutCode } from '../../payout/number.ts'
import type {
  Desk,
  Door,
  DoorAnswer,
  DoorCredential,
  DoorRequest,
  DoorRoute,
  SubmissionRefusal,
} from '../protocol.ts'
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
import { payproNotices } from './notice.ts'
import {
  type PayproRead,
  payproFingerprint,
  payproIsAmbiguous,
  payproReadBalance,
  payproReadOrder,
  payproReadQuery,
} from './request.ts'
import { payproCredentialSalt, payproVerify } from './sign.ts'
import { PAYPRO_PATHS, type PayproFields, payproReadFields } from './wire.ts'

const BODY_BYTES_MAX = 65_536
/** Longer than any merchantNo; a header is not looked up beyond it. */
const MERCHANT_NO_LENGTH_MAX = 64

/** One of the door's calls. `remarkOf` is what its refusals echo once the signature was right. */
interface Operation {
  readonly isBody: (fields: PayproFields) => boolean
  readonly remarkOf: (fields: PayproFields) => string
  readonly answer: (asked: Asked, desk: Desk) => Promise<DoorAnswer>
}

interface Asked {
  readonly fields: PayproFields
  readonly credential: DoorCredential
  readonly nowMs: number
  readonly remark: string
  readonly requestId: string
}

const create: Operation = {
  isBody: fields => !payproIsAmbiguous(fields),
  remarkOf: fields => {
    const remark = fields.get('remark')
    return typeof remark === 'string' ? remark : ''
  },
  answer: answerCreate,
}
const query: Operation = { isBody: () => true, remarkOf: () => '', answer: answerQuery }
const balance: Operation = { isBody: () => true, remarkOf: () => '', answer: answerBalance }

export const payproDoor: Door = {
  routes: [
    route(PAYPRO_PATHS.payout, create),
    route(PAYPRO_PATHS.payoutSibling, create),
    route(PAYPRO_PATHS.query, query),
    route(PAYPRO_PATHS.balance, balance),
  ],
  notices: payproNotices,
}

function route(path: string, operation: Operation): DoorRoute {
  return {
    method: 'POST',
    path,
    bodyLimitBytes: BODY_BYTES_MAX,
    handle: (request, desk) => handle(request, desk, operation),
  }
}

async function handle(request: DoorRequest, desk: Desk, operation: Operation): Promise<DoorAnswer> {
  const { nowMs, requestId } = request
  let remark = ''
  try {
    const heard = hear(request, desk, operation)
    if (!heard.ok) return payproRefusal(heard.refusal, nowMs)
    remark = operation.remarkOf(heard.fields)
    return await operation.answer({ ...heard, nowMs, remark, requestId }, desk)
  } catch {
    // Whatever broke, it is not known whether the order was recorded; the answer says so and is safe to query on.
    return payproFault(nowMs, remark)
  }
}

type Heard =
  | { readonly ok: true; readonly fields: PayproFields; readonly credential: DoorCredential }
  | { readonly ok: false; readonly refusal: PayproRefusal }

/** Checks 1 to 4: who speaks, and whether they said exactly this. */
function hear(request: DoorRequest, desk: Desk, operation: Operation): Heard {
  const fields =
    request.bodyTooLarge || request.body.length > BODY_BYTES_MAX ? null : payproReadFields(request.body)
  if (fields === null || !operation.isBody(fields)) return { ok: false, refusal: 'body' }

  // A header that comes twice names two merchants, which is as good as none.
  const [merchantNo, ...more] = request.headers.get('merchantno') ?? []
  if (merchantNo === undefined || merchantNo === '' || more.length > 0)
    return { ok: false, refusal: 'no_merchant' }

  const credential = merchantNo.length > MERCHANT_NO_LENGTH_MAX ? null : desk.credential('paypro', merchantNo)
  if (credential === null || !credential.active) return { ok: false, refusal: 'merchant' }
  if (!isAllowedFrom(request.remoteAddress, credential.settings.addresses))
    return { ok: false, refusal: 'address' }

  if (!payproVerify(fields, fields.get('sign'), payproCredentialSalt(credential)))
    return { ok: false, refusal: 'sign' }
  return { ok: true, fields, credential }
}

async function answerCreate(asked: Asked, desk: Desk): Promise<DoorAnswer> {
  const { fields, credential, nowMs, remark, requestId } = asked
  const read = payproReadOrder(fields)
  if (!read.ok) return refuseField(read, nowMs, remark)
  const order = read.value
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

async function answerQuery({ fields, credential, nowMs, remark }: Asked, desk: Desk): Promise<DoorAnswer> {
  const read = payproReadQuery(fields)
  if (!read.ok) return refuseField(read, nowMs, remark)
  const { tradeNo } = read.value
  const payout = await desk.find(credential.merchantId, { by: 'reference', reference: tradeNo })
  if (payout === null) return payproNotFound(tradeNo, nowMs)
  assert(payout.merchantId === credential.merchantId, 'a merchant reads its own payouts alone')
  return payproFound(payout, nowMs)
}

async function answerBalance({ fields, credential, nowMs, remark }: Asked, desk: Desk): Promise<DoorAnswer> {
  const read = payproReadBalance(fields)
  if (!read.ok) return refuseField(read, nowMs, remark)
  return payproBalance(await desk.balances(credential.merchantId), nowMs)
}

function refuseField(
  read: Extract<PayproRead<unknown>, { ok: false }>,
  nowMs: number,
  remark: string,
): DoorAnswer {
  return payproRefusal('field', nowMs, { field: read.field, remark })
}

/** Without a list every address may come; a list that holds nothing lets nobody in. */
function isAllowedFrom(remoteAddress: string, list: string | undefined): boolean {
  if (list === undefined || list === '') return true
  const address = plainAddress(remoteAddress)
  return list.split(',').some(allowed => allowed.trim() !== '' && plainAddress(allowed.trim()) === address)
}

/** One spelling per address: an IPv4 peer of a socket that listens on IPv6 is written as IPv4. */
function plainAddress(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=[0-9.]+$)/, '')
}
