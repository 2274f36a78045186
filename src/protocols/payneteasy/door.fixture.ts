// A client of the door for the tests here. It signs with node:crypto over a base string that is put together by hand,
// so that no test asks our signing whether our verifying is right.
import { createSign } from 'node:crypto'
import { currencyOf } from '../../money/currency.ts'
import { money } from '../../money/money.ts'
import type { Payout } from '../../payout/payout.ts'
import { type MemoryDesk, memoryDesk, payoutOf } from '../desk.fixture.ts'
import type { DoorAnswer, DoorCredential, DoorRequest } from '../protocol.ts'
import { overSocket } from '../socket.fixture.ts'
import { payneteasyDoor } from './door.ts'
import { vectorFile } from './vectors.fixture.ts'

export const PRIVATE_KEY = vectorFile('payneteasy-test-key.pem').toString('utf8')
export const PUBLIC_KEY = vectorFile('payneteasy-test-key.pub.pem').toString('utf8')
export const NOW_MS = 1_677_831_012_000
export const PUBLIC_URLS = ['https://sandbox.payneteasy.com', 'https://door.example:8443']
export const PAY = '/paynet/api/v4/payout-pay/39915'
export const CHECK = '/paynet/api/v4/payout-check/39915'

export const credential: DoorCredential = {
  door: 'payneteasy',
  publicId: 'TestMerchant',
  merchantId: 'm1',
  secret: 'sandbox-merchant-control',
  active: true,
  settings: {
    public_key: PUBLIC_KEY,
    logins: 'test-merchant, other-login',
    endpoints: '39915=EUR,39916=USD,39917=BDT',
    groups: '1=39915+39916',
  },
}
const known = [credential, { ...credential, publicId: 'test-merchant' }]

export const EUR = currencyOf('EUR') ?? fail('EUR')
export const USD = currencyOf('USD') ?? fail('USD')
export const BDT = currencyOf('BDT') ?? fail('BDT')

/** The desk of the document: its next order has the number 900258. */
export function newDesk(credentials: readonly DoorCredential[] = known): MemoryDesk {
  return memoryDesk({ credentials, nowMs: NOW_MS, currencies: [EUR, USD, BDT], firstNumber: 900_258n })
}

/** The order of the document, created as client_orderid 3, as it waits to be released. */
export function waitingOrder(change: Partial<Payout> = {}): Payout {
  const submission = {
    merchantId: 'm1',
    door: 'payneteasy',
    doorCredentialId: 'TestMerchant',
    requestId: null,
    reference: '3',
    idempotencyKey: null,
    fingerprint: new Uint8Array(32),
    amount: money(10_000n, EUR),
    beneficiary: { kind: 'bank_account', account: 'DE89370400440532013000', bank: null, holder: null },
    description: null,
    metadata: null,
    notifyUrl: null,
    needsConfirmation: true,
    firstAnswer: () => '',
  } as const
  return { ...payoutOf(submission, { number: 900_258n, tag: 4_711, nowMs: NOW_MS }), ...change }
}

export const ORDER = { client_orderid: '3', login: 'test-merchant', orderid: '900258' }
export const CREATE = {
  client_orderid: 'order-1',
  login: 'test-merchant',
  amount: '10.50',
  currency: 'EUR',
  order_desc: 'third week',
  account_number: 'DE89370400440532013000',
  bank_name: 'Example Bank',
  server_callback_url: 'https://client.example/cb?x=1',
}

export type Pairs = readonly (readonly [string, string])[]

/** What is sent; every part can be replaced. */
export interface Sent {
  readonly path?: string
  readonly params?: Readonly<Record<string, string>> | Pairs
  readonly nonce?: string
  readonly timestamp?: string
  readonly consumerKey?: string
  /** OAuth parameters in the place of the usual ones. */
  readonly oauth?: Readonly<Record<string, string>>
  readonly signedUrl?: string
  readonly authorization?: string | null
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly more?: Partial<DoorRequest>
}

export function encode(text: string): string {
  return [...Buffer.from(text)]
    .map(byte => {
      const character = String.fromCharCode(byte)
      return /[A-Za-z0-9._~-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

/** The base string by hand: sorted by encoded name, then value. */
export function baseString(url: string, params: Pairs): string {
  const sorted = params
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort((one, other) => (one[0] === other[0] ? (one[1] < other[1] ? -1 : 1) : one[0] < other[0] ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
  return `POST&${encode(url)}&${encode(sorted)}`
}

export function rsa(text: string, key = PRIVATE_KEY, algorithm = 'RSA-SHA256'): string {
  return createSign(algorithm).update(text).sign(key, 'base64')
}

export function signedRequest(sent: Sent = {}): DoorRequest {
  const path = sent.path ?? PAY
  const given = sent.params ?? ORDER
  const params = Array.isArray(given) ? (given as Pairs) : Object.entries(given)
  const oauth = {
    oauth_consumer_key: sent.consumerKey ?? 'TestMerchant',
    oauth_nonce: sent.nonce ?? 'b5E31Tw6SVjauE29uOf2jOLnuUSXmVdE',
    oauth_signature_method: 'RSA-SHA256',
    oauth_timestamp: sent.timestamp ?? '1677831012',
    oauth_version: '1.0',
    ...sent.oauth,
  }
  const url = sent.signedUrl ?? PUBLIC_URLS[0] + path
  const signature = rsa(baseString(url, [...params, ...Object.entries(oauth)]))
  const header = Object.entries({ ...oauth, oauth_signature: signature })
    .map(([name, value]) => `${name}="${encode(value)}"`)
    .join(', ')
  const authorization = sent.authorization === undefined ? `OAuth ${header}` : sent.authorization
  const body = params.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
  return requestOf(path, body, {
    ...sent,
    headers: { ...(authorization === null ? {} : { authorization }), ...sent.headers },
  })
}

/** A request with this body as it stands. */
export function requestOf(path: string, body: string, { headers, more }: Sent = {}): DoorRequest {
  const all = { 'content-type': 'application/x-www-form-urlencoded', ...headers }
  return {
    method: 'POST',
    path,
    query: '',
    params: {},
    headers: new Map(
      Object.entries(all).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]),
    ),
    body: Buffer.from(body),
    bodyTooLarge: false,
    remoteAddress: '192.0.2.1',
    publicUrls: PUBLIC_URLS,
    nowMs: NOW_MS,
    requestId: 'request-1',
    ...more,
  }
}

export function atDoor(request: DoorRequest, desk: MemoryDesk): Promise<DoorAnswer> {
  return overSocket(payneteasyDoor, request, desk)
}

export function ask(desk: MemoryDesk, sent: Sent = {}): Promise<DoorAnswer> {
  return atDoor(signedRequest(sent), desk)
}

/** The fields of an answer in form framing. */
export function fieldsIn({ body }: Pick<DoorAnswer, 'body'>): Readonly<Record<string, string>> {
  return Object.fromEntries([...new URLSearchParams(body.replaceAll('\n', ''))])
}

export function fail(what: string): never {
  throw new Error(`${what} is missing`)
}
