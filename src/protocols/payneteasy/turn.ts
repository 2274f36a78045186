// One request after its checks, as the calls of the door get it: who asks, where, what, and how to refuse.
import { PAYOUT_NUMBER_LIMIT } from '../../payout/number.ts'
import type { Payout } from '../../payout/payout.ts'
import type { Desk, DoorAnswer, DoorCredential, DoorRequest } from '../protocol.ts'
import { PAYNETEASY_PROBLEMS, type PayneteasyProblem, payneteasyDenied, payneteasyRefused } from './answer.ts'
import { type PayneteasyHeard, type PayneteasyTarget, payneteasyAsk, payneteasyEndpointOf } from './checks.ts'
import { type PayneteasyAsked, payneteasyReceivedOrderId } from './request.ts'
import { payneteasyRequestSerial } from './serial.ts'
import { PAYNETEASY_JSON_TYPE, type PayneteasyCall } from './wire.ts'

export interface PayneteasyTurn {
  readonly credential: DoorCredential
  readonly target: PayneteasyTarget
  readonly asked: PayneteasyAsked
  readonly clientOrderId: string
  readonly isJson: boolean
  readonly requestId: string
  /** The serial number of an answer that is kept with no order. */
  readonly serialNumber: string
  refuse(problem: PayneteasyProblem, found?: PayneteasyFound): DoorAnswer
}

/** What is known of the order that an answer is about, once it was found. */
export interface PayneteasyFound {
  readonly paynetOrderId?: string
  readonly endPointId?: string
}

export type PayneteasyTaken =
  | { readonly ok: true; readonly turn: PayneteasyTurn }
  | { readonly ok: false; readonly answer: DoorAnswer }

/** Makes checks 8 to 10, and the turn of a request that passed them. */
export function payneteasyTakeTurn(
  request: DoorRequest,
  call: PayneteasyCall,
  heard: PayneteasyHeard,
): PayneteasyTaken {
  const { credential, claims } = heard
  const isJson = acceptsJson(request)
  const asking = payneteasyAsk(request, call, heard)
  if (asking.ok === false && asking.target === null) return { ok: false, answer: payneteasyDenied() }

  const target = asking.ok ? asking.at.target : asking.target
  const merchantOrderId = payneteasyReceivedOrderId(heard.parameters)
  const serialNumber = payneteasyRequestSerial(request.requestId, credential.publicId, claims?.nonce ?? '')
  const refuse = (problem: PayneteasyProblem, found: PayneteasyFound = {}): DoorAnswer => {
    const { paynetOrderId = null, endPointId = target.endpoint } = found
    return payneteasyRefused(problem, { serialNumber, merchantOrderId, paynetOrderId, endPointId }, isJson)
  }
  if (!asking.ok) return { ok: false, answer: refuse(asking.problem) }
  const { asked } = asking.at
  const { requestId } = request
  const clientOrderId = asked.get('client_orderid') ?? ''
  return {
    ok: true,
    turn: { credential, target, asked, clientOrderId, isJson, requestId, serialNumber, refuse },
  }
}

export type PayneteasyLookup =
  | { readonly ok: true; readonly payout: Payout; readonly endPointId: string }
  | { readonly ok: false; readonly answer: DoorAnswer }

/** Checks 11 and 12: the order is there, at this endpoint, and the client's own. */
export async function payneteasyFindOrder(turn: PayneteasyTurn, desk: Desk): Promise<PayneteasyLookup> {
  const { credential, clientOrderId, target } = turn
  const orderid = turn.asked.get('orderid')
  const number = orderid === undefined ? null : BigInt(orderid)
  const by =
    number === null
      ? ({ by: 'reference', reference: clientOrderId } as const)
      : ({ by: 'number', number } as const)
  // No order of ours has a larger number, and the desk is not asked for what cannot be.
  const isPossible = number === null || number < PAYOUT_NUMBER_LIMIT
  const payout = isPossible ? await desk.find(credential.merchantId, by) : null
  const endPointId = payout === null ? null : payneteasyEndpointOf(target, payout.amount.currency)
  if (payout === null || endPointId === null)
    return { ok: false, answer: turn.refuse(PAYNETEASY_PROBLEMS.notFound) }
  if (payout.reference !== clientOrderId)
    return { ok: false, answer: turn.refuse(PAYNETEASY_PROBLEMS.otherOrder) }
  return { ok: true, payout, endPointId }
}

function acceptsJson({ headers }: DoorRequest): boolean {
  const accepted = (headers.get('accept') ?? []).join(',').slice(0, ACCEPT_LENGTH_MAX).split(',')
  return accepted.some(one => {
    const [type = '', ...parameters] = one.split(';').map(part => part.trim().toLowerCase())
    return type === PAYNETEASY_JSON_TYPE && !parameters.some(parameter => NOT_ACCEPTED.test(parameter))
  })
}

/** RFC 9110, section 12.4.2: a weight of nothing. */
const NOT_ACCEPTED = /^q=0(?:\.0{0,3})?$/

const ACCEPT_LENGTH_MAX = 1_024
