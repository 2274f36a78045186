// One request by hand, for people: built and signed, or explained. The command line and the API of a sandbox give the
// same answers, because both ask here. Knows no protocol: what differs is in each one's builder.
import { AssertionFailed } from '../lib/assert.ts'
import { sha256Hex } from '../lib/digest.ts'
import { curlLine, shellQuoted } from './by-hand-curl.ts'
import type { ByHandFields } from './by-hand-fields.ts'
import type { ByHandRequest } from './by-hand-request.ts'
import type {
  BuilderOrder,
  CallMoment,
  Check,
  DoorCredential,
  DoorRoute,
  Protocol,
  SandboxCredential,
  WireRequest,
} from './protocol.ts'

export interface SignAsked {
  /** Null: the call that people try first. */
  readonly call: string | null
  /** Empty: a whole example. */
  readonly fields: ByHandFields
  /** True: the fields change a whole example, instead of being all there is. */
  readonly whole?: boolean
  readonly credential: SandboxCredential
  readonly url: string
  /** Null: the documented one. */
  readonly path: string | null
  readonly showSecret: boolean
}

/** What is shown of one request. */
export interface Shown {
  readonly protocol: string
  readonly call: string
  /** The content as the protocol writes it for signing, without any secret. */
  readonly canonical: string
  /** What is hashed or signed, with `<secret>` in the place of the secret where that was not asked for. */
  readonly hashed: string
  readonly algorithm: string
  readonly hex: string
  readonly base64: string
  readonly request: WireRequest
  /** The request as one command for a POSIX shell. */
  readonly curl: string
  /** How anybody makes the signature without us; null where one command cannot. */
  readonly openssl: string | null
}

export type Signed =
  | { readonly ok: true; readonly shown: Shown }
  | { readonly ok: false; readonly why: string }

/** Builds and signs one request. A request that cannot be built is a sentence for whoever asked. */
export function signByHand(protocol: Protocol, asked: SignAsked, at: CallMoment): Signed {
  const { builder } = protocol
  if (builder === null) return refused(`${protocol.name} has no requests to be signed by hand`)
  const call = asked.call === null ? builder.calls[0] : builder.calls.find(({ name }) => name === asked.call)
  if (call === undefined) return refused(`call is one of ${builder.calls.map(({ name }) => name).join(', ')}`)
  if (!/^https?:$/.test(URL.parse(asked.url)?.protocol ?? ''))
    return refused(`url is no address: ${asked.url}`)
  const given = asked.fields.values
  const order: BuilderOrder = {
    call: call.name,
    fields: new Map([
      ...(given.size === 0 || asked.whole === true ? Object.entries(call.example(at)) : []),
      ...given,
    ]),
    numbers: asked.fields.numbers,
    credential: asked.credential,
    baseUrl: asked.url.replace(/\/+$/, ''),
    path: asked.path,
    at,
  }
  const built = builder.build(order)
  if (!built.ok) return built
  const hashed = built.hashed.map(part => (part.secret && !asked.showSecret ? SECRET : part.text)).join('')
  const signature = Buffer.from(built.signature)
  return {
    ok: true,
    shown: {
      protocol: protocol.name,
      call: call.name,
      canonical: built.canonical,
      hashed,
      algorithm: built.algorithm,
      hex: signature.toString('hex'),
      base64: signature.toString('base64'),
      request: built.request,
      curl: curlLine(built.request),
      openssl: opensslLine(built.algorithm, hashed),
    },
  }
}

export interface ExplainAsked {
  readonly request: ByHandRequest
  /** Those whom the door knows. */
  credentialOf(publicId: string): DoorCredential | null
  /** Under which the door is reached, each without a slash at the end: where an address is signed, one of them is. */
  readonly publicUrls: readonly string[]
  readonly remoteAddress: string
  readonly nowMs: number
}

export type Explained =
  | { readonly ok: true; readonly checks: readonly Check[]; readonly taken: boolean }
  | { readonly ok: false; readonly why: string }

