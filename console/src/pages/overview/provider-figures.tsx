import type { Overview } from '../../api/types.gen.ts'
import { To } from '../../components/link.tsx'
import { Empty } from '../../components/notes.tsx'
import { Table } from '../../components/table.tsx'
import { shareOf } from './headline.tsx'

/** How each provider answers what is sent to it. A doubtful answer is no failure: it is asked about. */
export function ProviderFigures({ providers }: { providers: Overview['providers'] }) {
  if (providers.length === 0) return <Empty title="Nothing was sent in this time." />
  return (
    <Table
      caption="Providers"
      rows={providers}
      rowKey={one => one.provider_account}
      columns={[
        {
          title: 'Provider account',
          cell: one => (
            <To to={`/payouts?provider_account=${one.provider_account}`}>{one.provider_account}</To>
          ),
        },
        { title: 'Protocol', wide: true, cell: one => one.protocol },
        { title: 'Sends', right: true, wide: true, cell: one => one.sends },
        { title: 'Accepted', right: true, cell: one => shareOf(one.accepted, one.sends) },
        { title: 'Refused', right: true, wide: true, cell: one => one.refused },
        { title: 'Doubtful', right: true, cell: one => one.doubtful },
        { title: 'Answer, half within', right: true, wide: true, cell: one => msOf(one.p50_ms) },
        { title: '95 % within', right: true, wide: true, cell: one => msOf(one.p95_ms) },
      ]}
    />
  )
}

function msOf(ms: number | null): string {
  return ms === null ? '–' : `${ms} ms`
}
