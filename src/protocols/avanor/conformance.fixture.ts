// What the conformance run needs to know of this protocol. Signatures are made here by hand, from texts written out, so
// that the run never asks our own signing whether our own verifying is right.
import { createHash, createHmac } from 'node:crypto'
import { type CurrencyCode, currencyOf } from '../../money/currency.ts'
import { money } from '../../money/money.ts'
import type { Beneficiary } from '../../payout/beneficiary.ts'
import type { Conformance, Message } from '../conformance.fixture.ts'
import type { DoorCredential, ProviderAccount, WireAnswer } from '../protocol.ts'

const SECRET = 'conformance-account-secret'
const OTHER_SECRET = 'another-account-secret'
const CARD = '4000001234567899'
const IBAN = 'DE89370400440532013000'
const WALLET = '01712345678'
const PAYWAYS =
  'card_usd=card:USD,bank_eur=bank_account:EUR:1-25000.50,bkash_bdt=wallet/bkash:BDT,rocket_bdt=wallet/rocket:BDT,nagad_bdt=wallet/nagad:BDT,old_usd=bank_account:USD:off'

const credential: DoorCredential = {
  door: 'avanor',
  publicId: '202203',
  merchantId: 'm1',
  secret: SECRET,
  active: true,
  settings: { payways: PAYWAYS },
}
const credentials: readonly DoorCredential[] = [
  credential,
  { ...credential, publicId: '202204', merchantId: 'm2', secret: OTHER_SECRET },
  { ...credential, publicId: '202205', active: false },
  { ...credential, publicId: '202206', secret: '' },
]

const account: ProviderAccount = {
  id: 'pa_conformance',
  protocol: 'avanor',
  baseUrl: 'https://provider.example',
  settings: { shop_id: '202203', secret: SECRET, payways: 'card_usd=card:USD' },
}
/** A base URL may carry the prefix that the door serves too. */
const whole: ProviderAccount = {
  ...account,
  id: 'pa_whole',
  baseUrl: 'https://provider.example',
  settings: { ...account.settings, payways: PAYWAYS, timeout_total_ms: '20000' },
}

const order = {
  reference: 'k3v9q0z1x8w7c5b4n2m6a9d1',
  amount: money(15_050n, currency('USD')),
  beneficiary: { kind: 'card', number: CARD },
  description: 'third week',
  callbackUrl: null,
} as const

function orderOf(reference: string, code: string, beneficiary: Beneficiary) {
  return { ...order, reference, amount: money(123_450n, currency(code)), beneficiary }
}

// ---- a signed message, and its parts for those who want to break it --------------------------------------------------

type Members = readonly (readonly [name: string, raw: string])[]

const members: Members = [
  ['account', `"${CARD}"`],
  ['amount', '"150.00"'],
  ['amount_type', '"ps_amount"'],
  ['payway', '"card_usd"'],
  ['shop_currency', '840'],
  ['shop_id', '202203'],
  ['shop_payment_id', '"caf\u00e9-1"'],
  ['description', '"third week"'],
]
const text = `${CARD}:150.00:ps_amount:card_usd:840:202203:caf\u00e9-1`

function sha256(signed: string, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHash('sha256').update(signed).digest(encoding)
}

function other(algorithm: string): string {
  return createHash(algorithm).update(`${text}${SECRET}`).digest('hex')
}

function json(...list: Members): string {
  return `{${list.map(([name, raw]) => `"${name}":${raw}`).join(',')}}`
}

function changed(list: Members, name: string, raw: string): Members {
  return list.map(member => (member[0] === name ? [name, raw] : member))
}

function without(name: string): Members {
  return members.filter(member => member[0] !== name)
}

function atDoor(...list: Members): Message {
  return {
    door: { path: '/withdraw/create', headers: { 'content-type': 'application/json' }, body: json(...list) },
  }
}

/** With this in place of the signature, as raw JSON. */
function withSign(raw: string, list: Members = members): Message {
  return atDoor(...list, ['sign', raw])
}

/** Signed over this text instead. */
function signedOver(signed: string, list: Members = members): Message {
  return withSign(`"${sha256(signed)}"`, list)
}

const sign = sha256(text + SECRET)
const everyPlace = Array.from({ length: 64 }, (_, place) => place)
const sameTextOtherFields: Members = [
  ['account', `"${CARD}:150.00:ps_amount:card_usd:840:202203:r"`],
  ['amount', '"2.00"'],
  ...members.filter(([name]) => !['account', 'amount', 'shop_payment_id'].includes(name)),
  ['shop_payment_id', '"z"'],
]

