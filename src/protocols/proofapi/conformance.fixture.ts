// What the conformance run needs to know of this protocol. Signatures are made here by hand, from texts written out, so
// that the run never asks our own signing whether our own verifying is right.
import { createHash, createHmac } from 'node:crypto'
import type { Conformance, DoorMessage } from '../conformance.fixture.ts'
import type { DoorCredential, ProofImage, ProviderAccount, WireAnswer } from '../protocol.ts'

const KEY = 'conformance-api-key'
const SECRET = 'conformance-proof-secret'
const OTHER_SECRET = 'another-proof-secret'
const ORDER = 'k3v9q0z1x8w7c5b4n2m6a9d1'
const PATH = '/payout/api/proof/get_data.php'

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

const credential: DoorCredential = {
  door: 'proofapi',
  publicId: sha256(KEY),
  merchantId: 'm1',
  secret: SECRET,
  active: true,
  settings: { pids: 'PID001' },
}
const credentials: readonly DoorCredential[] = [
  credential,
  {
    ...credential,
    publicId: sha256('other-key'),
    merchantId: 'm2',
    secret: OTHER_SECRET,
    settings: { pids: 'PID777' },
  },
  { ...credential, publicId: sha256('expired-key'), active: false },
  { ...credential, publicId: sha256('no-secret-key'), secret: '' },
]

const account: ProviderAccount = {
  id: 'pa_conformance',
  protocol: 'proofapi',
  baseUrl: 'https://provider.example',
  settings: { pid: 'PID001', api_key: KEY, secret: SECRET },
}

// ---- a signed message, and its parts for those who want to break it --------------------------------------------------

type Members = readonly (readonly [name: string, raw: string])[]

const TEXT = `PID001${SECRET}${ORDER}`
const RIGHT = sha256(TEXT)
const members: Members = [
  ['pid', '"PID001"'],
  ['order_id', `"${ORDER}"`],
]

function json(...list: Members): string {
  return `{${list.map(([name, raw]) => `"${name}":${raw}`).join(',')}}`
}

function atDoor(body: string, headers: DoorMessage['headers'] = { 'X-API-KEY': KEY }) {
  return { door: { path: PATH, headers, body } }
}

/** The request with this in the place of its signature, as raw JSON. */
function withSignature(raw: string, list: Members = members) {
  return atDoor(json(...list, ['signature', raw]))
}

/** Signed over this text instead. */
function signedOver(text: string, list: Members = members) {
  return withSignature(`"${sha256(text)}"`, list)
}

function changed(name: string, raw: string): Members {
  return members.map(member => (member[0] === name ? [name, raw] : member))
}

const right = withSignature(`"${RIGHT}"`)
const REFUSED = [
  'Invalid request data',
  'pid not provided',
  'signature not provided',
  'API key not provided',
  'Invalid API key',
  'Verification failed',
  'Invalid user',
]

// ---- pictures ----------------------------------------------------------------------------------------------------------

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
const jpeg = '/9j/4AAQSkZJRgABAQAAAQABAAD/2Q=='

const images: readonly ProofImage[] = [
  { mediaType: 'image/png', bytes: Buffer.from(png, 'base64') },
  { mediaType: 'image/jpeg', bytes: Buffer.from(jpeg, 'base64') },
]

function answer(body: unknown, status = 200): WireAnswer {
  return { status, headers: {}, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) }
}

function refusal(message: string): Readonly<Record<string, string>> {
  return { status: 'error', message }
}

const approved = { status: 'success', order_id: ORDER, transaction_status: 'Approved', proof_images: [] }

const scrubbed =
  'POST /payout/api/proof/get_data.php\nX-API-KEY: [removed]\n\n' +
  `{"pid":"PID001","order_id":"${ORDER}","signature":"[removed]"}\n\n` +
  `{"status":"success","order_id":"${ORDER}","transaction_status":"Approved","proof_images":["[image]"]}`

