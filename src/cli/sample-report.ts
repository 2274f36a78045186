// What the demo prints of its sample: the table, the balances, and whether both sides' books agree.
import { auditBooks } from '../ledger/audit.ts'
import { printDecimal } from '../money/decimal.ts'
import { type Money, money } from '../money/money.ts'
import { beneficiaryMethod } from '../payout/beneficiary.ts'
import { isFinal, type PayoutState } from '../payout/payout.ts'
import type { PrintedOrder } from '../simulator/control.ts'
import type { Books } from '../store/store.ts'
import type { SampleResult } from './sample-watch.ts'
import { type Column, tableLines } from './table.ts'
import type { Paint } from './terminal.ts'

export function sampleTable(results: readonly SampleResult[], paint: Paint): readonly string[] {
  const columns: readonly Column<SampleResult>[] = [
    { title: 'reference', text: ({ sample }) => sample.reference },
    { title: 'door', text: ({ sample }) => sample.via },
    {
      title: 'state',
      text: ({ payout, refused }) => (refused === null ? (payout?.state ?? 'unknown') : 'not taken'),
      paint: (text, { asExpected }) => paint(asExpected ? 'green' : 'red', text),
    },
    { title: 'method', text: ({ sample }) => beneficiaryMethod(sample.beneficiary) },
    { title: 'provider', text: ({ attempts }) => attempts.at(-1)?.providerAccountId ?? '' },
    { title: 'amount', right: true, text: ({ sample }) => `${sample.amount} ${sample.currency}` },
    { title: 'time to paid', right: true, text: timeToPaid },
    {
      title: 'the provider',
      text: ({ sample, refused }) => refused ?? sample.behaviour.says,
      paint: text => paint('dim', text),
    },
  ]
  return tableLines(columns, results)
}

function timeToPaid({ payout }: SampleResult): string {
  if (payout === null || payout.paidAtMs === null) return ''
  const tookMs = payout.paidAtMs - payout.createdAtMs
  return tookMs < 10_000 ? `${tookMs} ms` : `${Math.round(tookMs / 1_000)} s`
}

/** Balances of one merchant, a line per currency and account, before and after. */
export function balanceTable(before: Books, after: Books): readonly string[] {
  const keys = [...new Set([...balancesOf(before).keys(), ...balancesOf(after).keys()])].sort()
  const columns: readonly Column<string>[] = [
    { title: 'currency', text: key => key.split(' ')[0] ?? '' },
    { title: 'account', text: key => key.split(' ')[1] ?? '' },
    { title: 'before', right: true, text: key => amountText(balancesOf(before).get(key)) },
    { title: 'after', right: true, text: key => amountText(balancesOf(after).get(key)) },
  ]
  return tableLines(columns, keys)
}

function balancesOf({ balances }: Books): ReadonlyMap<string, Money> {
  return new Map(
    balances.map(({ account, balance }) => [`${balance.currency} ${account}`, shown(account, balance)]),
  )
}

/** A float is what we have at a provider: credits minus debits of it are below zero, and people read it above. */
function shown(account: string, balance: Money): Money {
  return account.startsWith('float:') ? money(-balance.minor, balance.currency) : balance
}

function amountText(amount: Money | undefined): string {
  return amount === undefined ? '0' : printDecimal(amount)
}

/** One sentence per breach in our books, or between ours and the provider's; empty where all is clean. */
export function auditDemo(
  books: Books,
  results: readonly SampleResult[],
  orders: readonly PrintedOrder[],
): readonly string[] {
  const byReference = new Map(orders.map(order => [order.reference, order]))
  const paidTwice = orders
    .filter(({ timesPaid }) => timesPaid > 1)
    .map(({ reference, timesPaid }) => `${reference}: the provider paid it ${timesPaid} times in all`)
  return [
    ...auditBooks(books),
    ...paidTwice,
    ...results.flatMap(result => auditWithProvider(result, byReference)),
  ]
}

function auditWithProvider(
  { sample, payout, attempts }: SampleResult,
  orders: ReadonlyMap<string, PrintedOrder>,
): readonly string[] {
  const theirs = attempts.flatMap(({ reference }) => orders.get(reference) ?? [])
  const paid = theirs.reduce((times, { timesPaid }) => times + timesPaid, 0)
  const { least, most } = paymentsOf(payout?.state ?? null)
  const breaches =
    paid >= least && paid <= most ? [] : [`${sample.reference}: the provider paid it ${paid} times`]
  for (const { amount } of theirs)
    if (payout !== null && amount !== printDecimal(payout.amount))
      breaches.push(`${sample.reference}: the provider has it with ${amount}`)
  return breaches
}

/** How often the provider's books may show a payout as paid. One without an end may be paid, never twice. */
function paymentsOf(state: PayoutState | null): { readonly least: number; readonly most: number } {
  if (state === 'paid' || state === 'returned') return { least: 1, most: 1 }
  return state === null || isFinal(state) ? { least: 0, most: 0 } : { least: 0, most: 1 }
}
