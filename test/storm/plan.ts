// What a seed stands for: the orders of one history and the weather they meet. Each kind of fault is on or off, and only
// then is its rate drawn: a history with everything at once reaches few corners.
import type { Random } from '../../src/lib/random.ts'
import { seededRandom } from '../../src/lib/random.ts'
import { RESTARTS, type Restart } from './cluster.ts'
import type { Strike } from './line.ts'
import { CLAIMS, LINE_FAULT_NAMES, type LineFault, WRITES } from './line-faults.ts'
import { FATES, type Fate } from './sink.ts'

export interface PlannedOrder {
  readonly by: 'api' | 'door'
  readonly wallet: string
  readonly amount: string
}

export interface Plan {
  readonly seed: number
  readonly orders: readonly PlannedOrder[]
  /** Milliseconds in which the database is told to cancel or end backends, and how often; null: never. */
  readonly cancels: { readonly everyMs: number; readonly ends: boolean } | null
  readonly restart: { readonly how: Restart; readonly afterMs: number } | null
  /** Null where this exchange is left alone. */
  strike(statement: string): Strike | null
  fate(): Fate
  /** Of backends to cancel, which. */
  pick(count: number): number
}

const ORDERS_MAX = 5
const STRIKES_MAX = 6
const DELAY_MS_MAX = 120
/** In a thousand histories. */
const RESTARTS_PER_MILLE = 30

/** What the provider does with them: docs/simulator.md has the whole table. */
const WALLETS = [
  ...Array<string>(6).fill('01812345678'), // paid soon, told by callback
  ...Array<string>(3).fill('01700000001'), // paid in the answer
  '01700000004', // taken, then failed
  '01700000005', // failed in the answer
  '01700000006', // refused
  '01700000021', // paid, the answer is lost
  '01700000022', // failed, the answer is lost
  '01700000023', // paid, the connection is reset
  '01700000026', // paid, the answer is cut
  '01700000027', // paid, the answer is a page
  '01700000029', // paid, the answer is 502
  '01700000030', // paid, the answer is 400
  '01700000031', // paid, the answer is a redirect
  '01700000040', // paid, no callback
  '01700000041', // paid, each callback twice
] as const

export function planOf(seed: number): Plan {
  // A generator for each purpose: how often the database is asked changes nothing of the orders.
  const chance = (purpose: number): Random => seededRandom(seed * 16 + purpose)
  const [orders, line, front, rest] = [chance(1), chance(2), chance(3), chance(4)]
  const faults = some(LINE_FAULT_NAMES, line)
  const rate = 5 + line.below(30)
  const fates = some(
    FATES.filter(fate => fate !== 'passed'),
    front,
  )
  const fateRate = front.below(2) === 0 ? 0 : 10 + front.below(40)
  let left = 1 + line.below(STRIKES_MAX)

  return {
    seed,
    orders: Array.from({ length: 2 + orders.below(ORDERS_MAX - 1) }, () => ({
      by: orders.below(2) === 0 ? 'api' : 'door',
      wallet: oneOf(WALLETS, orders),
      amount: `${1 + orders.below(500)}.${10 + orders.below(90)}`,
    })),
    cancels: rest.below(4) === 0 ? { everyMs: 10 + rest.below(70), ends: rest.below(2) === 0 } : null,
    restart:
      rest.below(1_000) < RESTARTS_PER_MILLE
        ? { how: oneOf(RESTARTS, rest), afterMs: rest.below(150) }
        : null,
    strike(statement) {
      const inHundred = rateOf(statement, rate)
      if (left === 0 || faults.length === 0 || line.below(100) >= inHundred) return null
      left -= 1
      return {
        fault: oneOf<LineFault>(faults, line),
        byReset: line.below(2) === 0,
        delayMs: 5 + line.below(DELAY_MS_MAX),
      }
    },
    fate: () => (fates.length > 0 && front.below(100) < fateRate ? oneOf<Fate>(fates, front) : 'passed'),
    pick: count => rest.below(count),
  }
}

function rateOf(statement: string, rate: number): number {
  if (WRITES.has(statement)) return rate
  if (CLAIMS.has(statement)) return Math.ceil(rate / 4)
  return Math.floor(rate / 8)
}

/** Each with one half. */
function some<Item>(items: readonly Item[], random: Random): readonly Item[] {
  return items.filter(() => random.below(2) === 0)
}

function oneOf<Item>(items: readonly [Item, ...Item[]] | readonly Item[], random: Random): Item {
  const item = items[random.below(items.length)]
  if (item === undefined) throw new Error('there is nothing to draw from')
  return item
}
