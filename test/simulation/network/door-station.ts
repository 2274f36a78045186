// A protocol's real door, called as a function: a request of the network becomes what the HTTP server would have made of
// it. The server itself has its own tests; here it would only cost time.
import type {
  Desk,
  Door,
  DoorAnswer,
  DoorRoute,
  WireAnswer,
  WireRequest,
} from '../../../src/protocols/protocol.ts'

export interface DoorSide {
  readonly doors: readonly Door[]
  readonly desk: Desk
  /** `http://<host>`. */
  readonly url: string
  nowMs(): number
  requestId(): string
}

/** The answer of the door that has this path; 404 where none has. */
export async function serveDoor(request: WireRequest, side: DoorSide): Promise<WireAnswer> {
  const url = new URL(request.url)
  const path = url.pathname.split('/')
  for (const door of side.doors)
    for (const route of door.routes) {
      const params = paramsOf(route.path, path)
      if (params === null || (route.method !== 'ANY' && route.method !== request.method)) continue
      return wireAnswer(await handle(route, params, { request, url, side }))
    }
  return { status: 404, headers: {}, body: EMPTY }
}

const EMPTY = new Uint8Array(0)

function handle(
  route: DoorRoute,
  params: Readonly<Record<string, string>>,
  { request, url, side }: { readonly request: WireRequest; readonly url: URL; readonly side: DoorSide },
): Promise<DoorAnswer> {
  const headers = new Map(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), [value] as const]),
  )
  return route.handle(
    {
      method: request.method,
      path: url.pathname,
      query: url.search.slice(1),
      params,
      headers,
      body: request.body === null ? EMPTY : Buffer.from(request.body),
      bodyTooLarge: false,
      remoteAddress: '127.0.0.1',
      publicUrls: [side.url],
      nowMs: side.nowMs(),
      requestId: side.requestId(),
    },
    side.desk,
  )
}

export function wireAnswer({ status, headers, body }: DoorAnswer): WireAnswer {
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  return { status, headers: lower, body: Buffer.from(body) }
}

/** The parts of the doors' own patterns: a few dozen for ever. */
const PATTERNS = new Map<string, readonly string[]>()

function partsOf(pattern: string): readonly string[] {
  const known = PATTERNS.get(pattern)
  if (known !== undefined) return known
  const parts = pattern.split('/')
  PATTERNS.set(pattern, parts)
  return parts
}

/** The named parts of a path, or null where it is another one. */
function paramsOf(pattern: string, given: readonly string[]): Record<string, string> | null {
  const wanted = partsOf(pattern)
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [place, part] of wanted.entries()) {
    const value = given[place] ?? ''
    if (part.startsWith(':')) params[part.slice(1)] = value
    else if (part !== value) return null
  }
  return params
}