export const conformance: Conformance = {
  credentials,
  client: { publicId: KEY, secret: SECRET, settings: { pids: 'PID001' } },
  connector: null,

  signature: {
    good: [right, atDoor(json(['signature', `"${RIGHT}"`], ...members), { 'x-api-key': KEY })],
    isRefused: ({ body }) => REFUSED.some(message => body === JSON.stringify(refusal(message))),
    negatives: {
      missing: [atDoor(json(...members)), atDoor(right.door.body, {})],
      empty: [withSignature('""'), atDoor(right.door.body, { 'X-API-KEY': '' })],
      'wrong JSON type': ['null', 'true', '0', '[]', '{}', `["${RIGHT}"]`].map(raw => withSignature(raw)),
      'one character changed': Array.from({ length: 64 }, (_, place) =>
        withSignature(
          `"${RIGHT.slice(0, place)}${RIGHT[place] === '0' ? '1' : '0'}${RIGHT.slice(place + 1)}"`,
        ),
      ),
      cut: [0, 1, 32, 63].map(length => withSignature(`"${RIGHT.slice(0, length)}"`)),
      'one character more': [withSignature(`"${RIGHT}0"`)],
      'other letter case': [
        withSignature(`"${RIGHT.toUpperCase()}"`),
        atDoor(right.door.body, { 'X-API-KEY': KEY.toUpperCase() }),
      ],
      'hex for Base64 and back': [withSignature(`"${Buffer.from(RIGHT, 'hex').toString('base64')}"`)],
      'padding changed': 'hex has no padding',
      'blank or newline around': [' ', '\\n', '\\t', '\\u00a0'].flatMap(blank => [
        withSignature(`"${RIGHT}${blank}"`),
        withSignature(`"${blank}${RIGHT}"`),
      ]),
      'other key': [
        signedOver(`PID001${OTHER_SECRET}${ORDER}`),
        atDoor(right.door.body, { 'X-API-KEY': 'nobody' }),
        atDoor(right.door.body, { 'X-API-KEY': credential.publicId }),
      ],
      "another merchant's key": [
        atDoor(right.door.body, { 'X-API-KEY': 'other-key' }),
        // Signed right with the secret of this key, for the pid of the other one.
        signedOver(`PID777${SECRET}${ORDER}`, changed('pid', '"PID777"')),
      ],
      'key just expired': [atDoor(right.door.body, { 'X-API-KEY': 'expired-key' })],
      'empty secret': [
        signedOver(`PID001${ORDER}`),
        atDoor(signedOver(`PID001${ORDER}`).door.body, { 'X-API-KEY': 'no-secret-key' }),
      ],
      'signed for another method, path or host': [
        { door: { ...right.door, method: 'GET' } },
        { door: { ...right.door, method: 'PUT' } },
      ],
      'fields reordered': [
        `${SECRET}PID001${ORDER}`,
        `PID001${ORDER}${SECRET}`,
        `${ORDER}${SECRET}PID001`,
        `${ORDER}PID001${SECRET}`,
      ].map(text => signedOver(text)),
      'field added': 'unknown members are ignored by contract, and only pid and order_id are read',
      'field removed': [atDoor(json(['order_id', `"${ORDER}"`], ['signature', `"${RIGHT}"`]))],
      'text moved across a field boundary': [
        withSignature(`"${RIGHT}"`, [
          ['pid', `"PID001${SECRET.slice(0, 1)}"`],
          ['order_id', `"${ORDER}"`],
        ]),
        withSignature(`"${RIGHT}"`, [
          ['pid', '"PID00"'],
          ['order_id', `"1${ORDER}"`],
        ]),
      ],
      'field twice': [
        atDoor(json(['pid', '"PID777"'], ...members, ['signature', `"${RIGHT}"`])),
        atDoor(json(...members, ['signature', `"${RIGHT}"`], ['\\u006frder_id', `"${ORDER}"`])),
      ],
      'signature twice': [
        atDoor(json(['signature', '"0"'], ...members, ['signature', `"${RIGHT}"`])),
        atDoor(right.door.body, { 'X-API-KEY': [KEY, KEY] }),
      ],
      'number printed again': [
        signedOver(`PID001${SECRET}1`, changed('order_id', '"1.0"')),
        signedOver(`PID001${SECRET}1`, changed('order_id', '01')),
      ],
      'text normalised': [signedOver(`PID001${SECRET}caf\u00e9`, changed('order_id', '"cafe\u0301"'))],
      '+ for %20': [signedOver(`PID001${SECRET}a%20b`, changed('order_id', '"a+b"'))],
      'same request again': 'replayed',
      'too old': 'there is no time in a request: it only reads, and may be sent any number of times',
      'too new': 'there is no time in a request',
      'seconds for milliseconds': 'there is no time in a request',
      'other algorithm named': [
        withSignature(`"${createHash('md5').update(TEXT).digest('hex')}"`),
        withSignature(`"${createHash('sha512').update(TEXT).digest('hex')}"`),
        withSignature(`"${createHmac('sha256', SECRET).update(`PID001${ORDER}`).digest('hex')}"`),
        atDoor(json(...members, ['algorithm', '"none"'], ['signature', '"none"'])),
      ],
    },
  },

  proof: {
    credential,
    account,
    accounts: {
      good: [account],
      bad: [
        { ...account, settings: { ...account.settings, pid: '' } },
        { ...account, settings: { ...account.settings, api_key: 'two words' } },
        { ...account, settings: { ...account.settings, secret: '' } },
        { ...account, settings: { pid: 'PID001', secret: SECRET } },
      ],
    },
    reference: ORDER,
    images,
    found: (status, proof_images) =>
      answer({ status: 'success', order_id: ORDER, transaction_status: status, proof_images }),
    imageText: ({ mediaType, bytes }) => `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`,
    paid: 'Approved',
    isPaid: status => typeof status === 'string' && status.toLowerCase() === 'approved',
    hostileImages: [
      null,
      7,
      '',
      {},
      png,
      'https://provider.example/proof.png',
      'data:image/svg+xml;base64,PHN2Zy8+',
      'data:text/html;base64,PHA+',
      'data:image/gif;base64,R0lGODlh',
      'data:image/png;base64,AAAA',
      'data:image/png;base64,',
      `data:image/jpeg;base64,${png}`,
      `data:image/png;base64,${jpeg}`,
      `data:image/png;base64,${png.slice(0, -1)}`,
      `data:image/png;base64,${png}\n`,
      `data:image/png;base64, ${png}`,
      `data:image/jpeg;base64,${jpeg.replaceAll('/', '_')}`,
      `data:image/png;charset=utf-8;base64,${png}`,
      `data:image/png,${png}`,
    ],
    hostileAnswers: [
      { says: 'another order', answer: answer({ ...approved, order_id: 'ORDER_999999' }), reads: 'stop' },
      { says: 'no order', answer: answer({ ...approved, order_id: null }), reads: 'stop' },
      { says: 'not found', answer: answer(refusal('Transaction not found')), reads: 'not_yet' },
      { says: 'an unknown pid', answer: answer(refusal('Invalid user')), reads: 'stop' },
      { says: 'an unknown error', answer: answer(refusal('Something')), reads: 'not_yet' },
      { says: 'a wrong key', answer: answer(refusal('Invalid API key'), 401), reads: 'stop' },
      { says: 'a wrong request', answer: answer(refusal('pid not provided'), 400), reads: 'stop' },
      { says: 'too many requests', answer: answer(refusal('Too many requests'), 429), reads: 'not_yet' },
      { says: 'a page', answer: answer('<html></html>'), reads: 'not_yet' },
      { says: 'neither success nor error', answer: answer({ ...approved, status: 'ok' }), reads: 'not_yet' },
      {
        says: 'a member twice',
        answer: answer(`{"order_id":"x",${JSON.stringify(approved).slice(1)}`),
        reads: 'not_yet',
      },
    ],
  },

  transcripts: {
    scrubs: [
      {
        whole: scrubbed
          .replace('X-API-KEY: [removed]', `X-API-KEY: ${KEY}`)
          .replace('[removed]', RIGHT)
          .replace('[image]', `data:image/png;base64,${png}`),
        scrubbed,
      },
    ],
    secrets: [KEY, SECRET, RIGHT, png, jpeg],
  },
}
