// What the conformance run needs to know of this protocol. Signatures are made here by hand, from texts written out, so
// that the run never asks our own signing whether our own verifying is right.
import { createHash } from 'node:crypto'
import { currencyOf } from '../../money/currency.ts'
import { money } from '../../money/money.ts'
import type { Conformance, DoorMessage, Message } from '../conformance.fixture.ts'
import type { ConnectorOrder, DoorCredential, ProviderAccount, WireAnswer } from '../protocol.ts'

const SECRET = 'conformance-app-secret'
const OTHER_SECRET = 'another-app-secret'
const NO_MERCHANT_NO = 'x'

const taka = currencyOf('BDT')
if (taka === null) throw new Error('BDT is a currency')

const account: ProviderAccount = {
  id: 'pa_conformance',
  protocol: 'paypro',
  baseUrl: 'https://provider.example/bgd-pay',
  settings: { merchant_no: '1000000001', secret: SECRET, returned_status: '990020' },
}

const order: ConnectorOrder = {
  reference: 'k3v9q0z1x8w7c5b4n2m6a9d1',
  amount: money(30_050n, taka),
  beneficiary: { kind: 'wallet', operator: 'nagad', number: '01712345678' },
  description: 'third week',
  callbackUrl: 'https://switch.example/callbacks/paypro/pa_conformance/m1/8rlfud1oh1ruceq7/1/00',
}

const wallets = [
  ['nagad', order.reference],
  ['bkash', 'b3v9q0z1x8w7c5b4n2m6a9d2'],
  ['rocket', 'r3v9q0z1x8w7c5b4n2m6a9d3'],
] as const

const credential: DoorCredential = {
  door: 'paypro',
  publicId: '1000000001',
  merchantId: 'm1',
  secret: SECRET,
  active: true,
  settings: {},
}
const credentials: readonly DoorCredential[] = [
  credential,
  { ...credential, publicId: '1000000002', merchantId: 'm2', secret: OTHER_SECRET },
  { ...credential, publicId: '1000000003', active: false },
  { ...credential, publicId: '1000000004', secret: '' },
]

// ---- a signed message, and its parts for those who want to break it --------------------------------------------------

type Members = readonly (readonly [name: string, raw: string])[]

const members: Members = [
  ['timestamp', '"1728611780130"'],
  ['tradeNo', '"conformance-1"'],
  ['amount', '"300"'],
  ['notifyUrl', '"https://client.example/n%20x"'],
  ['wayCode', '"EWALLET_BKASH"'],
  ['walletId', '"01123456789"'],
  ['remark', '"caf\u00e9"'],
]
const text =
  'amount=300notifyUrl=https://client.example/n%20xremark=caf\u00e9timestamp=1728611780130' +
  'tradeNo=conformance-1walletId=01123456789wayCode=EWALLET_BKASH'

const told: Members = [
  ['status', '"0000"'],
  ['message', '"success"'],
  ['platFormTradeNo', '"8rlfud1oh1ruceq7"'],
  ['tradeNo', '"k3v9q0z1x8w7c5b4n2m6a9d1"'],
  ['amount', '"300.5"'],
  ['timestamp', '"1728611790130"'],
  ['remark', '"caf\u00e9"'],
]
const toldText =
  'amount=300.5message=successplatFormTradeNo=8rlfud1oh1ruceq7remark=caf\u00e9status=0000' +
  'timestamp=1728611790130tradeNo=k3v9q0z1x8w7c5b4n2m6a9d1'

function md5(signed: string, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHash('md5').update(signed).digest(encoding)
}

function json(...list: Members): string {
  return `{${list.map(([name, raw]) => `"${name}":${raw}`).join(',')}}`
}

function quoted(value: string): string {
  return JSON.stringify(value)
}

function changed(list: Members, name: string, raw: string): Members {
  return list.map(member => (member[0] === name ? [name, raw] : member))
}

function renamed(list: Members, name: string, to: string): Members {
  return list.map(member => (member[0] === name ? [to, member[1]] : member))
}

function atDoor(body: string, merchantNo = '1000000001'): Message {
  const headers: DoorMessage['headers'] = merchantNo === NO_MERCHANT_NO ? {} : { merchantNo }
  return { door: { path: '/v1/paypro/payout', headers, body } }
}

function atCallback(body: string): Message {
  return { callback: { method: 'POST', query: '', headers: new Map(), body: Buffer.from(body) } }
}

