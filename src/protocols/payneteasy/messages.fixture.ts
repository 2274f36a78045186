// Messages to our two ends, signed by hand with node:crypto, and the list of those that must be refused. Base strings come
// from door.fixture.ts, which puts them together without our own sign.ts.
import { createHash, generateKeyPairSync } from 'node:crypto'
import type { Message, Negative, NegativeName } from '../conformance.fixture.ts'
import type { CallbackRequest } from '../protocol.ts'
import { baseString, encode, type Pairs, PRIVATE_KEY, rsa } from './door.fixture.ts'

export const SECRET = 'conformance-merchant-control'
export const OTHER_SECRET = 'another-merchant-control'
export const BASE_URL = 'https://provider.example'
/** The reference of the order that the callback is about. */
export const REFERENCE = 'k3v9q0z1x8w7c5b4n2m6a9d1'
/** The door's clock in the run. */
export const SECONDS = 1_729_947_461

export const other = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

// ---- a signed message, and its parts for those who want to break it --------------------------------------------------

export const PATH = '/paynet/api/v4/payout-check/39915'
export const members: Pairs = [
  ['client_orderid', 'conformance-1'],
  ['login', 'conformance'],
  ['amount', '10.50'],
  ['currency', 'EUR'],
  ['order_desc', 'caf\u00e9 a+b'],
  ['account_number', 'DE89370400440532013000'],
  ['bank_name', 'Example Bank'],
]

interface Broken {
  readonly sent?: Pairs
  readonly signed?: Pairs
  readonly oauth?: Readonly<Record<string, string | null>>
  readonly url?: string
  readonly path?: string
  readonly key?: string
  readonly algorithm?: string
  readonly text?: (baseString: string) => string
  readonly signature?: (base64: string) => string | null
  readonly header?: (header: string) => string | readonly string[] | null
}

/** A create at the door, signed rightly but for what is given. */
export function door(broken: Broken = {}): Message {
  const given: Readonly<Record<string, string | null>> = {
    oauth_consumer_key: 'conformance',
    oauth_nonce: 'conformance-nonce',
    oauth_signature_method: 'RSA-SHA256',
    oauth_timestamp: String(SECONDS),
    oauth_version: '1.0',
    ...broken.oauth,
  }
  const oauth = Object.entries(given).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  )
  const sent = broken.sent ?? members
  const right = baseString(broken.url ?? BASE_URL + (broken.path ?? PATH), [
    ...(broken.signed ?? sent),
    ...oauth,
  ])
  const base64 = rsa(broken.text?.(right) ?? right, broken.key ?? PRIVATE_KEY, broken.algorithm)
  const signature = broken.signature === undefined ? base64 : broken.signature(base64)
  const written = signature === null ? oauth : [...oauth, ['oauth_signature', signature] as const]
  const header = `OAuth ${written.map(([name, value]) => `${name}="${encode(value)}"`).join(', ')}`
  const authorization = broken.header === undefined ? header : broken.header(header)
  return {
    door: {
      path: broken.path ?? PATH,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(authorization === null ? {} : { authorization }),
      },
      body: sent.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&'),
    },
  }
}

const told: Pairs = [
  ['status', 'approved'],
  ['merchant_order', REFERENCE],
  ['client_orderid', REFERENCE],
  ['orderid', '900258'],
  ['type', 'payout'],
  ['amount', '300.50'],
]
const toldText = `approved900258${REFERENCE}`

function sha1(text: string, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHash('sha1').update(text).digest(encoding)
}
export const control = sha1(toldText + SECRET)

function callback(fields: Pairs): Message {
  const query = fields.map(([name, value]) => `${name}=${encode(value)}`).join('&')
  const request: CallbackRequest = { method: 'GET', query, headers: new Map(), body: new Uint8Array(0) }
  return { callback: request }
}
export function controlled(value: string, fields = told): Message {
  return callback([...fields, ['control', value]])
}

function changed(list: Pairs, name: string, value: string | null): Pairs {
  return list.flatMap(member =>
    member[0] !== name ? [member] : value === null ? [] : [[name, value] as const],
  )
}
function flipped(text: string, place: number): string {
  return text.slice(0, place) + (text[place] === 'a' ? 'b' : 'a') + text.slice(place + 1)
}
const places = Array.from({ length: 43 }, (_, place) => place * 8)
const sentAs = (sent: Pairs) => door({ sent, signed: members })

