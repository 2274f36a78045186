// The door for readers. The facts are the contract's; the answers are written as the door writes them.
import type { DoorDocument, DoorExample, DoorField, DoorOperation } from '../protocol.ts'
import { PAYNETEASY_PROBLEMS, type PayneteasyProblem, payneteasyDenied } from './answer.ts'
import { payneteasyGroupCall } from './builder.ts'
import { payneteasyPostman } from './postman.ts'
import {
  PAYNETEASY_ANSWER_TYPE,
  PAYNETEASY_FORM_TYPE,
  PAYNETEASY_PATHS,
  type PayneteasyCall,
  type PayneteasyParameters,
  payneteasyWriteAnswer,
} from './wire.ts'

const authorization: DoorField = {
  name: 'Authorization',
  in: 'header',
  type: 'string',
  required: true,
  description:
    'OAuth 1.0a with RSA-SHA256: the base string is made of POST, the URL, and every parameter of the form and every `oauth_` parameter but the signature, encoded and sorted together.',
  example:
    'OAuth oauth_consumer_key="test-merchant", oauth_nonce="b5E31Tw6SVjauE29uOf2jOLnuUSXmVdE", oauth_signature="…", oauth_signature_method="RSA-SHA256", oauth_timestamp="1677831012", oauth_version="1.0"',
}
const clientOrderId = body('client_orderid', true, "The merchant's own identifier, 1 to 128 characters.", '3')
const orderid = body('orderid', true, 'The identifier of the order here.', '900258')
const login = body('login', true, "A login of the consumer key's merchant.", 'test-merchant')
const bySerial = body(
  'by-request-sn',
  false,
  'The serial number of an answer to one of the steps of this order; another one is refused.',
  '00000000-0000-0000-0000-000002e2c322',
)

const createFields: readonly DoorField[] = [
  authorization,
  clientOrderId,
  login,
  body('amount', true, 'Major units with a point, at most ten characters.', '10.50'),
  body('currency', true, "Three letters; the endpoint's currency, or one of the group's.", 'EUR'),
  body('order_desc', false, 'Up to 64 characters.', 'test'),
  body('purpose', false, 'Up to 128 characters.', 'salary'),
  body('ipaddress', false, 'An address of the customer; not kept.', '192.0.2.1'),
  body(
    'server_callback_url',
    false,
    'Where the result is told: port 80, 8080, 443 or 8443.',
    'https://client.example/cb',
  ),
  body('notify_url', false, 'Used where there is no server_callback_url.', 'https://client.example/cb'),
  body(
    'account_number',
    false,
    'A bank account or a wallet; required without a card.',
    'DE89370400440532013000',
  ),
  body('bank_name', false, 'The bank, or bkash, rocket or nagad for a wallet.', 'Example Bank'),
  body('account_name', false, 'The holder of the account.', 'Ada Example'),
  body('credit_card_number', false, 'A card, instead of an account.', '4242424242424242'),
]

const accepted = async(payneteasyWriteAnswer([['type', 'async-response'], ...about('900258')]))
const denied: DoorExample = {
  status: 403,
  contentType: 'text/html',
  description: 'Denied, whatever it was: key, address, time, signature, nonce or endpoint.',
  body: payneteasyDenied().body,
}
const fault: DoorExample = {
  status: 500,
  contentType: PAYNETEASY_ANSWER_TYPE,
  description: 'A fault of ours: ask for the status. Never a refusal.',
  body: '',
}
const refusals = [refusal(PAYNETEASY_PROBLEMS.missing('login')), refusal(PAYNETEASY_PROBLEMS.login)]
const orderRefusals = [refusal(PAYNETEASY_PROBLEMS.notFound), refusal(PAYNETEASY_PROBLEMS.otherOrder)]

