// `quittance doubts`: the queue of those who are woken at night.
import { doubtResource } from '../api/people-resource.ts'
import type { Doubt } from '../desk/people.ts'
import { isoTime } from '../lib/clock.ts'
import { printDecimal } from '../money/decimal.ts'
import { payoutId } from '../payout/number.ts'
import type { Environment } from './configured.ts'
import { hostActor, toldRefusal, withPeople } from './people-house.ts'
import { tableLines } from './table.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface DoubtsOptions {
  readonly merchant?: string
  readonly limit: number
  readonly json?: boolean
}

export async function doubts(
  options: DoubtsOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  return withPeople('doubts', environment, terminal, async desk => {
    const asked = { merchantId: options.merchant ?? null, before: null, limit: Math.max(1, options.limit) }
    const found = await desk.doubts(hostActor(), asked)
    if (found.kind === 'refused') return toldRefusal('doubts', found, terminal)
    const totals = found.totals.map(({ count, amount }) => ({
      ...{ currency: amount.currency, count, amount: printDecimal(amount) },
    }))
    if (options.json === true) {
      terminal.line(JSON.stringify({ totals, data: found.doubts.map(doubtResource) }, null, 2))
      return 0
    }
    for (const line of tableLines(COLUMNS, found.doubts)) terminal.line(line)
    terminal.line('')
    if (totals.length === 0) terminal.line('Nothing is in doubt.')
    for (const { currency, count, amount } of totals)
      terminal.line(`${count} payouts, ${amount} ${currency} at risk`)
    return 0
  })
}

const COLUMNS: Parameters<typeof tableLines<Doubt>>[0] = [
  { title: 'payout', text: ({ payout }) => payoutId(payout.number, payout.tag) },
  { title: 'merchant', text: ({ payout }) => payout.merchantId },
  { title: 'kind', text: ({ kind }) => kind },
  { title: 'age', right: true, text: ({ ageMs }) => ageText(ageMs) },
  {
    title: 'amount',
    right: true,
    text: ({ payout }) => `${printDecimal(payout.amount)} ${payout.amount.currency}`,
  },
  { title: 'account', text: ({ attempt }) => attempt?.providerAccountId ?? '' },
  {
    title: 'last seen',
    text: ({ exchanges: [last] }) => (last === undefined ? '' : `${last.row} ${last.verdict}`),
  },
  { title: 'next check', text: ({ attempt }) => timeText(attempt?.nextInquiryAtMs ?? null, 'never') },
  { title: 'dead from', text: doubt => (doubt.decidable ? timeText(doubt.deathOpensAtMs, 'statement') : '') },
  { title: 'proposed', text: ({ proposals }) => proposals.join(' ') },
]

function timeText(ms: number | null, none: string): string {
  return ms === null ? none : isoTime(ms).slice(0, 16)
}

function ageText(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`
}
