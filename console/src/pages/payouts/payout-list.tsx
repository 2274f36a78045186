import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Query } from '../../api/client.ts'
import { searchPayouts } from '../../api/payouts.ts'
import { LIVE_MS } from '../../app/queries.ts'
import { Empty, Failed, Waiting } from '../../components/notes.tsx'
import classes from './payout-list.module.css'
import { PayoutRow } from './payout-row.tsx'

const ROW_PX = 53
/** Beyond these many pages reading all of them every two seconds would be more than a look is worth. */
const LIVE_PAGES_MAX = 2
/** So many rows before the end the next page is asked for. */
const AHEAD = 15

/** The payouts found. Only the rows in the window are in the page, however many there are. */
export function PayoutList({ query, clear }: { query: Query; clear: () => void }) {
  const found = useInfiniteQuery({
    queryKey: ['payouts', query],
    queryFn: ({ pageParam }) => searchPayouts(query, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: page => page.next_cursor,
    refetchInterval: asked => ((asked.state.data?.pages.length ?? 0) <= LIVE_PAGES_MAX ? LIVE_MS : false),
  })
  const payouts = found.data?.pages.flatMap(page => page.data) ?? []
  const list = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), [])
  const rows = useWindowVirtualizer({
    ...{ count: payouts.length, overscan: 12, scrollMargin: top },
    estimateSize: () => ROW_PX,
  })
  const shown = rows.getVirtualItems()
  const lastShown = shown.at(-1)?.index ?? 0
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastShown >= payouts.length - AHEAD) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, lastShown, payouts.length])

  const isLive = (found.data?.pages.length ?? 0) <= LIVE_PAGES_MAX
  return (
    <section className={classes.card} aria-label="Payouts found" ref={list}>
      {found.error === null ? null : <Failed error={found.error} again={() => void found.refetch()} />}
      {found.isPending ? <Waiting lines={10} /> : null}
      {found.isSuccess && payouts.length === 0 ? (
        <Empty title="No payout is like this.">
          Ids, references and wallets are found when they are given whole.{' '}
          <Button variant="subtle" size="compact-sm" onClick={clear}>
            Show all
          </Button>
        </Empty>
      ) : null}
      {payouts.length === 0 ? null : (
        <table className={classes.table} aria-rowcount={hasNextPage ? -1 : payouts.length + 1}>
          <thead>
            <tr>
              <th scope="col">Reference</th>
              <th scope="col" className={`${classes.wide} ${classes.beneficiary}`}>
                Beneficiary
              </th>
              <th scope="col" className={classes.state}>
                State
              </th>
              <th scope="col" className={classes.amount}>
                Amount
              </th>
              <th scope="col" className={`${classes.wide} ${classes.door}`}>
                Came in by
              </th>
              <th scope="col" className={classes.created}>
                Created
              </th>
            </tr>
          </thead>
          <tbody>
            <Space px={(shown[0]?.start ?? top) - top} />
            {shown.map(({ index }) => {
              const payout = payouts[index]
              return payout === undefined ? null : <PayoutRow key={payout.id} payout={payout} place={index} />
            })}
            <Space px={rows.getTotalSize() - ((shown.at(-1)?.end ?? top) - top)} />
          </tbody>
        </table>
      )}
      {payouts.length === 0 ? null : (
        <p className={classes.foot}>
          {hasNextPage ? `${payouts.length} shown, there are more` : `${payouts.length} in all`}
          {isLive ? ', read again every 2 seconds' : ', a long list stands still: reload to read it again'}
          {isFetchingNextPage ? ', reading on …' : null}
        </p>
      )}
    </section>
  )
}

/** Stands for the rows that are not in the page. */
function Space({ px }: { px: number }) {
  if (px <= 0) return null
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row of a table that nobody can focus
    <tr aria-hidden="true">
      <td className={classes.space} style={{ height: px }} />
    </tr>
  )
}
