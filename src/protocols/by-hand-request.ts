// One request that is to be explained. What a door judges, its bytes, is kept as it stands.
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../lib/json.ts'

/** One request before anything was checked of it. */
export interface ByHandRequest {
  readonly method: string
  /** Undecoded, without the query. */
  readonly path: string
  /** Without `?`. */
  readonly query: string
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: Uint8Array
}

export type ByHandRequestRead =
  | { readonly ok: true; readonly request: ByHandRequest }
  | { readonly ok: false; readonly why: string }

/** `{"method":"POST","path":"/…","headers":{…},"body":"…"}`; a header that came twice has an array. */
export function readRequestJson(text: string | Uint8Array): ByHandRequestRead {
  const parsed = parseJson(text)
  if (!parsed.ok) return refused(`it is no JSON: ${parsed.why}`)
  return isJsonObject(parsed.value) ? readRequestObject(parsed.value) : refused('it is no JSON object')
}

export function readRequestObject(object: JsonObject): ByHandRequestRead {
  const { method, path, body, headers } = {
    method: object.get('method') ?? 'POST',
    path: object.get('path') ?? object.get('url'),
    body: object.get('body') ?? '',
    headers: object.get('headers') ?? new Map<string, JsonValue>(),
  }
  const unknown = [...object.keys()].find(name => !MEMBERS.has(name))
  if (unknown !== undefined) return refused(`${unknown} is none of ${[...MEMBERS].join(', ')}`)
  if (typeof method !== 'string') return refused('method is text such as POST')
  if (typeof path !== 'string') return refused('path is text such as /v1/payout')
  // A body that was parsed on the way is another body: its bytes are gone, and with them what was signed.
  if (typeof body !== 'string') return refused('body is the text as it was sent, in a JSON string')
  if (!isJsonObject(headers)) return refused('headers is an object of texts')
  const lines: [string, string][] = []
  for (const [name, value] of headers) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one !== 'string') return refused(`the header ${name} is a text or an array of texts`)
      lines.push([name, one])
    }
  }
  return requestOf({ method, target: path, headers: lines, body: Buffer.from(body) })
}

/** @param target a path, or a whole address of which the path and the query are taken */
export function requestOf({
  method,
  target,
  headers,
  body,
}: {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array
}): ByHandRequestRead {
  if (headers.length > HEADERS_MAX) return refused(`it has more than ${HEADERS_MAX} headers`)
  const from = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/#.*$/, '')
  const whole = from === '' || from.startsWith('?') ? `/${from}` : from
  if (!whole.startsWith('/')) return refused(`${target} is neither a path nor an address`)
  const mark = whole.indexOf('?')
  const byName = new Map<string, string[]>()
  for (const [name, value] of headers) {
    const key = name.toLowerCase()
    const values = byName.get(key)
    if (values === undefined) byName.set(key, [value])
    else values.push(value)
  }
  const request = {
    method: method.toUpperCase(),
    path: mark < 0 ? whole : whole.slice(0, mark),
    query: mark < 0 ? '' : whole.slice(mark + 1),
    headers: byName,
    body,
  }
  return { ok: true, request }
}

/** As many as a server here takes. */
const HEADERS_MAX = 100

const MEMBERS = new Set(['method', 'path', 'url', 'headers', 'body'])

function refused(why: string): ByHandRequestRead {
  return { ok: false, why }
}
