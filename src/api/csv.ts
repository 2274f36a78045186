// A list of payouts as a file for a spreadsheet (RFC 4180). References, reasons and whatever else people or providers wrote
// stand in it, and a spreadsheet runs what begins like a formula: such a field gets an apostrophe in front.
import type { Payout } from '../payout/payout.ts'
import type { ApiExportPage } from './console-needs.ts'
import type { FoundPayoutShown } from './schema-console.ts'

const COLUMNS = [
  'id',
  'merchant',
  'number',
  'reference',
  'amount',
  'currency',
  'method',
  'beneficiary',
  'state',
  'wait_reason',
  'why',
  'money',
  'attempts',
  'door',
  'created_at',
  'since',
  'paid_at',
  'description',
] as const

export async function* csvLines(
  pages: AsyncIterable<ApiExportPage>,
  show: (payout: Payout) => FoundPayoutShown,
): AsyncGenerator<string> {
  yield csvLine(COLUMNS)
  for await (const { payouts, cut } of pages) {
    yield payouts.map(payout => csvLine(fieldsOf(show(payout)))).join('')
    if (cut !== null) yield csvLine([CUT[cut]])
  }
}

const CUT: Readonly<Record<'too_many' | 'too_long', string>> = {
  too_many: '# cut: there are more than 100,000 payouts; ask for fewer days',
  too_long: '# cut: it took too long; ask for fewer days',
}

function fieldsOf(payout: FoundPayoutShown): readonly (string | number | null)[] {
  const { beneficiary } = payout
  const whom = beneficiary.kind === 'bank_account' ? beneficiary.account : beneficiary.number
  return COLUMNS.map(column => (column === 'beneficiary' ? whom : payout[column]))
}

/** One line with its end. */
export function csvLine(fields: readonly (string | number | null)[]): string {
  return `${fields.map(csvField).join(',')}\r\n`
}

function csvField(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  const safe = text.replace(FORMULA, "$1'")
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/**
 * Before what spreadsheets run: these characters in front, also behind blanks, and in the widths of other scripts. A field
 * also begins behind a semicolon or a tab, where a spreadsheet splits there.
 */
const FORMULA = /(^|[;\t])(?=[\s\u00a0]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20|%])/g
