import { isJsonObject, parseJson, toPlain } from '../lib/json.ts'
import { explainByHand } from '../protocols/by-hand.ts'
import { type ByHandRequestRead, readRequestObject } from '../protocols/by-hand-request.ts'
import { readRequestText } from '../protocols/by-hand-text.ts'
import { type ApiAnswer, type ApiCall, type ApiRoute, found, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import { fieldErrors, messageOf } from './field-errors.ts'
import type { ApiNeeds } from './needs.ts'
import { NOT_HERE, triedByHand, wrong } from './sandbox-sign.ts'
import { type ExplanationShown, explainBody, explanationShown, sandboxParams } from './schema.ts'

/** `POST /v1/sandbox/explain/{protocol}`: what the door would say of a request, and why. */
export function sandboxExplain(needs: ApiNeeds): ApiRoute {
  return {
    method: 'POST',
    path: '/v1/sandbox/explain/:protocol',
    scope: 'payouts:read',
    body: 'object',
    schema: documentation({
      operationId: 'explainRequest',
      summary: 'Explain why a door refuses a request',
      description:
        "The checks of the door in their order, up to the first that fails, with what is usually the cause. It is asked with this merchant's own credentials, and no secret is told. Nothing is recorded. Test installations only.",
      tag: 'Sandbox',
      params: sandboxParams,
      body: explainBody,
      answer: {
        status: 200,
        description: 'The checks; a request that is refused is explained with 200 too.',
        schema: explanationShown,
      },
      problems: [400, 404, 413, 415],
    }),
    run: async call => explain(call, needs),
  }
}

function explain(call: ApiCall, needs: ApiNeeds): ApiAnswer {
  const tried = triedByHand(call, needs)
  if (tried === null) return NOT_HERE
  const { protocol, byHand } = tried
  const parsed = parseJson(call.body)
  if (!parsed.ok) return refusal({ code: 'malformed_json', detail: `The body is refused: ${parsed.why}.` })
  if (!isJsonObject(parsed.value)) return refusal({ code: 'malformed_json' })
  const body = explainBody.safeParse(toPlain(parsed.value), { error: messageOf })
  if (!body.success) return refusal({ code: 'invalid_request', errors: fieldErrors(body.error) })
  const { text, at, from } = body.data

  const given = parsed.value.get('request')
  if ((text === undefined) === !isJsonObject(given))
    return wrong('/request', 'one of request and text is required, and not both')
  const read: ByHandRequestRead = isJsonObject(given)
    ? readRequestObject(given)
    : readRequestText(Buffer.from(text ?? ''))
  if (!read.ok) return wrong(isJsonObject(given) ? '/request' : '/text', read.why)
  const explained = explainByHand(protocol, {
    request: read.request,
    credentialOf: publicId => {
      const credential = needs.directory.credential(protocol.name, publicId)
      return credential?.merchantId === call.merchantId ? credential : null
    },
    publicUrls: byHand.publicUrls(),
    remoteAddress: from ?? '127.0.0.1',
    nowMs: at === undefined ? needs.clock.now() : Date.parse(at),
  })
  if (!explained.ok) return refusal({ code: 'invalid_request', detail: explained.why })
  const { taken, checks } = explained
  return found({
    object: 'explanation',
    protocol: protocol.name,
    taken,
    checks: checks.map(({ says, ok, why }) => ({ says, ok, why })),
  } satisfies ExplanationShown)
}
