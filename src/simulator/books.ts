// The simulated provider's own books: what it took, what it paid, and how often. They know nothing of Quittance, so
// that an audit can lay both side by side and see a payout that was paid twice.
import { assert } from '../lib/assert.ts'
import { currencyOf } from '../money/currency.ts'
import { type Money, money } from '../money/money.ts'
import { type Beneficiary, beneficiaryMethod } from '../payout/beneficiary.ts'
import type { Payout } from '../payout/payout.ts'
import type { MerchantBalance, NewPayoutIdentity, PayoutKey, Submission } from '../protocols/protocol.ts'
import type { RailState } from './magic.ts'

/** One order as the books show it. Times are milliseconds since the epoch. */
export interface RailOrder {
  readonly merchantId: string
  readonly reference: string
  readonly number: bigint
  readonly amount: Money
  readonly beneficiary: Beneficiary
  /** The name of the behaviour that drives it (magic.ts). */
  readonly behaviour: string
  readonly state: RailState
  /** Submissions that reached the rail with this reference, repeats included. */
  readonly timesArrived: number
  /** Above 1 only where the reference was forgotten in between. */
  readonly timesAccepted: number
  /** Confirmations that reached the rail about this order, repeats included. */
  readonly timesConfirmed: number
  readonly timesPaid: number
  readonly acceptedAtMs: number
  /** When it began to be paid: at its acceptance, or at its confirmation; null while it waits for that. */
  readonly startedAtMs: number | null
  readonly paidAtMs: number | null
  readonly failedAtMs: number | null
  readonly returnedAtMs: number | null
}

/** The working copy: what the books show, and what it takes to answer about it. */
export interface RailEntry {
  readonly submission: Submission
  readonly identity: NewPayoutIdentity
  firstAnswer: string
  /** The answer to the first confirmation, or null. */
  confirmation: string | null
  order: RailOrder
  /** What is still to happen, in order. */
  remaining: readonly PlannedStep[]
}

/** A step with the moment it was drawn for. */
export interface PlannedStep {
  readonly to: RailState
  readonly atMs: number
}

export interface Books {
  entry(merchantId: string, by: PayoutKey): RailEntry | null
  /** Whether the merchant's balance carries the amount. */
  covers(merchantId: string, amount: Money): boolean
  /** @throws AssertionFailed where the reference is in the books already */
  open(submission: Submission, identity: NewPayoutIdentity, behaviour: string): RailEntry
  /** Takes up an entry of an earlier life of the books. */
  restore(entry: RailEntry): void
  /** Changes the state and moves the money with it. */
  move(entry: RailEntry, to: RailState, atMs: number): void
  balances(merchantId: string): readonly MerchantBalance[]
  orders(): readonly RailOrder[]
  size(): number
}

/** Opening balances of every merchant, in minor units: a thousand million of each. */
const OPENING_MINOR = 100_000_000_000n
const OPENING_CURRENCIES = ['BDT', 'EUR', 'USD'] as const

export function createBooks(): Books {
  const byReference = new Map<string, RailEntry>()
  const byNumber = new Map<bigint, RailEntry>()
  const balances = new Map<string, Map<string, MerchantBalance>>()

  function balanceOf(merchantId: string, amount: Money): MerchantBalance {
    return accountsOf(merchantId).get(amount.currency) ?? emptyBalance(money(0n, amount.currency))
  }

  function accountsOf(merchantId: string): Map<string, MerchantBalance> {
    const known = balances.get(merchantId)
    if (known !== undefined) return known
    const opened = openingBalances()
    balances.set(merchantId, opened)
    return opened
  }

  function book(merchantId: string, amount: Money, from: Place, to: Place): void {
    const { available, inFlight, held } = balanceOf(merchantId, amount)
    const change = (place: Place): bigint =>
      (to === place ? amount.minor : 0n) - (from === place ? amount.minor : 0n)
    accountsOf(merchantId).set(amount.currency, {
      available: money(available.minor + change('available'), amount.currency),
      inFlight: money(inFlight.minor + change('in_flight'), amount.currency),
      held: money(held.minor + change('held'), amount.currency),
    })
  }

  function put(entry: RailEntry): void {
    const { merchantId, reference } = entry.order
    const key = referenceKey(merchantId, reference)
    assert(!byReference.has(key), 'a reference stands once in the books')
    byReference.set(key, entry)
    byNumber.set(entry.identity.number, entry)
  }

  return {
    entry(merchantId, by) {
      const found =
        by.by === 'reference'
          ? byReference.get(referenceKey(merchantId, by.reference))
          : byNumber.get(by.number)
      if (found === undefined || found.order.merchantId !== merchantId) return null
      return by.by === 'code' && found.identity.tag !== by.tag ? null : found
    },
    covers: (merchantId, amount) => balanceOf(merchantId, amount).available.minor >= amount.minor,
    open(submission, identity, behaviour) {
      const order = newOrder(submission, identity, behaviour)
      const entry: RailEntry = {
        ...{ submission, identity, firstAnswer: '', confirmation: null },
        ...{ order, remaining: [] },
      }
      put(entry)
      book(order.merchantId, order.amount, 'available', PLACES[order.state])
      return entry
    },
    restore(entry) {
      put(entry)
      book(entry.order.merchantId, entry.order.amount, 'available', PLACES[entry.order.state])
    },
    move(entry, to, atMs) {
      const { order } = entry
      book(order.merchantId, order.amount, PLACES[order.state], PLACES[to])
      entry.order = moved(order, to, atMs)
    },
    balances: merchantId => [...accountsOf(merchantId).values()],
    orders: () => [...byReference.values()].map(({ order }) => order),
    size: () => byReference.size,
  }
}

