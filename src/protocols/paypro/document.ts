// The door for readers. The facts are the contract's; the answers are written by what writes them at the door.
import { money } from '../../money/money.ts'
import type { Payout } from '../../payout/payout.ts'
import type { DoorAnswer, DoorDocument, DoorExample, DoorField, MerchantBalance } from '../protocol.ts'
import {
  PAYPRO_REFUSALS,
  type PayproRefusal,
  payproAnswered,
  payproBalance,
  payproCreated,
  payproFault,
  payproFound,
  payproNotFound,
  payproRefusal,
} from './answer.ts'
import { payproPostman } from './postman.ts'
import { PAYPRO_CONTENT_TYPE, PAYPRO_CURRENCY, PAYPRO_PATHS } from './wire.ts'

const NOW_MS = 1_729_947_461_317
const NOTIFY_URL = 'http://127.0.0.1:8081/notify'

const PAYOUT: Payout = {
  merchantId: 'm_example',
  number: 1n,
  tag: 0,
  reference: 'test_00000001',
  amount: money(30_000n, PAYPRO_CURRENCY),
  beneficiary: { kind: 'wallet', operator: 'bkash', number: '01123456789' },
  method: 'bkash',
  description: 'test',
  metadata: null,
  door: 'paypro',
  doorCredentialId: '1000000001',
  requestId: null,
  notifyUrl: NOTIFY_URL,
  state: 'queued',
  waitReason: null,
  why: null,
  createdAtMs: NOW_MS,
  stateSinceMs: NOW_MS,
  paidAtMs: null,
  version: 1,
  attempts: 0,
}
const PAID: Payout = { ...PAYOUT, state: 'paid', paidAtMs: NOW_MS }
const BALANCE: MerchantBalance = {
  available: money(99_970_000n, PAYPRO_CURRENCY),
  held: money(30_000n, PAYPRO_CURRENCY),
  inFlight: money(0n, PAYPRO_CURRENCY),
}

const merchantNo: DoorField = {
  name: 'merchantNo',
  in: 'header',
  type: 'string',
  required: true,
  description: 'The merchant. Not part of the signature.',
  example: '1000000001',
}
const sign: DoorField = {
  name: 'sign',
  in: 'body',
  type: 'string',
  required: true,
  description:
    'Every other field that is not empty, sorted by name and written `name=value` with nothing between, then the app secret: MD5 of that, in lowercase hex.',
  example: '4d26c829e27711906aaa39b205ffb47d',
}
const timestamp: DoorField = {
  name: 'timestamp',
  in: 'body',
  type: 'string',
  required: true,
  description: 'Milliseconds since 1970, 10 to 16 digits; no clock is judged. A JSON number is taken too.',
  example: '1728611780130',
}
const tradeNo: DoorField = {
  name: 'tradeNo',
  in: 'body',
  type: 'string',
  required: true,
  description: "The merchant's own reference, unique for ever: 1 to 64 of `A-Z a-z 0-9 _ . : -`.",
  example: 'test_00000001',
}

const orderFields: readonly DoorField[] = [
  merchantNo,
  sign,
  timestamp,
  tradeNo,
  body(
    'amount',
    true,
    'BDT, above zero, up to two decimals. A JSON number counts by its literal text.',
    '300',
  ),
  body('walletId', true, 'The wallet, 6 to 20 digits; never a JSON number.', '01123456789'),
  body('wayCode', true, '`EWALLET_BKASH`, `EWALLET_ROCKET` or `EWALLET_NAGAD`.', 'EWALLET_BKASH'),
  body('notifyUrl', true, 'Where the final result is told, http or https.', NOTIFY_URL),
  body('remark', false, 'Up to 255 characters, given back in the callback.', 'test'),
]

export const payproDocument: DoorDocument = {
  postman: payproPostman,
  title: 'PayPro payout',
  description:
    'Payouts to bKash, Rocket and Nagad wallets: one call creates and releases a payout. HTTP 200 and `code` 0000 say that the request was taken; what became of the money is in `data.status`.',
  operations: [
    {
      call: 'payout',
      method: 'POST',
      path: PAYPRO_PATHS.payout,
      summary: 'Create a payout',
      description:
        'The same `tradeNo` with the same content gets the first answer again; with other content it is refused.',
      contentType: PAYPRO_CONTENT_TYPE,
      fields: orderFields,
      answers: [
        example('Taken; the payout is under way.', payproAnswered(payproCreated(PAYOUT, 'test'))),
        ...refusals('body', 'no_merchant', 'merchant', 'address', 'sign'),
        example('Refused: a field is wrong.', payproRefusal('field', NOW_MS, { field: 'amount' })),
        ...refusals('other_content', 'way_code', 'limits', 'funds', 'rate'),
        example(
          'A fault of ours: query by `tradeNo`. Never a failure of the payout.',
          payproFault(NOW_MS, 'test'),
        ),
      ],
    },
    {
      call: 'query',
      method: 'POST',
      path: PAYPRO_PATHS.query,
      summary: 'Read a payout',
      description: 'By the reference of the merchant. Decide on `data.status`: 0000 paid, 0015 under way.',
      contentType: PAYPRO_CONTENT_TYPE,
      fields: [merchantNo, sign, timestamp, tradeNo],
      answers: [
        example('The payout as it stands.', payproFound(PAID, NOW_MS)),
        example(
          'No such payout; without a status, so that nobody takes it for a failure.',
          payproNotFound(PAYOUT.reference, NOW_MS),
        ),
        ...refusals('body', 'no_merchant', 'merchant', 'address', 'sign'),
      ],
    },
    {
      call: 'balance',
      method: 'POST',
      path: PAYPRO_PATHS.balance,
      summary: 'Read the balance',
      description: 'What can be paid out, and what is held for payouts on their way. BDT.',
      contentType: PAYPRO_CONTENT_TYPE,
      fields: [merchantNo, sign, timestamp],
      answers: [
        example('The balance, with four decimals.', payproBalance([BALANCE], NOW_MS)),
        ...refusals('body', 'no_merchant', 'merchant', 'address', 'sign'),
      ],
    },
  ],
}

function body(name: string, required: boolean, description: string, example: string): DoorField {
  return { name, in: 'body', type: 'string', required, description, example }
}

function example(description: string, { status, body: text }: DoorAnswer): DoorExample {
  return { status, contentType: PAYPRO_CONTENT_TYPE, description, body: text }
}

function refusals(...which: readonly Exclude<PayproRefusal, 'field'>[]): readonly DoorExample[] {
  return which.map(refusal =>
    example(`Refused: ${PAYPRO_REFUSALS[refusal].text}.`, payproRefusal(refusal, NOW_MS)),
  )
}
