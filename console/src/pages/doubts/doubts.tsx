import { useQuery } from '@tanstack/react-query'
import { listDoubts } from '../../api/people.ts'
import { useMerchant } from '../../app/merchant.ts'
import { LIVE_MS } from '../../app/queries.ts'
import { Amount } from '../../components/amount.tsx'
import cards from '../../components/cards.module.css'
import { Figures } from '../../components/figures.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Empty, Notice } from '../../components/notes.tsx'
import { Page } from '../../components/page.tsx'
import { DoubtCard } from './doubt-card.tsx'

/** What nobody but a person can end, or what a person has to look at. The oldest needs it most, so age comes first. */
export function Doubts() {
  const { merchant } = useMerchant()
  const doubts = useQuery({
    ...{ queryKey: ['doubts', merchant], refetchInterval: LIVE_MS },
    queryFn: () => listDoubts({ merchant }),
  })
  return (
    <Page
      title="Doubts"
      about="Payouts whose end is not known, and their money at risk. While a doubt lasts nothing is sent again."
    >
      <Loaded query={doubts} lines={6}>
        {({ data, totals, has_more }) =>
          data.length === 0 ? (
            <Empty title="Nothing is in doubt.">
              Every payout has ended, or is on its way as it should be.
            </Empty>
          ) : (
            <>
              <Figures
                figures={totals.map(({ currency, count, amount }) => ({
                  key: currency,
                  name: `${count} ${count === 1 ? 'payout' : 'payouts'} at risk`,
                  value: <Amount value={amount} currency={currency} />,
                }))}
              />
              {has_more ? <Notice>The newest {data.length} are shown.</Notice> : null}
              <ul className={cards.list}>
                {data.map(doubt => (
                  <li key={doubt.payout_id}>
                    <DoubtCard doubt={doubt} />
                  </li>
                ))}
              </ul>
            </>
          )
        }
      </Loaded>
    </Page>
  )
}
