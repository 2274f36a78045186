import { Amount } from './amount.tsx'
import { Table } from './table.tsx'

/** One movement between two accounts of the ledger. */
export interface Movement {
  readonly debit: string
  readonly credit: string
  readonly amount: string
  readonly currency: string
}

/** What is booked, or would be. */
export function Movements({ caption, movements }: { caption: string; movements: readonly Movement[] }) {
  if (movements.length === 0) return <p className="dimmed">No money moves.</p>
  return (
    <Table
      caption={caption}
      rows={movements}
      rowKey={({ debit, credit, amount, currency }) => `${debit} ${credit} ${amount} ${currency}`}
      columns={[
        { title: 'From', cell: ({ debit }) => <AccountName name={debit} /> },
        { title: 'To', cell: ({ credit }) => <AccountName name={credit} /> },
        {
          title: 'Amount',
          right: true,
          cell: ({ amount, currency }) => <Amount value={amount} currency={currency} />,
        },
      ]}
    />
  )
}

/** `float:pa_one` is read as the float of pa_one. */
export function AccountName({ name }: { name: string }) {
  const [kind = '', of] = name.split(':')
  return (
    <span>
      {kind.replaceAll('_', ' ')}
      {of === undefined ? null : <span className="mono dimmed"> {of}</span>}
    </span>
  )
}
