import * as iso4217 from 'dinero.js/currencies'
import { moneyMust } from './mistake.ts'

/** A currency of ISO 4217 by its three capital letters. Only `currencyOf` makes one. */
export type CurrencyCode = string & { readonly __brand: 'CurrencyCode' }

/** The currency of exactly this code, or null. Lower case, blanks and numeric codes are not looked through. */
export function currencyOf(text: string): CurrencyCode | null {
  return exponents.has(text as CurrencyCode) ? (text as CurrencyCode) : null // the brand stands for this look-up
}

/** How many decimals the currency has: 2 for EUR, 0 for JPY, 3 for BHD, 4 for CLF. */
export function exponentOf(currency: CurrencyCode): number {
  const exponent = exponents.get(currency)
  moneyMust(exponent !== undefined, 'a currency code is one of ISO 4217')
  return exponent
}

/** Every known currency, in alphabetical order. */
export function currencyCodes(): readonly CurrencyCode[] {
  return codes
}

/**
 * The library counts ariary (MGA) and ouguiya (MRU) in fifths, as their coins are, with base 5 and exponent 1.
 * ISO 4217, list one, gives both two decimals, and so do banks and providers: 1 MGA is 100 minor units here.
 */
const CORRECTED = new Map([
  ['MGA', 2],
  ['MRU', 2],
])

const exponents: ReadonlyMap<CurrencyCode, number> = new Map(
  Object.values(iso4217).map(({ code, base, exponent }) => {
    const corrected = CORRECTED.get(code)
    moneyMust(corrected !== undefined || base === 10, 'a currency counts in tens')
    return [code as string as CurrencyCode, corrected ?? exponent] as const // the brand stands for this table
  }),
)

const codes: readonly CurrencyCode[] = Object.freeze([...exponents.keys()].sort())
