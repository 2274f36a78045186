// What the conformance run needs to know of this protocol. Its messages are signed by hand, in messages.fixture.ts.
import { money } from '../../money/money.ts'
import type { Conformance } from '../conformance.fixture.ts'
import type { ConnectorOrder, DoorCredential, ProviderAccount, WireAnswer } from '../protocol.ts'
import {
  BDT,
  baseString,
  EUR,
  encode,
  fail,
  type Pairs,
  PRIVATE_KEY,
  PUBLIC_KEY,
  USD,
} from './door.fixture.ts'
import {
  BASE_URL,
  control,
  controlled,
  door,
  members,
  negatives,
  OTHER_SECRET,
  other,
  PATH,
  REFERENCE,
  SECONDS,
  SECRET,
} from './messages.fixture.ts'

// ---- both ends of one line -------------------------------------------------------------------------------------------

const settings = {
  public_key: PUBLIC_KEY,
  logins: 'conformance',
  endpoints: '39915=EUR,39916=USD,39917=BDT',
  groups: '1=39915+39916',
}
const credential: DoorCredential = {
  door: 'payneteasy',
  publicId: 'conformance',
  merchantId: 'm1',
  secret: SECRET,
  active: true,
  settings,
}
const credentials: readonly DoorCredential[] = [
  credential,
  {
    ...credential,
    publicId: 'other',
    merchantId: 'm2',
    secret: OTHER_SECRET,
    settings: { ...settings, public_key: other.publicKey, logins: 'other' },
  },
  { ...credential, publicId: 'inactive', active: false },
  { ...credential, publicId: 'keyless', secret: '', settings: { ...settings, public_key: '' } },
]

const account: ProviderAccount = {
  id: 'pa_conformance',
  protocol: 'payneteasy',
  baseUrl: BASE_URL,
  settings: {
    consumer_key: 'conformance',
    login: 'conformance',
    private_key: PRIVATE_KEY,
    merchant_control: SECRET,
    endpoints: '39915=EUR,39916=USD,39917=BDT',
  },
}
function accountWith(change: Readonly<Record<string, string>>): ProviderAccount {
  return { ...account, settings: { ...account.settings, ...change } }
}

const order: ConnectorOrder = {
  reference: REFERENCE,
  amount: money(30_050n, EUR),
  beneficiary: {
    kind: 'bank_account',
    account: 'DE89370400440532013000',
    bank: 'Example Bank',
    holder: 'Ada Example',
  },
  description: 'third week',
  callbackUrl: 'https://switch.example/callbacks/payneteasy/pa_conformance/m1/8rlfud1oh1ruceq7/1/00',
}
const orders: readonly ConnectorOrder[] = [
  order,
  {
    ...order,
    reference: 'k3v9q0z1x8w7c5b4n2m6a9d2',
    amount: money(1n, USD),
    beneficiary: { kind: 'card', number: '4242424242424242' },
  },
  {
    ...order,
    reference: 'k3v9q0z1x8w7c5b4n2m6a9d3',
    amount: money(4_200_005n, BDT),
    beneficiary: { kind: 'wallet', operator: 'nagad', number: '01712345678' },
  },
]

// ---- answers ---------------------------------------------------------------------------------------------------------

const SERIAL = '00000000-0000-0000-0000-000002e2c322'

function framed(fields: Pairs): WireAnswer {
  const body = fields.map(([name, value]) => `${name}=${encode(value)}\n`).join('&')
  return { status: 200, headers: {}, body: Buffer.from(body) }
}
/** What is no text goes into a form as JSON, which no listed value is. */
function text(value: unknown): string {
  return typeof value === 'string' ? value.toWellFormed() : (JSON.stringify(value) ?? '')
}
function step(type: unknown): WireAnswer {
  return framed([
    ['type', text(type)],
    ['serial-number', SERIAL],
    ['merchant-order-id', order.reference],
    ['paynet-order-id', '900258'],
    ['end-point-id', '39915'],
  ])
}

