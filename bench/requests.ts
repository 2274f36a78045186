// Requests as the text that goes over the line, one for each call of a generator. Signatures are made here with Node's
// own digests: the code under test must not be what tells whether it is right.
import { createHash, sign } from 'node:crypto'
import { apiKeyOf, BENCH_AMOUNT, CREDENTIALS } from './merchant.ts'

export type RequestKind =
  | 'native'
  | 'native-spread'
  | 'paypro'
  | 'avanor'
  | 'payneteasy-pay'
  | 'native-read'
  | 'native-list'
  | 'avanor-status'

export interface RequestPlan {
  readonly kind: RequestKind
  readonly host: string
  /** Begins each reference, so that no two runs share one. */
  readonly run: string
  readonly merchants: number
  readonly firstMerchant: number
  /** Payouts that stand already, for calls about one. */
  readonly orders: readonly Order[]
  /** PEM; for calls that are signed with a key. */
  readonly privateKey: string
  /** Where the merchant is told; for doors that tell. */
  readonly notifyUrl: string
}

export interface Order {
  readonly number: string
  readonly reference: string
  /** The native id. */
  readonly id: string
}

/** The whole request for the n-th call, from 1 on. */
export function requestsOf(plan: RequestPlan): (n: number) => string {
  switch (plan.kind) {
    case 'native':
      return nativeCreate(plan, () => plan.firstMerchant)
    case 'native-spread':
      return nativeCreate(plan, n => n % plan.merchants)
    case 'paypro':
      return payproCreate(plan)
    case 'avanor':
      return avanorCreate(plan)
    case 'payneteasy-pay':
      return payneteasyPay(plan)
    case 'native-read':
      return n => nativeGet(plan, `/v1/payouts/${orderOf(plan, n).id}`)
    case 'native-list':
      return () => nativeGet(plan, '/v1/payouts?limit=50')
    case 'avanor-status':
      return n => avanorStatus(plan, orderOf(plan, n).number)
  }
}

function nativeCreate({ host, run }: RequestPlan, placeOf: (n: number) => number): (n: number) => string {
  return n => {
    const reference = `${run}-${n}`
    const body = `{"reference":"${reference}","amount":"${BENCH_AMOUNT}","currency":"BDT","beneficiary":{"kind":"wallet","operator":"bkash","number":"01712345678"},"description":"bench"}`
    const authorization = `authorization: Bearer ${apiKeyOf(placeOf(n))}\r\nidempotency-key: ${reference}`
    return post(host, '/v1/payouts', `${authorization}\r\ncontent-type: application/json`, body)
  }
}

function nativeGet({ host, firstMerchant }: RequestPlan, path: string): string {
  const authorization = `authorization: Bearer ${apiKeyOf(firstMerchant)}`
  return `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${authorization}\r\n\r\n`
}

function payproCreate({ host, run, notifyUrl }: RequestPlan): (n: number) => string {
  const { publicId, secret } = CREDENTIALS.paypro
  const url = notifyUrl === '' ? 'https://merchant.example/told' : notifyUrl
  const headers = `merchantNo: ${publicId}\r\ncontent-type: application/json`
  return n => {
    const tradeNo = `${run}-${n}`
    const timestamp = String(Date.now())
    // By the names of the fields, in the order of code units.
    const text = `amount=${BENCH_AMOUNT}notifyUrl=${url}timestamp=${timestamp}tradeNo=${tradeNo}walletId=01712345678wayCode=EWALLET_BKASH`
    const signed = createHash('md5')
      .update(text + secret)
      .digest('hex')
    const body = `{"timestamp":"${timestamp}","tradeNo":"${tradeNo}","amount":"${BENCH_AMOUNT}","notifyUrl":"${url}","wayCode":"EWALLET_BKASH","walletId":"01712345678","sign":"${signed}"}`
    return post(host, '/v1/paypro/payout', headers, body)
  }
}

function avanorCreate({ host, run }: RequestPlan): (n: number) => string {
  const { publicId, secret, payway } = CREDENTIALS.avanor
  return n => {
    const reference = `${run}-${n}`
    // The values by the names of their fields: account, amount, amount_type, payway, shop_currency, shop_id, shop_payment_id.
    const text = `01712345678:${BENCH_AMOUNT}:shop_amount:${payway}:50:${publicId}:${reference}`
    const body = `{"account":"01712345678","amount":"${BENCH_AMOUNT}","amount_type":"shop_amount","payway":"${payway}","shop_currency":50,"shop_id":${publicId},"shop_payment_id":"${reference}","sign":"${sha256(text + secret)}"}`
    return post(host, '/gateway/v1/withdraw/create', 'content-type: application/json', body)
  }
}

function avanorStatus({ host }: RequestPlan, number: string): string {
  const { publicId, secret } = CREDENTIALS.avanor
  const now = '2026-01-01 00:00:00'
  const signed = sha256(`${now}:${publicId}:${number}${secret}`)
  const body = `{"now":"${now}","shop_id":${publicId},"withdraw_id":${number},"sign":"${signed}"}`
  return post(host, '/gateway/v1/withdraw/status', 'content-type: application/json', body)
}

/** Signed beforehand: a signature costs several times what its verification does, and would be all that is measured. */
function payneteasyPay({ host, orders, privateKey, run }: RequestPlan): (n: number) => string {
  const { publicId, endpoint } = CREDENTIALS.payneteasy
  const path = `/paynet/api/v4/payout-pay/${endpoint}`
  const written = orders.map(({ number, reference }, place) => {
    const timestamp = String(Math.floor(Date.now() / 1_000))
    const form = [
      ['client_orderid', reference],
      ['login', publicId],
      ['orderid', number],
    ] as const
    const oauth = [
      ['oauth_consumer_key', publicId],
      ['oauth_nonce', `${run}${place}`],
      ['oauth_signature_method', 'RSA-SHA256'],
      ['oauth_timestamp', timestamp],
      ['oauth_version', '1.0'],
    ] as const
    // Every name and value here is of characters that are not escaped.
    const normalized = [...form, ...oauth]
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join('&')
    const base = `POST&${encodeURIComponent(`http://${host}${path}`)}&${encodeURIComponent(normalized)}`
    const signature = encodeURIComponent(sign('sha256', Buffer.from(base), privateKey).toString('base64'))
    const authorization = [...oauth, ['oauth_signature', signature] as const]
      .map(([name, value]) => `${name}="${value}"`)
      .join(', ')
    const body = form.map(([name, value]) => `${name}=${value}`).join('&')
    const type = 'content-type: application/x-www-form-urlencoded'
    return post(host, path, `authorization: OAuth ${authorization}\r\n${type}`, body)
  })
  return n => written[n - 1] ?? ''
}

function post(host: string, path: string, headers: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\nhost: ${host}\r\n${headers}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

function orderOf({ orders }: RequestPlan, n: number): Order {
  const order = orders[n % orders.length]
  if (order === undefined) throw new Error('a call about a payout needs one')
  return order
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
