// The only reader of the environment. Everything wrong with it is told at once, each with the variable's name, and
// nothing starts until it is right.
import { databaseUrls } from './lib/database-urls.ts'
import { parseMasterKeys, type SealKey } from './lib/seal.ts'

export const MODES = ['demo', 'serve', 'worker', 'migrate', 'auditor', 'stop', 'switches', 'verify'] as const
export type Mode = (typeof MODES)[number]

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface Config {
  readonly mode: Mode
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** How providers and merchants reach us; null until the port is known, where nothing was set. */
  readonly publicUrl: string | null
  /** Further base URLs under which clients reach the doors, for signatures that cover the whole URL. */
  readonly doorUrls: readonly string[]
  /** Null: the embedded Postgres in `dataDir`. */
  readonly databaseUrl: string | null
  /** A connection for the auditor alone; null: it takes its role on `databaseUrl`. */
  readonly auditorUrl?: string | null
  readonly dataDir: string
  /** Where checkpoints of the receipts are kept outside the database; null: nowhere. */
  readonly checkpointFile?: string | null
  /** Empty only in the demo, which makes its own. */
  readonly masterKeys: readonly SealKey[]
  readonly logLevel: LogLevel
  /** Notices may go to this machine: in the demo alone, which itself listens on loopback alone. */
  readonly allowLoopbackTargets: boolean
  /** Milliseconds a graceful stop may take before the process ends with what is open. */
  readonly stopWithinMs: number
}

export interface ConfigProblem {
  readonly variable: string
  readonly why: string
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** What this process was started with. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env
}

/** Every variable that is read, with what it is for; the CLI prints it in its help. */
export const VARIABLES = {
  PORT: 'port to listen on (8080; 0 lets the system choose)',
  HOST: 'address to listen on (127.0.0.1; the demo listens on loopback alone)',
  DATABASE_URL:
    'postgres://… of a Postgres 15 or later, host,host for a primary and its standbys; unset, the demo starts its own',
  QUITTANCE_AUDITOR_URL: 'a connection of the auditor alone, where it cannot take its role on DATABASE_URL',
  QUITTANCE_DATA_DIR:
    'where the send journal, the embedded Postgres and the sandbox keep their files (.quittance)',
  QUITTANCE_CHECKPOINT_FILE:
    'a file, best on another machine, to which signed checkpoints of the receipts are appended',
  QUITTANCE_MASTER_KEY: 'id:base64 of 32 bytes, several separated by commas; the first seals, all open',
  QUITTANCE_PUBLIC_URL: 'how providers reach this installation, for callback addresses (http://HOST:PORT)',
  QUITTANCE_DOOR_URLS: 'further base URLs under which clients reach the doors, separated by commas',
  LOG_LEVEL: `one of ${LOG_LEVELS.join(', ')} (info)`,
} as const
type Variable = keyof typeof VARIABLES

export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  mode: Mode,
): ConfigResult {
  const problems: ConfigProblem[] = []
  const refuse = (variable: string, why: string) => problems.push({ variable, why })
  const value = (variable: Variable) => environment[variable]?.trim() || null

  for (const name of Object.keys(environment))
    if (name.startsWith('QUITTANCE_') && !(name in VARIABLES))
      refuse(name, 'is not a variable of Quittance; is it misspelt?')

  const config: Config = {
    mode,
    host: readHost(value('HOST'), mode, refuse),
    port: readPort(value('PORT'), refuse),
    publicUrl: readPublicUrl(value('QUITTANCE_PUBLIC_URL'), refuse),
    doorUrls: readDoorUrls(value('QUITTANCE_DOOR_URLS'), refuse),
    databaseUrl: readDatabaseUrl(value('DATABASE_URL'), mode, refuse),
    auditorUrl: readAuditorUrl(value('QUITTANCE_AUDITOR_URL'), refuse),
    dataDir: value('QUITTANCE_DATA_DIR') ?? '.quittance',
    checkpointFile: value('QUITTANCE_CHECKPOINT_FILE'),
    masterKeys: readMasterKeys(value('QUITTANCE_MASTER_KEY'), mode, refuse),
    logLevel: readLogLevel(value('LOG_LEVEL'), mode, refuse),
    allowLoopbackTargets: mode === 'demo',
    stopWithinMs: 90_000,
  }
  return problems.length === 0 ? { ok: true, config } : { ok: false, problems }
}