export const conformance: Conformance = {
  credentials,
  client: { publicId: '202203', secret: SECRET, settings: {} },

  signature: {
    good: [
      withSign(`"${sign}"`),
      signedOver(
        `${CARD}:150:ps_amount:card_usd:840:202203:caf\u00e9-1${SECRET}`,
        changed(members, 'amount', '150.00'),
      ),
    ],
    isRefused: ({ body }) => /"data":null,"error_code":1[0125],/.test(body),
    negatives: {
      missing: [atDoor(...members)],
      empty: [withSign('""')],
      'wrong JSON type': ['null', 'true', '0', '[]', '{}'].map(raw => withSign(raw)),
      'one character changed': everyPlace.map(place =>
        withSign(`"${sign.slice(0, place)}${sign[place] === '0' ? '1' : '0'}${sign.slice(place + 1)}"`),
      ),
      cut: [1, 32, 63].map(length => withSign(`"${sign.slice(0, length)}"`)),
      'one character more': [withSign(`"${sign}0"`)],
      'other letter case': [withSign(`"${sign.toUpperCase()}"`)],
      'hex for Base64 and back': [withSign(`"${sha256(text + SECRET, 'base64')}"`)],
      'padding changed': 'hex has no padding',
      'blank or newline around': [' ', '\\n', '\\t', '\u00a0'].flatMap(blank => [
        withSign(`"${sign}${blank}"`),
        withSign(`"${blank}${sign}"`),
      ]),
      'other key': [
        signedOver(text + OTHER_SECRET),
        signedOver(`${text}:${SECRET}`),
        signedOver(SECRET + text),
      ],
      "another merchant's key": [
        signedOver(text + OTHER_SECRET),
        withSign(`"${sign}"`, changed(members, 'shop_id', '202204')),
      ],
      'key just expired': [
        signedOver(text.replace('202203', '202205') + SECRET, changed(members, 'shop_id', '202205')),
      ],
      'empty secret': [
        signedOver(text),
        signedOver(text.replace('202203', '202206'), changed(members, 'shop_id', '202206')),
      ],
      'signed for another method, path or host': [
        signedOver(`150.00:ps_amount:card_usd:840:202203${SECRET}`),
        signedOver(`${CARD}:150.00:card_usd:202203${SECRET}`),
        signedOver(`2026-05-24T16:35:42:202203:caf\u00e9-1${SECRET}`),
      ],
      'fields reordered': [
        signedOver(`202203:caf\u00e9-1:150.00:840:card_usd:ps_amount:${CARD}${SECRET}`),
        signedOver(`150.00:${CARD}:ps_amount:card_usd:840:202203:caf\u00e9-1${SECRET}`),
      ],
      'field added':
        'only the listed fields are signed; what is sent beside them is not covered, by contract (section 3)',
      'field removed': ['account', 'amount', 'amount_type', 'payway', 'shop_currency', 'shop_payment_id'].map(
        name => atDoor(...without(name), ['sign', `"${sign}"`]),
      ),
      'text moved across a field boundary': [
        signedOver(
          `${CARD}:150.00:ps_amount:card_usd:840:202203:r:2.00:ps_amount:card_usd:840:202203:z${SECRET}`,
          sameTextOtherFields,
        ),
        withSign(`"${sign}"`, changed(changed(members, 'amount', '"150.0"'), 'amount_type', '"0ps_amount"')),
        withSign(`"${sign}"`, changed(changed(members, 'shop_currency', '84'), 'shop_id', '"0202203"')),
      ],
      'field twice': [
        atDoor(['amount', '"1"'], ...members, ['sign', `"${sign}"`]),
        atDoor(...members, ['\\u0061mount', '"150.00"'], ['sign', `"${sign}"`]),
        atDoor(...members, ['description', '"other"'], ['sign', `"${sign}"`]),
      ],
      'signature twice': [
        atDoor(['sign', '"0"'], ...members, ['sign', `"${sign}"`]),
        atDoor(['sign', `"${sign}"`], ...members, ['sign', `"${sign}"`]),
      ],
      'number printed again': [
        ...['150', '150.0', '1.5e2', '"150"', '"150.0"'].map(raw =>
          withSign(`"${sign}"`, changed(members, 'amount', raw)),
        ),
        signedOver(text.replace('150.00', '150.0') + SECRET, changed(members, 'amount', '150.00')),
        signedOver(text.replace('150.00', '150') + SECRET),
      ],
      'text normalised': [withSign(`"${sign}"`, changed(members, 'shop_payment_id', '"cafe\u0301-1"'))],
      '+ for %20': 'values are JSON texts and signed as they stand; nothing is percent-encoded',
      'same request again': 'replayed',
      'too old': 'now is opaque: no freshness window, and shop_payment_id guards a create against replay',
      'too new': 'no freshness window',
      'seconds for milliseconds': 'no freshness window; now is any text of 1 to 64 characters',
      'other algorithm named': [
        ...['md5', 'sha1', 'sha512'].map(algorithm => withSign(`"${other(algorithm)}"`)),
        withSign(`"${createHmac('sha256', SECRET).update(text).digest('hex')}"`),
        withSign('""', [...members, ['sign_type', '"none"']]),
      ],
    },
  },

  connector: {
    accounts: {
      good: [account, whole, { ...account, baseUrl: 'https://provider.example/gateway/v1' }],
      bad: [
        { ...account, settings: { ...account.settings, shop_id: '' } },
        { ...account, settings: { ...account.settings, shop_id: '0202203' } },
        { ...account, settings: { shop_id: '202203', payways: PAYWAYS } },
        { ...account, settings: { ...account.settings, secret: `${SECRET}\n` } },
        { ...account, settings: { shop_id: '202203', secret: SECRET } },
        ...[
          'card_usd',
          'card_usd=card',
          'card_usd=card:usd',
          'card_usd=card:XXX',
          'x=wallet:BDT',
          'x=wallet/paytm:BDT',
          'a b=card:USD',
          'x=card:USD:5',
          'x=card:USD:10-5',
          'x=card:USD:0-5',
          'x=card:USD:1.001-',
          'x=card:USD,x=card:EUR',
          'x=card:USD,',
        ].map(payways => ({ ...account, settings: { ...account.settings, payways } })),
        { ...account, settings: { ...account.settings, timeout_total_ms: '999' } },
      ],
    },
    pairs: [
      { credential, account, order },
      {
        credential,
        account: whole,
        order: orderOf('b3v9q0z1x8w7c5b4n2m6a9d2', 'EUR', {
          kind: 'bank_account',
          account: IBAN,
          bank: 'A Bank',
          holder: 'A. H\u00f6lder',
        }),
      },
      ...(['bkash', 'rocket', 'nagad'] as const).map(operator => ({
        credential,
        account: whole,
        order: orderOf(`w3v9q0z1x8w7c5b4n2${operator}`, 'BDT', { kind: 'wallet', operator, number: WALLET }),
      })),
    ],
    returnedReads: 'failed',
    statuses: {
      listed: [1, 2, 3, 4, 5, 6, 7, 9].flatMap(value => [value, String(value)]),
      paid: 5,
      pay: status => answered({ balance: 1000, status }),
      inquiry: status => answered({ bank_transaction_id: '', error_code: 0, rrn: '', status }),
      subject: {
        reference: order.reference,
        theirId: '124',
        amount: order.amount,
        step: 'only',
        payRequestId: null,
      },
    },
  },
  proof: null,

  transcripts: {
    scrubs: [
      {
        whole: json(...members, ['sign', `"${sign}"`]),
        scrubbed: json(
          ...changed(
            members,
            'account',
            '"40\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022899"',
          ),
          ['sign', '"[removed]"'],
        ),
      },
      {
        whole: `{"data":null,"error_code":10,"message":"Invalid sign, string_to_sign: ${text}","result":false}`,
        scrubbed:
          '{"data":null,"error_code":10,"message":"Invalid sign, string_to_sign: [removed]","result":false}',
      },
      {
        whole: `{"account":${CARD},"account_details":{"account_holder":"A. Holder","bank_name":"A Bank"},"id":1234567890123}`,
        scrubbed:
          '{"account":40\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022899,"account_details":{"account_holder":"[removed]","bank_name":"[removed]"},"id":1234567890123}',
      },
    ],
    secrets: [SECRET, sign, CARD, IBAN, WALLET],
  },
}

function answered(data: Readonly<Record<string, unknown>>): WireAnswer {
  const body = {
    data: {
      id: 124,
      payee_receive: 150.5,
      ps_currency: 840,
      shop_currency: 840,
      shop_payment_id: order.reference,
      shop_write_off: 150.5,
      ...data,
    },
    error_code: 0,
    message: 'Ok',
    result: true,
  }
  return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) }
}

function currency(code: string): CurrencyCode {
  const known = currencyOf(code)
  if (known === null) throw new Error(`${code} is a currency`)
  return known
}
