// The line by which a provider calls back: a request to one of our gateways, with what may happen to a callback on its way.
import type { WireAnswer, WireRequest } from '../../../src/protocols/protocol.ts'
import type { Network } from '../network/network.ts'
import type { Scheduler } from '../time/scheduler.ts'

export type CallbackFault = 'dropped' | 'doubled' | 'delayed' | 'forged'

export function callbackLine(of: {
  readonly scheduler: Scheduler
  readonly network: Network
  readonly account: string
  readonly draw: () => { readonly fault: CallbackFault | null; readonly delayMs: number }
}): (request: WireRequest, timeoutMs: number) => Promise<WireAnswer | null> {
  const { scheduler, network, account } = of
  return (request, timeoutMs) => {
    const { promise, resolve } = Promise.withResolvers<WireAnswer | null>()
    const { fault, delayMs } = of.draw()
    const plain = { lost: false, twice: fault === 'doubled' }
    const carry = (): void =>
      network.carry(request, 'ask', account, plain, seen =>
        resolve(seen.kind === 'answered' ? seen.answer : null),
      )
    // Whoever sent one that was dropped or came late hears nothing in time, and sends it again.
    if (fault === 'forged') network.carry(forged(request), 'ask', 'a forger', plain, () => {})
    if (fault !== 'dropped') scheduler.after(fault === 'delayed' ? delayMs : 0, carry)
    scheduler.after(timeoutMs, () => resolve(null))
    return promise
  }
}

/** What somebody writes who has seen one and has no secret: the other end, or another amount, under the same signature. */
function forged(request: WireRequest): WireRequest {
  const change = (text: string): string =>
    text.replace(/paid|failed|SUCCESS|FAIL(?:ED)?|approved|declined/, told => OTHER[told] ?? told)
  const body = request.body === null ? null : change(request.body)
  return { ...request, url: change(request.url), body }
}

const OTHER: Readonly<Record<string, string>> = {
  paid: 'failed',
  failed: 'paid',
  SUCCESS: 'FAIL',
  FAIL: 'SUCCESS',
  FAILED: 'SUCCESS',
  approved: 'declined',
  declined: 'approved',
}
