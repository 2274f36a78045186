// `quittance sign`: builds one request and shows how its signature came about, for whoever writes a client or wonders
// why a signature is refused.
import { readFile } from 'node:fs/promises'
import type { Clock } from '../lib/clock.ts'
import { isJsonObject, JsonNumber, parseJson } from '../lib/json.ts'
import type { Random } from '../lib/random.ts'
import type { Built, CallMoment, RequestBuilder } from '../protocols/protocol.ts'
import { protocolNamed } from '../protocols/registry.ts'
import { curlLine, shellQuoted } from './curl.ts'
import { sandboxCredential } from './sandbox-credentials.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface SignOptions {
  readonly call?: string
  readonly fields?: string
  readonly field?: readonly string[]
  readonly id?: string
  readonly secret?: string
  readonly secretFile?: string
  readonly saltPosition?: string
  readonly url?: string
  readonly path?: string
  readonly showSecret?: boolean
  readonly json?: boolean
}

export interface SignNeeds {
  readonly terminal: Terminal
  readonly clock: Clock
  readonly random: Random
}

export async function sign(name: string, options: SignOptions, needs: SignNeeds): Promise<ExitCode> {
  const { terminal } = needs
  const at = { nowMs: needs.clock.now(), nonce: needs.random.text(NONCE_ALPHABET, 32) }
  const asked = await readAsked(name, options, at)
  if (typeof asked === 'string') {
    terminal.problem(`quittance sign: ${asked}`)
    return 2
  }
  const built = asked.builder.build({ ...asked, at })
  if (!built.ok) {
    terminal.problem(`quittance sign: ${built.why}`)
    return 2
  }
  const shown = print(built, options.showSecret === true)
  if (options.json === true)
    terminal.line(JSON.stringify({ protocol: name, call: asked.call, ...shown }, null, 2))
  else for (const line of text(shown, terminal)) terminal.line(line)
  return 0
}

const NONCE_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

interface Asked {
  readonly builder: RequestBuilder
  readonly call: string
  readonly fields: ReadonlyMap<string, string>
  readonly credential: { publicId: string; secret: string; settings: Readonly<Record<string, string>> }
  readonly baseUrl: string
  readonly path: string | null
}

/** What to build, or the sentence that says what is wrong with the command. */
async function readAsked(name: string, options: SignOptions, at: CallMoment): Promise<Asked | string> {
  const builder = protocolNamed(name)?.builder ?? null
  if (builder === null) return `there is no protocol ${name} to build requests of`
  const call =
    options.call === undefined ? builder.calls[0] : builder.calls.find(one => one.name === options.call)
  if (call === undefined) return `--call is one of ${builder.calls.map(one => one.name).join(', ')}`
  const given = readFields(options)
  if (typeof given === 'string') return given
  const secret = await readSecret(options)
  if (!secret.ok) return secret.why
  const sandbox = sandboxCredential(name)
  const baseUrl = options.url ?? 'http://127.0.0.1:8080'
  if (!URL.canParse(baseUrl)) return `--url is no address: ${baseUrl}`
  return {
    builder,
    call: call.name,
    fields: given.size === 0 ? new Map(Object.entries(call.example(at))) : given,
    credential: {
      publicId: options.id ?? sandbox?.publicId ?? '',
      secret: secret.value ?? sandbox?.secret ?? '',
      settings: options.saltPosition === undefined ? {} : { salt_position: options.saltPosition },
    },
    baseUrl: baseUrl.replace(/\/+$/, ''),
    path: options.path ?? null,
  }
}

function readFields(options: SignOptions): Map<string, string> | string {
  const fields = new Map<string, string>()
  if (options.fields !== undefined) {
    const parsed = parseJson(options.fields)
    if (!parsed.ok) return `--fields is no JSON: ${parsed.why}`
    if (!isJsonObject(parsed.value)) return '--fields is one flat JSON object'
    for (const [name, value] of parsed.value) {
      if (value !== null && typeof value === 'object' && !(value instanceof JsonNumber))
        return `--fields is flat: ${name} is not text`
      fields.set(name, value === null ? '' : value instanceof JsonNumber ? value.literal : String(value))
    }
  }
  for (const one of options.field ?? []) {
    const mark = one.indexOf('=')
    if (mark < 1) return `--field is name=value: ${one}`
    fields.set(one.slice(0, mark), one.slice(mark + 1))
  }
  return fields
}

type Secret =
  | { readonly ok: true; readonly value: string | null }
  | { readonly ok: false; readonly why: string }

async function readSecret({ secret, secretFile }: SignOptions): Promise<Secret> {
  if (secretFile === undefined) return { ok: true, value: secret ?? null }
  try {
    return { ok: true, value: (await readFile(secretFile, 'utf8')).replace(/\r?\n$/, '') }
  } catch {
    return { ok: false, why: `--secret-file cannot be read: ${secretFile}` }
  }
}

function print(built: Extract<Built, { ok: true }>, showSecret: boolean) {
  const hashed = built.hashed.map(part => (part.secret && !showSecret ? '<secret>' : part.text)).join('')
  const signature = Buffer.from(built.signature)
  return {
    canonical: built.canonical,
    hashed,
    algorithm: built.algorithm,
    hex: signature.toString('hex'),
    base64: signature.toString('base64'),
    request: built.request,
    curl: curlLine(built.request),
    openssl: opensslLine(built.algorithm, hashed),
  }
}

const OPENSSL_DIGESTS: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256' }

/** How anybody recomputes the signature without us; null where one command cannot. */
function opensslLine(algorithm: string, hashed: string): string | null {
  const digest = OPENSSL_DIGESTS[algorithm]
  return digest === undefined ? null : `printf %s ${shellQuoted(hashed)} | openssl dgst -${digest}`
}

function text(shown: ReturnType<typeof print>, { paint }: Terminal): readonly string[] {
  const { request } = shown
  const row = (name: string, value: string): string => `${paint('bold', name.padEnd(10))} ${value}`
  return [
    row('canonical', shown.canonical),
    row('hashed', `${shown.hashed}   ${paint('dim', `(${shown.algorithm})`)}`),
    row('hex', shown.hex),
    row('base64', shown.base64),
    '',
    row('request', `${request.method} ${request.url}`),
    ...Object.entries(request.headers).map(([name, value]) => row('', `${name}: ${value}`)),
    row('body', request.body ?? ''),
    '',
    row('curl', shown.curl),
    ...(shown.openssl === null ? [] : [row('openssl', shown.openssl)]),
  ]
}