export const negatives: Readonly<Record<NegativeName, Negative>> = {
  missing: [door({ signature: () => null }), door({ header: () => null }), callback(told)],
  empty: [door({ signature: () => '' }), door({ header: () => '' }), controlled('')],
  'wrong JSON type': 'neither a form nor a query has types',
  'one character changed': [
    ...places.map(place => door({ signature: base64 => flipped(base64, place) })),
    ...Array.from({ length: 40 }, (_, place) => controlled(flipped(control, place))),
  ],
  cut: [0, 4, 340].flatMap(end => [
    door({ signature: base64 => base64.slice(0, end) }),
    controlled(control.slice(0, end / 10)),
  ]),
  'one character more': [door({ signature: base64 => `${base64}A` }), controlled(`${control}0`)],
  'other letter case': [
    door({ signature: base64 => base64.toLowerCase() }),
    door({ signature: base64 => base64.toUpperCase() }),
    controlled(control.toUpperCase()),
  ],
  'hex for Base64 and back': [
    door({ signature: base64 => Buffer.from(base64, 'base64').toString('hex') }),
    door({ signature: base64 => Buffer.from(base64, 'base64').toString('base64url') }),
    controlled(sha1(toldText + SECRET, 'base64')),
  ],
  'padding changed': ['', '=', '==='].map(padding =>
    door({ signature: base64 => base64.replace(/=+$/, '') + padding }),
  ),
  'blank or newline around': [' ', '\n', '\t', '\u00a0'].flatMap(blank => [
    door({ signature: base64 => base64 + blank }),
    door({ signature: base64 => blank + base64 }),
    controlled(control + blank),
    controlled(blank + control),
  ]),
  'other key': [door({ key: other.privateKey }), controlled(sha1(toldText + OTHER_SECRET))],
  "another merchant's key": [
    door({ oauth: { oauth_consumer_key: 'other' } }),
    door({ oauth: { oauth_consumer_key: 'nobody' } }),
  ],
  'key just expired': [door({ oauth: { oauth_consumer_key: 'inactive' } })],
  'empty secret': [door({ oauth: { oauth_consumer_key: 'keyless' } }), controlled(sha1(toldText))],
  'signed for another method, path or host': [
    door({ url: `${BASE_URL}/paynet/api/v4/payout/39915` }),
    door({ url: `${BASE_URL}/paynet/api/v4/payout-check/39916` }),
    door({ url: `http://provider.example${PATH}` }),
    door({ url: `https://another.example${PATH}` }),
    door({ url: `${BASE_URL}${PATH}/` }),
    door({ url: `${BASE_URL}:443${PATH}` }),
    door({ text: text => text.replace('POST', 'GET') }),
    door({ text: text => text.replace('POST', 'post') }),
  ],
  'fields reordered': [
    door({
      text: text => {
        const [method, url, list = ''] = text.split('&')
        return [method, url, list.split('%26').reverse().join('%26')].join('&')
      },
    }),
    controlled(sha1(`900258approved${REFERENCE}${SECRET}`)),
    controlled(sha1(SECRET + toldText)),
  ],
  'field added': [
    sentAs([...members, ['purpose', 'x']]),
    sentAs([...members, ['unknown', '']]),
    sentAs([...members, ['oauth_token', 'x']]),
  ],
  'field removed': [
    sentAs(changed(members, 'order_desc', null)),
    controlled(control, changed(told, 'status', null)),
    controlled(control, changed(told, 'client_orderid', null)),
  ],
  'text moved across a field boundary': [
    sentAs(changed(changed(members, 'amount', '10.5'), 'currency', '0EUR')),
    sentAs([...changed(changed(members, 'bank_name', null), 'amount', '10.50&bank_name=Example Bank')]),
    door({ sent: [...members, ['oauth_version', '1.0']], signed: members, oauth: { oauth_version: null } }),
  ],
  'field twice': [
    sentAs([['amount', '1'], ...members]),
    sentAs([...members, ['amount', '10.50']]),
    door({ header: header => `${header}, oauth_nonce="x"` }),
    controlled(control, [['status', 'declined'], ...told]),
    controlled(control, [...told, ['status', 'approved']]),
  ],
  'signature twice': [
    door({ header: header => `${header}, oauth_signature="AAAA"` }),
    door({ header: header => [header, header] }),
    callback([...told, ['control', control], ['control', control]]),
  ],
  'number printed again': [
    ...['10.5', '1.05e1', '010.50', '10.500'].map(amount => sentAs(changed(members, 'amount', amount))),
    controlled(control, changed(told, 'orderid', '0900258')),
  ],
  'text normalised': [
    sentAs(changed(members, 'order_desc', 'cafe\u0301 a+b')),
    sentAs(changed(members, 'order_desc', 'caf\u00e9 a b')),
  ],
  '+ for %20': [
    door({ text: text => text.replaceAll('%2520', '%2B') }),
    sentAs(changed(members, 'bank_name', 'Example+Bank')),
  ],
  'same request again': 'replayed',
  'too old': [door({ oauth: { oauth_timestamp: String(SECONDS - 901) } })],
  'too new': [door({ oauth: { oauth_timestamp: String(SECONDS + 901) } })],
  'seconds for milliseconds': [door({ oauth: { oauth_timestamp: `${SECONDS}317` } })],
  'other algorithm named': [
    ...['HMAC-SHA1', 'HMAC-SHA256', 'PLAINTEXT', 'RSA-SHA1', 'rsa-sha256', ''].map(method =>
      door({ oauth: { oauth_signature_method: method } }),
    ),
    door({ oauth: { oauth_signature_method: null } }),
    door({ oauth: { oauth_signature_method: 'RSA-SHA1' }, algorithm: 'RSA-SHA1' }),
    door({ algorithm: 'RSA-SHA1' }),
    door({ oauth: { oauth_version: '2.0' } }),
    ...['sha256', 'md5'].map(name =>
      controlled(
        createHash(name)
          .update(toldText + SECRET)
          .digest('hex'),
      ),
    ),
  ],
}