const listed = ['approved', 'processing', 'declined', 'filtered']
const whole = door()
const wholeDoor = 'door' in whole ? whole.door : fail('a message to the door')
const authorization = String(wholeDoor.headers.authorization ?? '')

export const conformance: Conformance = {
  credentials,
  client: {
    publicId: credential.publicId,
    secret: SECRET,
    settings: { private_key: PRIVATE_KEY, logins: 'conformance' },
  },
  signature: {
    good: [
      door(),
      door({ oauth: { oauth_version: null, oauth_token: '' } }),
      door({ header: header => header.replace('OAuth ', 'oauth  realm="x",').replaceAll(', ', ' ,') }),
      controlled(control),
    ],
    isRefused: answer => answer.status === 403 && answer.body.includes('Access is denied'),
    negatives,
    uncovered: ['merchant_order', 'type', 'amount'],
  },
  connector: {
    accounts: {
      good: [
        account,
        accountWith({ pay_at_once: 'yes', timeout_total_ms: '2000' }),
        accountWith({ private_key: other.privateKey, pay_at_once: 'no' }),
      ],
      bad: [
        accountWith({ consumer_key: '' }),
        accountWith({ login: '' }),
        accountWith({ private_key: '' }),
        accountWith({ private_key: PUBLIC_KEY }),
        accountWith({ merchant_control: '' }),
        accountWith({ merchant_control: ` ${SECRET}` }),
        accountWith({ endpoints: '' }),
        accountWith({ endpoints: '39915' }),
        accountWith({ endpoints: '39915=EUR,39916=EUR' }),
        accountWith({ pay_at_once: 'perhaps' }),
        accountWith({ timeout_total_ms: '1' }),
      ],
    },
    pairs: orders.map(one => ({ credential, account, order: one })),
    // The door says declined, with words that say why.
    returnedReads: 'failed',
    statuses: {
      listed: [...listed, 'async-response', 'validation-error'],
      paid: 'approved',
      isListed: value =>
        typeof value === 'string' &&
        (listed.includes(value.toLowerCase()) || ['async-response', 'validation-error'].includes(value)),
      pay: step,
      commit: step,
      inquiry: status =>
        framed([
          ['type', 'status-response'],
          ['serial-number', SERIAL],
          ['merchant-order-id', order.reference],
          ['paynet-order-id', '900258'],
          ['status', text(status)],
          ['amount', '300.50'],
          ['currency', 'EUR'],
        ]),
      subject: {
        reference: order.reference,
        theirId: '900258',
        amount: order.amount,
        step: 'second',
        payRequestId: SERIAL,
      },
    },
  },
  proof: null,
  transcripts: {
    scrubs: [
      {
        whole: `POST ${PATH}\nauthorization: ${authorization}\n\n${wholeDoor.body}`,
        scrubbed:
          `POST ${PATH}\nauthorization: OAuth oauth_consumer_key="conformance", oauth_nonce="conformance-nonce", ` +
          `oauth_signature_method="RSA-SHA256", oauth_timestamp="${SECONDS}", oauth_version="1.0", ` +
          'oauth_signature="[removed]"\n\n' +
          'client_orderid=conformance-1&login=conformance&amount=10.50&currency=EUR&order_desc=caf%C3%A9%20a%2Bb&' +
          'account_number=DE•••••••••••••••••000&bank_name=Example%20Bank',
      },
      {
        whole: `GET /cb?status=approved&orderid=900258&control=${control}\n${baseString(BASE_URL, members)}`,
        scrubbed:
          'GET /cb?status=approved&orderid=900258&control=[removed]\n' +
          baseString(BASE_URL, members).replace('DE89370400440532013000', 'DE•••••••••••••••••000'),
      },
      { whole: JSON.stringify({ private_key: other.privateKey }), scrubbed: '{"private_key":"[removed]"}' },
    ],
    secrets: [
      SECRET,
      PRIVATE_KEY,
      other.privateKey,
      control,
      'DE89370400440532013000',
      ...(/oauth_signature="([^"]+)"/.exec(authorization)?.slice(1) ?? []),
    ],
  },
}
