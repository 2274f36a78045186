// Clients that repeat until they have an answer, as a client should, and that compare every answer with their first.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, createDoor, createNative, doorShown } from '../client.ts'
import type { PlannedOrder } from './plan.ts'

export interface Order extends PlannedOrder {
  readonly reference: string
}

export interface Clients {
  /** The 16 characters of each payout as first answered, by reference, once all are answered. */
  readonly done: Promise<ReadonlyMap<string, string>>
  /** Sends all of them once more. A sentence for each answer that is not the first one. */
  repeat(): Promise<readonly string[]>
  /** Answers that said "not now". */
  refusals(): number
  stop(): void
}

const AGAIN_MS = 40

export function startClients(url: string, orders: readonly Order[], notifyUrl: string): Clients {
  const stopped = new AbortController()
  const firsts = new Map<string, Taken>()
  let refusals = 0

  async function until(order: Order): Promise<Taken> {
    for (;;) {
      const taken = await askOnce(url, order, notifyUrl)
      if (taken !== null) return taken
      refusals += 1
      await sleep(AGAIN_MS, undefined, { signal: stopped.signal })
    }
  }
  const done = Promise.all(orders.map(async order => firsts.set(order.reference, await until(order)))).then(
    () => new Map([...firsts].map(([reference, { code }]) => [reference, code])),
  )
  // A history that failed elsewhere says so there.
  done.catch(() => {})
  return {
    done,
    refusals: () => refusals,
    stop: () => stopped.abort(),
    async repeat() {
      const again = await Promise.all(orders.map(async order => ({ order, taken: await until(order) })))
      return again
        .filter(({ order, taken }) => taken.text !== firsts.get(order.reference)?.text)
        .map(({ order, taken }) => {
          const first = firsts.get(order.reference)?.text
          return `${order.reference} was answered ${first}, and then ${taken.text}`
        })
    },
  }
}

interface Taken {
  readonly code: string
  readonly text: string
}

/** Null where nobody can tell yet. @throws on an answer that no client may get */
async function askOnce(url: string, order: Order, notifyUrl: string): Promise<Taken | null> {
  const answer = await answerOf(url, order, notifyUrl)
  if (answer === null || answer.status >= 500) return null
  const { text } = answer
  // The shape of the native API; a wrong one makes a code that is nobody's.
  if (order.by === 'api' && answer.status === 201)
    return { code: (JSON.parse(text) as { id: string }).id.slice(3), text }
  if (order.by === 'door' && doorShown(answer).code === '0000')
    return { code: doorShown(answer).data.platFormTradeNo, text }
  throw new Error(`${order.reference} was answered ${answer.status} ${text}`)
}

async function answerOf(
  url: string,
  { by, reference, wallet, amount }: Order,
  notifyUrl: string,
): Promise<Answer | null> {
  try {
    return by === 'api'
      ? await createNative(url, { reference, wallet, amount })
      : await createDoor(url, { tradeNo: reference, walletId: wallet, amount, notifyUrl })
  } catch (error) {
    // `fetch failed`, and what the runtime says where a connection broke in the middle of an answer.
    if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError'))
      return null
    throw error
  }
}
