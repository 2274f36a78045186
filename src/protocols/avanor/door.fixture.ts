// What the tests of the door share: a desk with shops, and requests signed by the rule of the document, written here
// again, so that the door is not judged by its own signature.
import { createHash } from 'node:crypto'
import { type CurrencyCode, currencyOf } from '../../money/currency.ts'
import { type MemoryDesk, memoryDesk } from '../desk.fixture.ts'
import type { DoorAnswer, DoorCredential, DoorRequest } from '../protocol.ts'
import { overSocket } from '../socket.fixture.ts'
import { avanorDoor } from './door.ts'

export const NOW_MS = 1_779_640_542_000
export const SECRET = 'account-secret-key'

const shop: DoorCredential = {
  door: 'avanor',
  publicId: '202203',
  merchantId: 'm1',
  secret: SECRET,
  active: true,
  settings: {
    payways:
      'card_usd=card:USD:10-5000.50,card_eur=card:EUR:off,bank_eur=bank_account:EUR,bkash_bdt=wallet/bkash:BDT,old_usd=card:USD:off',
  },
}
export const credentials: readonly DoorCredential[] = [
  shop,
  { ...shop, publicId: '1', active: false },
  { ...shop, publicId: '2', settings: { ...shop.settings, addresses: '198.51.100.7, 2001:DB8::1' } },
  { ...shop, publicId: '3', secret: '' },
  { ...shop, publicId: '4', merchantId: 'm2' },
  { ...shop, publicId: '5', settings: { payways: 'card_usd=card:USD' } },
  { ...shop, publicId: '6', settings: {} },
  { ...shop, publicId: '7', settings: { payways: 'nonsense' } },
  { ...shop, publicId: '8', settings: { ...shop.settings, addresses: ' , ' } },
]

export function newDesk(availableMinor = 1_000_000n): MemoryDesk {
  const currencies = ['BDT', 'EUR', 'USD'].map(currency)
  return memoryDesk({ credentials, nowMs: NOW_MS, currencies, availableMinor })
}

export type Fields = Readonly<Record<string, unknown>>

export const order: Fields = {
  account: '4111111111111111',
  amount: '150.00',
  amount_type: 'ps_amount',
  payway: 'card_usd',
  shop_currency: 840,
  shop_id: 202_203,
  shop_payment_id: 'order-1',
}
export const NOW = '2026-05-24T16:35:42'

const SIGNED: Readonly<Record<string, readonly string[]>> = {
  'withdraw/status': ['now', 'shop_id', 'withdraw_id'],
  'withdraw/shop_payment_status': ['now', 'shop_id', 'shop_payment_id'],
  'withdraw/create': [
    'account',
    'amount',
    'amount_type',
    'payway',
    'shop_currency',
    'shop_id',
    'shop_payment_id',
  ],
  'withdraw/try': ['amount', 'amount_type', 'payway', 'shop_currency', 'shop_id'],
  check_account: ['account', 'amount', 'payway', 'shop_id'],
  'shop_output_config/shop': ['now', 'shop_id'],
  shop_balance: ['now', 'shop_id'],
}
export const methods = Object.keys(SIGNED)

export function signed(method: string, fields: Fields, secret = SECRET): string {
  const text = (SIGNED[method] ?? []).map(name => String(fields[name] ?? '')).join(':')
  const sign = createHash('sha256')
    .update(text + secret)
    .digest('hex')
  return JSON.stringify({ ...fields, sign })
}

export function send(
  desk: MemoryDesk,
  method: string,
  body: string | Uint8Array,
  more: Partial<DoorRequest> = {},
): Promise<DoorAnswer> {
  const path = `/gateway/v1/${method}`
  return overSocket(avanorDoor, requestOf(path, body, more), desk)
}

/** Signed, and sent. */
export function ask(desk: MemoryDesk, method: string, fields: Fields): Promise<DoorAnswer> {
  return send(desk, method, signed(method, fields))
}

export function requestOf(
  path: string,
  body: string | Uint8Array,
  more: Partial<DoorRequest> = {},
): DoorRequest {
  return {
    method: 'POST',
    path,
    query: 'amount=1',
    params: {},
    headers: new Map([['content-type', ['text/plain']]]),
    body: Buffer.from(body),
    bodyTooLarge: false,
    remoteAddress: '192.0.2.1',
    publicUrls: ['http://127.0.0.1:8080'],
    nowMs: NOW_MS,
    requestId: 'request-1',
    ...more,
  }
}

export function refusal(code: number, message: string): string {
  return JSON.stringify({ data: null, error_code: code, message, result: false })
}

export function currency(code: string): CurrencyCode {
  const known = currencyOf(code)
  if (known === null) throw new Error(`${code} is a currency`)
  return known
}
