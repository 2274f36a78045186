import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { listNotices } from '../../api/house.ts'
import { useMerchant } from '../../app/merchant.ts'
import { useMay } from '../../app/session.ts'
import { useEndless } from '../../components/endless.ts'
import { payoutAddress, To } from '../../components/link.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { More } from '../../components/more.tsx'
import { Empty } from '../../components/notes.tsx'
import { NoticeState } from '../../components/notice-state.tsx'
import { Page, Section } from '../../components/page.tsx'
import { Resend } from '../../components/resend.tsx'
import { State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { Ago, When } from '../../components/when.tsx'

/** What merchants are told, and whether they acknowledged it. */
export function Notices() {
  const { merchant } = useMerchant()
  const [state, setState] = useState('')
  const notices = useEndless(['notices', merchant, state], before => listNotices({ merchant, state }, before))
  const may = useMay()
  return (
    <Page
      title="Notices"
      about="Each step of a payout is told until it is acknowledged, in its order. One that nobody takes is parked."
      actions={
        <NativeSelect
          size="sm"
          aria-label="State of the notices"
          value={state}
          onChange={event => setState(event.currentTarget.value)}
          data={[
            { value: '', label: 'Any state' },
            { value: 'due', label: 'due' },
            { value: 'acknowledged', label: 'acknowledged' },
            { value: 'parked', label: 'parked' },
          ]}
        />
      }
    >
      <Section title="Newest first" flush>
        <Loaded query={notices.query} lines={8}>
          {rows =>
            rows.length === 0 ? (
              <Empty title="There is no notice like this." />
            ) : (
              <>
                <Table
                  caption="Notices"
                  rows={rows}
                  rowKey={one => `${one.payout_id} ${one.sequence} ${one.target}`}
                  columns={[
                    {
                      title: 'Payout, and what it tells',
                      cell: one => (
                        <>
                          <To to={payoutAddress(one.merchant, one.payout_id)}>{one.payout_id}</To>
                          <div>
                            <State state={one.told} />
                          </div>
                        </>
                      ),
                    },
                    {
                      title: 'To',
                      wide: true,
                      cell: one => (
                        <>
                          <span className="mono">{one.url}</span>
                          {one.last_said === null || one.last_said === '' ? null : (
                            <div className="dimmed">“{one.last_said}”</div>
                          )}
                        </>
                      ),
                    },
                    { title: 'Tries', right: true, wide: true, cell: one => one.tries },
                    {
                      title: 'State',
                      cell: one => (
                        <>
                          <NoticeState state={one.state} />
                          {one.due_at === null ? null : (
                            <div className="dimmed">
                              <Ago at={one.due_at} />
                            </div>
                          )}
                        </>
                      ),
                    },
                    { title: 'When', wide: true, cell: one => <When at={one.at} /> },
                    {
                      title: 'Again',
                      right: true,
                      wide: true,
                      cell: one =>
                        may(['operator'], one.merchant) ? (
                          <Resend
                            named={{ merchant: one.merchant, id: one.payout_id }}
                            sequence={one.sequence}
                            url={one.url}
                          />
                        ) : null,
                    },
                  ]}
                />
                <More hasMore={notices.hasMore} isReading={notices.isReading} readMore={notices.readMore} />
              </>
            )
          }
        </Loaded>
      </Section>
    </Page>
  )
}