export const payneteasyDocument: DoorDocument = {
  postman: payneteasyPostman,
  title: 'Payneteasy payout-pay',
  description:
    'Payouts in two steps: payout-check creates an order, payout-pay releases it; payout does both. Answers are forms with a line feed after every value. With `Accept: application/vnd.pay+json` they are JSON objects, refusals under HTTP 400.',
  operations: [
    ...operations('payout-check', 'Create an order', {
      description:
        'The order waits for payout-pay. The same client_orderid with the same content gets the first answer again.',
      fields: createFields,
      answers: [
        accepted,
        ...refusals,
        refusal(PAYNETEASY_PROBLEMS.otherContent),
        refusal(PAYNETEASY_PROBLEMS.funds),
        refusal(PAYNETEASY_PROBLEMS.limits),
        denied,
        fault,
      ],
    }),
    ...operations('payout-pay', 'Release an order', {
      description: 'Repeated, it changes nothing and gets the first answer again, byte for byte.',
      fields: [authorization, clientOrderId, orderid, login],
      answers: [
        accepted,
        ...refusals,
        ...orderRefusals,
        refusal(PAYNETEASY_PROBLEMS.notPayable, '900258'),
        denied,
        fault,
      ],
    }),
    ...operations('payout', 'Create and release an order', {
      description: 'The single step: what payout-check and payout-pay do together.',
      fields: createFields,
      answers: [
        accepted,
        ...refusals,
        refusal(PAYNETEASY_PROBLEMS.otherContent),
        refusal(PAYNETEASY_PROBLEMS.funds),
        denied,
        fault,
      ],
    }),
    ...operations('status', 'Read an order', {
      description:
        'processing, approved or declined. Before payout-pay, and while nobody knows, it is processing.',
      fields: [authorization, clientOrderId, { ...orderid, required: false }, login, bySerial],
      answers: [status(), ...refusals, ...orderRefusals, denied, fault],
    }),
    ...operations('status-v2', 'Read an order without OAuth', {
      description: 'Here the login is a consumer key. `control` never expires; it only reads.',
      fields: [
        clientOrderId,
        orderid,
        login,
        bySerial,
        body(
          'control',
          true,
          'SHA-1 of login, client_orderid, orderid and the merchant control, one behind the other, in lowercase hex.',
          '26e39e6d9396f89d17bb01bfcce2cfa3fd6d2dd5',
        ),
      ],
      answers: [status(), ...orderRefusals, denied, fault],
    }),
  ],
}

function operations(
  call: PayneteasyCall,
  summary: string,
  what: Pick<DoorOperation, 'description' | 'fields' | 'answers'>,
): readonly DoorOperation[] {
  const endpoint = path('endpoint', 'An endpoint: one currency.', '39915')
  const group = path('group', 'An endpoint group: several currencies.', '1')
  const one = { call, method: 'POST', contentType: PAYNETEASY_FORM_TYPE, ...what } as const
  const base = PAYNETEASY_PATHS[call]
  return [
    { ...one, path: `${base}/:endpoint`, summary, fields: [endpoint, ...what.fields] },
    {
      ...one,
      call: payneteasyGroupCall(call),
      path: `${base}/group/:group`,
      summary: `${summary} of a group`,
      fields: [group, ...what.fields],
      answers: what.answers.map(ofGroup),
    },
  ]
}

/** Of a group the endpoint is named by its order: before one was found there is none (contract, section 5). */
function ofGroup(answer: DoorExample): DoorExample {
  if (answer.body.includes('paynet-order-id=')) return answer
  return { ...answer, body: answer.body.replace('&end-point-id=39915\n', '') }
}

function body(name: string, required: boolean, description: string, example: string): DoorField {
  return { name, in: 'body', type: 'string', required, description, example }
}

function path(name: string, description: string, example: string): DoorField {
  return { name, in: 'path', type: 'integer', required: true, description, example }
}

function about(paynetOrderId: string | null): PayneteasyParameters {
  return [
    ['serial-number', '00000000-0000-0000-0000-000002e2c322'],
    ['merchant-order-id', '3'],
    ...(paynetOrderId === null ? [] : [['paynet-order-id', paynetOrderId] as const]),
    ['end-point-id', '39915'],
  ]
}

function async(text: string): DoorExample {
  return { ...form(text), description: 'Accepted, and nothing more: what becomes of it tells the status.' }
}

function status(): DoorExample {
  const fields: PayneteasyParameters = [
    ['type', 'status-response'],
    ['serial-number', '00000000-0000-0000-0000-000002e2c324'],
    ['merchant-order-id', '3'],
    ['paynet-order-id', '900258'],
    ['status', 'approved'],
    ['amount', '10.50'],
    ['currency', 'EUR'],
  ]
  return { ...form(payneteasyWriteAnswer(fields)), description: 'The order as it stands.' }
}

function refusal(
  { type, code, message }: PayneteasyProblem,
  paynetOrderId: string | null = null,
): DoorExample {
  const fields: PayneteasyParameters = [
    ['type', type],
    ...about(paynetOrderId),
    ['error-message', message],
    ['error-code', code],
  ]
  return { ...form(payneteasyWriteAnswer(fields)), description: `Refused: ${message}.` }
}

function form(text: string): DoorExample {
  return { status: 200, contentType: PAYNETEASY_ANSWER_TYPE, description: '', body: text }
}
