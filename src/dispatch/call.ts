// The only outbound HTTP to providers. A send is one connection and one request: no connection that was used before,
// no redirect, no repeat by any layer. What it reports is what the line did, never what that means; certainty.ts
// decides that.
//
//   unsent     no byte of the request was handed to a socket: the connection was never there, or the last check said no
//   cut        a byte may have left, and no whole answer came
//   answered   one whole answer, measured to its last byte
//
// Between the last check and the first byte lies nothing but this process's own stack: both stand in `handOver`.
import type { Socket } from 'node:net'
import { Agent, Client } from 'undici'
import type { WireAnswer, WireRequest } from '../protocols/protocol.ts'
import { type ConnectionOptions, openConnection, type Phase } from './connection.ts'
import { dispatchOptions, type Exchange, exchangeOf, type Heard } from './exchange.ts'

/** Milliseconds, and bytes of the answer's body. `totalMs` counts from the call. */
export interface CallLimits {
  readonly connectMs: number
  readonly headersMs: number
  readonly totalMs: number
  readonly maxAnswerBytes: number
}

export type LineSeen =
  | {
      readonly kind: 'unsent'
      readonly why: 'stopped' | 'guard' | 'name' | 'connect' | 'tls' | 'proxy'
      readonly said: string
    }
  | { readonly kind: 'cut'; readonly why: 'reset' | 'timeout' | 'incomplete'; readonly said: string }
  | { readonly kind: 'answered'; readonly status: number; readonly answer: WireAnswer }

/** What the line did, and when: the wall clock at the start, and how long it took to its end. */
export type CallResult = LineSeen & { readonly startedAtMs: number; readonly durationMs: number }

export interface Call {
  /**
   * One send. `lastCheck` is asked when the connection stands and nothing was written; false means that nothing ever
   * is. Never rejects.
   */
  callOnce(request: WireRequest, limits: CallLimits, lastCheck: () => boolean): Promise<CallResult>
  /** One inquiry: moves no money, so connections are kept and used again. Never rejects. */
  ask(request: WireRequest, limits: CallLimits): Promise<CallResult>
  /** Ends the kept connections. Calls under way end as cut. */
  close(): Promise<void>
}

export interface CallOptions extends ConnectionOptions {
  /** Kept connections per provider. */
  readonly askConnections?: number
  /** `ask` takes an answer whose end is the end of its connection: for notices, where little hangs on it. */
  readonly takesUnmeasured?: boolean
}

const ASK_CONNECTIONS = 16
const KEPT_ALIVE_MS = 10_000

export function createCall(options: CallOptions): Call {
  const agent = askAgent(options)

  function callOnce(request: WireRequest, limits: CallLimits, lastCheck: () => boolean): Promise<CallResult> {
    return timed(options, async spentMs => {
      const url = writableTo(request)
      if (url === null) return UNWRITABLE
      const opened = await openConnection(url, Math.min(limits.connectMs, limits.totalMs), options)
      if (!opened.ok) return unsent(opened.why, opened.said)
      const left = { ...limits, totalMs: limits.totalMs - spentMs(), takesUnmeasured: false }
      const exchange = exchangeOf(left, options.clock)
      return handOver({ url, request, socket: opened.socket, exchange, lastCheck })
    })
  }

  function ask(request: WireRequest, limits: CallLimits): Promise<CallResult> {
    return timed(options, async () => {
      const url = writableTo(request)
      if (url === null) return UNWRITABLE
      const takesUnmeasured = options.takesUnmeasured ?? false
      const exchange = exchangeOf({ ...limits, takesUnmeasured }, options.clock)
      exchange.begin()
      agent.dispatch(dispatchOptions(url, request), exchange.handler)
      return seen(await exchange.heard)
    })
  }

  return { callOnce, ask, close: () => agent.destroy() }
}

interface HandOver {
  readonly url: URL
  readonly request: WireRequest
  /** Open, and nothing written to it. */
  readonly socket: Socket
  readonly exchange: Exchange
  readonly lastCheck: () => boolean
}

