// The line of the conformance run: from a message to the door's route, and back, without a socket.
import {
  CONFORMANCE_NOW_MS,
  type Conformance,
  conformanceCurrencies,
  conformancePublicUrls,
  type DoorMessage,
} from './conformance.fixture.ts'
import { type MemoryDesk, memoryDesk } from './desk.fixture.ts'
import type {
  CallbackRequest,
  Desk,
  Door,
  DoorAnswer,
  DoorRequest,
  DoorRoute,
  WireAnswer,
  WireRequest,
} from './protocol.ts'

/** What the desk of the run has in each currency, in minor units: more than any order takes. */
export const CONFORMANCE_AVAILABLE_MINOR = 98_765_432_109_876n

/** A desk of the run: its credentials, with money in the currencies of its orders. */
export function conformanceDesk(conformance: Conformance): MemoryDesk {
  const currencies = conformanceCurrencies(conformance)
  return memoryDesk({
    credentials: conformance.credentials,
    nowMs: CONFORMANCE_NOW_MS,
    availableMinor: CONFORMANCE_AVAILABLE_MINOR,
    ...(currencies.length > 0 ? { currencies } : {}),
  })
}

/**
 * A message at the door that its path leads to.
 *
 * @throws Error where the door has no such route: then a message of the fixture, or a URL of the connector, is wrong
 */
export function conformanceAtDoor(
  door: Door | null,
  message: DoorMessage,
  desk: Desk,
  conformance: Conformance,
): Promise<DoorAnswer> {
  const { route, request } = conformanceRouted(door, message, conformance)
  return route.handle(request, desk)
}

/** A message as the door sees it, with the parameters of its route. Throws as above. */
export function conformanceRouted(
  door: Door | null,
  message: DoorMessage,
  conformance: Conformance,
): { readonly route: DoorRoute; readonly request: DoorRequest } {
  const request = doorRequest(message, conformance)
  const found = routeOf(door?.routes ?? [], request)
  if (found === null) throw new Error(`the door has no route for ${request.method} ${request.path}`)
  return { route: found.route, request: { ...request, params: found.params } }
}

function doorRequest(message: DoorMessage, conformance: Conformance): DoorRequest {
  const headers = Object.entries(message.headers).map(
    ([name, value]) => [name.toLowerCase(), typeof value === 'string' ? [value] : value] as const,
  )
  return {
    method: message.method ?? 'POST',
    path: message.path,
    query: message.query ?? '',
    params: {},
    headers: new Map(headers),
    body: Buffer.from(message.body),
    bodyTooLarge: false,
    remoteAddress: message.remoteAddress ?? '192.0.2.1',
    publicUrls: conformancePublicUrls(conformance),
    nowMs: message.nowMs ?? CONFORMANCE_NOW_MS,
    requestId: 'request-1',
  }
}

/** What the door answers to a request that was made for this base URL. */
export async function conformanceExchange(
  door: Door | null,
  request: WireRequest,
  baseUrl: string,
  desk: Desk,
  conformance: Conformance,
): Promise<WireAnswer> {
  if (!request.url.startsWith(`${baseUrl}/`)) throw new Error(`a request leaves its base URL: ${request.url}`)
  const message = doorMessageOf(request, request.url.slice(baseUrl.length))
  const answer = await conformanceAtDoor(door, message, desk, conformance)
  return { ...answer, headers: lowerCased(answer.headers), body: Buffer.from(answer.body) }
}

/** A request to the door by its path and query. */
export function doorMessageOf(request: WireRequest, pathAndQuery: string): DoorMessage {
  const [path = '', query = ''] = split(pathAndQuery)
  return { method: request.method, path, query, headers: request.headers, body: request.body ?? '' }
}

/** A notice of our door, as the callback of a provider. */
export function callbackOf(request: WireRequest): CallbackRequest {
  return {
    method: request.method,
    query: split(request.url)[1] ?? '',
    headers: new Map(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), [value]])),
    body: Buffer.from(request.body ?? ''),
  }
}

function split(text: string): readonly string[] {
  const end = text.indexOf('?')
  return end === -1 ? [text] : [text.slice(0, end), text.slice(end + 1)]
}

function lowerCased(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

interface Found {
  readonly route: DoorRoute
  readonly params: Readonly<Record<string, string>>
}

/** A literal part goes before a `:name`, as in the server. */
function routeOf(routes: readonly DoorRoute[], { method, path }: DoorRequest): Found | null {
  const fitting = routes
    .filter(route => route.method === 'ANY' || route.method === method)
    .flatMap(route => {
      const params = paramsOf(route.path, path)
      return params === null ? [] : [{ route, params }]
    })
    .sort((one, other) => Object.keys(one.params).length - Object.keys(other.params).length)
  return fitting[0] ?? null
}

/** Whether a path is one that a route's pattern takes. */
export function pathFits(pattern: string, path: string): boolean {
  return paramsOf(pattern, path) !== null
}

function paramsOf(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = pattern.split('/')
  const parts = path.split('/')
  if (wanted.length !== parts.length) return null
  const params: Record<string, string> = {}
  for (const [place, part] of wanted.entries()) {
    const found = parts[place] ?? ''
    if (part.startsWith(':') && found !== '') params[part.slice(1)] = decoded(found)
    else if (part !== found) return null
  }
  return params
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // What cannot be decoded reaches the door as it came.
    return part
  }
}
