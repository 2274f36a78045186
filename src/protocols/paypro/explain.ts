// What the door would say of a request and why: the door's own checks (checks.ts), ticked up to the first that fails,
// with what was found there and what is usually the cause. Nothing of a secret is ever in it.
import { parseJson } from '../../lib/json.ts'
import type { Check, DoorCredential, DoorRequest } from '../protocol.ts'
import {
  PAYPRO_BODY_BYTES_MAX,
  PAYPRO_CALLS,
  PAYPRO_CHECKS,
  type PayproCall,
  type PayproCheck,
  type PayproChecked,
  type PayproCredentialOf,
  payproBodyFields,
  payproCheck,
  payproMerchantNo,
} from './checks.ts'
import type { PayproField } from './request.ts'
import { payproCredentialSalt } from './sign.ts'
import { payproSignMistake } from './sign-mistakes.ts'

export function payproExplain(request: DoorRequest, credentialOf: PayproCredentialOf): readonly Check[] {
  const call = PAYPRO_CALLS.get(request.path)
  if (call === undefined || request.method !== 'POST') {
    const paths = [...PAYPRO_CALLS.keys()].join(', ')
    const why = `${request.method} ${request.path} is none of the door's: POST ${paths}`
    return [{ says: ADDRESS, ok: false, why }]
  }
  const checked = payproCheck(request, call, credentialOf)
  const stoppedAt = checked.ok ? PAYPRO_CHECKS.length : PAYPRO_CHECKS.indexOf(checked.refusal)
  const passed = PAYPRO_CHECKS.slice(0, stoppedAt).map(check => ({ says: SAYS[check], ok: true, why: null }))
  const before = [{ says: ADDRESS, ok: true, why: null }, ...passed]
  if (checked.ok) return before
  const why = WHY[checked.refusal]({ request, call, credentialOf, field: checked.field })
  return [...before, { says: SAYS[checked.refusal], ok: false, why }]
}

const ADDRESS = "the address is one of the door's"
const SAYS: Readonly<Record<PayproCheck, string>> = {
  body: 'the body is one flat JSON object',
  no_merchant: 'the header merchantNo names one merchant',
  merchant: 'the merchant is known and active',
  address: 'the merchant may come from this address',
  sign: 'the signature is right',
  field: 'every field is there and well-formed',
}

interface Refused {
  readonly request: DoorRequest
  readonly call: PayproCall
  readonly credentialOf: PayproCredentialOf
  readonly field: Extract<PayproChecked, { ok: false }>['field']
}

const WHY: Readonly<Record<PayproCheck, (refused: Refused) => string>> = {
  body: ({ request }) => bodyMistake(request),
  no_merchant: ({ request }) => {
    const values = request.headers.get('merchantno') ?? []
    if (values.length > 1) return `merchantNo came ${values.length} times; it has to come once`
    return 'the header merchantNo is missing or empty; it is a header, not a field of the body'
  },
  merchant: ({ request, credentialOf }) => {
    const merchantNo = payproMerchantNo(request) ?? ''
    return credentialFor(request, credentialOf) === null
      ? `nobody has the merchantNo ${shown(merchantNo)} here; a merchantNo of the provider or of another installation is not known`
      : `the merchantNo ${shown(merchantNo)} is switched off`
  },
  address: ({ request }) =>
    `it came from ${request.remoteAddress}, which is not in the merchant's list; a proxy in between shows its own address`,
  sign: ({ request, credentialOf }) => {
    const fields = payproBodyFields(request) ?? new Map()
    const credential = credentialFor(request, credentialOf)
    const merchantNo = payproMerchantNo(request) ?? ''
    return credential === null
      ? ''
      : payproSignMistake({ fields, merchantNo, salt: payproCredentialSalt(credential) })
  },
  field: ({ request, field }) => {
    if (field === null) return ''
    const value = payproBodyFields(request)?.get(field)
    const found = value === undefined || value === null || value === '' ? 'is missing' : `is ${shown(value)}`
    return `${field} ${found}; ${RULES[field]}`
  },
}

const RULES: Readonly<Record<PayproField, string>> = {
  timestamp: 'it is 10 to 16 digits, milliseconds since 1970, as text or as a number',
  tradeNo: 'it is a string of 1 to 64 of A-Z a-z 0-9 _ . : -',
  amount: 'it is above zero, up to 12 digits and 2 decimals, without sign, blanks or separators',
  walletId:
    'it is a string of 6 to 20 digits, a + before them allowed; a JSON number has lost its leading zeros',
  wayCode: 'it is EWALLET_BKASH, EWALLET_ROCKET or EWALLET_NAGAD',
  notifyUrl:
    'it is an absolute http or https address of up to 1024 printable ASCII characters, without user info, fragment or the text remark=',
  remark: 'it is a string of up to 255 characters without control characters',
}

function bodyMistake(request: DoorRequest): string {
  if (request.bodyTooLarge || request.body.length > PAYPRO_BODY_BYTES_MAX)
    return `it is larger than ${PAYPRO_BODY_BYTES_MAX} bytes`
  if (request.body.length === 0) return 'it is empty; the fields are sent as JSON in the body'
  const parsed = parseJson(request.body)
  if (!parsed.ok) {
    const start = Buffer.from(request.body.subarray(0, 2_000)).toString('latin1')
    return /^\w+=/.test(start) ? 'it is a form; this protocol sends JSON' : `it is no JSON: ${parsed.why}`
  }
  return payproBodyFields(request) === null
    ? 'every member is text, a number, true, false or null, and its name a letter followed by letters, digits and _'
    : 'beside an unknown field, no free text may hold the name of a known field followed by =: one signature would fit two bodies'
}

function credentialFor(request: DoorRequest, credentialOf: PayproCredentialOf): DoorCredential | null {
  const merchantNo = payproMerchantNo(request)
  return merchantNo === null ? null : credentialOf(merchantNo)
}

/** What a client sent, short enough to be read. */
function shown(value: unknown): string {
  const text = JSON.stringify(String(value))
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text
}

const SHOWN_LENGTH_MAX = 80
