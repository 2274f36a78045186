// Plays an order from our connector to our door, as far as a desk has it: created and, where the protocol has two steps,
// paid by the second. Each exchange has a nonce of its own.
import type { Answer } from '../payout/outcome.ts'
import { type Conformance, type ConformanceConnector, conformanceMoment } from './conformance.fixture.ts'
import { conformanceDesk, conformanceExchange } from './conformance-line.fixture.ts'
import type { Examined } from './conformance-load.fixture.ts'
import type { MemoryDesk } from './desk.fixture.ts'
import type {
  CallMoment,
  CommitOrder,
  Connector,
  ConnectorCommit,
  Desk,
  InquirySubject,
  Protocol,
  WireAnswer,
  WireRequest,
} from './protocol.ts'

export type Pair = ConformanceConnector['pairs'][number]
export type ReadAnswer = Extract<Answer, { kind: 'read' }>

/** A protocol that pays, with its part of the run. */
export interface Paying {
  readonly name: string
  readonly protocol: Protocol
  readonly connector: Connector
  readonly conformance: Conformance
  readonly part: ConformanceConnector
  /** The first pair. */
  readonly pair: Pair
}

/** Those of the run that pay. */
export function payingOf(examined: readonly Examined[]): readonly Paying[] {
  return examined.flatMap(({ protocol, conformance }) => {
    const { name, connector } = protocol
    const part = conformance.connector
    const pair = part?.pairs[0]
    if (connector === null || part === null || pair === undefined) return []
    return [{ name, protocol, connector, conformance, part, pair }]
  })
}

/** An order on its way. */
export interface Play {
  readonly desk: MemoryDesk
  readonly pair: Pair
  readonly next: () => CallMoment
  readonly paying: Paying
}

export function newPlay(
  paying: Paying,
  pair: Pair = paying.pair,
  desk = conformanceDesk(paying.conformance),
): Play {
  let exchanges = 0
  const next = (): CallMoment => {
    exchanges += 1
    return conformanceMoment(exchanges)
  }
  return { desk, pair, next, paying }
}

/** What the door answers to a request of the play. `desk` where it is another than the play's. */
export function exchange(
  { paying, pair, desk }: Play,
  request: WireRequest,
  other: Desk = desk,
): Promise<WireAnswer> {
  const { protocol, conformance } = paying
  return conformanceExchange(protocol.door, request, pair.account.baseUrl, other, conformance)
}

export async function create(play: Play): Promise<{ readonly answer: WireAnswer; readonly read: Answer }> {
  const { connector } = play.paying
  const { order, account } = play.pair
  const answer = await exchange(play, connector.pay(order, account, play.next()))
  return { answer, read: connector.readPay(answer, order, account) }
}

/** The second step of a protocol that has two. */
export async function commit(
  play: Play,
  step: ConnectorCommit,
  theirId: string,
): Promise<{ readonly answer: WireAnswer; readonly read: Answer }> {
  const { account } = play.pair
  const order = commitOrder(play.pair, theirId)
  const answer = await exchange(play, step.request(order, account, play.next()))
  return { answer, read: step.read(answer, order, account) }
}

export function commitOrder({ order }: Pair, theirId: string): CommitOrder {
  return { reference: order.reference, theirId, amount: order.amount }
}

export async function inquire(play: Play, subject: InquirySubject): Promise<Answer> {
  const { connector } = play.paying
  const { account } = play.pair
  const answer = await exchange(play, connector.inquire(subject, account, play.next()))
  return connector.readInquiry(answer, subject, account)
}

/**
 * Creates the order and, of two steps, sends the second: then an inquiry is about `subject`.
 *
 * @throws Error where one of the steps was not taken
 */
export async function sent(
  play: Play,
): Promise<{ readonly created: ReadAnswer; readonly subject: InquirySubject }> {
  const created = readOf((await create(play)).read, 'the answer to the order')
  const step = play.paying.connector.commit
  if (step === null) return { created, subject: subjectOf(play.pair, created.theirId, 'only') }
  const committed = readOf(
    (await commit(play, step, created.theirId ?? '')).read,
    'the answer to the second step',
  )
  const subject = subjectOf(play.pair, created.theirId, 'second')
  return { created, subject: { ...subject, payRequestId: committed.theirRequestId ?? null } }
}

export function subjectOf(
  { order }: Pair,
  theirId: string | null,
  step: InquirySubject['step'],
): InquirySubject {
  return { reference: order.reference, theirId, amount: order.amount, step, payRequestId: null }
}

function readOf(answer: Answer, what: string): ReadAnswer {
  if (answer.kind !== 'read') throw new Error(`${what} was ${answer.kind}`)
  return answer
}
