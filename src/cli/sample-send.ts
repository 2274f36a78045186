// Sends the sample over real HTTP, as clients of ours would: each payout in the words of its door, or natively.
import type { Beneficiary } from '../payout/beneficiary.ts'
import type { SampleCurrency, SamplePayout, SampleWay } from './sample.ts'
import { askSandbox, type BuiltRequest, type Fields, type SandboxClient } from './sandbox-client.ts'

export interface SampleSender {
  readonly client: SandboxClient
  /** Where door notices are received. */
  readonly notifyUrl: string
}

/** Creates the payout, and releases it where its door waits for that. Null where it was taken; else what was answered. */
export async function sendSample(payout: SamplePayout, sender: SampleSender): Promise<string | null> {
  return SENDERS[payout.via](payout, sender)
}

type Send = (payout: SamplePayout, sender: SampleSender) => Promise<string | null>

const SENDERS: Readonly<Record<SampleWay, Send>> = {
  paypro: async (payout, { client, notifyUrl }) => {
    const fields = payproFields(payout, notifyUrl)
    return taken(await askSandbox(client.build('paypro', 'payout', fields).request), /"code":"0000"/)
  },
  avanor: async (payout, { client }) => {
    const { request } = client.build('avanor', AVANOR_CREATE, avanorFields(payout))
    return taken(await askSandbox(request), /"result":true/)
  },
  payneteasy: sendInTwoSteps,
  api: async (payout, { client }) => {
    const answer = await askSandbox(client.native('/payouts', nativeOrder(payout)))
    return answer.status === 201 ? null : shown(answer)
  },
}

/** Creates it with payout-check, and has it paid with payout-pay. */
async function sendInTwoSteps(payout: SamplePayout, { client }: SampleSender): Promise<string | null> {
  const check = payneteasyRequest(client, 'payout-check', payout, payneteasyFields(payout))
  const created = await askSandbox(check.request)
  const orderId = answerField(created.text, 'paynet-order-id')
  if (orderId === null) return shown(created)
  const pay = payneteasyRequest(client, 'payout-pay', payout, payneteasyOrder(payout, orderId))
  return taken(await askSandbox(pay.request), /^type=async-response/)
}

const AVANOR_CREATE = 'withdraw/create'
const SHOWN_LENGTH_MAX = 300

function taken(answer: { readonly status: number; readonly text: string }, words: RegExp): string | null {
  return answer.status === 200 && words.test(answer.text) ? null : shown(answer)
}

function shown({ status, text }: { readonly status: number; readonly text: string }): string {
  return `${status} ${text.replace(/\s+/g, ' ').slice(0, SHOWN_LENGTH_MAX)}`
}

/** A field of an answer whose values end in a line feed each. */
export function answerField(text: string, name: string): string | null {
  return new URLSearchParams(text.replaceAll('\n', '')).get(name)
}

// ---- one payout in the words of each way in --------------------------------------------------------------------------

type Order = Pick<SamplePayout, 'reference' | 'beneficiary' | 'amount' | 'currency'>

const WAY_CODES = { bkash: 'EWALLET_BKASH', rocket: 'EWALLET_ROCKET', nagad: 'EWALLET_NAGAD' } as const

export function payproFields({ reference, beneficiary, amount }: Order, notifyUrl: string): Fields {
  if (beneficiary.kind !== 'wallet') throw new Error('this door pays wallets')
  return {
    tradeNo: reference,
    amount,
    notifyUrl,
    wayCode: WAY_CODES[beneficiary.operator],
    walletId: beneficiary.number,
    remark: 'sample',
  }
}

const PAYWAYS = { wallet: 'bkash_bdt', card: 'card_usd', bank_account: 'bank_eur' } as const
/** ISO 4217, the numbers without leading zeros. */
const CURRENCY_NUMBERS: Readonly<Record<SampleCurrency, string>> = { BDT: '50', EUR: '978', USD: '840' }

export function avanorFields({ reference, beneficiary, amount, currency }: Order): Fields {
  return {
    account: accountOf(beneficiary),
    amount,
    amount_type: 'ps_amount',
    payway: PAYWAYS[beneficiary.kind],
    shop_currency: CURRENCY_NUMBERS[currency],
    shop_payment_id: reference,
    ...(beneficiary.kind === 'bank_account'
      ? { account_details: JSON.stringify({ bank_name: beneficiary.bank }) }
      : {}),
  }
}

/** The sandbox merchant's endpoint of each currency. */
const ENDPOINTS: Readonly<Record<SampleCurrency, string>> = { EUR: '39915', USD: '39916', BDT: '39917' }

export function payneteasyRequest(
  client: SandboxClient,
  call: 'payout-check' | 'payout-pay' | 'status',
  { currency }: Pick<Order, 'currency'>,
  fields: Fields,
): BuiltRequest {
  return client.build('payneteasy', call, fields, `/paynet/api/v4/${call}/${ENDPOINTS[currency]}`)
}

export function payneteasyFields({ reference, beneficiary, amount, currency }: Order): Fields {
  const named = { client_orderid: reference, amount, currency, order_desc: 'sample' }
  return { ...named, ...destination(beneficiary) }
}

/** What names an order that is there. */
export function payneteasyOrder({ reference }: Pick<Order, 'reference'>, orderId: string): Fields {
  return { client_orderid: reference, orderid: orderId }
}

export function nativeOrder({ reference, beneficiary, amount, currency }: Order) {
  return { reference, amount, currency, beneficiary, description: 'sample' }
}

function destination(beneficiary: Beneficiary): Fields {
  switch (beneficiary.kind) {
    case 'wallet':
      return { account_number: beneficiary.number, bank_name: beneficiary.operator }
    case 'card':
      return { credit_card_number: beneficiary.number }
    case 'bank_account':
      return { account_number: beneficiary.account, bank_name: beneficiary.bank ?? '' }
  }
}

function accountOf(beneficiary: Beneficiary): string {
  return beneficiary.kind === 'bank_account' ? beneficiary.account : beneficiary.number
}
