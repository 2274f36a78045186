import type { CurrencyCode } from './currency.ts'
import { moneyMust } from './mistake.ts'

/**
 * An exact amount: whole minor units of one currency, `{ minor: 1050n, currency: EUR }` for 10.50 EUR.
 * Below zero where a balance or a posting is; what a payout may be is decided by those who read amounts.
 */
export interface Money {
  readonly minor: bigint
  readonly currency: CurrencyCode
}

export function money(minor: bigint, currency: CurrencyCode): Money {
  return { minor, currency }
}

export function moneyAdd(a: Money, b: Money): Money {
  return money(a.minor + minorOf(b, a.currency), a.currency)
}

export function moneySubtract(a: Money, b: Money): Money {
  return money(a.minor - minorOf(b, a.currency), a.currency)
}

/** -1 when `a` is less than `b`, 0 when they are equal, 1 when it is more: fit for `sort`. */
export function moneyCompare(a: Money, b: Money): -1 | 0 | 1 {
  const other = minorOf(b, a.currency)
  if (a.minor === other) return 0
  return a.minor < other ? -1 : 1
}

/** Whether currency and amount are both the same. Two currencies are unequal here, and no mistake: echoes are compared so. */
export function moneyEquals(a: Money, b: Money): boolean {
  return a.currency === b.currency && a.minor === b.minor
}

export function moneyIsZero(amount: Money): boolean {
  return amount.minor === 0n
}

/** The sum of a list that may be empty, therefore with its currency. */
export function moneySum(list: readonly Money[], currency: CurrencyCode): Money {
  let minor = 0n
  for (const amount of list) minor += minorOf(amount, currency)
  return money(minor, currency)
}

/**
 * Splits an amount in proportion to its weights by the method of largest remainders: every share differs from the exact
 * one by less than one minor unit, and together they are the whole. The units left over go to the largest remainders,
 * and to the earlier share where two are equal, so the same call always gives the same shares. A weight of zero gets
 * nothing. An amount below zero is split like its opposite.
 *
 * @throws MoneyMistake without weights, with a weight below zero, or when all are zero
 */
export function moneySplit(amount: Money, weights: readonly bigint[]): readonly Money[] {
  moneyMust(weights.length <= SHARES_MAX, 'a split has at most 100,000 weights')
  moneyMust(
    weights.every(weight => weight >= 0n),
    'a weight is never below zero',
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0n)
  moneyMust(total > 0n, 'a split has a weight above zero')

  const sign = amount.minor < 0n ? -1n : 1n
  const whole = sign * amount.minor
  const floors = weights.map(weight => (whole * weight) / total)
  const extra = sharesWithExtraUnit(whole, weights, total, floors)
  return floors.map((floor, share) => money(sign * (extra.has(share) ? floor + 1n : floor), amount.currency))
}

/** Amounts meet only in one currency: another one is a mistake of ours, never something to convert. */
function minorOf(amount: Money, currency: CurrencyCode): bigint {
  moneyMust(amount.currency === currency, 'amounts of two currencies never meet')
  return amount.minor
}

/** So that a split is always a short calculation. */
const SHARES_MAX = 100_000

function sharesWithExtraUnit(
  whole: bigint,
  weights: readonly bigint[],
  total: bigint,
  floors: readonly bigint[],
): ReadonlySet<number> {
  const left = whole - floors.reduce((sum, floor) => sum + floor, 0n)
  const byRemainder = weights
    .map((weight, share) => ({ share, remainder: (whole * weight) % total }))
    .sort((a, b) => (a.remainder === b.remainder ? a.share - b.share : a.remainder > b.remainder ? -1 : 1))
  return new Set(byRemainder.filter((_, rank) => BigInt(rank) < left).map(({ share }) => share))
}
