// `quittance explain`: reads a request that a door refused, or would, and prints the door's checks in their order, up to
// the first that fails, with the reason. No secret is ever printed.
import { readFile } from 'node:fs/promises'
import type { Clock } from '../lib/clock.ts'
import { credentialOfOne, explainByHand } from '../protocols/by-hand.ts'
import { type ByHandRequestRead, readRequestJson, requestOf } from '../protocols/by-hand-request.ts'
import { readRequestText } from '../protocols/by-hand-text.ts'
import type { Check } from '../protocols/protocol.ts'
import { protocolNamed } from '../protocols/registry.ts'
import type { Environment } from './configured.ts'
import { localPort } from './sign.ts'
import { type CredentialOptions, readClient } from './sign-credential.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface ExplainOptions extends CredentialOptions {
  readonly method?: string
  readonly path?: string
  readonly header?: readonly string[]
  readonly body?: string
  readonly bodyFile?: string
  readonly request?: string
  readonly url?: string
  readonly from?: string
  readonly at?: string
  readonly json?: boolean
}

export interface ExplainNeeds {
  readonly terminal: Terminal
  readonly environment: Environment
  readonly clock: Clock
  /** Standard input, or null where a person sits at it. */
  readonly input: (() => Promise<Uint8Array>) | null
}

/** @param file where the request is, `-` for standard input; null where the options say it */
export async function explain(
  name: string,
  file: string | null,
  options: ExplainOptions,
  needs: ExplainNeeds,
): Promise<ExitCode> {
  const { terminal } = needs
  const explained = await explainedBy(name, file, options, needs)
  if (!explained.ok) {
    terminal.problem(`quittance explain: ${explained.why}`)
    return 2
  }
  const { taken, checks } = explained
  if (options.json === true) terminal.line(JSON.stringify({ protocol: name, taken, checks }, null, 2))
  else for (const line of textOf(checks, taken, terminal)) terminal.line(line)
  return taken ? 0 : 1
}

async function explainedBy(name: string, file: string | null, options: ExplainOptions, needs: ExplainNeeds) {
  const refused = (why: string) => ({ ok: false, why }) as const
  const protocol = protocolNamed(name)
  if (protocol?.builder == null)
    return refused(`there is no protocol ${name} whose requests can be explained`)
  const nowMs = options.at === undefined ? needs.clock.now() : Date.parse(options.at)
  if (!Number.isFinite(nowMs)) return refused(`--at is a time such as 2026-01-31T12:00:00Z: ${options.at}`)
  if (options.url !== undefined && !URL.canParse(options.url))
    return refused(`--url is no address: ${options.url}`)
  const read = await readAsked(file, options, needs)
  if (!read.ok) return refused(read.why)
  const who = await readClient(protocol, options, needs.environment)
  if (typeof who === 'string') return refused(who)
  return explainByHand(protocol, {
    request: read.request,
    credentialOf: credentialOfOne(who.door),
    publicUrls: options.url === undefined ? localUrls(needs.environment) : [options.url.replace(/\/+$/, '')],
    remoteAddress: options.from ?? '127.0.0.1',
    nowMs,
  })
}

function localUrls(environment: Environment): readonly string[] {
  const port = localPort(environment)
  return [`http://127.0.0.1:${port}`, `http://localhost:${port}`]
}

async function readAsked(
  file: string | null,
  options: ExplainOptions,
  { input }: ExplainNeeds,
): Promise<ByHandRequestRead> {
  const { path, request } = options
  if (request !== undefined) return readRequestJson(request)
  if (path !== undefined) return readParts(path, options)
  if (file !== null && file !== '-') {
    const bytes = await readFile(file).catch(() => null)
    return bytes === null ? { ok: false, why: `the file cannot be read: ${file}` } : readRequestText(bytes)
  }
  if (input === null)
    return {
      ok: false,
      why: 'name a file with the request, pipe it in, or give --path with --header and --body',
    }
  return readRequestText(await input())
}

async function readParts(path: string, options: ExplainOptions): Promise<ByHandRequestRead> {
  const headers: [string, string][] = []
  for (const line of options.header ?? []) {
    const mark = line.indexOf(':')
    if (mark < 1) return { ok: false, why: `--header is name: value: ${line}` }
    headers.push([line.slice(0, mark).trim(), line.slice(mark + 1).trim()])
  }
  const { bodyFile } = options
  const body =
    bodyFile === undefined ? Buffer.from(options.body ?? '') : await readFile(bodyFile).catch(() => null)
  if (body === null) return { ok: false, why: `--body-file cannot be read: ${bodyFile}` }
  return requestOf({ method: options.method ?? 'POST', target: path, headers, body })
}

function textOf(checks: readonly Check[], taken: boolean, { paint }: Terminal): readonly string[] {
  return [
    ...checks.flatMap(({ says, ok, why }) => [
      `${ok ? paint('green', '✓') : paint('red', '✗')} ${says}`,
      ...(why === null ? [] : [`    ${why}`]),
    ]),
    '',
    taken
      ? 'The door takes this request; what is left is for the desk: funds, limits, repeats.'
      : 'The door refuses this request.',
  ]
}
