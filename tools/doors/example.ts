// One example of each operation of a door, built by its request builder at a fixed moment, so that the same file comes
// out every time, and the sandbox's credentials make it one that can be pasted.
import { newRsaKeys } from '../../src/lib/rsa.ts'
import { type ClientByHand, clientByHand } from '../../src/protocols/by-hand-credential.ts'
import type {
  CallMoment,
  DoorOperation,
  Protocol,
  SandboxKeys,
  WireRequest,
} from '../../src/protocols/protocol.ts'

/** 2026-01-31T12:00:00Z, and a nonce that is nobody's. */
export const EXAMPLE_AT: CallMoment = {
  nowMs: Date.UTC(2026, 0, 31, 12),
  nonce: 'Ex4mpleEx4mpleEx4mpleEx4mpleEx4m',
}
export const EXAMPLE_URL = 'http://127.0.0.1:8080'

/** The sandbox client of a protocol; keys are made for this run alone, so nothing that they sign is written down. */
export function exampleClient(protocol: Protocol): ClientByHand | null {
  const client = clientByHand(protocol, {
    id: null,
    secret: null,
    settings: {},
    keys: protocol.sandbox?.needsKeys === true ? exampleKeys() : null,
  })
  return typeof client === 'string' ? null : client
}

let made: SandboxKeys | null = null
function exampleKeys(): SandboxKeys {
  made ??= newRsaKeys()
  return made
}

export interface ExampleAsked {
  readonly client: ClientByHand
  readonly at?: CallMoment
  /** In the place of the client's own. */
  readonly secret?: string
}

/** The request, or null where the operation has no call of the builder, or it cannot be built. */
export function exampleRequest(
  protocol: Protocol,
  operation: DoorOperation,
  { client, at = EXAMPLE_AT, secret }: ExampleAsked,
): WireRequest | null {
  const call = protocol.builder?.calls.find(({ name }) => name === operation.call)
  if (call === undefined) return null
  const built = protocol.builder?.build({
    call: call.name,
    fields: new Map(Object.entries(call.example(at))),
    credential: { ...client.client, secret: secret ?? client.client.secret },
    baseUrl: EXAMPLE_URL,
    path: examplePath(operation),
    at,
  })
  return built?.ok === true ? built.request : null
}

/** The names of the fields that a person gives; the others are filled in by the builder. */
export function exampleFieldNames(protocol: Protocol, { call }: DoorOperation): ReadonlySet<string> {
  const known = protocol.builder?.calls.find(({ name }) => name === call)
  return new Set(Object.keys(known?.example(EXAMPLE_AT) ?? {}))
}

/** The path with the examples of its named parts in their places. */
export function examplePath({ path, fields }: DoorOperation): string {
  return path.replace(/:(\w+)/g, (_all, name: string) => {
    const field = fields.find(one => one.in === 'path' && one.name === name)
    return encodeURIComponent(field?.example ?? name)
  })
}
