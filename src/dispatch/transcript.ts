// What is kept of an exchange: the request and the answer as people may read them, without secrets, cut to a length,
// with the row that judged them. Kept as evidence, never read again to decide anything but a callback's content.
import { sha256 } from '../lib/digest.ts'
import type { Line } from '../payout/outcome.ts'
import type { Connector, WireRequest } from '../protocols/protocol.ts'
import type { NewExchange } from '../store/store.ts'
import type { CallResult } from './call.ts'
import type { Certainty } from './certainty.ts'

/** Characters of a request or an answer that are kept. */
const KEPT_MAX = 16_384
const UTF8 = new TextDecoder()

/** SHA-256 of the request as it is handed over to be sent: method, URL, headers and body. */
export function requestHash({ method, url, headers, body }: WireRequest): Uint8Array {
  return sha256(JSON.stringify([method, url, Object.entries(headers), body]))
}

/** One exchange, judged, as a row. */
export function exchangeRow(of: {
  readonly attemptNo: number
  readonly kind: 'send' | 'inquiry'
  readonly request: WireRequest
  readonly result: CallResult
  readonly row: string
  readonly certainty: Certainty
  readonly connector: Pick<Connector, 'scrub'>
}): NewExchange {
  const { result, request, connector } = of
  return {
    attemptNo: of.attemptNo,
    kind: of.kind,
    startedAtMs: result.startedAtMs,
    durationMs: result.durationMs,
    status: result.kind === 'answered' ? result.status : null,
    row: of.row,
    verdict: verdictText(of.certainty),
    request: scrubbed(connector, `${request.method} ${request.url}\n\n${request.body ?? ''}`),
    answer: result.kind === 'answered' ? scrubbed(connector, textOf(result.answer.body)) : result.said,
  }
}

/** `dead refused`, `accepted paid`, `in_doubt timeout`, `unchanged`. */
export function verdictText(certainty: Certainty): string {
  switch (certainty.kind) {
    case 'dead':
      return `dead ${certainty.proof}`
    case 'accepted':
      return `accepted ${certainty.as}`
    case 'in_doubt':
      return `in_doubt ${certainty.why}`
    case 'unchanged':
      return 'unchanged'
  }
}

/** What was seen of a line, as a premise of a proof: no texts of the provider. */
export function lineText(line: Line): string {
  if (line.kind !== 'answered') return `${line.kind} ${line.why}`
  const { answer, status } = line
  if (answer.kind !== 'read') return `answered ${status}, ${answer.kind}`
  return `answered ${status}, ${answer.said}${answer.failure === null ? '' : ` ${answer.failure}`}`
}

/** Text that may be kept: scrubbed by the protocol, without characters that the database does not take. */
export function scrubbed(connector: Pick<Connector, 'scrub'>, text: string): string {
  try {
    // Cut first: what a hostile answer costs is bounded before anything looks through it.
    return connector
      .scrub(text.slice(0, KEPT_MAX))
      .slice(0, KEPT_MAX)
      .replaceAll('\u0000', '\ufffd')
      .toWellFormed()
  } catch {
    return 'not kept: it could not be scrubbed'
  }
}

export function textOf(bytes: Uint8Array): string {
  return UTF8.decode(bytes.subarray(0, KEPT_MAX))
}
