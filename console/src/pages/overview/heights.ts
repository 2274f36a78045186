/**
 * How high each amount is drawn, in thousandths of the largest. Amounts are decimal texts of one currency; they are compared
 * exactly, and only what is drawn is rounded. What is there at all is seen: it is at least one thousandth high.
 */
export function heightsOf(amounts: readonly string[]): {
  readonly heights: readonly number[]
  readonly largest: string
} {
  const decimals = Math.max(0, ...amounts.map(text => fraction(text).length))
  const units = amounts.map(text => BigInt(text.replace(/\..*/, '') + fraction(text).padEnd(decimals, '0')))
  const top = units.reduce((most, one) => (one > most ? one : most), 0n)
  const heights = units.map(one => (one === 0n ? 0 : Math.max(1, Number((one * 1000n) / top))))
  return { heights, largest: amounts[units.indexOf(top)] ?? '0' }
}

function fraction(text: string): string {
  return text.split('.')[1] ?? ''
}
