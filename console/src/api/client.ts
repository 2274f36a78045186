import { ApiProblem, problemOf } from './problem.ts'

/** What may stand in an address; left out where it is empty. */
export type Query = Readonly<Record<string, string | number | null | undefined>>

export interface Asked {
  readonly query?: Query
  /** Whose it is, where the route is a merchant's. */
  readonly merchant?: string
  readonly signal?: AbortSignal
}

export interface Told extends Asked {
  readonly body?: unknown
  /** What the authenticator shows now. */
  readonly code?: string
  /** Left out: POST. */
  readonly method?: 'POST' | 'DELETE'
}

// The session is in a cookie that no script can read. This is the other half, without which a write is refused; it lives
// as long as the page, and is never kept anywhere.
let token: string | null = null

export function keepToken(given: string | null): void {
  token = given
}

/** Reads from the API. @throws ApiProblem */
export async function read<Answer>(
  path: string,
  { query = {}, merchant, signal }: Asked = {},
): Promise<Answer> {
  return ask<Answer>(addressOf(path, query), {
    headers: headersOf(merchant),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** Writes to the API. @throws ApiProblem */
export async function write<Answer>(path: string, told: Told = {}): Promise<Answer> {
  const { query = {}, merchant, code, body, method = 'POST' } = told
  const headers = headersOf(merchant)
  if (token !== null) headers['quittance-token'] = token
  if (code !== undefined) headers['quittance-one-time-code'] = code
  if (body !== undefined) headers['content-type'] = 'application/json'
  return ask<Answer>(addressOf(path, query), {
    ...{ method, headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

/** An address that the browser opens by itself: a picture, a file. */
export function addressOf(path: string, query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
  )
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}

function headersOf(merchant: string | undefined): Record<string, string> {
  return merchant === undefined
    ? { accept: 'application/json' }
    : { accept: 'application/json', 'quittance-merchant': merchant }
}

async function ask<Answer>(address: string, init: RequestInit): Promise<Answer> {
  const answer = await fetch(address, { ...init, credentials: 'same-origin' }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiProblem('The server cannot be reached. Is it running, and is the line up?', 'unreachable', 0)
  })
  if (!answer.ok) throw await problemOf(answer)
  // The server's own answer; its shape is generated from the document that the server checks itself against.
  return (await answer.json()) as Answer
}