/** The order as a door reads it. */
export function railPayout({ submission, identity, order }: RailEntry): Payout {
  return {
    merchantId: order.merchantId,
    number: identity.number,
    tag: identity.tag,
    reference: order.reference,
    amount: order.amount,
    beneficiary: order.beneficiary,
    method: beneficiaryMethod(order.beneficiary),
    description: submission.description,
    metadata: submission.metadata,
    door: submission.door,
    doorCredentialId: submission.doorCredentialId,
    requestId: submission.requestId,
    notifyUrl: submission.notifyUrl,
    state: order.state,
    waitReason: order.state === 'waiting' ? 'confirmation' : null,
    why: null,
    createdAtMs: order.acceptedAtMs,
    stateSinceMs: stateSinceMs(order),
    paidAtMs: order.paidAtMs,
    version: 1,
    attempts: 1,
  }
}

function stateSinceMs({ returnedAtMs, paidAtMs, failedAtMs, startedAtMs, acceptedAtMs }: RailOrder): number {
  return returnedAtMs ?? paidAtMs ?? failedAtMs ?? startedAtMs ?? acceptedAtMs
}

type Place = 'available' | 'held' | 'in_flight' | 'gone'

const PLACES: Record<RailState, Place> = {
  waiting: 'held',
  pending: 'in_flight',
  paid: 'gone',
  failed: 'available',
  returned: 'available',
}

function newOrder(submission: Submission, identity: NewPayoutIdentity, behaviour: string): RailOrder {
  const { merchantId, reference, amount, beneficiary, needsConfirmation } = submission
  return {
    merchantId,
    reference,
    number: identity.number,
    amount,
    beneficiary,
    behaviour,
    state: identity.state === 'waiting' ? 'waiting' : 'pending',
    timesArrived: 1,
    timesAccepted: 1,
    timesConfirmed: 0,
    timesPaid: 0,
    acceptedAtMs: identity.createdAtMs,
    startedAtMs: needsConfirmation ? null : identity.createdAtMs,
    paidAtMs: null,
    failedAtMs: null,
    returnedAtMs: null,
  }
}

function moved(order: RailOrder, to: RailState, atMs: number): RailOrder {
  switch (to) {
    case 'waiting':
      return { ...order, state: to, startedAtMs: null }
    case 'pending':
      return { ...order, state: to, startedAtMs: atMs }
    case 'paid':
      return { ...order, state: to, timesPaid: order.timesPaid + 1, paidAtMs: atMs }
    case 'failed':
      return { ...order, state: to, failedAtMs: atMs }
    case 'returned':
      return { ...order, state: to, returnedAtMs: atMs }
  }
}

function openingBalances(): Map<string, MerchantBalance> {
  const opened = new Map<string, MerchantBalance>()
  for (const text of OPENING_CURRENCIES) {
    const currency = currencyOf(text)
    assert(currency !== null, 'an opening currency is known')
    opened.set(currency, emptyBalance(money(OPENING_MINOR, currency)))
  }
  return opened
}

function emptyBalance(available: Money): MerchantBalance {
  const nothing = money(0n, available.currency)
  return { available, held: nothing, inFlight: nothing }
}

const referenceKey = (merchantId: string, reference: string): string =>
  JSON.stringify([merchantId, reference])
