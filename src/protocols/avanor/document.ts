// The door for readers. The facts are the contract's; the answers are written as the door writes them.
import type { DoorDocument, DoorExample, DoorField, DoorOperation } from '../protocol.ts'
import { avanorPostman } from './postman.ts'
import { AVANOR_METHODS, AVANOR_RULES, type AvanorMethod } from './request.ts'
import { AVANOR_SIGNED } from './sign.ts'
import { AVANOR_CONTENT_TYPE, AVANOR_PREFIX } from './wire.ts'

const ABOUT: Readonly<Record<AvanorMethod, Pick<DoorOperation, 'summary' | 'description'>>> = {
  'withdraw/status': {
    summary: 'Read a payout by its id',
    description:
      'By the number that `withdraw/create` gave. Decide on `data.status`: 5 is paid and 6 rejected, both final; every other value is under way, 4 and 9 as well.',
  },
  'withdraw/shop_payment_status': {
    summary: "Read a payout by the shop's reference",
    description:
      'The same answer as by id. After a time-out of `withdraw/create`, ask here before anything else.',
  },
  'withdraw/create': {
    summary: 'Create a payout',
    description:
      'The same `shop_payment_id` with the same content gets the first answer again, byte for byte; with other content it is refused with 6. A refused request binds nothing.',
  },
  'withdraw/try': {
    summary: 'Calculate a payout beforehand',
    description: 'Nothing is recorded. `shop_write_off` is text in this answer and a number in the others.',
  },
  check_account: {
    summary: 'Check a destination',
    description:
      '`result` says whether the account can be one of the payway; `provider_status` is 1 where the payway is in use, 2 where it is switched off, 3 where it is not known.',
  },
  'shop_output_config/shop': {
    summary: 'List the payways of the shop',
    description: 'Each payway with its currency and limits, under the method that it pays.',
  },
  shop_balance: {
    summary: 'Read the balances',
    description:
      'What can be paid out, what is held for payouts that wait, and what is on its way, per currency.',
  },
}

const EXAMPLES: Readonly<Record<string, string>> = {
  account: '4111111111111111',
  account_details: '{"account_holder":"A. Holder","bank_name":"A Bank"}',
  amount: '150.00',
  amount_type: 'ps_amount',
  description: 'third week',
  now: '2026-05-24T16:35:42',
  payway: 'card_usd',
  shop_currency: '840',
  shop_id: '202203',
  shop_payment_id: '5b0efa8a-153b-4421-abac-2aba4d772a86',
  withdraw_id: '123',
}
const INTEGERS = new Set(['shop_currency', 'shop_id', 'withdraw_id'])

const found =
  '{"data":{"bank_transaction_id":"","error_code":0,"id":123,"payee_receive":150,"ps_currency":840,"rrn":"","shop_currency":840,"shop_payment_id":"5b0efa8a-153b-4421-abac-2aba4d772a86","shop_write_off":160.5,"status":5},"error_code":0,"message":"Ok","result":true}'

const TAKEN: Readonly<Record<AvanorMethod, { readonly description: string; readonly body: string }>> = {
  'withdraw/status': { description: 'The payout as it stands.', body: found },
  'withdraw/shop_payment_status': { description: 'The payout as it stands.', body: found },
  'withdraw/create': {
    description: 'Taken; the payout is under way.',
    body: '{"data":{"balance":1000,"id":124,"payee_receive":150,"ps_currency":840,"shop_currency":840,"shop_payment_id":"5b0efa8a-153b-4421-abac-2aba4d772a86","shop_write_off":150,"status":1},"error_code":0,"message":"Ok","result":true}',
  },
  'withdraw/try': {
    description: 'What would be debited and received.',
    body: '{"data":{"account_info_config":{},"payee_receive":150,"ps_currency":840,"shop_currency":840,"shop_write_off":"150"},"error_code":0,"message":"Ok","result":true}',
  },
  check_account: {
    description: 'The account can be one of the payway.',
    body: '{"data":{"account_info":{},"provider_status":1,"result":true},"error_code":0,"message":"Ok","result":true}',
  },
  'shop_output_config/shop': {
    description: 'The payways in use.',
    body: '{"data":[{"id":1,"name":"card","payways":[{"account_info_config":{},"alias":"card_usd","currency":840,"fee_config":{"fix":0,"percent":0},"max_amount":999999999999,"min_amount":0.01,"paysystem_data":{}}],"rating":0}],"error_code":0,"message":"Ok","result":true}',
  },
  shop_balance: {
    description: 'The balances.',
    body: '{"data":{"balances":[{"available":999850,"currency":840,"frozen":0,"hold":150}]},"error_code":0,"message":"Ok","result":true}',
  },
}

