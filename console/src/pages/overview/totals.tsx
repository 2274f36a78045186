import type { Overview } from '../../api/types.gen.ts'
import { Amount } from '../../components/amount.tsx'
import { To } from '../../components/link.tsx'
import { Empty } from '../../components/notes.tsx'
import { PAYOUT_STATES, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'

/** Payouts by state and currency, in the order of their life. */
export function Totals({ totals }: { totals: Overview['totals'] }) {
  if (totals.length === 0) return <Empty title="No payout was created in this time." />
  const rows = totals.toSorted(
    (one, other) =>
      PAYOUT_STATES.indexOf(one.state) - PAYOUT_STATES.indexOf(other.state) ||
      (one.currency < other.currency ? -1 : 1),
  )
  return (
    <Table
      caption="Payouts by state"
      rows={rows}
      rowKey={({ state, currency }) => `${state} ${currency}`}
      columns={[
        { title: 'State', cell: ({ state }) => <State state={state} /> },
        {
          title: 'Payouts',
          right: true,
          cell: ({ state, currency, count }) => (
            <To to={`/payouts?state=${state}&currency=${currency}`}>{count}</To>
          ),
        },
        {
          title: 'Money',
          right: true,
          cell: ({ amount, currency }) => <Amount value={amount} currency={currency} />,
        },
      ]}
    />
  )
}