type Refuse = (variable: Variable, why: string) => void

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

function readHost(text: string | null, mode: Mode, refuse: Refuse): string {
  const host = text ?? '127.0.0.1'
  if (mode === 'demo' && !LOOPBACK.has(host))
    refuse(
      'HOST',
      `is ${host}, but the demo has fixed credentials and listens on loopback alone: leave it unset`,
    )
  return host
}

function readPort(text: string | null, refuse: Refuse): number {
  if (text === null) return 8080
  const port = /^[0-9]{1,5}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN
  if (port >= 0 && port <= 65_535) return port
  refuse('PORT', `is "${text}", but a port is a whole number from 0 to 65535`)
  return 0
}

function readPublicUrl(text: string | null, refuse: Refuse): string | null {
  return text === null ? null : readBaseUrl('QUITTANCE_PUBLIC_URL', text, refuse)
}

function readDoorUrls(text: string | null, refuse: Refuse): readonly string[] {
  if (text === null) return []
  const read = text.split(',').map(one => readBaseUrl('QUITTANCE_DOOR_URLS', one.trim(), refuse))
  return read.filter(url => url !== null)
}

function readBaseUrl(variable: Variable, text: string, refuse: Refuse): string | null {
  if (!URL.canParse(text)) {
    refuse(variable, 'is no URL; it looks like https://payouts.example.com')
    return null
  }
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    refuse(variable, `begins with ${url.protocol}, but must begin with https: or http:`)
  if (url.search !== '' || url.hash !== '' || url.username !== '')
    refuse(variable, 'has a query, a fragment or a user name; it is an address and a path alone')
  return text.replace(/\/+$/, '')
}

function readDatabaseUrl(text: string | null, mode: Mode, refuse: Refuse): string | null {
  if (text === null) {
    if (mode !== 'demo' && mode !== 'verify')
      refuse(
        'DATABASE_URL',
        `is not set; ${mode} works on a Postgres of yours, such as postgres://user:password@host:5432/quittance`,
      )
    return null
  }
  return readPostgresUrl('DATABASE_URL', text, refuse)
}

function readAuditorUrl(text: string | null, refuse: Refuse): string | null {
  return text === null ? null : readPostgresUrl('QUITTANCE_AUDITOR_URL', text, refuse)
}

function readPostgresUrl(variable: Variable, text: string, refuse: Refuse): string {
  // The value itself is never repeated: it holds a password.
  if (databaseUrls(text) === null)
    refuse(variable, 'is no Postgres address; it looks like postgres://user:password@host:5432/quittance')
  return text
}

function readMasterKeys(text: string | null, mode: Mode, refuse: Refuse): readonly SealKey[] {
  if (text === null) {
    if (mode === 'serve' || mode === 'worker')
      refuse(
        'QUITTANCE_MASTER_KEY',
        "is not set; make one with: node -p \"'k1:'+crypto.randomBytes(32).toString('base64')\"",
      )
    return []
  }
  const keys = parseMasterKeys(text)
  if (keys.ok) return keys.keys
  refuse('QUITTANCE_MASTER_KEY', keys.why)
  return []
}

function readLogLevel(text: string | null, mode: Mode, refuse: Refuse): LogLevel {
  // The demo shows a table and a few lines; what the server logs would stand between them.
  const standard = mode === 'demo' ? 'warn' : 'info'
  if (text === null) return standard
  const level = LOG_LEVELS.find(known => known === text)
  if (level === undefined) refuse('LOG_LEVEL', `is "${text}", but must be one of ${LOG_LEVELS.join(', ')}`)
  return level ?? standard
}
