import type { SignedRequest } from '../../api/types.gen.ts'

export interface Sent {
  readonly status: number
  readonly text: string
  readonly tookMs: number
}

/** Headers that the browser writes by itself, or lets nobody write. */
const BROWSERS_OWN = /^(?:host|content-length|connection|user-agent|accept-encoding)$/i

/** Whether the request goes to the server that this page came from. The server's policy lets it call no other. */
export function isOurs({ request }: SignedRequest): boolean {
  return new URL(request.url).origin === window.location.origin
}

/** Knocks at the door as any client would: without the session, with nothing but what was signed. */
export async function sendSigned({ request: { method, url, headers, body } }: SignedRequest): Promise<Sent> {
  const startMs = performance.now()
  const kept = Object.entries(headers).filter(([name]) => !BROWSERS_OWN.test(name))
  const answer = await fetch(url, {
    ...{ method, headers: kept.map(([name, value]): [string, string] => [name, value]) },
    ...{ credentials: 'omit', redirect: 'error' },
    ...(body === null ? {} : { body }),
  })
  const text = await answer.text()
  return { status: answer.status, text, tookMs: Math.round(performance.now() - startMs) }
}