const paywayRefusals = [
  refusal(1, 'Payway (alias = card_gbp) is not available for shop'),
  refusal(4, 'Payer price amount is too small'),
  refusal(5, 'Payer price amount is too large'),
]
const MORE: Readonly<Partial<Record<AvanorMethod, readonly DoorExample[]>>> = {
  'withdraw/status': [refusal(7, "Withdraw (id=123) wasn't found")],
  'withdraw/shop_payment_status': [refusal(7, "Withdraw (shop_payment_id=order-1) wasn't found")],
  'withdraw/create': [
    refusal(6, 'Operation not unique (shop_payment_id=order-1)'),
    ...paywayRefusals,
    refusal(9, 'Insufficient balance(currency=840)'),
  ],
  'withdraw/try': paywayRefusals,
}

export const avanorDocument: DoorDocument = {
  postman: avanorPostman,
  title: 'Avanor withdraw',
  description:
    'Payouts through payways, and their status by either id. HTTP 200 and `result` say whether the request was taken; what became of the money is in `data.status`. Every path is served with and without `/gateway/v1`.',
  operations: AVANOR_METHODS.map(operation),
}

function operation(method: AvanorMethod): DoorOperation {
  const sentAlong = method === 'withdraw/create' ? ['account_details', 'description'] : []
  return {
    call: method,
    method: 'POST',
    path: `${AVANOR_PREFIX}/${method}`,
    ...ABOUT[method],
    contentType: AVANOR_CONTENT_TYPE,
    fields: [
      ...AVANOR_SIGNED[method].map(name => field(name, true)),
      ...sentAlong.map(name => field(name, false)),
      {
        name: 'sign',
        in: 'body',
        type: 'string',
        required: true,
        description: `The values of \`${AVANOR_SIGNED[method].join('`, `')}\` joined with \`:\`, then the secret without a colon: SHA-256 of that, in lowercase hex.`,
        example: '248cbb857b1f522a9128cf0ff306dfcf91ead351292561c7bc2c3d51652db435',
      },
    ],
    answers: [
      { status: 200, contentType: AVANOR_CONTENT_TYPE, ...TAKEN[method] },
      refusal(10, 'Incorrect request param: shop_id'),
      refusal(11, 'Shop not found'),
      ...(MORE[method] ?? []),
      {
        status: 500,
        contentType: 'text/plain',
        description:
          'A fault of ours, without an envelope: nobody knows the result. Ask by `shop_payment_id`.',
        body: 'Internal Server Error',
      },
    ],
  }
}

function field(name: string, required: boolean): DoorField {
  const type = name === 'account_details' ? 'object' : INTEGERS.has(name) ? 'integer' : 'string'
  const rule = AVANOR_RULES[name] ?? ''
  const description = `${rule.charAt(0).toUpperCase()}${rule.slice(1)}.${required ? '' : ' Not signed.'}`
  return { name, in: 'body', type, required, description, example: EXAMPLES[name] ?? '' }
}

function refusal(code: number, message: string): DoorExample {
  return {
    status: 200,
    contentType: AVANOR_CONTENT_TYPE,
    description: `Refused: ${message}.`,
    body: JSON.stringify({ data: null, error_code: code, message, result: false }),
  }
}
