// What the door would say of a request and why: the door's own checks (checks.ts), ticked up to the first that fails,
// with what was found there and what is usually the cause. Nothing of a secret is ever in it, the API key included.
import { parseJson } from '../../lib/json.ts'
import type { Check, DoorCredential, DoorRequest } from '../protocol.ts'
import {
  PROOFAPI_BODY_BYTES_MAX,
  PROOFAPI_CHECKS,
  type ProofapiCheck,
  type ProofapiSoFar,
  proofapiHear,
  proofapiMerchantOf,
} from './checks.ts'
import { proofapiSignMistake } from './sign-mistakes.ts'
import {
  PROOFAPI_KEY_HEADER,
  PROOFAPI_ORDER_ID_LENGTH_MAX,
  PROOFAPI_PATH,
  PROOFAPI_PID_LENGTH_MAX,
  proofapiReadBody,
} from './wire.ts'

export function proofapiExplain(
  request: DoorRequest,
  credentialOf: (publicId: string) => DoorCredential | null,
): readonly Check[] {
  if (request.path !== PROOFAPI_PATH)
    return [{ says: ADDRESS, ok: false, why: `${shown(request.path)} is not ${PROOFAPI_PATH}` }]
  const heard = proofapiHear(request, credentialOf)
  if (!heard.ok) return ticked(heard.check, heard.soFar)
  const { credential, pid } = heard.asked
  return ticked(proofapiMerchantOf(credential, pid) === null ? 'user' : null, heard.asked)
}

const ADDRESS = "the address is the door's"

/** Every check before this one held; null: all of them. */
function ticked(failed: ProofapiCheck | null, soFar: ProofapiSoFar): readonly Check[] {
  const stoppedAt = failed === null ? ORDER.length : ORDER.indexOf(failed)
  const held = ORDER.slice(0, stoppedAt).map(check => ({ says: SAYS[check], ok: true, why: null }))
  const before = [{ says: ADDRESS, ok: true, why: null }, ...held]
  return failed === null ? before : [...before, { says: SAYS[failed], ok: false, why: WHY[failed](soFar) }]
}

// The keys of the table are its type's own names, in the order in which they are written there.
const ORDER = Object.keys(PROOFAPI_CHECKS) as readonly ProofapiCheck[]

const SAYS: Readonly<Record<ProofapiCheck, string>> = {
  method: 'the method is POST',
  body: 'the body is one JSON object',
  pid: 'pid is provided',
  order_id: 'order_id is provided',
  signature: 'signature is provided',
  key: `the header ${PROOFAPI_KEY_HEADER} holds one API key`,
  key_known: 'the API key is known',
  key_active: 'the API key is active',
  address: 'the API key may come from this address',
  verified: 'the signature is right',
  user: 'the pid belongs to the API key',
}

const WHY: Readonly<Record<ProofapiCheck, (soFar: ProofapiSoFar) => string>> = {
  method: ({ request }) => `it is ${shown(request.method)}`,
  body: ({ request }) => bodyMistake(request),
  pid: soFar => textMistake(soFar, 'pid', PROOFAPI_PID_LENGTH_MAX),
  order_id: soFar => textMistake(soFar, 'order_id', PROOFAPI_ORDER_ID_LENGTH_MAX),
  signature: () => 'it is missing, empty or no text; it is a member of the body',
  key: ({ request }) => {
    const values = request.headers.get(PROOFAPI_KEY_HEADER.toLowerCase()) ?? []
    if (values.length > 1) return `the header came ${values.length} times; it has to come once`
    return 'the header is missing or empty; the key is a header and no member of the body'
  },
  key_known: ({ apiKey = '' }) =>
    `nobody has this API key here, of ${apiKey.length} characters; a key of the provider or of another installation is not known` +
    (/^\s|\s$/.test(apiKey) ? ', and blanks around it count' : ''),
  key_active: () => 'it is switched off',
  address: ({ request }) =>
    `it came from ${request.remoteAddress}, which is not in the list of the API key; a proxy in between shows its own address`,
  verified: ({ pid = '', orderId = '', signature = '', credential }) =>
    proofapiSignMistake({ pid, orderId }, signature, credential?.secret ?? ''),
  user: ({ pid = '' }) =>
    `the API key does not stand for the pid ${shown(pid)}; it is written exactly as given out`,
}

function bodyMistake({ body, bodyTooLarge }: ProofapiSoFar['request']): string {
  if (bodyTooLarge || body.length > PROOFAPI_BODY_BYTES_MAX)
    return `it is larger than ${PROOFAPI_BODY_BYTES_MAX} bytes`
  if (body.length === 0) return 'it is empty; pid, order_id and signature are sent as JSON in the body'
  const parsed = parseJson(body)
  if (parsed.ok) return 'it is JSON, but no object'
  const start = Buffer.from(body.subarray(0, 100)).toString('latin1')
  return /^\w+=/.test(start) ? 'it is a form; this protocol sends JSON' : `it is no JSON: ${parsed.why}`
}

function textMistake({ request }: ProofapiSoFar, name: string, lengthMax: number): string {
  const value = proofapiReadBody(request.body)?.get(name)
  if (value === undefined || value === null || value === '') return 'it is missing or empty'
  return `it is neither a text of 1 to ${lengthMax} characters nor an integer`
}

/** What a client sent, short enough to be read. */
function shown(value: string): string {
  const text = JSON.stringify(value)
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text
}

const SHOWN_LENGTH_MAX = 80
