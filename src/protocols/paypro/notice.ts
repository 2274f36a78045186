// The door's own callback: the final result, told to the client's notifyUrl (contract, section 8). Its fields are those
// of sibling documents; that it is signed like a request is our reading, because an unsigned result could be forged.
import { printShortest } from '../../money/decimal.ts'
import { payoutCode } from '../../payout/number.ts'
import type { DoorCredential, DoorNotice, DoorNotices, WireAnswer, WireRequest } from '../protocol.ts'
import { payproCredentialSalt, payproSign } from './sign.ts'
import { payproStatusFromState, payproWordsOfStatus } from './status.ts'
import { PAYPRO_CONTENT_TYPE, payproEncode, payproLocalTime } from './wire.ts'

const SECOND_MS = 1_000
const HOUR_MS = 3_600_000

export const payproNotices: DoorNotices = {
  // Never a state that is not final; `returned` is one more after `paid`.
  states: ['paid', 'failed', 'cancelled', 'returned'],
  scheduleMs: [
    2 * SECOND_MS,
    5 * SECOND_MS,
    10 * SECOND_MS,
    30 * SECOND_MS,
    HOUR_MS,
    3 * HOUR_MS,
    3 * HOUR_MS,
    3 * HOUR_MS,
  ],
  timeoutMs: 10 * SECOND_MS,
  request,
  acknowledged,
}

/** Made of the step and the stored payout alone, so that every try sends the same bytes. */
function request(notice: DoorNotice, credential: DoorCredential): WireRequest {
  const { payout, state, atMs } = notice
  const status = payproStatusFromState(state)
  const members: readonly (readonly [string, string])[] = [
    ['status', status],
    ['message', payproWordsOfStatus(status)],
    ['platFormTradeNo', payoutCode(payout.number, payout.tag)],
    ['tradeNo', payout.reference],
    ['amount', printShortest(payout.amount)],
    ['successTime', state === 'paid' ? payproLocalTime(payout.paidAtMs ?? atMs) : ''],
    ['timestamp', String(Math.trunc(atMs))],
    ['remark', payout.description ?? ''],
  ]
  const written = members.filter(([, value]) => value !== '')
  const sign = payproSign(new Map(written), payproCredentialSalt(credential))
  return {
    method: 'POST',
    url: notice.url,
    headers: { 'content-type': PAYPRO_CONTENT_TYPE },
    body: payproEncode([...written, ['sign', sign]]),
  }
}

/** `OK`, with or without quotes and blanks around it, in any case, under HTTP 200. */
function acknowledged({ status, body }: WireAnswer): boolean {
  if (status !== 200 || body.length > ACKNOWLEDGEMENT_BYTES_MAX) return false
  return /^(["']?)\s*ok\s*\1$/i.test(Buffer.from(body).toString('utf8').trim())
}

const ACKNOWLEDGEMENT_BYTES_MAX = 64
