// The line by which a provider calls back: a request to one of our gateways, with what may happen to a callback on its way.
import type { WireAnswer, WireRequest } from '../../../src/protocols/protocol.ts'
import type { Network } from '../network/network.ts'
import type { Scheduler } from '../time/scheduler.ts'

export type CallbackFault = 'dropped' | 'doubled' | 'delayed'

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
    if (fault !== 'dropped') scheduler.after(fault === 'delayed' ? delayMs : 0, carry)
    scheduler.after(timeoutMs, () => resolve(null))
    return promise
  }
}
