// The line in front of a simulated door, at the level of sockets: connections really close and really reset. Faults
// come from the plan, for any request, or from the rail, for the order that the request brings.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { unreachable } from '../lib/assert.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import { interceptAnswer, type RawAnswer, rawBytes } from './intercept.ts'
import { isBeforeTheDoor, type LineFaultName } from './line-faults.ts'

export interface Line {
  /** Sets what happens to the request that is being handled now. */
  meet(fault: LineFaultName): void
}

export interface LineOptions {
  readonly clock: Clock
  readonly random: Random
  /** Each answer is held back for so long. */
  readonly latencyMs: number
  /** How late a delayed answer is. */
  readonly delayMs: number
  /** The fault for a request on this path, or null. */
  draw(path: string): LineFaultName | null
  /** Paths that are not part of the line: the control routes. */
  isControl(path: string): boolean
}

/** To be called before the door is mounted: the hook must come before the door takes the request. */
export function layLine(server: FastifyInstance, options: LineOptions): Line {
  const storage = new AsyncLocalStorage<{ fault: LineFaultName | null }>()
  const held = new Set<Socket>()
  // Marks the second arrival of a doubled request, which no fault meets again; nobody else knows the value.
  const again = options.random.text('0123456789abcdef', 32)

  server.addHook('onRequest', (request, reply, done) => {
    const path = request.url.split('?')[0] ?? ''
    if (options.isControl(path) || request.headers[AGAIN_HEADER] === again) {
      done()
      return
    }
    const exchange = { fault: options.draw(path) }
    if (exchange.fault !== null && isBeforeTheDoor(exchange.fault)) {
      cut(request.raw.socket, exchange.fault)
      return
    }
    const body = bodyOf(request.raw)
    interceptAnswer(reply.raw, answer => {
      const waitMs = options.latencyMs + (exchange.fault === 'delayed' ? options.delayMs : 0)
      const meet = (): void => suffer(exchange.fault, answer, { request, body })
      if (waitMs === 0) meet()
      else options.clock.after(waitMs, meet)
    })
    storage.run(exchange, done)
  })

  server.addHook('preClose', done => {
    for (const socket of held) socket.destroy()
    done()
  })

  function suffer(fault: LineFaultName | null, answer: RawAnswer, arrived: Arrived): void {
    const { socket } = arrived.request.raw
    const fate = fateOf(fault, answer, arrived.request.url)
    switch (fate.kind) {
      case 'send':
        answer.send(fate.answer)
        break
      case 'again':
        void arriveAgain(arrived).then(() => answer.send(answer))
        break
      case 'raw':
        socket.end(fate.bytes)
        break
      case 'cut':
        cut(socket, fate.fault)
        break
      case 'hold':
        held.add(socket)
        socket.once('close', () => held.delete(socket))
        break
      default:
        unreachable(fate)
    }
  }

  async function arriveAgain({ request, body }: Arrived): Promise<void> {
    await server.inject({
      method: request.method === 'GET' ? 'GET' : 'POST',
      url: request.url,
      headers: { ...request.headers, [AGAIN_HEADER]: again },
      payload: Buffer.concat(body),
    })
  }

  return {
    meet(fault) {
      const exchange = storage.getStore()
      if (exchange !== undefined) exchange.fault = fault
    },
  }
}

const AGAIN_HEADER = 'x-rail-again'
const BODY_BYTES_MAX = 1_048_576
const HTML = '<!doctype html><html><body><h1>Bad Gateway</h1></body></html>\n'

interface Arrived {
  readonly request: FastifyRequest
  readonly body: readonly Uint8Array[]
}

/** What of the body has come so far. A listener would start the flow before the door is there to read. */
function bodyOf(request: IncomingMessage): readonly Uint8Array[] {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const emit = request.emit.bind(request)
  Object.assign(request, {
    emit(event: string, ...values: readonly unknown[]) {
      const [chunk] = values
      if (event === 'data' && chunk instanceof Uint8Array) {
        bytes += chunk.byteLength
        if (bytes <= BODY_BYTES_MAX) chunks.push(chunk)
      }
      return emit(event, ...values)
    },
  })
  return chunks
}

type Fate =
  | { readonly kind: 'send'; readonly answer: Pick<RawAnswer, 'status' | 'headers' | 'body'> }
  | { readonly kind: 'raw'; readonly bytes: Uint8Array }
  | { readonly kind: 'cut'; readonly fault: LineFaultName }
  | { readonly kind: 'again' }
  | { readonly kind: 'hold' }

function fateOf(fault: LineFaultName | null, answer: RawAnswer, url: string): Fate {
  switch (fault) {
    case null:
    case 'delayed':
      return { kind: 'send', answer }
    case 'lost_before':
    case 'lost_after':
    case 'reset_before':
    case 'reset_after':
      return { kind: 'cut', fault }
    case 'held':
      return { kind: 'hold' }
    case 'doubled':
      return { kind: 'again' }
    case 'half':
      return { kind: 'raw', bytes: halfOf(rawBytes(answer)) }
    case 'answer_doubled':
      return { kind: 'raw', bytes: Buffer.concat([rawBytes(answer), rawBytes(answer)]) }
    case 'garbage':
      return page(200, 'text/html; charset=utf-8', HTML)
    case 'empty':
      return page(200, 'text/plain', '')
    case 'server_error':
      return page(502, 'text/html; charset=utf-8', HTML)
    case 'client_error':
      return page(400, 'text/plain', 'Bad Request\n')
    case 'redirect':
      return page(307, 'text/plain', '', { location: url })
    default:
      return unreachable(fault)
  }
}

function page(status: number, type: string, body: string, more: Record<string, string> = {}): Fate {
  const headers = { 'content-type': type, 'content-length': String(Buffer.byteLength(body)), ...more }
  return { kind: 'send', answer: { status, headers, body: Buffer.from(body) } }
}

function cut(socket: Socket, fault: LineFaultName): void {
  if (fault === 'reset_before' || fault === 'reset_after') socket.resetAndDestroy()
  else socket.destroy()
}

/** The whole head, which promises all bytes of the body, and half of the body. */
function halfOf(answer: Buffer): Buffer {
  const body = answer.indexOf('\r\n\r\n') + 4
  return answer.subarray(0, body + Math.floor((answer.byteLength - body) / 2))
}
