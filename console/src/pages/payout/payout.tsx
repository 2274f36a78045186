import { useQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { type Named, readPayout } from '../../api/payouts.ts'
import { LIVE_MS } from '../../app/queries.ts'
import { Amount } from '../../components/amount.tsx'
import { Copied } from '../../components/copied.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { State } from '../../components/state.tsx'
import { Actions } from './actions.tsx'
import { Evidence } from './evidence.tsx'
import { NoticesTold } from './notices-told.tsx'
import classes from './payout.module.css'
import { Postings } from './postings.tsx'
import { Summary } from './summary.tsx'
import { Timeline } from './timeline.tsx'

/** Everything that is known of one payout, and what can be done about it. */
export function PayoutPage() {
  const { merchant = '', id = '' } = useParams()
  const named: Named = { merchant, id }
  const payout = useQuery({
    ...{ queryKey: ['payout', merchant, id], refetchInterval: LIVE_MS },
    queryFn: () => readPayout(named),
  })
  const shown = payout.data
  return (
    <Page
      title={shown?.reference ?? 'Payout'}
      about={
        shown === undefined ? undefined : (
          <div className={classes.head}>
            <State state={shown.state} reason={shown.wait_reason} />
            <span className={classes.amount}>
              <Amount value={shown.amount} currency={shown.currency} />
            </span>
            <Copied text={shown.id} name="the id" />
          </div>
        )
      }
      actions={shown === undefined ? undefined : <Actions named={named} payout={shown} />}
    >
      <Loaded query={payout} lines={8}>
        {found => (
          <>
            <Summary payout={found} merchant={merchant} />
            <div className={classes.columns}>
              <div className={classes.column}>
                <Timeline named={named} />
              </div>
              <div className={classes.column}>
                <Evidence named={named} payout={found} />
                <Postings named={named} />
                <NoticesTold named={named} />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}
