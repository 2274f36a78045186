// One request and its one whole answer over a connection that is there. Says which of the two kinds of end it was: a
// whole answer, or a cut. What is not measured is not whole: an answer whose length nobody declared may have lost its
// end, and half an answer can say the opposite of the whole.
import { type Dispatcher, errors } from 'undici'
import type { Clock, Timer } from '../lib/clock.ts'
import type { WireAnswer, WireRequest } from '../protocols/protocol.ts'
import { wordsOf } from './connection.ts'

export interface ExchangeLimits {
  readonly headersMs: number
  readonly totalMs: number
  readonly maxAnswerBytes: number
  /** Whether an answer of undeclared length is whole when its connection ends without a fault. Never for providers. */
  readonly takesUnmeasured: boolean
}

export type Heard =
  | { readonly kind: 'answered'; readonly answer: WireAnswer }
  | {
      readonly kind: 'cut'
      readonly why: 'reset' | 'timeout' | 'incomplete'
      readonly said: string
      /** What the line threw, where it threw. */
      readonly error: Error | null
    }

export interface Exchange {
  readonly handler: Dispatcher.DispatchHandler
  readonly heard: Promise<Heard>
  /** Starts the time-outs; called when the request is handed over. */
  begin(): void
  /** Ends the time-outs of an exchange that nobody waits for any more. */
  drop(): void
}

/** What undici is given for a request. Decoding of bodies is not accepted, so that lengths are those of the line. */
export function dispatchOptions(url: URL, request: WireRequest): Dispatcher.DispatchOptions {
  return {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: request.method,
    headers: { ...request.headers, 'accept-encoding': 'identity' },
    body: request.body === null ? null : Buffer.from(request.body),
    // Time is kept here, by one clock.
    headersTimeout: 0,
    bodyTimeout: 0,
  }
}

export function exchangeOf(limits: ExchangeLimits, clock: Clock): Exchange {
  const { promise: heard, resolve } = Promise.withResolvers<Heard>()
  const chunks: Buffer[] = []
  let size = 0
  let head: Head | null = null
  let informed = false
  let over = false
  let controller: Dispatcher.DispatchController | null = null
  let timers: readonly Timer[] = []

  const drop = () => {
    for (const timer of timers) timer.cancel()
    over = true
  }
  const end = (how: Heard) => {
    if (over) return
    drop()
    resolve(how)
    if (how.kind === 'cut') controller?.abort(GIVEN_UP)
  }
  const cut = (why: 'reset' | 'timeout' | 'incomplete', said: string, error: Error | null = null) =>
    end({ kind: 'cut', why, said, error })

  return {
    heard,
    drop,
    begin() {
      timers = [
        clock.after(limits.headersMs, () => {
          if (head === null) cut('timeout', 'no answer in time')
        }),
        clock.after(limits.totalMs, () => cut('timeout', 'no whole answer in time')),
      ]
    },
    handler: {
      onRequestStart(started) {
        controller = started
        // Waited for a connection longer than anybody waited for it.
        if (over) started.abort(GIVEN_UP)
      },
      onResponseStart(_controller, status, headers) {
        if (status < 200) {
          informed = true
          return
        }
        head = { status, headers: joined(headers) }
        const broken = unmeasurable(head, limits)
        if (broken !== null) cut('incomplete', broken)
      },
      onResponseData(_controller, chunk) {
        if (over) return
        size += chunk.length
        if (size > limits.maxAnswerBytes) cut('incomplete', 'the answer is too long')
        else chunks.push(chunk)
      },
      onResponseEnd() {
        if (head === null) cut('incomplete', 'an answer without a status')
        else end({ kind: 'answered', answer: { ...head, body: Buffer.concat(chunks) } })
      },
      onResponseError(_controller, error) {
        cut(head !== null || informed ? lateCut(error) : earlyCut(error), wordsOf(error), error)
      },
    },
  }
}

type Head = Pick<WireAnswer, 'status' | 'headers'>

const GIVEN_UP = new Error('the exchange is over')

/** Before the head of the answer: broken framing is told from a connection that simply ended. */
function earlyCut(error: Error): 'reset' | 'incomplete' {
  const code = codeOf(error)
  if (error instanceof errors.HTTPParserError || BROKEN_FRAMING.includes(code)) return 'incomplete'
  // undici's words for an interim answer that it does not take, such as 100 or 101.
  return code === 'UND_ERR_SOCKET' && error.message.startsWith('bad ') ? 'incomplete' : 'reset'
}

const BROKEN_FRAMING = ['UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']

/** After it: only a reset is a reset, everything else is an answer without its end. */
function lateCut(error: Error): 'reset' | 'incomplete' {
  return ['ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(codeOf(error)) ? 'reset' : 'incomplete'
}

/** Why the end of this answer could not be told from a cut, or null. RFC 9112 section 6.3. */
function unmeasurable({ status, headers }: Head, limits: ExchangeLimits): string | null {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return 'the answer is compressed'
  if (status === 204 || status === 304) return null
  const transfer = headers['transfer-encoding']
  if (transfer !== undefined) {
    return transfer.toLowerCase() === 'chunked' ? null : 'the answer has an unknown transfer encoding'
  }
  const length = headers['content-length']
  if (length === undefined) return limits.takesUnmeasured ? null : 'the answer does not say how long it is'
  if (!/^\d{1,15}$/.test(length)) return 'the answer has no one length'
  return Number.parseInt(length, 10) > limits.maxAnswerBytes ? 'the answer is too long' : null
}

/** Header names come from outside: own members only, so that none of them is a name of the language. */
function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
