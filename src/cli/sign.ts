// `quittance sign`: builds one request and shows how its signature came about, for whoever writes a client or wonders
// why a signature is refused.
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import { type Shown, signByHand } from '../protocols/by-hand.ts'
import { type ByHandFieldsRead, NO_FIELDS, readFieldsText, withFields } from '../protocols/by-hand-fields.ts'
import { protocolNamed } from '../protocols/registry.ts'
import type { Environment } from './configured.ts'
import { type CredentialOptions, readClient } from './sign-credential.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface SignOptions extends CredentialOptions {
  readonly call?: string
  readonly fields?: string
  readonly field?: readonly string[]
  readonly with?: readonly string[]
  readonly url?: string
  readonly path?: string
  readonly showSecret?: boolean
  readonly json?: boolean
  readonly curl?: boolean
}

export interface SignNeeds {
  readonly terminal: Terminal
  readonly environment: Environment
  readonly clock: Clock
  readonly random: Random
}

export async function sign(name: string, options: SignOptions, needs: SignNeeds): Promise<ExitCode> {
  const { terminal } = needs
  const signed = await signedBy(name, options, needs)
  if (!signed.ok) {
    terminal.problem(`quittance sign: ${signed.why}`)
    return 2
  }
  const { shown } = signed
  if (options.curl === true) terminal.line(shown.curl)
  else if (options.json === true) terminal.line(JSON.stringify(shown, null, 2))
  else for (const line of textOf(shown, terminal)) terminal.line(line)
  return 0
}

async function signedBy(name: string, options: SignOptions, needs: SignNeeds) {
  const refused = (why: string) => ({ ok: false, why }) as const
  const protocol = protocolNamed(name)
  if (protocol?.builder == null) return refused(`there is no protocol ${name} to build requests of`)
  const fields = readFields(options)
  if (!fields.ok) return refused(fields.why)
  const { path } = options
  if (path !== undefined && !path.startsWith('/'))
    return refused(`--path begins with a slash, such as /v1/payouts: ${path}`)
  const who = await readClient(protocol, options, needs.environment)
  if (typeof who === 'string') return refused(who)
  const at = { nowMs: needs.clock.now(), nonce: needs.random.text(NONCE_ALPHABET, 32) }
  const asked = {
    call: options.call ?? null,
    fields: fields.fields,
    whole: (options.with ?? []).length > 0,
    credential: who.client,
    url: options.url ?? `http://127.0.0.1:${localPort(needs.environment)}`,
    path: path ?? null,
    showSecret: options.showSecret === true,
  }
  return signByHand(protocol, asked, at)
}

const NONCE_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Where the demo listens that was started with the same environment. */
export function localPort({ PORT: port = '' }: Environment): string {
  // Port 0 lets the system choose, and nobody but that process knows which one.
  const isKnown = /^[1-9][0-9]{0,4}$/.test(port) && Number.parseInt(port, 10) <= 65_535
  return isKnown ? port : '8080'
}

function readFields({ fields: text, field = [], with: changes = [] }: SignOptions): ByHandFieldsRead {
  const read = text === undefined ? { ok: true as const, fields: NO_FIELDS } : readFieldsText(text)
  if (!read.ok) return { ok: false, why: `--fields: ${read.why}` }
  const all = withFields(read.fields, [...field, ...changes])
  return all.ok ? all : { ok: false, why: `--field and --with: ${all.why}` }
}

function textOf(shown: Shown, { paint }: Terminal): readonly string[] {
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
