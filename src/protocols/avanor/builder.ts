// One request by hand: what a client of Avanor would send, with the string that its signature is made over. It builds what
// it is given, wrong fields too, because it is there to find out why a signature is refused.
import { assert } from '../../lib/assert.ts'
import { isoTime } from '../../lib/clock.ts'
import { isJsonObject, JsonNumber, type JsonValue, parseJson } from '../../lib/json.ts'
import type { BuilderCall, BuilderOrder, Built, CallMoment, RequestBuilder } from '../protocol.ts'
import { avanorExplain } from './explain.ts'
import { AVANOR_SIGNED, type AvanorSignedMethod, avanorSign, avanorStringToSign } from './sign.ts'
import { AVANOR_CONTENT_TYPE, AVANOR_PREFIX, avanorDigits, avanorEncode, avanorTime } from './wire.ts'

const EXAMPLES: Readonly<Record<AvanorSignedMethod, (at: CallMoment) => Record<string, string>>> = {
  'withdraw/create': at => ({
    account: '01711111111',
    amount: '150.00',
    amount_type: 'ps_amount',
    payway: 'bkash_bdt',
    shop_currency: '50',
    shop_payment_id: referenceOf(at),
  }),
  'withdraw/status': () => ({ withdraw_id: '123' }),
  'withdraw/shop_payment_status': () => ({ shop_payment_id: '5b0efa8a-153b-4421-abac-2aba4d772a86' }),
  'withdraw/try': () => ({
    amount: '150.00',
    amount_type: 'ps_amount',
    payway: 'card_usd',
    shop_currency: '840',
  }),
  check_account: () => ({ account: '01711111111', amount: '150.00', payway: 'bkash_bdt' }),
  'shop_output_config/shop': () => ({}),
  shop_balance: () => ({}),
  // Signed to be compared with the document; no door serves it.
  'invoice/create': () => ({
    amount: '104.04',
    currency: '840',
    description: 'Invoice sign',
    payway: 'payway_usd',
    shop_order_id: '1994',
  }),
}

export const avanorBuilder: RequestBuilder = {
  calls: Object.entries(EXAMPLES).map(
    ([name, example]): BuilderCall => ({ name, path: `${AVANOR_PREFIX}/${name}`, example }),
  ),
  build,
  explain: avanorExplain,
}

/** Fields that are to be written as JSON numbers, as some clients do; they are signed by their literal text. */
interface Numbers {
  readonly numbers?: ReadonlySet<string>
}

function build({ call, fields, numbers, credential, baseUrl, path, at }: BuilderOrder & Numbers): Built {
  assert(isMethod(call), 'a call that is built is one of the list')
  const names = AVANOR_SIGNED[call]
  if (credential.secret === '') return { ok: false, why: 'nothing is signed with an empty secret' }
  const wrongName = [...fields.keys()].find(name => !FIELD_NAME.test(name))
  if (wrongName !== undefined)
    return { ok: false, why: `a field name is a letter, then letters, digits and _: ${wrongName}` }
  const known = withOwn(fields, names, { shopId: credential.publicId, at })
  const missing = names.find(name => !known.has(name))
  if (missing !== undefined) {
    const misprint = known.has('amout') ? '; amout is a misprint of the document' : ''
    return { ok: false, why: `${call} signs ${names.join(', ')}; ${missing} is missing${misprint}` }
  }

  const written = new Map(Array.from(known, ([name, text]) => [name, jsonOf(name, text, numbers)] as const))
  const canonical = avanorStringToSign(written, names)
  const sign = avanorSign(canonical, credential.secret)
  return {
    ok: true,
    request: {
      method: 'POST',
      url: baseUrl + (path ?? `${AVANOR_PREFIX}/${call}`),
      headers: { 'content-type': AVANOR_CONTENT_TYPE },
      body: avanorEncode(new Map([...written, ['sign', sign]])),
    },
    canonical,
    hashed: [
      { text: canonical, secret: false },
      { text: credential.secret, secret: true },
    ],
    algorithm: 'SHA-256',
    signature: Buffer.from(sign, 'hex'),
  }
}

const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_]*$/

interface Own {
  readonly shopId: string
  readonly at: CallMoment
}

/** What every client fills in by itself, unless it was given. */
function withOwn(
  fields: ReadonlyMap<string, string>,
  names: readonly string[],
  { shopId, at }: Own,
): ReadonlyMap<string, string> {
  const own = new Map([['shop_id', shopId]])
  if (names.includes('now')) own.set('now', avanorTime(at.nowMs))
  const known = new Map([...own, ...fields])
  known.delete('sign')
  return known
}

/** Numbers where the contract writes numbers; amounts stay text, because text is signed as it stands. */
function jsonOf(name: string, text: string, numbers: ReadonlySet<string> = new Set()): JsonValue {
  const parsed = parseJson(text)
  if (!parsed.ok) return text
  if (numbers.has(name) && parsed.value instanceof JsonNumber) return parsed.value
  if (NUMBERS.has(name) && avanorDigits(parsed.value) === text) return new JsonNumber(text)
  return name === 'account_details' && isJsonObject(parsed.value) ? parsed.value : text
}

const NUMBERS = new Set(['shop_id', 'shop_currency', 'withdraw_id', 'currency'])

function isMethod(call: string): call is AvanorSignedMethod {
  return Object.hasOwn(AVANOR_SIGNED, call)
}

/** The time to the second, and chance. */
function referenceOf({ nowMs, nonce }: CallMoment): string {
  return isoTime(nowMs).replace(/[-:T]|\..*$/g, '') + nonce.slice(0, 8)
}
