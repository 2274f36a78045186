// One request of the simulator to the other side, which is always on this machine.
import { Agent, request } from 'undici'
import type { WireAnswer, WireRequest } from '../protocols/protocol.ts'

export interface Exchanger {
  /** Null where no whole answer came, or the address is not of this machine. Never throws. */
  exchange(request: WireRequest, timeoutMs: number): Promise<WireAnswer | null>
  close(): Promise<void>
}

const CONNECTIONS_MAX = 64
const ANSWER_BYTES_MAX = 65_536
/** A simulator must never reach anybody: what a test writes into a notify address stays on this machine. */
const LOOPBACK_HOSTS: readonly string[] = ['127.0.0.1', 'localhost', '[::1]']

export function loopbackExchanger(): Exchanger {
  const agent = new Agent({ connections: CONNECTIONS_MAX, maxResponseSize: ANSWER_BYTES_MAX })
  return {
    async exchange({ method, url, headers, body }, timeoutMs) {
      if (!isLoopback(url)) return null
      try {
        const signal = AbortSignal.timeout(timeoutMs)
        const answer = await request(url, { method, headers, body, signal, dispatcher: agent })
        const bytes = await answer.body.bytes()
        return { status: answer.statusCode, headers: plainHeaders(answer.headers), body: bytes }
      } catch {
        // Whatever went wrong, no acknowledgement was read, and that is all the caller has to know.
        return null
      }
    },
    close: () => agent.destroy(),
  }
}

/** Whether the address names this machine by one of its plain names; what would have to be looked up does not. */
export function isLoopback(url: string): boolean {
  return URL.canParse(url) && LOOPBACK_HOSTS.includes(new URL(url).hostname)
}

function plainHeaders(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value ?? '')]))
}
