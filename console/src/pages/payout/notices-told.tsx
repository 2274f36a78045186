import { useQuery } from '@tanstack/react-query'
import { listPayoutNotices, type Named } from '../../api/payouts.ts'
import type { Notice } from '../../api/types.gen.ts'
import { LIVE_MS } from '../../app/queries.ts'
import { useMay } from '../../app/session.ts'
import { Loaded } from '../../components/loaded.tsx'
import { Empty } from '../../components/notes.tsx'
import { NoticeState } from '../../components/notice-state.tsx'
import { Section } from '../../components/page.tsx'
import { Resend } from '../../components/resend.tsx'
import { type Column, Table } from '../../components/table.tsx'
import classes from './payout.module.css'

/** What the merchant was told of this payout, and how often it was tried. */
export function NoticesTold({ named }: { named: Named }) {
  const { merchant, id } = named
  const notices = useQuery({
    ...{ queryKey: ['payout', merchant, id, 'notices'], refetchInterval: LIVE_MS },
    queryFn: () => listPayoutNotices(named),
  })
  // An older one, told now, would be the last word.
  const last = Math.max(0, ...(notices.data?.data ?? []).map(one => one.sequence))
  const mayResend = useMay()(['operator'], merchant)
  const columns: readonly Column<Notice>[] = [
    { title: 'Event', cell: one => one.sequence },
    {
      title: 'Told to',
      cell: one => (
        <>
          <div className="mono">{one.url}</div>
          <div className={classes.small}>
            {one.tries} {one.tries === 1 ? 'try' : 'tries'}
            {one.last_status === null ? null : `, last HTTP ${one.last_status}`}
            {one.last_said === null || one.last_said === '' ? null : `, “${one.last_said}”`}
          </div>
        </>
      ),
    },
    { title: 'State', cell: one => <NoticeState state={one.state} /> },
    ...(mayResend
      ? [
          {
            title: 'Again',
            right: true,
            cell: (one: Notice) =>
              one.sequence === last ? <Resend named={named} sequence={one.sequence} url={one.url} /> : null,
          },
        ]
      : []),
  ]
  return (
    <Section title="Notices" flush>
      <Loaded query={notices}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="Nobody is told of this payout.">It came in without an address for notices.</Empty>
          ) : (
            <Table
              caption="Notices of this payout"
              rows={data}
              rowKey={one => `${one.sequence} ${one.target}`}
              columns={columns}
            />
          )
        }
      </Loaded>
    </Section>
  )
}
