import { type CurrencyCode, exponentOf } from './currency.ts'
import { moneyMust } from './mistake.ts'
import { type Money, money } from './money.ts'

/** The largest amount that is read, in minor units: 18 nines, which fit a signed 64-bit column with room for sums. */
export const MINOR_MAX = 10n ** 18n - 1n

export type DecimalRefusal = 'not_decimal' | 'too_many_decimals' | 'too_large'

export type DecimalResult =
  | { readonly ok: true; readonly money: Money }
  | { readonly ok: false; readonly why: DecimalRefusal }

/**
 * Reads an amount written as plain decimal text: ASCII digits, at most one point with digits on both sides, no leading
 * zero but a single one, at most the decimals of the currency. `10.5` and `10.50` are both 1050 cents; `10.500`, `010`,
 * `.5`, `1.`, `+1`, `1e3` and `1,000` are refused, for each could mean something else to somebody else.
 * Zero is read; whether it may be paid is not decided here.
 */
export function parseDecimal(text: string, currency: CurrencyCode): DecimalResult {
  const parts = STRICT.exec(text)
  if (parts === null) return NOT_DECIMAL
  return read(parts[1] ?? '', parts[2] ?? '', currency)
}

/**
 * Reads what a provider echoes, to be compared by value: like `parseDecimal`, but leading zeros and zeros beyond the
 * decimals of the currency are looked through. `300.0000` and `0300` are 300.00; `300.001` is still refused.
 * Never for an amount that somebody asks us to pay.
 */
export function parseDecimalLenient(text: string, currency: CurrencyCode): DecimalResult {
  const parts = LENIENT.exec(text)
  if (parts === null) return NOT_DECIMAL
  return read(withoutLeadingZeros(parts[1] ?? ''), withoutTrailingZeros(parts[2] ?? ''), currency)
}

/** Exactly the decimals of the currency: `10.50`, JPY `300`, BHD `1.250`. A balance below zero begins with `-`. */
export function printDecimal(amount: Money): string {
  const { sign, whole, fraction } = digitsOf(amount)
  return sign + join(whole, fraction)
}

/** No more decimals than the value needs: `150.00` is `150`, `160.50` is `160.5`. */
export function printShortest(amount: Money): string {
  const { sign, whole, fraction } = digitsOf(amount)
  return sign + join(whole, withoutTrailingZeros(fraction))
}

/**
 * Exactly this many decimals (0 to 18), whatever the currency has: four of them print 10.50 as `10.5000`.
 *
 * @throws MoneyMistake when a digit other than zero would be lost
 */
export function printWithDecimals(amount: Money, decimals: number): string {
  moneyMust(Number.isInteger(decimals) && decimals >= 0 && decimals <= 18, 'decimals are 0 to 18')
  const { sign, whole, fraction } = digitsOf(amount)
  const needed = withoutTrailingZeros(fraction)
  moneyMust(needed.length <= decimals, 'a printed amount loses no digit')
  return sign + join(whole, needed.padEnd(decimals, '0'))
}

// Neither can backtrack: after each digit there is one way to go on.
const STRICT = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/
const LENIENT = /^([0-9]+)(?:\.([0-9]+))?$/

const NOT_DECIMAL: DecimalResult = { ok: false, why: 'not_decimal' }
const TOO_MANY_DECIMALS: DecimalResult = { ok: false, why: 'too_many_decimals' }
const TOO_LARGE: DecimalResult = { ok: false, why: 'too_large' }

const MINOR_DIGITS_MAX = MINOR_MAX.toString().length

function read(whole: string, fraction: string, currency: CurrencyCode): DecimalResult {
  const exponent = exponentOf(currency)
  if (fraction.length > exponent) return TOO_MANY_DECIMALS
  // Judged by length before the number is made, for a million digits must not cost us that. The limit is all nines, so
  // what has no more digits than the limit is never above it.
  if (whole.length + exponent > MINOR_DIGITS_MAX) return TOO_LARGE
  return { ok: true, money: money(BigInt(whole + fraction.padEnd(exponent, '0')), currency) }
}

function digitsOf(amount: Money): { sign: string; whole: string; fraction: string } {
  const exponent = exponentOf(amount.currency)
  const below = amount.minor < 0n
  const digits = (below ? -amount.minor : amount.minor).toString().padStart(exponent + 1, '0')
  const point = digits.length - exponent
  return { sign: below ? '-' : '', whole: digits.slice(0, point), fraction: digits.slice(point) }
}

function join(whole: string, fraction: string): string {
  return fraction === '' ? whole : `${whole}.${fraction}`
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits[end - 1] === '0') end--
  return digits.slice(0, end)
}

/** Keeps the last digit: zero is written `0`. */
function withoutLeadingZeros(digits: string): string {
  let start = 0
  while (start < digits.length - 1 && digits[start] === '0') start++
  return digits.slice(start)
}
