// The provider behind the synthetic connector. It keeps one transfer for each reference, pays it as its behaviour says,
// answers inquiries within its contract or, where a behaviour is marked so, against it, and calls back.
import type { Clock } from '../../../src/lib/clock.ts'
import type { Random } from '../../../src/lib/random.ts'
import type { Capabilities } from '../../../src/protocols/capabilities.ts'
import type { WireAnswer, WireRequest } from '../../../src/protocols/protocol.ts'
import type { LineFaultName } from '../../../src/simulator/line-faults.ts'
import { isLineFault } from '../../../src/simulator/line-faults.ts'
import type { Station } from '../network/network.ts'
import type { SyntheticBehaviour } from './synthetic-behaviours.ts'
import { type SyntheticMessage, syntheticSignature } from './synthetic-connector.ts'
import type { TransferState, Truth } from './truth.ts'

export interface SyntheticRailNeeds {
  readonly account: string
  readonly contract: Capabilities
  readonly secret: string
  readonly clock: Clock
  readonly random: Random
  readonly truth: Truth
  drawBehaviour(): SyntheticBehaviour
  exchange(request: WireRequest, timeoutMs: number): Promise<WireAnswer | null>
}

interface Order {
  readonly reference: string
  readonly amount: string
  readonly callbackUrl: string | null
  readonly theirId: string
  readonly behaviour: SyntheticBehaviour
  state: TransferState
  timesAccepted: number
  timesPaid: number
  startedAtMs: number | null
}

interface Asked {
  readonly reference: string
  readonly amount?: string
  readonly callbackUrl?: string | null
  readonly step?: string
}

const CALLBACK_WAITS_MS = [0, 5_000, 30_000, 300_000, 3_600_000]

