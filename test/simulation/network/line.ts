// What can become of one request on the line, at the level of whole messages: the faults of src/simulator/line-faults.ts,
// with the statuses that stand for others, and those of a connection that never stands.
import type { LineSeen } from '../../../src/dispatch/call.ts'
import type { WireAnswer } from '../../../src/protocols/protocol.ts'
import type { LineFaultName } from '../../../src/simulator/line-faults.ts'

export const CONNECT_FAULTS = ['name', 'connect', 'tls', 'proxy'] as const
export type ConnectFault = (typeof CONNECT_FAULTS)[number]

export const STATUS_FAULTS = {
  server_error: 502,
  client_error: 400,
  redirect: 307,
  unauthorized: 401,
  nothing_there: 404,
  conflict: 409,
  too_many: 429,
  fault: 500,
} as const
export type StatusFault = keyof typeof STATUS_FAULTS

/** `late`: the request arrives when nobody waits for it any more. */
export type LineFault = LineFaultName | StatusFault | 'late'

export type Arrival = 'never' | 'plain' | 'twice' | 'late'

export function arrivalOf(fault: LineFault | null): Arrival {
  switch (fault) {
    case 'lost_before':
    case 'reset_before':
      return 'never'
    case 'doubled':
      return 'twice'
    case 'late':
      return 'late'
    default:
      return 'plain'
  }
}

/** What the caller sees of an answer under a fault; null: nothing, until its own time is over. */
export function seenOf(fault: LineFault | null, answer: WireAnswer | null): LineSeen | null {
  switch (fault) {
    case 'lost_before':
    case 'reset_before':
    case 'lost_after':
    case 'reset_after':
      return { kind: 'cut', why: 'reset', said: 'the connection was closed' }
    case 'held':
      return null
    case 'half':
      return { kind: 'cut', why: 'incomplete', said: 'the answer was cut' }
    case 'garbage':
      return page(200, HTML)
    case 'empty':
      return page(200, '')
    case 'server_error':
    case 'client_error':
    case 'redirect':
    case 'unauthorized':
    case 'nothing_there':
    case 'conflict':
    case 'too_many':
    case 'fault':
      return page(STATUS_FAULTS[fault], HTML)
    case null:
    case 'delayed':
    case 'doubled':
    case 'answer_doubled':
    case 'late':
      return answer === null ? null : { kind: 'answered', status: answer.status, answer }
  }
}

const HTML = '<!doctype html><html><body><h1>Bad Gateway</h1></body></html>\n'

function page(status: number, body: string): LineSeen {
  const headers = { 'content-type': 'text/html; charset=utf-8' }
  return { kind: 'answered', status, answer: { status, headers, body: Buffer.from(body) } }
}
