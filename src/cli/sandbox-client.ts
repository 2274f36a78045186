// The sandbox merchant as a client of every way in: requests in each protocol's own words, built as somebody outside
// builds them, and sent over real HTTP.
import { request } from 'undici'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { WireRequest } from '../protocols/protocol.ts'
import { protocolNamed } from '../protocols/registry.ts'
import { SANDBOX_API_KEY, sandboxCredential } from './sandbox-credentials.ts'
import type { SandboxKeyRing } from './sandbox-keys.ts'

export interface SandboxClient {
  /** One request at a door, with the text that its signature is made over. Without a path it is the documented one. */
  build(door: string, call: string, fields: Fields, path?: string): BuiltRequest
  /** One request of the native API; with a body it is a POST. */
  native(path: string, body?: { readonly reference: string } & Readonly<Record<string, unknown>>): WireRequest
}

export type Fields = Readonly<Record<string, string>>

export interface BuiltRequest {
  readonly request: WireRequest
  readonly canonical: string
}

export interface SandboxClientNeeds {
  /** Where the demo listens. */
  readonly url: string
  readonly keys: SandboxKeyRing
  readonly clock: Clock
  readonly random: Random
}

export function createSandboxClient({ url, keys, clock, random }: SandboxClientNeeds): SandboxClient {
  return {
    build(door, call, fields, path) {
      const builder = protocolNamed(door)?.builder ?? null
      const credential = sandboxCredential(door, keys.get(door)?.merchant ?? null)
      if (builder === null || credential === null)
        throw new Error(`${door} can be built by hand and has a sandbox credential`)
      const built = builder.build({
        call,
        fields: new Map(Object.entries(fields)),
        credential,
        baseUrl: url,
        path: path ?? null,
        at: { nowMs: clock.now(), nonce: random.text(NONCE_ALPHABET, 32) },
      })
      if (!built.ok) throw new Error(`${door} ${call}: ${built.why}`)
      return built
    },
    native: (path, body) => ({
      method: body === undefined ? 'GET' : 'POST',
      url: `${url}/v1${path}`,
      headers: {
        authorization: `Bearer ${SANDBOX_API_KEY}`,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'idempotency-key': body.reference }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    }),
  }
}

/** The answer as text, whatever its status; status 0 and what went wrong where none came. Never throws. */
export async function askSandbox(
  wire: WireRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const { method, url, headers, body } = wire
    const waits = { headersTimeout: ANSWER_MS_MAX, bodyTimeout: ANSWER_MS_MAX }
    const answer = await request(url, { method, headers, body, ...waits })
    return { status: answer.statusCode, text: await answer.body.text() }
  } catch (error) {
    return { status: 0, text: error instanceof Error ? error.message : String(error) }
  }
}

const ANSWER_MS_MAX = 10_000
const NONCE_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