export function createSyntheticRail(needs: SyntheticRailNeeds): Station {
  const { contract, clock, truth, account } = needs
  const orders = new Map<string, Order>()
  const refused = new Set<string>()

  function keep(order: Order): void {
    const { reference, state, timesAccepted, timesPaid, behaviour } = order
    truth.update({
      ...{ account, reference, state, minor: BigInt(order.amount), timesAccepted, timesPaid },
      atMs: clock.now(),
      behaviour: behaviour.name,
      breaksContract: behaviour.breaks,
      canBeAsked:
        contract.queryableByOurReference &&
        behaviour.inquiry === 'plain' &&
        behaviour.foundUntilMs === Number.POSITIVE_INFINITY &&
        behaviour.foundFromMs === 0 &&
        behaviour.callbacks !== 'contradicting',
    })
  }

  function pay(asked: Asked, meet: (fault: LineFaultName) => void): WireAnswer | null {
    const known = orders.get(asked.reference)
    if (known !== undefined) return repeated(known, asked)
    if (refused.has(asked.reference)) return refuse(asked)
    const behaviour = needs.drawBehaviour()
    if (!contract.twoStep && !reaches(behaviour, meet)) return null
    if (behaviour.at === 'refused') return refuse(asked)
    const order: Order = {
      ...{ reference: asked.reference, amount: asked.amount ?? '0', callbackUrl: asked.callbackUrl ?? null },
      theirId: `t${orders.size + 1}-${asked.reference.slice(0, 6)}`,
      behaviour,
      state: 'waiting',
      timesAccepted: 1,
      timesPaid: 0,
      startedAtMs: null,
    }
    orders.set(asked.reference, order)
    if (contract.twoStep) {
      keep(order)
      return say({ said: 'created', code: null, order, asked })
    }
    return begin(order, asked)
  }

  // A refusal is the answer to each copy of a request, also to one that a line brings twice: nobody could end anything
  // by a provider that takes the second after it refused the first.
  function refuse(asked: Asked): WireAnswer {
    refused.add(asked.reference)
    return say({ said: 'failed', code: 'R1', order: null, asked })
  }

  function commit(asked: Asked, meet: (fault: LineFaultName) => void): WireAnswer | null {
    const order = orders.get(asked.reference)
    if (order === undefined) return say({ said: 'not_found', code: null, order: null, asked })
    if (order.state !== 'waiting') return say({ said: 'failed', code: 'D1', order, asked })
    if (!reaches(order.behaviour, meet)) return null
    return begin(order, asked)
  }

  function begin(order: Order, asked: Asked): WireAnswer {
    const { behaviour } = order
    order.startedAtMs = clock.now()
    move(order, behaviour.at === 'refused' ? 'failed' : behaviour.at)
    for (const { to, afterMs } of behaviour.steps) clock.after(afterMs, () => move(order, to))
    if (behaviour.says === 'duplicate') return say({ said: 'failed', code: 'D1', order, asked })
    if (behaviour.says === 'no_response') return say({ said: 'failed', code: 'T1', order, asked })
    return say({ said: order.state, code: order.state === 'failed' ? 'F1' : null, order, asked })
  }

  function move(order: Order, to: TransferState): void {
    order.state = to
    if (to === 'paid') order.timesPaid += 1
    keep(order)
    if (to !== 'pending') tell(order)
  }

  /** The contract says whether the same reference again is the same payout, or an error. */
  function repeated(order: Order, asked: Asked): WireAnswer {
    if (rememberedMs(order) < ageOf(order)) {
      order.timesAccepted += 1
      return begin(order, asked)
    }
    if (contract.idempotentOnOurReference) return sayAgain(order, asked)
    return say({ said: 'failed', code: 'D1', order, asked })
  }

  /** For how long the reference stands for this order; after that it is a new one. */
  function rememberedMs({ behaviour }: Order): number {
    return contract.idempotentOnOurReference ? contract.idempotencyWindowMs : behaviour.foundUntilMs
  }

  function sayAgain(order: Order, asked: Asked): WireAnswer {
    const said = sayingOf(order)
    return say({ said, code: said === 'failed' ? 'F1' : null, order, asked })
  }

  function query(asked: Asked): WireAnswer | null {
    const order = orders.get(asked.reference)
    if (order === undefined) return say({ said: 'not_found', code: null, order: null, asked })
    const { behaviour } = order
    if (behaviour.inquiry === 'silent') return null
    const ageMs = ageOf(order)
    if (order.startedAtMs !== null && (ageMs < behaviour.foundFromMs || ageMs > behaviour.foundUntilMs))
      return say({ said: 'not_found', code: null, order: null, asked })
    const other = behaviour.inquiry === 'other_record' ? paidBeside(order) : null
    if (other !== null)
      return say({ said: 'paid', code: null, order: other, asked: { reference: other.reference } })
    const wrong = behaviour.inquiry === 'other_amount'
    const said = sayingOf(order)
    return say({ said, code: said === 'failed' ? 'F1' : null, order, asked, wrong })
  }

  function paidBeside(order: Order): Order | null {
    for (const other of orders.values()) if (other !== order && other.state === 'paid') return other
    return null
  }

  function ageOf({ startedAtMs }: Order): number {
    return startedAtMs === null ? 0 : clock.now() - startedAtMs
  }

  function say(of: {
    readonly said: string
    readonly code: string | null
    readonly order: Order | null
    readonly asked: Asked
    readonly wrong?: boolean
  }): WireAnswer {
    const { said, code, order, asked, wrong = false } = of
    const amount = order?.amount ?? asked.amount ?? null
    const message: SyntheticMessage = {
      ...{ said, code, requestId: null, reference: asked.reference },
      theirId: order?.theirId ?? null,
      amount: wrong ? `${amount}1` : amount,
    }
    return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(message)) }
  }

  function tell(order: Order): void {
    const { callbacks } = order.behaviour
    if (!contract.callsBack || callbacks === 'none' || order.callbackUrl === null) return
    const lies = callbacks === 'contradicting' && order.state === 'paid'
    if (callbacks === 'forged') void deliver(order, 'failed', 'not the secret')
    void deliver(order, lies ? 'failed' : order.state, needs.secret)
    if (callbacks === 'doubled') void deliver(order, order.state, needs.secret)
  }

  async function deliver(order: Order, said: string, secret: string): Promise<void> {
    const { reference, amount, theirId } = order
    const code = said === 'failed' ? 'F1' : null
    const message: SyntheticMessage = { said, code, theirId, requestId: null, reference, amount }
    const text = JSON.stringify(message)
    const body = JSON.stringify({ text, signature: syntheticSignature(secret, text) })
    const request: WireRequest = { method: 'POST', url: order.callbackUrl ?? '', headers: {}, body }
    for (const waitMs of CALLBACK_WAITS_MS) {
      if (waitMs > 0) await clock.sleep(waitMs)
      const answer = await needs.exchange(request, 10_000)
      if (answer?.status === 200) return
    }
  }

  return {
    async serve(request, meet) {
      const asked = JSON.parse(request.body ?? '{}') as Asked
      switch (new URL(request.url).pathname) {
        case '/pay':
          return pay(asked, meet)
        case '/commit':
          return commit(asked, meet)
        default:
          return query(asked)
      }
    },
  }
}

/** Whether the request arrives at all under the line that its behaviour brings. */
function reaches({ line }: SyntheticBehaviour, meet: (fault: LineFaultName) => void): boolean {
  if (line !== null && isLineFault(line)) meet(line)
  return line !== 'lost_before' && line !== 'reset_before'
}

function sayingOf({ state }: Order): string {
  return state === 'waiting' ? 'created' : state
}
