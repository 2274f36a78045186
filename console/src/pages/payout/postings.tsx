import { useQuery } from '@tanstack/react-query'
import { listPostings, type Named } from '../../api/payouts.ts'
import { LIVE_MS } from '../../app/queries.ts'
import { Amount } from '../../components/amount.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { AccountName } from '../../components/movements.tsx'
import { Section } from '../../components/page.tsx'
import { Table } from '../../components/table.tsx'

/** What was booked for this payout, in its order. Nothing of it is ever edited. */
export function Postings({ named }: { named: Named }) {
  const { merchant, id } = named
  const postings = useQuery({
    ...{ queryKey: ['payout', merchant, id, 'postings'], refetchInterval: LIVE_MS },
    queryFn: () => listPostings(named),
  })
  return (
    <Section title="Postings" flush>
      <Loaded query={postings}>
        {({ data }) => (
          <Table
            caption="Postings of this payout"
            rows={data}
            rowKey={one => `${one.sequence} ${one.recipe} ${one.debit} ${one.credit}`}
            columns={[
              { title: 'Recipe', cell: one => one.recipe },
              {
                title: 'From and to',
                cell: one => (
                  <>
                    <AccountName name={one.debit} /> → <AccountName name={one.credit} />
                  </>
                ),
              },
              {
                title: 'Amount',
                right: true,
                cell: one => <Amount value={one.amount} currency={one.currency} />,
              },
            ]}
          />
        )}
      </Loaded>
    </Section>
  )
}