/** Writes the request to an open connection and waits for its end. */
async function handOver({ url, request, socket, exchange, lastCheck }: HandOver): Promise<LineSeen> {
  const { client, give } = clientOver(url, socket)
  try {
    // Only asks the client for a connection, which it has not: nothing is written here.
    client.dispatch(dispatchOptions(url, request), exchange.handler)
    if (socket.destroyed || socket.readableEnded) return unsent('connect', 'the connection was closed')

    // From the last check to the look whether a byte was taken nothing else runs.
    if (!allows(lastCheck)) return unsent('stopped', 'stopped before the first byte')
    exchange.begin()
    const asked = give()
    const taken = socket.bytesWritten > 0

    // The client is destroyed below, so what was not taken now is never taken.
    if (!asked) return UNWRITABLE
    if (!taken) return unsent('connect', 'the connection was closed')
    return seen(await exchange.heard)
  } finally {
    exchange.drop()
    socket.destroy()
    // With an error of its own undici would make one, with a stack, for every send.
    await client.destroy(DONE)
  }
}

const DONE = new Error('the call is over')

/** A client that has one connection and never another. It writes its request inside `give`; false if it wants none. */
function clientOver(url: URL, socket: Socket): { client: Client; give(): boolean } {
  let take: ((error: null, socket: Socket) => void) | null = null
  const client = new Client(url.origin, {
    pipelining: 0,
    allowH2: false,
    connect: (_options, callback) => {
      if (take === null) take = callback
      // undici would open a second connection for a request that the first did not take.
      else callback(new Error('a send has one connection'), null)
    },
  })
  const give = () => {
    take?.(null, socket)
    return take !== null
  }
  return { client, give }
}

/** A check that throws is a check that says no. */
function allows(lastCheck: () => boolean): boolean {
  try {
    return lastCheck()
  } catch {
    return false
  }
}

function askAgent(options: CallOptions): Agent {
  return new Agent({
    connections: options.askConnections ?? ASK_CONNECTIONS,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: KEPT_ALIVE_MS,
    connect: ({ protocol, host, hostname }, callback) => {
      const url = new URL(`${protocol}//${host ?? hostname}`)
      // The exchange keeps the time of the whole call; this bound only lets go of what nobody waits for.
      void openConnection(url, KEPT_ALIVE_MS, options).then(opened => {
        if (opened.ok) callback(null, opened.socket)
        else callback(new NotOpened(opened.why, opened.said), null)
      })
    },
  })
}

class NotOpened extends Error {
  readonly why: Phase
  constructor(why: Phase, said: string) {
    super(said)
    this.why = why
  }
}

function seen(heard: Heard): LineSeen {
  if (heard.kind === 'answered')
    return { kind: 'answered', status: heard.answer.status, answer: heard.answer }
  if (heard.error instanceof NotOpened) return unsent(heard.error.why, heard.error.message)
  return { kind: 'cut', why: heard.why, said: heard.said }
}

function unsent(why: Extract<LineSeen, { kind: 'unsent' }>['why'], said: string): LineSeen {
  return { kind: 'unsent', why, said }
}

const UNWRITABLE = unsent('guard', 'the request cannot be written')

/** Headers that frame the request or choose the connection: they are made here and nowhere else. */
const OURS = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The URL of a request that can be written as it stands, or null. */
function writableTo(request: WireRequest): URL | null {
  const url = URL.canParse(request.url) ? new URL(request.url) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return null
  if (url.username !== '' || url.password !== '') return null
  return Object.keys(request.headers).some(name => OURS.has(name.toLowerCase())) ? null : url
}

async function timed(
  { clock }: CallOptions,
  run: (spentMs: () => number) => Promise<LineSeen>,
): Promise<CallResult> {
  const startedAtMs = clock.now()
  const began = clock.monotonic()
  const spentMs = () => clock.monotonic() - began
  const line = await run(spentMs)
  return { ...line, startedAtMs, durationMs: spentMs() }
}