/** The checks of the door, up to the first that fails; `taken` where none does. Never a secret is in them. */
export function explainByHand(protocol: Protocol, asked: ExplainAsked): Explained {
  const { builder, door } = protocol
  if (builder === null || door === null) return refused(`${protocol.name} has no door to be asked by hand`)
  const { request } = asked
  const onPath = door.routes.flatMap(route => {
    const params = paramsOf(route.path, request.path)
    return params === null ? [] : [{ route, params }]
  })
  const matched = onPath.find(({ route }) => route.method === 'ANY' || route.method === request.method)
  if (matched === undefined) return told([notOfTheDoor(request, door.routes, onPath.length > 0)], new Set())
  const { route, params } = matched
  const tooLarge = request.body.length > route.bodyLimitBytes
  const secrets = new Set<string>()
  const credentialOf = (publicId: string): DoorCredential | null => {
    const credential = asked.credentialOf(publicId)
    if (credential !== null) for (const secret of secretsOf(credential)) secrets.add(secret)
    return credential
  }
  try {
    const checks = builder.explain(
      {
        method: request.method,
        path: request.path,
        query: request.query,
        params,
        headers: request.headers,
        body: tooLarge ? new Uint8Array(0) : request.body,
        bodyTooLarge: tooLarge,
        remoteAddress: asked.remoteAddress,
        publicUrls: asked.publicUrls,
        nowMs: asked.nowMs,
        requestId: 'by-hand',
      },
      credentialOf,
    )
    return told(checks, secrets)
  } catch (error) {
    // A credential that was typed in may be one that no set-up would have taken.
    if (error instanceof AssertionFailed) return refused(`the credential is not usable: ${error.message}`)
    throw error
  }
}

/** A credential for explaining, found by its id or, where a door knows a key by its hash alone, by that hash. */
export function credentialOfOne(credential: DoorCredential): (publicId: string) => DoorCredential | null {
  return publicId =>
    publicId === credential.publicId || publicId === sha256Hex(credential.publicId)
      ? { ...credential, publicId }
      : null
}

const SECRET = '<secret>'
const OPENSSL_COMMANDS: Readonly<Record<string, string>> = {
  MD5: 'dgst -md5',
  'SHA-1': 'dgst -sha1',
  'SHA-256': 'dgst -sha256',
  'RSA-SHA256': 'dgst -sha256 -sign private-key.pem -hex',
}

function opensslLine(algorithm: string, hashed: string): string | null {
  const command = OPENSSL_COMMANDS[algorithm]
  return command === undefined ? null : `printf %s ${shellQuoted(hashed)} | openssl ${command}`
}

function refused(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why }
}

function told(checks: readonly Check[], secrets: ReadonlySet<string>): Explained {
  // What a builder says holds no secret; should one ever slip in, it ends here.
  const clean = (text: string): string =>
    [...secrets].reduce((left, secret) => left.replaceAll(secret, SECRET), text)
  const shown = checks.map(({ says, ok, why }) => ({ says, ok, why: why === null ? null : clean(why) }))
  return { ok: true, checks: shown, taken: shown.every(({ ok }) => ok) }
}

const SECRET_SETTINGS: readonly string[] = ['private_key', 'api_key']

function secretsOf({ secret, settings }: DoorCredential): readonly string[] {
  return [secret, ...SECRET_SETTINGS.map(name => settings[name] ?? '')].filter(text => text !== '')
}

function notOfTheDoor({ method, path }: ByHandRequest, routes: readonly DoorRoute[], isPath: boolean): Check {
  const says = "the address is one of the door's"
  const known = [
    ...new Set(routes.map(route => `${route.method === 'ANY' ? 'POST' : route.method} ${route.path}`)),
  ]
  const prefixed = routes.find(route => path.length > route.path.length && path.endsWith(route.path))
  const why = isPath
    ? `this path does not take ${method}`
    : prefixed === undefined
      ? `nothing is served at ${path}`
      : `${path} has something in front of ${prefixed.path}; the base URL is the bare address of this installation`
  return { says, ok: false, why: `${why}; the door has ${known.join(', ')}` }
}

/** The named parts of a path, or null where it is another one. A part is taken as received, undecoded. */
function paramsOf(template: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = template.split('/')
  const parts = path.split('/')
  if (wanted.length !== parts.length) return null
  const params: [string, string][] = []
  for (const [index, want] of wanted.entries()) {
    const part = parts[index] ?? ''
    if (want.startsWith(':') && part !== '') params.push([want.slice(1), part])
    else if (want !== part) return null
  }
  return Object.fromEntries(params)
}
