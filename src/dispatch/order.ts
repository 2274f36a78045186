// A payout as its provider will read it: our reference, the callback address, and the bytes, built once.
import { attemptReference } from '../payout/attempt.ts'
import type { Payout } from '../payout/payout.ts'
import type { CallMoment, ConnectorOrder, WireRequest } from '../protocols/protocol.ts'
import type { ReadyAccount } from './accounts.ts'
import { callbackUrl } from './callback-url.ts'

/** An attempt of a payout, ready to be committed and then sent. */
export interface Prepared {
  readonly ok: true
  readonly attemptNo: number
  readonly order: ConnectorOrder
  /** Built once: what is hashed into the intent is what is sent. */
  readonly request: WireRequest
}

/** S2: nothing can be sent as it stands. `why` is fit for the merchant, `detail` for the operator. */
export interface Unpreparable {
  readonly ok: false
  readonly why: string
  readonly kind: 'cannot_carry' | 'connector_failed'
  readonly detail: string
  /** What the connector threw, where it threw. */
  readonly error: unknown
}

/**
 * The attempt of this number: the next one, or the one that there is, once more. `publicUrl` is where providers reach us,
 * without a slash at the end.
 */
export function prepareAttempt(
  payout: Payout,
  attemptNo: number,
  ready: ReadyAccount,
  publicUrl: string,
  at: CallMoment,
): Prepared | Unpreparable {
  const { connector, account } = ready
  const order = orderOf(payout, attemptNo, ready, publicUrl)
  try {
    const cannot = connector.cannotCarry(order, account)
    if (cannot !== null) return cannotCarry(account.id, cannot)
    const request = withRequestId(connector.pay(order, account, at), payout)
    return { ok: true, attemptNo, order, request }
  } catch (error) {
    return {
      ok: false,
      why: 'The request to the provider could not be built; a person looks at it.',
      kind: 'connector_failed',
      detail: `${account.id} could not build the request`,
      error,
    }
  }
}

/** The request as it is sent: with the id under which the payout was asked for, so that logs can be joined. */
export function withRequestId(request: WireRequest, { requestId }: Pick<Payout, 'requestId'>): WireRequest {
  if (requestId === null) return request
  return { ...request, headers: { ...request.headers, 'x-request-id': requestId } }
}

function orderOf(payout: Payout, attemptNo: number, ready: ReadyAccount, publicUrl: string): ConnectorOrder {
  const { account, capabilities, callbackSecret } = ready
  const { merchantId, number, tag } = payout
  const about = {
    protocol: account.protocol,
    providerAccountId: account.id,
    merchantId,
    number,
    tag,
    attemptNo,
  }
  return {
    reference: attemptReference(
      { merchantId, reference: payout.reference, attemptNo },
      capabilities.reference,
    ),
    amount: payout.amount,
    beneficiary: payout.beneficiary,
    description: payout.description,
    callbackUrl: capabilities.callsBack ? callbackUrl(publicUrl, about, callbackSecret) : null,
  }
}

function cannotCarry(providerAccountId: string, cannot: string): Unpreparable {
  return {
    ok: false,
    why: `The provider cannot take this payout as it is: ${cannot}.`,
    kind: 'cannot_carry',
    detail: `${providerAccountId}: ${cannot}`,
    error: null,
  }
}
