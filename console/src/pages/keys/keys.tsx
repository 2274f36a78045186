import { useQuery } from '@tanstack/react-query'
import { listKeys } from '../../api/house.ts'
import { Loaded } from '../../components/loaded.tsx'
import { Empty } from '../../components/notes.tsx'
import { Page, Section } from '../../components/page.tsx'
import { Table } from '../../components/table.tsx'
import { Tag } from '../../components/tag.tsx'
import { When } from '../../components/when.tsx'

/** Who can come in, and as what. Secrets are shown once, where they are made, and never again. */
export function Keys() {
  const keys = useQuery({ queryKey: ['keys'], queryFn: listKeys })
  return (
    <Page
      title="Keys"
      about="API keys, credentials of doors and keys of people. They are made and ended on the host; no secret is ever shown here."
    >
      <Section title="Credentials" flush>
        <Loaded query={keys} lines={6}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty title="There is no credential that you administer." />
            ) : (
              <Table
                caption="Credentials"
                rows={data}
                rowKey={one => `${one.kind} ${one.door} ${one.id}`}
                columns={[
                  {
                    title: 'Id',
                    cell: one => (
                      <span className="mono clipped truncate" title={one.id}>
                        {one.id}
                      </span>
                    ),
                  },
                  {
                    title: 'Kind',
                    cell: one => KINDS[one.kind] + (one.door === null ? '' : `, ${one.door}`),
                  },
                  { title: 'Merchant', wide: true, cell: one => one.merchant ?? '–' },
                  {
                    title: 'May',
                    wide: true,
                    cell: one => (one.scopes.length === 0 ? '–' : one.scopes.join(', ')),
                  },
                  { title: 'Owner', wide: true, cell: one => one.owner ?? '–' },
                  { title: 'Made', wide: true, cell: one => <When at={one.created_at} only="day" /> },
                  {
                    title: 'State',
                    cell: one => (
                      <Tag tone={one.active ? 'good' : 'calm'}>{one.active ? 'active' : 'ended'}</Tag>
                    ),
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Section>
    </Page>
  )
}

const KINDS = { api_key: 'API key', door: 'door', person: 'person' } as const
