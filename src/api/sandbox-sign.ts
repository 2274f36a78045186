import type { Problem } from '../http/problem.ts'
import { isJsonObject, parseJson, toPlain } from '../lib/json.ts'
import { signByHand } from '../protocols/by-hand.ts'
import { clientByHand, sandboxClient } from '../protocols/by-hand-credential.ts'
import { type ByHandFields, NO_FIELDS, readFieldsObject } from '../protocols/by-hand-fields.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { type ApiAnswer, type ApiCall, type ApiRoute, found, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import { fieldErrors, messageOf } from './field-errors.ts'
import type { ApiByHand, ApiNeeds } from './needs.ts'
import { type SignedShown, sandboxParams, signBody, signedShown } from './schema.ts'

/** `POST /v1/sandbox/sign/{protocol}`: the request builder. It signs and sends nothing. */
export function sandboxSign(needs: ApiNeeds): ApiRoute {
  return {
    method: 'POST',
    path: '/v1/sandbox/sign/:protocol',
    scope: 'payouts:write',
    body: 'object',
    schema: documentation({
      operationId: 'signRequest',
      summary: 'Build and sign a request of a door',
      description:
        'Shows the canonical string, what is hashed or signed, the signature, the request and a curl line. Nothing is sent. Test installations only.',
      tag: 'Sandbox',
      params: sandboxParams,
      body: signBody,
      answer: { status: 200, description: 'The request as a client would send it.', schema: signedShown },
      problems: [400, 404, 413, 415],
    }),
    run: async call => sign(call, needs),
  }
}

function sign(call: ApiCall, needs: ApiNeeds): ApiAnswer {
  const tried = triedByHand(call, needs)
  if (tried === null) return NOT_HERE
  const { protocol, byHand } = tried
  const read = readSignBody(call.body)
  if (!read.ok) return read
  const { body, fields } = read
  const keys = byHand.sandboxKeys(protocol.name)
  const id = body.id ?? sandboxClient(protocol, keys)?.publicId ?? null
  // A credential of another merchant is as unknown here as one that does not exist.
  const known = id === null ? null : needs.directory.credential(protocol.name, id)
  const own = known?.merchantId === call.merchantId ? known : null
  const client = clientByHand(protocol, {
    id,
    secret: body.secret ?? own?.secret ?? null,
    settings: { ...own?.settings, ...body.settings },
    keys,
  })
  if (typeof client === 'string') return wrong('/id', client)
  const at = { nowMs: needs.clock.now(), nonce: byHand.random.text(NONCE_ALPHABET, 32) }
  const signed = signByHand(
    protocol,
    {
      call: body.call ?? null,
      fields,
      credential: client.client,
      url: body.url ?? byHand.publicUrls()[0] ?? 'http://127.0.0.1:8080',
      path: body.path ?? null,
      showSecret: false,
    },
    at,
  )
  if (!signed.ok) return refusal({ code: 'invalid_request', detail: `It cannot be built: ${signed.why}.` })
  return found({ object: 'signed_request', ...signed.shown } satisfies SignedShown)
}

/** One answer for a live installation, for a protocol that is unknown and for one that cannot be tried by hand. */
export const NOT_HERE = refusal({
  code: 'not_found',
  detail: 'Requests are tried by hand in test installations alone, with the protocols that they have.',
})

/** The protocol that a call is about, where this installation lets requests be tried by hand. */
export function triedByHand(
  { params }: ApiCall,
  { byHand, livemode }: ApiNeeds,
): { readonly protocol: Protocol; readonly byHand: ApiByHand } | null {
  if (livemode || byHand === undefined) return null
  const protocol = byHand.protocols.find(({ name }) => name === params.protocol)
  return protocol === undefined || protocol.builder === null ? null : { protocol, byHand }
}

/** One field that is wrong. */
export function wrong(pointer: string, message: string): ApiAnswer {
  return refusal({ code: 'invalid_request', errors: [{ pointer, message }] })
}

const NONCE_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

const withoutFields = signBody.omit({ fields: true })

type SignBody =
  | {
      readonly ok: true
      readonly body: ReturnType<typeof withoutFields.parse>
      readonly fields: ByHandFields
    }
  | { readonly ok: false; readonly problem: Problem }

function readSignBody(bytes: Uint8Array): SignBody {
  const parsed = parseJson(bytes)
  if (!parsed.ok)
    return { ok: false, problem: { code: 'malformed_json', detail: `The body is refused: ${parsed.why}.` } }
  if (!isJsonObject(parsed.value)) return { ok: false, problem: { code: 'malformed_json' } }
  // Fields are read apart, because what is signed of a number is its digits.
  const given = parsed.value.get('fields') ?? null
  const rest = new Map([...parsed.value].filter(([name]) => name !== 'fields'))
  const read = withoutFields.safeParse(toPlain(rest), { error: messageOf })
  if (!read.success) return invalid(fieldErrors(read.error))
  if (given === null) return { ok: true, body: read.data, fields: NO_FIELDS }
  if (!isJsonObject(given)) return invalid([{ pointer: '/fields', message: 'must be a JSON object' }])
  const fields = readFieldsObject(given)
  if (!fields.ok) return invalid([{ pointer: '/fields', message: fields.why }])
  return { ok: true, body: read.data, fields: fields.fields }
}

function invalid(errors: Problem['errors']): SignBody {
  return { ok: false, problem: { code: 'invalid_request', ...(errors === undefined ? {} : { errors }) } }
}
