// A client of ours: the native API and the PayPro door, as somebody would write one who has only the documents. It
// signs by itself and shares no code with the program.
import { createHash } from 'node:crypto'
import { API_KEY, DOOR } from './house.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface NativeOrder {
  readonly reference: string
  readonly amount?: string
  readonly wallet?: string
  readonly description?: string
}

const ANSWER_MS_MAX = 20_000

/** Creates a payout; the reference is its Idempotency-Key too. @throws where the line breaks */
export async function createNative(url: string, order: NativeOrder, key = API_KEY): Promise<Answer> {
  const { reference, amount = '10.00', wallet = '01812345678', description = null } = order
  return ask(`${url}/v1/payouts`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'idempotency-key': reference,
    },
    body: JSON.stringify({
      ...{ reference, amount, currency: 'BDT', description },
      beneficiary: { kind: 'wallet', operator: 'bkash', number: wallet },
    }),
  })
}

/** Reads below `/v1`, and gives the JSON. */
export async function readNative<Shown>(url: string, path: string, key = API_KEY): Promise<Shown> {
  const answer = await ask(`${url}/v1${path}`, { headers: { authorization: `Bearer ${key}` } })
  if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.text}`)
  // The shape is the test's own expectation; a wrong one fails where it is read.
  return JSON.parse(answer.text) as Shown
}

export interface Listed<Item> {
  readonly data: readonly Item[]
}

export interface PayoutShown {
  readonly id: string
  readonly reference: string
  readonly amount: string
  readonly state: string
  readonly money: string
  readonly attempts: number
  readonly why: string | null
}

export async function findNative(url: string, reference: string, key = API_KEY): Promise<PayoutShown> {
  const found = await readNative<Listed<PayoutShown>>(url, `/payouts?reference=${reference}`, key)
  const [payout] = found.data
  if (payout === undefined) throw new Error(`there is no payout ${reference}`)
  return payout
}

export interface DoorOrder {
  readonly tradeNo: string
  readonly amount?: string
  readonly walletId?: string
  readonly notifyUrl?: string
  readonly remark?: string
}

/** `serve` tells nobody on this machine: such a notice is parked, and no byte of it leaves. */
const NOBODY = 'http://127.0.0.1:9/notify'

/** Creates a payout at the PayPro door. @throws where the line breaks */
export async function createDoor(
  url: string,
  order: DoorOrder,
  credential = DOOR,
  signed: (sign: string) => void = () => {},
): Promise<Answer> {
  const { tradeNo, amount = '10', walletId = '01812345678', notifyUrl = NOBODY, remark } = order
  const fields = {
    timestamp: `${Date.now()}`,
    ...{ tradeNo, amount, notifyUrl, walletId },
    wayCode: 'EWALLET_BKASH',
    ...(remark === undefined ? {} : { remark }),
  }
  const sign = doorSign(fields, credential.secret)
  signed(sign)
  return ask(`${url}/v1/paypro/payout`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', merchantNo: credential.merchantNo },
    body: JSON.stringify({ ...fields, sign }),
  })
}

export interface DoorShown {
  readonly code: string
  readonly success: boolean
  readonly data: { readonly platFormTradeNo: string; readonly status: string }
}

export function doorShown({ text }: Answer): DoorShown {
  // As above.
  return JSON.parse(text) as DoorShown
}

/** The document's recipe: the fields in alphabetical order as key1=value1key2=value2, the secret behind, MD5. */
export function doorSign(fields: Readonly<Record<string, string>>, secret: string): string {
  return createHash('md5')
    .update(doorCanonical(fields) + secret)
    .digest('hex')
}

export function doorCanonical(fields: Readonly<Record<string, string>>): string {
  const names = Object.keys(fields).filter(name => name !== 'sign' && fields[name] !== '')
  return names
    .sort()
    .map(name => `${name}=${fields[name]}`)
    .join('')
}

async function ask(url: string, init: RequestInit): Promise<Answer> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_MS_MAX) })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}
