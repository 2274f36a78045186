// What the door would say of a request and why: the door's own checks (checks.ts), ticked up to the first that fails,
// with what was found there and what is usually the cause. Nothing of a secret is ever in it. Whether the payout exists,
// the reference is free and the balance is enough is known to the desk alone, and not judged here.
import { parseJson } from '../../lib/json.ts'
import type { Check, DoorCredential, DoorRequest } from '../protocol.ts'
import {
  AVANOR_BODY_BYTES_MAX,
  AVANOR_CHECKS,
  AVANOR_PATHS,
  AVANOR_PAYWAY_CHECKS,
  type AvanorCheck,
  type AvanorChecked,
  type AvanorCredentialOf,
  type AvanorPaywayCheck,
  avanorBodyFields,
  avanorCheck,
  avanorCheckPayway,
  avanorCredentialPayways,
  avanorShopId,
} from './checks.ts'
import { AVANOR_METHODS, AVANOR_RULES, type AvanorAsked, type AvanorMethod } from './request.ts'
import { AVANOR_SIGNED } from './sign.ts'
import { avanorSignMistake } from './sign-mistakes.ts'
import { AVANOR_PREFIX, type AvanorFields, avanorKind, avanorText } from './wire.ts'

export function avanorExplain(request: DoorRequest, credentialOf: AvanorCredentialOf): readonly Check[] {
  const method = AVANOR_PATHS.get(request.path)
  if (method === undefined || request.method !== 'POST') {
    const paths = AVANOR_METHODS.join(', ')
    const why = `${request.method} ${request.path} is none of the door's; it takes POST to ${paths}, with or without ${AVANOR_PREFIX}/`
    return [{ says: ADDRESS, ok: false, why }]
  }
  const checked = avanorCheck(request, method, credentialOf)
  const before = [passed(ADDRESS)]
  if (checked.ok) {
    const all = AVANOR_CHECKS.map(check => passed(SAYS[check]))
    return [...before, ...all, ...explainPayway(checked.asked, checked.credential)]
  }
  const made = AVANOR_CHECKS.slice(0, AVANOR_CHECKS.indexOf(checked.check)).map(check => passed(SAYS[check]))
  const why = WHY[checked.check]({ request, method, credentialOf, field: checked.field })
  return [...before, ...made, { says: SAYS[checked.check], ok: false, why }]
}

const ADDRESS = "the address is one of the door's"
const SAYS: Readonly<Record<AvanorCheck, string>> = {
  body: 'the body is one JSON object',
  shop_id: 'shop_id names a shop',
  shop: 'the shop is known',
  active: 'the shop is active',
  address: 'the shop may come from this address',
  present: 'every signed field and sign are there',
  sign: 'the signature is right',
  field: 'every field is well-formed',
}
const PAYWAY_SAYS: Readonly<Record<AvanorPaywayCheck, string>> = {
  payway: 'the shop has the payway in that currency',
  destination: 'the account is one of the payway',
  amount: 'the amount is within the limits of the payway',
}

interface Refused {
  readonly request: DoorRequest
  readonly method: AvanorMethod
  readonly credentialOf: AvanorCredentialOf
  readonly field: Extract<AvanorChecked, { ok: false }>['field']
}

const WHY: Readonly<Record<AvanorCheck, (refused: Refused) => string>> = {
  body: ({ request }) => bodyMistake(request),
  shop_id: ({ request }) => {
    const value = fieldsOf(request).get('shop_id')
    return value === undefined
      ? 'shop_id is missing; it is a field of the body'
      : `shop_id is ${shown(value)}; it is 1 to 18 digits`
  },
  shop: ({ request }) =>
    `nobody has the shop_id ${shown(avanorShopId(fieldsOf(request)))} here; a shop of the provider or of another installation is not known`,
  active: ({ request }) => `the shop ${shown(avanorShopId(fieldsOf(request)))} is switched off`,
  address: ({ request }) =>
    `it came from ${request.remoteAddress}, which is not in the shop's list; a proxy in between shows its own address`,
  present: ({ request, method, field }) => {
    const misspelled =
      field === 'amount' && fieldsOf(request).has('amout')
        ? '; amout is a misprint of the document, the name is amount'
        : ''
    const names = AVANOR_SIGNED[method].join(', ')
    return `${field ?? ''} is missing, empty, or neither text nor a number; ${method} takes ${names} and sign${misspelled}`
  },
  sign: ({ request, method, credentialOf }) => {
    const fields = fieldsOf(request)
    const secret = credentialOf(avanorShopId(fields) ?? '')?.secret ?? ''
    return avanorSignMistake({ fields, names: AVANOR_SIGNED[method], secret })
  },
  field: ({ request, field }) => {
    const name = field ?? ''
    return `${name} is ${shown(fieldsOf(request).get(name))}; ${AVANOR_RULES[name] ?? ''}`
  },
}

/** Checks 10 and 11, for the methods that have them. */
function explainPayway(asked: AvanorAsked, credential: DoorCredential): readonly Check[] {
  if (asked.method !== 'withdraw/create' && asked.method !== 'withdraw/try') return []
  const wanted = asked.method === 'withdraw/create' ? asked.order : { ...asked, account: null }
  const checked = avanorCheckPayway(wanted, credential)
  if (checked.ok) return AVANOR_PAYWAY_CHECKS.map(check => passed(PAYWAY_SAYS[check]))
  const made = AVANOR_PAYWAY_CHECKS.slice(0, AVANOR_PAYWAY_CHECKS.indexOf(checked.check))
  const payways = avanorCredentialPayways(credential)
    .filter(({ active }) => active)
    .map(({ alias, method, currency }) => `${alias} pays ${avanorKind(method)} in ${currency}`)
  const why = `${checked.refusal.message}; ${payways.length === 0 ? 'this shop has no payways' : payways.join(', ')}`
  return [
    ...made.map(check => passed(PAYWAY_SAYS[check])),
    { says: PAYWAY_SAYS[checked.check], ok: false, why },
  ]
}

function bodyMistake(request: DoorRequest): string {
  if (request.bodyTooLarge || request.body.length > AVANOR_BODY_BYTES_MAX)
    return `it is larger than ${AVANOR_BODY_BYTES_MAX} bytes`
  if (request.body.length === 0) return 'it is empty; the fields are sent as JSON in the body'
  const parsed = parseJson(request.body)
  if (parsed.ok) return 'it is JSON, but no object'
  const start = Buffer.from(request.body.subarray(0, 2_000)).toString('latin1')
  return /^\w+=/.test(start) ? 'it is a form; this protocol sends JSON' : `it is no JSON: ${parsed.why}`
}

function fieldsOf(request: DoorRequest): AvanorFields {
  return avanorBodyFields(request) ?? new Map()
}

function passed(says: string): Check {
  return { says, ok: true, why: null }
}

/** What a client sent, short enough to be read. */
function shown(value: Parameters<typeof avanorText>[0]): string {
  if (value === undefined || value === null) return 'missing'
  const text = JSON.stringify(avanorText(value) ?? 'neither text nor a number')
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text
}

const SHOWN_LENGTH_MAX = 80
