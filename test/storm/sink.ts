// A provider's front door, at the level of sockets: it counts each send that arrives, whole or begun, and then lets the
// provider have it, or answers in its place. A client that sends twice, for whatever reason, is seen here.
import { connect, createServer, type Socket } from 'node:net'
import { unreachable } from '../../src/lib/assert.ts'

/** `kept_…`: the provider never hears of it. `swapped_…`: it does, and its answer is exchanged for another. */
export const FATES = [
  'passed',
  'kept_closed',
  'kept_reset',
  'kept_421',
  'kept_redirect',
  'kept_503',
  'closed_early',
  'swapped_closed',
  'swapped_reset',
  'swapped_421',
  'swapped_redirect',
  'swapped_503',
  'swapped_425',
  'late',
] as const
export type Fate = (typeof FATES)[number]

export interface Arrivals {
  /** How often a send with this reference arrived whole. */
  readonly whole: ReadonlyMap<string, number>
  /** Connections on which a send began, and did not arrive whole. */
  begun(): number
  /** What became of them, by fate. */
  readonly fates: ReadonlyMap<Fate, number>
}

export interface Sink extends AsyncDisposable {
  readonly url: string
  readonly arrivals: Arrivals
}

const SEND = 'POST /v1/paypro/payout '
const LATE_MS = 500
const HEAD_BYTES_MAX = 65_536

/** @param fate asked for each send that arrived whole */
export async function openSink(options: { readonly railUrl: string; fate(): Fate }): Promise<Sink> {
  const whole = new Map<string, number>()
  const fates = new Map<Fate, number>()
  const sockets = new Set<Socket>()
  let begun = 0
  const target = new URL(options.railUrl)

  const server = createServer(client => {
    sockets.add(client)
    client.setNoDelay(true)
    let rail: Socket | null = null
    let rest: Buffer = Buffer.alloc(0)
    let isHeld = false
    client
      .on('error', () => client.destroy())
      .on('close', () => {
        sockets.delete(client)
        rail?.destroy()
        if (rest.length > 0 && rest.includes(SEND)) begun += 1
      })
    client.on('data', bytes => {
      rest = Buffer.concat([rest, bytes])
      for (;;) {
        const end = endOfRequest(rest)
        if (end === null) {
          if (rest.length > HEAD_BYTES_MAX) client.destroy()
          return
        }
        const request = rest.subarray(0, end)
        rest = rest.subarray(end)
        arrive(request)
      }
    })

    function arrive(request: Buffer): void {
      if (request.toString('latin1', 0, SEND.length) !== SEND) {
        toRail(request)
        return
      }
      const reference = referenceOf(request)
      whole.set(reference, (whole.get(reference) ?? 0) + 1)
      const fate = options.fate()
      fates.set(fate, (fates.get(fate) ?? 0) + 1)
      suffer(fate, request)
    }

    function suffer(fate: Fate, request: Buffer): void {
      switch (fate) {
        case 'passed':
          toRail(request)
          break
        case 'late':
          setTimeout(() => toRail(request), LATE_MS)
          break
        case 'closed_early':
          // The head of an answer, and nothing behind it.
          client.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 200\r\n\r\n')
          break
        case 'kept_closed':
        case 'kept_reset':
        case 'kept_421':
        case 'kept_redirect':
        case 'kept_503':
          end(fate)
          break
        case 'swapped_closed':
        case 'swapped_reset':
        case 'swapped_421':
        case 'swapped_redirect':
        case 'swapped_503':
        case 'swapped_425':
          isHeld = true
          toRail(request).once('data', () => end(fate))
          break
        default:
          unreachable(fate)
      }
    }

    function end(fate: Exclude<Fate, 'passed' | 'late' | 'closed_early'>): void {
      const [, what = ''] = fate.split('_')
      if (what === 'reset') client.resetAndDestroy()
      else if (what === 'closed') client.destroy()
      else client.end(ANSWERS[what] ?? '')
    }

    function toRail(bytes: Buffer): Socket {
      if (rail === null) {
        const opened = connect({ host: target.hostname, port: Number.parseInt(target.port, 10) })
        rail = opened.setNoDelay(true)
        opened.on('data', answer => isHeld || client.write(answer))
        // An end in the middle of an answer and a reset are what a faulty provider does, and pass as they are.
        opened.on('error', () => isHeld || client.resetAndDestroy())
        opened.on('close', () => isHeld || client.destroySoon())
      }
      rail.write(bytes)
      return rail
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    arrivals: { whole, fates, begun: () => begun },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** Each says of itself that the same request may be sent again, or elsewhere. */
const ANSWERS: Readonly<Record<string, string>> = {
  421: 'HTTP/1.1 421 Misdirected Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
  425: 'HTTP/1.1 425 Too Early\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
  503: 'HTTP/1.1 503 Service Unavailable\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
  redirect:
    'HTTP/1.1 307 Temporary Redirect\r\nlocation: /v1/paypro/payout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
}

/** Where the first request ends, or null while it is not whole. Our own requests always tell their length. */
function endOfRequest(bytes: Buffer): number | null {
  const head = bytes.indexOf('\r\n\r\n')
  if (head < 0) return null
  const length = /^content-length: *([0-9]+)\r?$/im.exec(bytes.toString('latin1', 0, head))
  const end = head + 4 + Number.parseInt(length?.[1] ?? '0', 10)
  return bytes.length < end ? null : end
}

/** Whatever cannot be read is counted under a name that no attempt has. */
function referenceOf(request: Buffer): string {
  return /"tradeNo": *"([^"]+)"/.exec(request.toString('utf8'))?.[1] ?? 'no reference'
}
