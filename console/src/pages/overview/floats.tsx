import type { Overview } from '../../api/types.gen.ts'
import { Amount } from '../../components/amount.tsx'
import { Empty } from '../../components/notes.tsx'
import { Table } from '../../components/table.tsx'

/** Our money at each provider account. */
export function Floats({ floats }: { floats: Overview['floats'] }) {
  if (floats.length === 0) return <Empty title="There is no money at any provider." />
  return (
    <Table
      caption="Floats"
      rows={floats}
      rowKey={one => `${one.provider_account} ${one.currency}`}
      columns={[
        { title: 'Provider account', cell: one => <span className="mono">{one.provider_account}</span> },
        { title: 'Float', right: true, cell: one => <Amount value={one.amount} currency={one.currency} /> },
      ]}
    />
  )
}
