import { useQuery } from '@tanstack/react-query'
import { listProviderAccounts, listStops } from '../../api/house.ts'
import { LIVE_MS } from '../../app/queries.ts'
import cards from '../../components/cards.module.css'
import { Loaded } from '../../components/loaded.tsx'
import { Empty } from '../../components/notes.tsx'
import { Page } from '../../components/page.tsx'
import { AccountCard } from './account-card.tsx'
import classes from './providers.module.css'
import { StopEverything } from './stop.tsx'
import { Stopped } from './stopped.tsx'

/** Our accounts at providers: whether they answer, what money stands there, and what is stopped. */
export function Providers() {
  const accounts = useQuery({
    ...{ queryKey: ['provider_accounts'], queryFn: listProviderAccounts, refetchInterval: LIVE_MS },
  })
  const stops = useQuery({ ...{ queryKey: ['stops'], queryFn: listStops, refetchInterval: LIVE_MS } })
  return (
    <Page
      title="Providers"
      about="Stopping works at once and needs one person. Going on needs two."
      actions={<StopEverything />}
    >
      <Loaded query={stops} lines={1}>
        {found => <Stopped stops={found} />}
      </Loaded>
      <Loaded query={accounts} lines={8}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="There is no provider account.">One is added on the host.</Empty>
          ) : (
            <ul className={`${cards.list} ${classes.list}`}>
              {data.map(account => (
                <li key={account.id}>
                  <AccountCard account={account} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  )
}
