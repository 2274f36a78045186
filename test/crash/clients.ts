// Clients that repeat, as a client should: the same order under the same reference until somebody answers it.
import { setTimeout as sleep } from 'node:timers/promises'
import { createDoor, createNative, doorShown } from '../client.ts'

export interface Clients {
  allAnswered(): boolean
  /** The 16 characters of each payout as first answered, by reference. */
  readonly done: Promise<ReadonlyMap<string, string>>
  /** Sends all of them once more, and gives what is answered then. */
  repeat(): Promise<ReadonlyMap<string, string>>
  /** References of payouts that only people can end. */
  readonly undecided: readonly string[]
  /** Nobody asks again from here on. */
  stop(): void
}

interface Order {
  readonly reference: string
  readonly by: 'api' | 'door'
  readonly wallet: string
}

const AGAIN_MS = 50

/** One order for each of the ways that a payout may go; docs/simulator.md has the wallets. */
const KINDS: readonly Omit<Order, 'reference'>[] = [
  { by: 'api', wallet: '01700000001' }, // paid in the answer
  { by: 'door', wallet: '01812345678' }, // paid soon, told by callback
  { by: 'api', wallet: '01700000021' }, // paid, the answer is lost
  { by: 'door', wallet: '01700000004' }, // taken, then failed
]
/** Paid, and never found when it is asked for. */
const UNDECIDED = { by: 'door', wallet: '01700000011' } as const

export function startClients(options: {
  /** Where the application answers; more than one are asked in turn. */
  readonly urls: () => readonly string[]
  readonly name: string
  readonly notifyUrl: string
  /** One order more, which people have to decide. */
  readonly isDecided?: boolean
}): Clients {
  const { urls, name, notifyUrl, isDecided = false } = options
  const stopped = new AbortController()
  const kinds = isDecided ? [...KINDS, UNDECIDED] : KINDS
  const orders: readonly Order[] = kinds.map((kind, place) => ({ ...kind, reference: `${name}-${place}` }))
  const answered = new Map<string, string>()

  async function until(order: Order): Promise<string> {
    for (let tries = orders.indexOf(order); ; tries += 1) {
      const all = urls()
      const url = all[tries % all.length]
      const code = url === undefined ? null : await askOnce(url, order, notifyUrl)
      if (code !== null) return code
      await sleep(AGAIN_MS, undefined, { signal: stopped.signal })
    }
  }
  async function all(): Promise<ReadonlyMap<string, string>> {
    const codes = await Promise.all(orders.map(async order => [order.reference, await until(order)] as const))
    return new Map(codes)
  }
  const done = Promise.all(
    orders.map(async order => {
      answered.set(order.reference, await until(order))
    }),
  ).then(() => answered)
  // A run that failed elsewhere says so there.
  done.catch(() => {})
  return {
    allAnswered: () => answered.size === orders.length,
    done,
    repeat: all,
    undecided: orders.filter(({ wallet }) => wallet === UNDECIDED.wallet).map(({ reference }) => reference),
    stop: () => stopped.abort(),
  }
}

/** Null where nobody can tell yet. @throws on an answer that no client may get */
async function askOnce(
  url: string,
  { reference, by, wallet }: Order,
  notifyUrl: string,
): Promise<string | null> {
  try {
    const answer =
      by === 'api'
        ? await createNative(url, { reference, wallet })
        : await createDoor(url, { tradeNo: reference, walletId: wallet, notifyUrl })
    if (answer.status >= 500) return null
    // The shape of the native API; a wrong one makes a code that is nobody's.
    if (by === 'api' && answer.status === 201) return (JSON.parse(answer.text) as { id: string }).id.slice(3)
    if (by === 'door' && doorShown(answer).code === '0000') return doorShown(answer).data.platFormTradeNo
    throw new Error(`${reference} was answered ${answer.status} ${answer.text}`)
  } catch (error) {
    // `fetch failed`, and what the runtime says where a connection broke in the middle of an answer.
    if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError'))
      return null
    throw error
  }
}
