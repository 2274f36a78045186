// One call of the API, in order: version, who, may they, what kind of body, the body, the work. Whatever stops it first
// is the answer, and nothing is read of a body before it is known whose it is.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Unavailable } from '../errors.ts'
import { writeAnswer, writeStream } from '../http/answer.ts'
import { readBody } from '../http/body.ts'
import { type Problem, problemAnswer, problemOf } from '../http/problem.ts'
import { isJsonObject, parseJson } from '../lib/json.ts'
import { roleProblem } from './auth.ts'
import type { AnyCall, ApiAnswer, ApiRoute, OpenRoute, PersonRoute } from './call.ts'
import { type Arrival, merchantCaller, personCaller } from './callers.ts'
import { type ApiHeaders, type HeaderValue, readApiHeaders } from './headers.ts'
import type { ApiNeeds } from './needs.ts'
import { payoutKey } from './payouts-read.ts'
import { API_VERSION, versionProblem } from './version.ts'

export async function serveCall(
  route: ApiRoute,
  needs: ApiNeeds,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const headers = takeHeaders(request, reply)
  if (headers === null) return
  const who = await merchantCaller(arrivalOf(request, headers), route.scope, needs)
  if (!who.ok) return writeProblem(reply, who.problem)
  const { merchantId, credentialId, by, query } = who
  request.merchantId = merchantId
  if (by !== null && route.scope === 'payouts:write')
    await needs.console?.note(by, { ...noteOf(route, request), merchantId })
  await answerCall(route, headers, request, reply, call =>
    route.run({ ...call, merchantId, credentialId, query }),
  )
}

/** The same for a person, for whichever of its merchants. */
export async function servePersonCall(
  route: PersonRoute,
  needs: ApiNeeds,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const headers = takeHeaders(request, reply)
  if (headers === null) return
  const who = await personCaller(arrivalOf(request, headers), needs)
  if (!who.ok) return writeProblem(reply, who.problem)
  const { by, session } = who
  const forbidden = roleProblem(by, route.roles)
  if (forbidden !== null) return writeProblem(reply, forbidden)
  await answerCall(route, headers, request, reply, call => route.run({ ...call, by, session }))
}

/** The same for anybody. */
export async function serveOpenCall(
  route: OpenRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const headers = takeHeaders(request, reply)
  if (headers === null) return
  await answerCall(route, headers, request, reply, call => route.run(call))
}

/** What a person asks for, such as `cancel_payout` of this payout; what has no id yet goes by that of the request. */
function noteOf({ schema, path }: ApiRoute, request: FastifyRequest): { what: string; subject: string } {
  const { operationId } = schema as { readonly operationId?: string } // every route is documented with one
  const what = (operationId ?? path)
    .replace(/[^a-zA-Z]+/g, '_')
    .replace(/[A-Z]/g, one => `_${one.toLowerCase()}`)
  // The router gives text for every named part of a path; the framework's type leaves that to its users.
  const [named] = Object.values(request.params as Readonly<Record<string, string>>)
  // What names no payout is no name to keep, and an id of a request is the client's own word.
  const isPayout = named !== undefined && payoutKey(named) !== null
  return { what, subject: isPayout ? named : `request:${request.id}`.slice(0, 200) }
}

function arrivalOf(request: FastifyRequest, headers: ApiHeaders): Arrival {
  return { method: request.raw.method ?? '', headers, query: queryOf(request.raw.url ?? '') }
}

/** Null: they ask for a version that is not served, and that was answered. */
function takeHeaders(request: FastifyRequest, reply: FastifyReply): ApiHeaders | null {
  const headers = readApiHeaders(request.raw.rawHeaders)
  const problem = versionProblem(headers.version)
  if (problem === null) return headers
  writeProblem(reply, problem)
  return null
}

async function answerCall(
  route: BodyRules,
  headers: ApiHeaders,
  request: FastifyRequest,
  reply: FastifyReply,
  run: (call: AnyCall) => Promise<ApiAnswer>,
): Promise<void> {
  const body = route.body === 'unread' ? EMPTY : await takeBody(route, headers, request, reply)
  if (body === null) return
  const answer = await run({
    // The router gives text for every named part of a path; the framework's type leaves that to its users.
    params: request.params as Readonly<Record<string, string>>,
    query: queryOf(request.raw.url ?? ''),
    requestId: request.id,
    headers,
    body,
  })
  if ('problem' in answer) return writeProblem(reply, answer.problem)
  if ('stream' in answer) return writeStream(reply, { ...answer, headers: { ...HEADERS, ...answer.headers } })
  const { status, headers: more } = answer
  writeAnswer(reply, {
    status,
    headers: more === undefined ? HEADERS : { ...HEADERS, ...more },
    body: answer.body,
  })
}

/** Answers a fault. What was Unavailable is told from what was wrong: only the first may be repeated by a machine. */
export function answerFault(
  error: unknown,
  needs: ApiNeeds,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (error instanceof Unavailable)
    needs.log.warn({ err: error, request: request.id }, 'a call could not be served now')
  else needs.log.error({ err: error, request: request.id }, 'a call ended in a fault')
  writeProblem(reply, problemOf(error))
}

export function writeProblem(reply: FastifyReply, problem: Problem): void {
  const answer = problemAnswer(problem, reply.request.id)
  writeAnswer(reply, { ...answer, headers: { ...answer.headers, ...VERSION } })
}

export const API_BODY_BYTES_MAX = 256 * 1024

const VERSION = { 'Quittance-Version': API_VERSION }
const HEADERS = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  ...VERSION,
}
const CLOSE = { Connection: 'close' }
const EMPTY = new Uint8Array(0)

type BodyRules = Pick<PersonRoute, 'body' | 'bodyBytesMax'>

/** The body, or null where it was refused and answered, or the client has gone. */
async function takeBody(
  route: BodyRules,
  headers: ApiHeaders,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Uint8Array | null> {
  if (route.body === 'object' && !(isJsonType(headers.contentType) && isPlain(headers.contentEncoding))) {
    writeProblem(reply, { code: 'unsupported_media_type' })
    return null
  }
  const read = await readBody(request.raw, route.bodyBytesMax ?? API_BODY_BYTES_MAX)
  if (read.kind === 'gone') return null
  if (read.kind === 'too_large') {
    writeProblem(reply, { code: 'payload_too_large', ...(read.ended ? {} : { headers: CLOSE }) })
    return null
  }
  if (route.body === 'nothing' && !isNothing(read.body)) {
    writeProblem(reply, {
      code: 'invalid_request',
      detail: 'This request has no body; {} is taken for none.',
    })
    return null
  }
  return read.body
}

/** `application/json`, with no parameter or with UTF-8 as its charset: JSON is nothing else (RFC 8259 section 8.1). */
function isJsonType(contentType: HeaderValue): boolean {
  return (
    contentType === 'application/json' || (typeof contentType === 'string' && JSON_TYPE.test(contentType))
  )
}

const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset=(?:utf-8|"utf-8")[ \t]*)?$/i

/** A compressed body could unfold to any size, so none is taken. */
function isPlain(contentEncoding: HeaderValue): boolean {
  return contentEncoding === null || contentEncoding === 'identity'
}

function isNothing(body: Uint8Array): boolean {
  if (body.length === 0) return true
  const parsed = parseJson(body)
  return parsed.ok && isJsonObject(parsed.value) && parsed.value.size === 0
}

function queryOf(url: string): string {
  const mark = url.indexOf('?')
  return mark < 0 ? '' : url.slice(mark + 1)
}
