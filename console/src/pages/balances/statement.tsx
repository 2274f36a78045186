import { readStatement } from '../../api/house.ts'
import { Amount } from '../../components/amount.tsx'
import { useEndless } from '../../components/endless.ts'
import { payoutAddress, To } from '../../components/link.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { More } from '../../components/more.tsx'
import { AccountName } from '../../components/movements.tsx'
import { Empty } from '../../components/notes.tsx'
import { Section } from '../../components/page.tsx'
import { Table } from '../../components/table.tsx'
import { When } from '../../components/when.tsx'

/** Each line of one account, newest first, with the balance behind it. */
export function Statement({
  merchant,
  account,
  currency,
}: {
  merchant: string
  account: string
  currency: string
}) {
  const of = { merchant, account, currency }
  const lines = useEndless(['statement', merchant, account, currency], before => readStatement(of, before))
  return (
    <Section title={`Statement: ${account.replaceAll('_', ' ')}, ${currency}`} flush>
      <Loaded query={lines.query} lines={8}>
        {rows =>
          rows.length === 0 ? (
            <Empty title="Nothing was booked here yet." />
          ) : (
            <>
              <Table
                caption="Statement"
                rows={rows}
                rowKey={one =>
                  `${one.payout_id} ${one.sequence} ${one.recipe} ${one.contra} ${one.at} ${one.balance}`
                }
                columns={[
                  { title: 'When', wide: true, cell: one => <When at={one.at} /> },
                  {
                    title: 'What',
                    cell: one => (
                      <>
                        <div className="nowrap">
                          {one.recipe}{' '}
                          {one.payout_id === null ? (
                            <span className="dimmed">money brought in</span>
                          ) : (
                            <To to={payoutAddress(merchant, one.payout_id)}>{one.payout_id}</To>
                          )}
                        </div>
                        <div className="dimmed">
                          with <AccountName name={one.contra} />
                        </div>
                      </>
                    ),
                  },
                  {
                    title: 'Change',
                    right: true,
                    cell: one => <Amount value={one.amount} currency={one.currency} />,
                  },
                  {
                    title: 'Balance',
                    right: true,
                    cell: one => <Amount value={one.balance} currency={one.currency} />,
                  },
                ]}
              />
              <More hasMore={lines.hasMore} isReading={lines.isReading} readMore={lines.readMore} />
            </>
          )
        }
      </Loaded>
    </Section>
  )
}
