// Mounts what is not the native API: the doors, where we are the server in somebody else's protocol, and the addresses
// where providers call us back. Both get the request as it came and give the answer as it goes.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Unavailable } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { CallbackRequest, Desk, Door, DoorAnswer, DoorRoute } from '../protocols/protocol.ts'
import { writeAnswer } from './answer.ts'
import { readBody } from './body.ts'
import { addWholeRoute, otherMethods } from './route.ts'
import { watchedDesk } from './watched-desk.ts'

export interface MountDoorOptions {
  readonly door: Door
  readonly desk: Desk
  readonly clock: Clock
  readonly log: Log
  /** Where clients reach this door; asked at each request, because a server may choose its port. */
  publicUrls(): readonly string[]
}

/** Serves a door on its documented paths. Another method on one of them is answered 405 without a body. */
export function mountDoor(server: FastifyInstance, options: MountDoorOptions): void {
  const watched = { ...options, desk: watchedDesk(options.desk, options.log) }
  server.register(async instance => {
    for (const route of options.door.routes) {
      addWholeRoute(instance, {
        method: methodsOf(route, instance),
        url: route.path,
        schema: null,
        serve: (request, reply) => serveDoor(route, watched, request, reply),
        fault: (error, request, reply) => answerFault(error, options.log, request, reply),
      })
    }
    for (const [path, methods] of methodsByPath(options.door.routes, instance))
      refuseOthers(instance, path, methods)
  })
}

/** One call of a provider at `/callbacks/…`. */
export interface CallbackArrival {
  /** The parts of the path behind `/callbacks/`, in order: protocol, account, merchant, payout, attempt, mac. */
  readonly path: readonly string[]
  readonly request: CallbackRequest
  readonly remoteAddress: string
  readonly requestId: string
}

export interface MountCallbacksOptions {
  receive(arrival: CallbackArrival): Promise<DoorAnswer>
  readonly log: Log
}

/** Serves the addresses that providers were given. What `receive` cannot keep now is answered 503: they call again. */
export function mountCallbacks(server: FastifyInstance, options: MountCallbacksOptions): void {
  server.register(async instance => {
    addWholeRoute(instance, {
      method: CALLBACK_METHODS,
      url: '/callbacks/*',
      schema: null,
      serve: (request, reply) => serveCallback(options, request, reply),
      fault: (error, request, reply) => answerFault(error, options.log, request, reply),
    })
    refuseOthers(instance, '/callbacks/*', CALLBACK_METHODS)
  })
}

const CALLBACK_METHODS: readonly string[] = ['GET', 'POST']
const CALLBACK_BODY_BYTES_MAX = 64 * 1024
const CLOSE = { Connection: 'close' }
const EMPTY = new Uint8Array(0)

async function serveDoor(
  route: DoorRoute,
  { desk, clock, publicUrls }: MountDoorOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const read = await readBody(request.raw, route.bodyLimitBytes)
  if (read.kind === 'gone') return
  const { path, query } = splitUrl(request.raw.url ?? '')
  const answer = await route.handle(
    {
      method: request.raw.method ?? '',
      path,
      query,
      params: paramsOf(request),
      headers: headersOf(request.raw.rawHeaders),
      body: read.kind === 'whole' ? read.body : EMPTY,
      bodyTooLarge: read.kind === 'too_large',
      remoteAddress: remoteAddressOf(request),
      publicUrls: publicUrls(),
      nowMs: clock.now(),
      requestId: request.id,
    },
    desk,
  )
  const cut = read.kind === 'too_large' && !read.ended
  writeAnswer(reply, cut ? { ...answer, headers: { ...answer.headers, ...CLOSE } } : answer)
}

async function serveCallback(
  options: MountCallbacksOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const read = await readBody(request.raw, CALLBACK_BODY_BYTES_MAX)
  if (read.kind === 'gone') return
  if (read.kind === 'too_large') {
    writeAnswer(reply, { status: 413, headers: read.ended ? {} : CLOSE, body: '' })
    return
  }
  const { path, query } = splitUrl(request.raw.url ?? '')
  const answer = await options.receive({
    path: path.split('/').slice(2),
    request: {
      method: request.raw.method ?? '',
      query,
      headers: headersOf(request.raw.rawHeaders),
      body: read.body,
    },
    remoteAddress: remoteAddressOf(request),
    requestId: request.id,
  })
  writeAnswer(reply, answer)
}

/** A bare status: what a fault of ours means in a protocol's own words is for its door to say, and it could not. */
function answerFault(error: unknown, log: Log, request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof Unavailable) {
    log.warn({ err: error, request: request.id }, 'a request could not be served now')
    writeAnswer(reply, { status: 503, headers: { 'Retry-After': '1' }, body: '' })
    return
  }
  log.error({ err: error, request: request.id }, 'a request ended in a fault')
  writeAnswer(reply, { status: 500, headers: {}, body: '' })
}

function refuseOthers(instance: FastifyInstance, url: string, methods: readonly string[]): void {
  const headers = { Allow: methods.join(', ') }
  const others = otherMethods(instance, methods)
  if (others.length === 0) return
  addWholeRoute(instance, {
    method: others,
    url,
    schema: null,
    serve: async (_request, reply) => writeAnswer(reply, { status: 405, headers, body: '' }),
    fault: (_error, _request, reply) => writeAnswer(reply, { status: 405, headers, body: '' }),
  })
}

function methodsByPath(
  routes: readonly DoorRoute[],
  server: FastifyInstance,
): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, string[]>()
  for (const route of routes)
    methods.set(route.path, [...(methods.get(route.path) ?? []), ...methodsOf(route, server)])
  return methods
}

function methodsOf({ method }: DoorRoute, server: FastifyInstance): readonly string[] {
  return method === 'ANY' ? server.supportedMethods : [method]
}

function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?')
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) }
}

/** From the raw list, because the framework's object keeps only one of two. */
function headersOf(rawHeaders: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>()
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase()
    const values = headers.get(name)
    if (values === undefined) headers.set(name, [rawHeaders[at + 1] ?? ''])
    else values.push(rawHeaders[at + 1] ?? '')
  }
  return headers
}

function paramsOf(request: FastifyRequest): Readonly<Record<string, string>> {
  // The router gives text for every named part of a path; the framework's type leaves that to its users.
  return request.params as Readonly<Record<string, string>>
}

/** An IPv4 peer of a socket that listens on IPv6 is written as IPv4, so that one list of addresses fits both. */
function remoteAddressOf(request: FastifyRequest): string {
  const address = request.ip ?? ''
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
