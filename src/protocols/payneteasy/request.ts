// What a client asks, parameter by parameter (contract, section 4): first everything that is missing, then what is
// malformed, then what comes twice, each in the order of the table.
import type { PayneteasyProblem } from './answer.ts'
import { PAYNETEASY_PROBLEMS } from './answer.ts'
import {
  type PayneteasyCall,
  type PayneteasyParameters,
  payneteasyIsAccountName,
  payneteasyIsAccountNumber,
  payneteasyIsBankName,
  payneteasyIsCallbackUrl,
  payneteasyIsCardNumber,
  payneteasyIsClientOrderId,
  payneteasyIsLogin,
  payneteasyIsOrderDesc,
  payneteasyIsOrderId,
  payneteasyIsPurpose,
  payneteasyIsSerialNumber,
  payneteasyIsWalletNumber,
} from './wire.ts'

/** Parameters by name: every known one that has a value, well-formed. */
export type PayneteasyAsked = ReadonlyMap<string, string>

export type PayneteasyRead =
  | { readonly ok: true; readonly asked: PayneteasyAsked }
  | { readonly ok: false; readonly problem: PayneteasyProblem }

/** One known parameter of a call. */
export interface PayneteasyParameter {
  readonly name: string
  readonly required: boolean
  readonly isWellFormed: (text: string) => boolean
}

const must = (name: string, isWellFormed: (text: string) => boolean): PayneteasyParameter => {
  return { name, required: true, isWellFormed }
}
const may = (name: string, isWellFormed: (text: string) => boolean): PayneteasyParameter => {
  return { name, required: false, isWellFormed }
}

const clientOrderId = must('client_orderid', payneteasyIsClientOrderId)
const login = must('login', payneteasyIsLogin)
const isAddress = (text: string): boolean => /^[0-9A-Fa-f.:]{2,45}$/.test(text)
const isControl = (text: string): boolean => /^[0-9a-f]{40}$/.test(text)

const create: readonly PayneteasyParameter[] = [
  clientOrderId,
  login,
  must('amount', text => /^[0-9.]{1,10}$/.test(text)),
  must('currency', text => /^[A-Z]{3}$/.test(text)),
  may('order_desc', payneteasyIsOrderDesc),
  may('purpose', payneteasyIsPurpose),
  may('ipaddress', isAddress),
  may('server_callback_url', payneteasyIsCallbackUrl),
  may('notify_url', payneteasyIsCallbackUrl),
  may('account_number', text => payneteasyIsAccountNumber(text) || payneteasyIsWalletNumber(text)),
  may('bank_name', payneteasyIsBankName),
  may('account_name', payneteasyIsAccountName),
  may('credit_card_number', payneteasyIsCardNumber),
]

/** The known parameters of each call; unknown ones are signed and ignored. */
export const PAYNETEASY_PARAMETERS: Readonly<Record<PayneteasyCall, readonly PayneteasyParameter[]>> = {
  'payout-pay': [clientOrderId, must('orderid', payneteasyIsOrderId), login],
  'payout-check': create,
  payout: create,
  status: [
    login,
    clientOrderId,
    may('orderid', payneteasyIsOrderId),
    may('by-request-sn', payneteasyIsSerialNumber),
  ],
  // Nothing separates the values under its control, so that without an orderid the text of one order could be another's.
  'status-v2': [
    login,
    clientOrderId,
    must('orderid', payneteasyIsOrderId),
    may('by-request-sn', payneteasyIsSerialNumber),
    must('control', isControl),
  ],
}

export function payneteasyReadAsked(call: PayneteasyCall, parameters: PayneteasyParameters): PayneteasyRead {
  const known = PAYNETEASY_PARAMETERS[call]
  const values = valuesByName(parameters)
  for (const { name, required } of known) {
    const isThere = (values.get(name) ?? []).some(value => value !== '')
    if (required && !isThere) return refused(PAYNETEASY_PROBLEMS.missing(name))
  }
  for (const { name, isWellFormed } of known) {
    const isWrong = (values.get(name) ?? []).some(value => value !== '' && !isWellFormed(value))
    if (isWrong) return refused(PAYNETEASY_PROBLEMS.invalid(name))
  }
  if (values.has(VARIANT)) return refused(PAYNETEASY_PROBLEMS.invalid(VARIANT))
  for (const name of [...known.map(one => one.name), ...values.keys()]) {
    if ((values.get(name) ?? []).length > 1) return refused(PAYNETEASY_PROBLEMS.duplicate(nameShown(name)))
  }
  const asked = new Map<string, string>()
  for (const { name } of known) {
    const [value = ''] = values.get(name) ?? []
    if (value !== '') asked.set(name, value)
  }
  return { ok: true, asked }
}

/** The `client_orderid` as received, to be echoed; null where none was, or no single well-formed one. */
export function payneteasyReceivedOrderId(parameters: PayneteasyParameters): string | null {
  const [received, ...more] = valuesByName(parameters).get('client_orderid') ?? []
  if (received === undefined || more.length > 0) return null
  return payneteasyIsClientOrderId(received) ? received : null
}

/** The `client_orderid` that is used where the request is taken, in whichever spelling; empty where there is none. */
export function payneteasyUsedOrderId(parameters: PayneteasyParameters): string {
  return valuesByName(parameters).get('client_orderid')?.[0] ?? ''
}

/** The other spelling of `client_orderid`: alone it stands for it, beside it only with the same value. */
const VARIANT = 'client-order-id'

/** The variant is left in the map only where it says something else than `client_orderid`. */
function valuesByName(parameters: PayneteasyParameters): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>()
  for (const [name, value] of parameters) {
    const before = values.get(name)
    if (before === undefined) values.set(name, [value])
    else before.push(value)
  }
  const variant = values.get(VARIANT)
  if (variant === undefined) return values
  const own = values.get('client_orderid') ?? []
  if (own.length === 0) values.set('client_orderid', variant)
  else if (!variant.every(value => value === own[0])) return values
  else if (variant.length > 1) values.set('client_orderid', [...own, ...variant])
  values.delete(VARIANT)
  return values
}

function refused(problem: PayneteasyProblem): PayneteasyRead {
  return { ok: false, problem }
}

/** A name that the client made up is shown only where it is short and plain. */
function nameShown(name: string): string {
  return /^[A-Za-z0-9_.-]{1,64}$/.test(name) ? name : 'unknown'
}