/** The create and the callback with this in place of the signature, as raw JSON. */
function withSign(raw: (sign: string) => string): readonly Message[] {
  return [
    atDoor(json(['sign', raw(md5(text + SECRET))], ...members)),
    atCallback(json(['sign', raw(md5(toldText + SECRET))], ...told)),
  ]
}

/** The create and the callback signed over these texts instead. */
function signedOver(create: string, callback: string): readonly Message[] {
  return [
    atDoor(json(['sign', quoted(md5(create))], ...members)),
    atCallback(json(['sign', quoted(md5(callback))], ...told)),
  ]
}

const sign = ['sign', quoted(md5(text + SECRET))] as const
const toldSign = ['sign', quoted(md5(toldText + SECRET))] as const
const everyPlace = Array.from({ length: 32 }, (_, place) => place)

export const conformance: Conformance = {
  credentials,
  client: credential,

  signature: {
    good: [atDoor(json(sign, ...members)), atCallback(json(toldSign, ...told))],
    isRefused: ({ body }) => /"success":false,"data":\{"platFormTradeNo":"","status":"99/.test(body),
    negatives: {
      missing: [
        atDoor(json(...members)),
        atCallback(json(...told)),
        atDoor(json(sign, ...members), NO_MERCHANT_NO),
      ],
      empty: withSign(() => '""'),
      'wrong JSON type': ['null', 'true', '0', '[]', '{}'].flatMap(raw => withSign(() => raw)),
      'one character changed': everyPlace.flatMap(place =>
        withSign(hex =>
          quoted(hex.slice(0, place) + (hex[place] === '0' ? '1' : '0') + hex.slice(place + 1)),
        ),
      ),
      cut: [0, 1, 16, 31].flatMap(length => withSign(hex => quoted(hex.slice(0, length)))),
      'one character more': withSign(hex => quoted(`${hex}0`)),
      // In callbacks the letter case is looked through, because the contract has us lower it first.
      'other letter case': withSign(hex => quoted(hex.toUpperCase())).slice(0, 1),
      'hex for Base64 and back': [
        atDoor(json(['sign', quoted(md5(text + SECRET, 'base64'))], ...members)),
        atCallback(json(['sign', quoted(md5(toldText + SECRET, 'base64'))], ...told)),
      ],
      'padding changed': 'hex has no padding',
      'blank or newline around': [' ', '\n', '\t', '\u00a0'].flatMap(blank => [
        ...withSign(hex => quoted(hex + blank)),
        ...withSign(hex => quoted(blank + hex)),
      ]),
      'other key': signedOver(text + OTHER_SECRET, toldText + OTHER_SECRET),
      "another merchant's key": [
        atDoor(json(['sign', quoted(md5(text + OTHER_SECRET))], ...members)),
        atDoor(json(sign, ...members), '1000000002'),
      ],
      'key just expired': [atDoor(json(sign, ...members), '1000000003')],
      'empty secret': [
        ...signedOver(text, toldText),
        atDoor(json(['sign', quoted(md5(text))], ...members), '1000000004'),
      ],
      'signed for another method, path or host':
        'the scheme covers the fields alone; a create sent to another path is only read there, and tradeNo guards it',
      'fields reordered': signedOver(
        'timestamp=1728611780130tradeNo=conformance-1amount=300notifyUrl=https://client.example/n%20x' +
          `wayCode=EWALLET_BKASHwalletId=01123456789remark=caf\u00e9${SECRET}`,
        'status=0000message=successplatFormTradeNo=8rlfud1oh1ruceq7tradeNo=k3v9q0z1x8w7c5b4n2m6a9d1' +
          `amount=300.5timestamp=1728611790130remark=caf\u00e9${SECRET}`,
      ),
      'field added': ['"1"', '1', 'false'].flatMap(raw => [
        atDoor(json(sign, ...members, ['channel', raw])),
        atCallback(json(toldSign, ...told, ['channel', raw])),
      ]),
      'field removed': [
        atDoor(json(sign, ...members.filter(([name]) => name !== 'remark'))),
        atCallback(json(toldSign, ...told.filter(([name]) => name !== 'remark'))),
      ],
      'text moved across a field boundary': [
        atDoor(
          json(
            sign,
            ...changed(members, 'notifyUrl', '"https://client.example/n%20xremark=caf\u00e9"').filter(
              ([name]) => name !== 'remark',
            ),
          ),
        ),
        atDoor(json(sign, ...renamed(changed(members, 'walletId', '"0112345678"'), 'wayCode', '9wayCode'))),
        atDoor(json(sign, ...renamed(changed(members, 'amount', '"30"'), 'notifyUrl', '0notifyUrl'))),
        atDoor(
          json(
            sign,
            ...changed(members, 'tradeNo', '"conformance-1walletId=01123456789"').filter(
              ([name]) => name !== 'walletId',
            ),
          ),
        ),
      ],
      'field twice': [
        atDoor(json(sign, ['amount', '"1"'], ...members)),
        atDoor(json(sign, ...members, ['amount', '"300"'])),
        atCallback(json(toldSign, ['amount', '"1"'], ...told)),
        atCallback(json(toldSign, ...told, ['\\u0061mount', '"300.5"'])),
      ],
      'signature twice': [
        atDoor(json(['sign', '"0"'], sign, ...members)),
        atDoor(json(sign, sign, ...members)),
        atCallback(json(toldSign, toldSign, ...told)),
      ],
      'number printed again': ['300.0', '3e2', '300.00', '"300.0"'].flatMap(raw => [
        atDoor(json(sign, ...changed(members, 'amount', raw))),
        atCallback(json(toldSign, ...changed(told, 'amount', raw.replace('300', '300.5')))),
      ]),
      'text normalised': [
        atDoor(json(sign, ...changed(members, 'remark', '"cafe\u0301"'))),
        atCallback(json(toldSign, ...changed(told, 'remark', '"cafe\u0301"'))),
      ],
      '+ for %20': [atDoor(json(sign, ...changed(members, 'notifyUrl', '"https://client.example/n+x"')))],
      // At the door: the first answer again. A callback is verified again; that its effect is one is dispatch's part.
      'same request again': 'replayed',
      'too old': 'no freshness window: no client is refused for its clock, and tradeNo guards against replay',
      'too new': 'no freshness window',
      'seconds for milliseconds': 'no freshness window; 10 to 16 digits are a timestamp',
      'other algorithm named': [
        atDoor(
          json(
            [
              'sign',
              quoted(
                createHash('sha256')
                  .update(text + SECRET)
                  .digest('hex'),
              ),
            ],
            ...members,
          ),
        ),
        atDoor(
          json(
            [
              'sign',
              quoted(
                createHash('sha1')
                  .update(text + SECRET)
                  .digest('hex'),
              ),
            ],
            ...members,
          ),
        ),
        atDoor(
          json(
            [
              'sign',
              quoted(
                createHash('sha256')
                  .update(text + SECRET)
                  .digest('hex')
                  .slice(0, 32),
              ),
            ],
            ...members,
            ['sign_type', '"SHA256"'],
          ),
        ),
        atDoor(json(['sign', '""'], ...members, ['sign_type', '"none"'])),
        atCallback(
          json(
            [
              'sign',
              quoted(
                createHash('sha256')
                  .update(toldText + SECRET)
                  .digest('hex'),
              ),
            ],
            ...told,
          ),
        ),
      ],
    },
  },

  connector: {
    accounts: {
      good: [
        account,
        { ...account, settings: { ...account.settings, query: 'off', salt_position: 'prepend' } },
      ],
      bad: [
        { ...account, baseUrl: 'provider.example' },
        { ...account, settings: { ...account.settings, merchant_no: '' } },
        { ...account, settings: { merchant_no: '1000000001' } },
        { ...account, settings: { ...account.settings, salt_position: 'both' } },
        { ...account, settings: { ...account.settings, query: 'perhaps' } },
      ],
    },
    pairs: wallets.map(([operator, reference]) => ({
      credential,
      account,
      order: { ...order, reference, beneficiary: { kind: 'wallet', operator, number: '01712345678' } },
    })),
    returnedReads: 'returned',
    statuses: {
      listed: ['0000', '0015', '990020'],
      paid: '0000',
      // "Other codes indicate errors and can be treated as failures" (contract, section 6).
      unlisted: ['unknown', 'failed'],
      pay: (status: unknown): WireAnswer => envelope({ status }),
      inquiry: (status: unknown): WireAnswer =>
        envelope({ status, tradeNo: order.reference, amount: '300.50', message: 'x' }),
      subject: {
        reference: order.reference,
        theirId: null,
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
        whole: json(sign, ...members),
        scrubbed: json(['sign', '"[removed]"'], ...changed(members, 'walletId', '"01••••••789"')),
      },
    ],
    secrets: [SECRET, md5(text + SECRET), '01123456789'],
  },
}

function envelope(data: Readonly<Record<string, unknown>>): WireAnswer {
  const body = {
    msg: 'x',
    code: '0000',
    success: true,
    data: { platFormTradeNo: '8rlfud1oh1ruceq7', ...data },
  }
  return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) }
}
