// What callbacks told about an attempt. Each verified callback leaves an exchange of its own beside the payout, so that
// whoever asks the provider next can hold the two against each other, in whatever process and however much later.
import { type Answer, ECHO_FIELDS, FAILURES, SAYINGS } from '../payout/outcome.ts'
import type { Connector } from '../protocols/protocol.ts'
import type { ExchangeRow, NewExchange } from '../store/store.ts'
import { scrubbed, textOf } from './transcript.ts'

type ReadAnswer = Extract<Answer, { kind: 'read' }>

/** A callback as an exchange: what it said in the certainty tables' words, and its scrubbed text for people. */
export function toldExchange(of: {
  readonly attemptNo: number
  readonly atMs: number
  readonly row: 'W3' | 'W4'
  readonly answer: Answer
  readonly body: Uint8Array
  readonly connector: Pick<Connector, 'scrub'>
}): NewExchange {
  const { answer } = of
  return {
    attemptNo: of.attemptNo,
    kind: 'callback',
    startedAtMs: of.atMs,
    durationMs: 0,
    status: null,
    row: of.row,
    verdict: answer.kind === 'read' ? `told ${answer.said}` : `told nothing, ${answer.kind}`,
    request: JSON.stringify(answer),
    answer: scrubbed(of.connector, textOf(of.body)),
  }
}

/** What callbacks told about one attempt, in the order in which they came. */
export function toldOf(exchanges: readonly ExchangeRow[], attemptNo: number): readonly Answer[] {
  return exchanges
    .filter(exchange => exchange.kind === 'callback' && exchange.attemptNo === attemptNo)
    .map(({ request }) => parseAnswer(request))
}

/** Reads back what `toldExchange` wrote. Total: what cannot be read told nothing. */
function parseAnswer(text: string | null): Answer {
  try {
    const answer: unknown = JSON.parse(text ?? '')
    return isReadAnswer(answer) ? answer : { kind: 'unreadable' }
  } catch {
    return { kind: 'unreadable' }
  }
}

function isReadAnswer(answer: unknown): answer is ReadAnswer {
  if (typeof answer !== 'object' || answer === null) return false
  const { kind, said, failure, theirId, echo } = answer as Record<keyof ReadAnswer, unknown>
  return (
    kind === 'read' &&
    (SAYINGS as readonly unknown[]).includes(said) &&
    (failure === null || (FAILURES as readonly unknown[]).includes(failure)) &&
    (theirId === null || typeof theirId === 'string') &&
    typeof echo === 'object' &&
    echo !== null &&
    ECHO_FIELDS.every(field =>
      ['same', 'other', 'absent'].includes((echo as Record<string, string>)[field] ?? ''),
    )
  )
}
