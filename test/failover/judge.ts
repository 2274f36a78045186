// All books side by side when nothing moves any more: ours, the provider's, and what the clients were told.
import { payoutCode } from '../../src/payout/number.ts'
import type { PrintedOrder } from '../../src/simulator/control.ts'
import { matchBooks } from '../books.ts'
import { type House, MERCHANT } from '../house.ts'
import type { Acknowledged, Order } from './load.ts'
import { explained, findings } from './look.ts'

export interface Lost {
  readonly orders: readonly Order[]
  /** Of those whose acknowledged payout the database does not hold. */
  readonly references: readonly string[]
}

export interface Judged {
  readonly breaches: readonly string[]
  readonly states: Readonly<Record<string, number>>
  /** Orders of the provider that no attempt names, and an incident does. */
  readonly phantoms: number
  /** Orders of ours that the provider paid more than once. */
  readonly double: number
  readonly forPerson: number
  /** References of payouts that have not ended and could. */
  readonly open: readonly string[]
}

export async function judge(of: {
  readonly house: House
  readonly books: () => Promise<readonly PrintedOrder[]>
  readonly orders: readonly Order[]
  readonly acknowledged: ReadonlyMap<string, Acknowledged>
  readonly lost: Lost
  readonly kind: 'synchronous' | 'asynchronous'
}): Promise<Judged> {
  const { house, orders, acknowledged, lost, kind } = of
  const theirs = await of.books()
  const matched = await matchBooks(house, theirs)
  const { attempts, incidents } = await explained(house)
  const unknown = theirs.filter(({ reference }) => !attempts.has(reference))
  const isTold = ({ reference }: PrintedOrder) => incidents.includes(reference)
  const doubles = paidTwice(orders, theirs)
  const codes = await codesOf(house)
  const gone = [...acknowledged].filter(([reference, { code }]) => codes.get(reference) !== code)
  return {
    breaches: [
      ...matched.breaches.filter(
        breach => !unknown.some(order => breach === `phantom ${order.reference}` && isTold(order)),
      ),
      ...doubles,
      ...(kind === 'synchronous'
        ? gone.map(
            ([reference, { code }]) =>
              `${reference} was acknowledged as ${code} and is ${codes.get(reference) ?? 'gone'}`,
          )
        : gone
            .filter(([reference]) => !lost.references.includes(reference))
            .map(([reference]) => `${reference} was there after the failover and is gone`)),
      ...[...codes.keys()]
        .filter(reference => !acknowledged.has(reference))
        .map(reference => `${reference} is there and nobody asked for it`),
      ...(await findings(house)),
    ],
    states: matched.states,
    phantoms: unknown.filter(isTold).length,
    double: doubles.length,
    forPerson: matched.neverArrived.length,
    open: matched.open,
  }
}

/** By the amount, which is each order's own: the provider's books say it, whatever reference it was paid under. */
function paidTwice(orders: readonly Order[], theirs: readonly PrintedOrder[]): readonly string[] {
  const times = new Map<string, number>()
  for (const { amount, timesPaid } of theirs) times.set(amount, (times.get(amount) ?? 0) + timesPaid)
  return orders.flatMap(({ reference, amount }) => {
    const paid = times.get(amount) ?? 0
    return paid > 1 ? [`${reference} over ${amount} was paid ${paid} times`] : []
  })
}

/** The 16 characters of each payout by the merchant's reference. @throws where the database does not answer */
export async function codesOf(house: House): Promise<ReadonlyMap<string, string>> {
  const codes = new Map<string, string>()
  for (let before: bigint | null = null; ; ) {
    const page = await house.store.listPayouts(MERCHANT, { limit: 100, before, state: null, reference: null })
    for (const { reference, number, tag } of page) codes.set(reference, payoutCode(number, tag))
    const last = page.at(-1)
    if (last === undefined) return codes
    before = last.number
  }
}
