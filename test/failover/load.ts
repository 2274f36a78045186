// Merchants who submit without a pause and repeat what nobody answers, and what they saw of it.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../src/lib/random.ts'
import { createDoor, createNative, doorShown } from '../client.ts'

export interface Order {
  readonly reference: string
  /** No two orders of a run have the same one: the provider's books tell by it whose an order of theirs is. */
  readonly amount: string
  readonly wallet: string
  readonly by: 'api' | 'door'
}

export interface Acknowledged {
  /** The 16 characters of the payout. */
  readonly code: string
  readonly atMs: number
  /** From the first try to the answer. */
  readonly waitedMs: number
}

export interface Load {
  /** By reference, in the order of the answers. */
  readonly acknowledged: ReadonlyMap<string, Acknowledged>
  /** Answers that said "not now", and tries that ended without any. */
  refused(): number
  broken(): number
  /** All orders are answered. @throws on an answer that no client may get */
  readonly done: Promise<void>
  stop(): void
}

const CLIENTS = 8
const PAUSE_MS_MAX = 60
const AGAIN_MS = 50

/** What the simulated provider does with them; docs/simulator.md has the whole table. */
const WALLETS = [
  ...Array<string>(6).fill('01812345678'), // paid 50 to 300 ms later
  ...Array<string>(3).fill('01700000001'), // paid in the answer
  '01700000004', // taken, then failed
  '01700000021', // paid, the answer is lost
  '01700000023', // paid, the connection is reset
]

/** @param name begins each reference; unique at the provider */
export function drawOrders(random: Random, name: string, count: number): readonly Order[] {
  return Array.from({ length: count }, (_, place) => ({
    reference: `${name}-${place}`,
    amount: `${1 + Math.floor(place / 100)}.${`${place % 100}`.padStart(2, '0')}`,
    wallet: WALLETS[random.below(WALLETS.length)] ?? '',
    by: place % 2 === 0 ? 'api' : 'door',
  }))
}

export function startLoad(url: string, orders: readonly Order[], random: Random): Load {
  const stopped = new AbortController()
  const { signal } = stopped
  const acknowledged = new Map<string, Acknowledged>()
  let refused = 0
  let broken = 0
  const queue = orders.values()

  async function client(): Promise<void> {
    for (const order of queue) {
      const startedMs = Date.now()
      const code = await untilTaken(order)
      acknowledged.set(order.reference, { code, atMs: Date.now(), waitedMs: Date.now() - startedMs })
      await sleep(random.below(PAUSE_MS_MAX), undefined, { signal })
    }
  }
  async function untilTaken(order: Order): Promise<string> {
    for (;;) {
      const code = await submit(url, order)
      if (code !== 'refused' && code !== 'broken') return code
      if (code === 'refused') refused += 1
      else broken += 1
      await sleep(AGAIN_MS, undefined, { signal })
    }
  }

  const done = Promise.all(Array.from({ length: CLIENTS }, client)).then(() => {})
  // A run that failed elsewhere says so there.
  done.catch(() => {})
  return { acknowledged, refused: () => refused, broken: () => broken, done, stop: () => stopped.abort() }
}

/** The 16 characters of the payout, or that nobody can tell yet. @throws on an answer that no client may get */
export async function submit(url: string, order: Order): Promise<string> {
  const { reference, amount, wallet, by } = order
  try {
    const answer =
      by === 'api'
        ? await createNative(url, { reference, amount, wallet })
        : await createDoor(url, { tradeNo: reference, amount, walletId: wallet })
    if (answer.status >= 500) return 'refused'
    // The shape of the native API; a wrong one makes a code that is nobody's.
    if (by === 'api' && answer.status === 201) return (JSON.parse(answer.text) as { id: string }).id.slice(3)
    if (by === 'door' && doorShown(answer).code === '0000') return doorShown(answer).data.platFormTradeNo
    throw new Error(`${reference} was answered ${answer.status} ${answer.text}`)
  } catch (error) {
    // `fetch failed`, and what the runtime says where a connection broke in the middle of an answer.
    if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError'))
      return 'broken'
    throw error
  }
}
