// What must hold between the sums: balances against postings, and against the payouts whose money they are.
import type { Breach } from './breach.ts'

/** Minor units by merchant, currency and account. As large as the table of balances, however many payouts there are. */
export interface Sums {
  /** Credits minus debits over all postings. */
  readonly postings: Map<string, bigint>
  /** What live payouts keep in `held` and `in_flight`, by their states. */
  readonly live: Map<string, bigint>
}

export interface Line {
  readonly merchantId: string
  readonly account: string
  readonly currency: string
  readonly minor: bigint
}

export function emptySums(): Sums {
  return { postings: new Map(), live: new Map() }
}

export function addLine(sums: Map<string, bigint>, line: Line): void {
  const key = keyOf(line)
  sums.set(key, (sums.get(key) ?? 0n) + line.minor)
}

/** Forgets one merchant, to be counted anew. */
export function dropMerchant({ postings, live }: Sums, merchantId: string): void {
  for (const sums of [postings, live])
    for (const key of sums.keys()) if (key.startsWith(`${merchantId} `)) sums.delete(key)
}

/**
 * I5: every balance is the sum of its postings, and those of a currency sum to zero. I6: a merchant's own accounts are
 * never below zero, and `held` and `in_flight` are what its live payouts keep there.
 */
export function judgeSums(balances: readonly Line[], sums: Sums): readonly Breach[] {
  const stands = new Map<string, bigint>()
  for (const line of balances) addLine(stands, line)
  const breaches: Breach[] = []
  const say = (key: string, invariant: 'I5' | 'I6', detail: string) => {
    const { merchantId, account, currency } = lineOf(key)
    breaches.push({ invariant, merchantId, subject: `${account} ${currency} of ${merchantId}`, detail })
  }
  const totals = new Map<string, bigint>()
  for (const key of new Set([...stands.keys(), ...sums.postings.keys(), ...sums.live.keys()])) {
    const { merchantId, account, currency } = lineOf(key)
    const balance = stands.get(key) ?? 0n
    const apart = balance - (sums.postings.get(key) ?? 0n)
    if (apart !== 0n) say(key, 'I5', `the balance is ${apart} above the sum of its postings`)
    if (OWN.has(account) && balance < 0n) say(key, 'I6', 'the balance is below zero')
    const beyond = balance - (sums.live.get(key) ?? 0n)
    if (LIVE.has(account) && beyond !== 0n)
      say(key, 'I6', `the balance is ${beyond} above what live payouts keep there`)
    addLine(totals, { merchantId, account: 'all accounts', currency, minor: balance })
  }
  for (const [key, total] of totals)
    if (total !== 0n) say(key, 'I5', `the balances sum to ${total}, not to zero`)
  return breaches
}

const OWN: ReadonlySet<string> = new Set(['available', 'held', 'in_flight'])
const LIVE: ReadonlySet<string> = new Set(['held', 'in_flight'])

function keyOf({ merchantId, currency, account }: Line): string {
  return `${merchantId} ${currency} ${account}`
}

function lineOf(key: string): Omit<Line, 'minor'> {
  const [merchantId = '', currency = '', ...account] = key.split(' ')
  return { merchantId, currency, account: account.join(' ') }
}
