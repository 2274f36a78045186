// Opens one connection to a provider, in phases, so that whoever failed can be named: the name, the connection, or
// TLS. Nothing of a request is written here, so every failure here proves that nothing left.
import { lookup } from 'node:dns/promises'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { errors } from 'undici'
import type { Clock } from '../lib/clock.ts'

/** What opens connections to providers. `ca`: further certificates to trust, PEM, beside those the runtime brings. */
export interface ConnectionOptions {
  readonly clock: Clock
  /** Our own address rule, asked of every address before it is connected to. */
  readonly mayReach: (address: string) => boolean
  readonly ca?: string | undefined
  /** Every address of a name; the system's resolver where it is left out. */
  readonly resolve?: ((hostname: string) => Promise<readonly string[]>) | undefined
}

export type Phase = 'guard' | 'name' | 'connect' | 'tls'

/** An open connection, TLS included where the URL asks for it; or the phase that failed, and how, in a few words. */
export type Opened =
  | { readonly ok: true; readonly socket: Socket }
  | { readonly ok: false; readonly why: Phase; readonly said: string }

/** Opens a connection to the host of an http or https URL within `timeoutMs`. Never rejects. */
export async function openConnection(
  url: URL,
  timeoutMs: number,
  options: ConnectionOptions,
): Promise<Opened> {
  const endsAt = options.clock.monotonic() + timeoutMs
  const left = () => endsAt - options.clock.monotonic()

  const addresses = await addressesOf(hostOf(url), left(), options)
  if (!addresses.ok) return addresses
  const tcp = await openTcp(url, addresses.all, left(), options.clock)
  if (!tcp.ok) return tcp
  if (!options.mayReach(tcp.socket.remoteAddress ?? '')) {
    tcp.socket.destroy()
    return NOT_ALLOWED
  }
  if (url.protocol !== 'https:') return tcp
  return openTls(url, tcp.socket, left(), options)
}

type Addresses =
  | { readonly ok: true; readonly all: readonly string[] }
  | { readonly ok: false; readonly why: Phase; readonly said: string }

const NOT_ALLOWED = { ok: false, why: 'guard', said: 'the address is not allowed' } as const

async function addressesOf(host: string, timeoutMs: number, options: ConnectionOptions): Promise<Addresses> {
  const { clock, mayReach, resolve = resolveBySystem } = options
  const all = isIP(host) > 0 ? [host] : await within(resolve(host), timeoutMs, clock)
  if (all === 'late') return { ok: false, why: 'name', said: 'the name was not resolved in time' }
  if (all instanceof Error) return { ok: false, why: 'name', said: wordsOf(all) }
  if (all.length === 0) return { ok: false, why: 'name', said: 'the name has no address' }
  // One bad address is enough: which of them would be used is not ours to choose.
  if (!all.every(mayReach)) return NOT_ALLOWED
  return { ok: true, all }
}

function openTcp(url: URL, addresses: readonly string[], timeoutMs: number, clock: Clock): Promise<Opened> {
  const found = addresses.map(address => ({ address, family: isIP(address) }))
  const [first] = found
  const socket = connectTcp({
    host: hostOf(url),
    port: portOf(url),
    noDelay: true,
    // The addresses that were checked are the addresses that are used: nothing is resolved a second time.
    lookup: (_host, wanted, done) => {
      if (wanted.all === true) done(null, found)
      else done(null, first?.address ?? '', first?.family ?? 0)
    },
  })
  return settled(socket, { event: 'connect', why: 'connect', timeoutMs, clock })
}

async function openTls(
  url: URL,
  tcp: Socket,
  timeoutMs: number,
  options: ConnectionOptions,
): Promise<Opened> {
  const host = hostOf(url)
  const socket = connectTls({
    socket: tcp,
    // A name only: RFC 6066 section 3 knows no addresses here. The certificate is checked against `host` in any case.
    ...(isIP(host) > 0 ? {} : { servername: host }),
    host,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  })
  const opened = await settled(socket, {
    event: 'secureConnect',
    why: 'tls',
    timeoutMs,
    clock: options.clock,
  })
  if (!opened.ok) tcp.destroy()
  return opened
}

interface Awaited {
  readonly event: 'connect' | 'secureConnect'
  readonly why: Phase
  readonly timeoutMs: number
  readonly clock: Clock
}

function settled(socket: Socket, awaited: Awaited): Promise<Opened> {
  const { promise, resolve } = Promise.withResolvers<Opened>()
  const fail = (said: string) => {
    timer.cancel()
    socket.destroy()
    resolve({ ok: false, why: awaited.why, said })
  }
  const timer = awaited.clock.after(Math.max(0, awaited.timeoutMs), () => fail('no connection in time'))
  socket.once(awaited.event, () => {
    timer.cancel()
    resolve({ ok: true, socket })
  })
  // Stays: an error after the phase is over belongs to whoever holds the socket then, and must not end the process.
  socket.on('error', error => fail(wordsOf(error)))
  socket.once('close', () => fail('the connection was closed'))
  return promise
}

async function resolveBySystem(hostname: string): Promise<readonly string[]> {
  const found = await lookup(hostname, { all: true })
  return found.map(({ address }) => address)
}

/** A look-up cannot be called off; the time-out only stops waiting for it. */
function within<Value>(work: Promise<Value>, ms: number, clock: Clock): Promise<Value | 'late' | Error> {
  const { promise, resolve } = Promise.withResolvers<Value | 'late' | Error>()
  const timer = clock.after(Math.max(0, ms), () => resolve('late'))
  work.then(
    value => {
      timer.cancel()
      resolve(value)
    },
    (error: unknown) => {
      timer.cancel()
      resolve(error instanceof Error ? error : new Error('the look-up failed'))
    },
  )
  return promise
}

/** An error of the line in a few words for people; the code is kept, addresses and paths are not. */
export function wordsOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (error instanceof errors.HTTPParserError) return 'the answer is no HTTP'
  return WORDS[code] ?? (code === '' ? 'the line failed' : `the line failed (${code})`)
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'name not found',
  EAI_AGAIN: 'name service not reachable',
  EPIPE: 'connection closed while writing',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_HEADERS_OVERFLOW: 'the head of the answer is too long',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer is shorter than it says',
  UND_ERR_SOCKET: 'the connection was closed',
}

/** An IPv6 literal stands in brackets in a URL. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

function portOf(url: URL): number {
  if (url.port !== '') return Number.parseInt(url.port, 10)
  return url.protocol === 'https:' ? 443 : 80
}
