import {
  IconBell,
  IconBuildingBank,
  IconChartHistogram,
  IconCode,
  IconHelpHexagon,
  IconHistory,
  IconKey,
  IconPlugConnected,
  IconReceipt2,
  IconUsers,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ComponentType, ReactNode } from 'react'
import { NavLink } from 'react-router'
import { listDecisions, listDoubts } from '../../api/people.ts'
import { type Role, useSession } from '../../app/session.ts'
import { useAddress } from '../link.tsx'
import classes from './navigation.module.css'

interface Place {
  readonly to: string
  readonly name: string
  readonly icon: ComponentType<{ size?: number; stroke?: number }>
  readonly count?: 'doubts' | 'decisions'
  /** Who may look; left out: everybody. */
  readonly roles?: readonly Role[]
}

const PLACES: readonly (readonly [group: string, places: readonly Place[]])[] = [
  [
    'Money',
    [
      { to: '/', name: 'Overview', icon: IconChartHistogram },
      { to: '/payouts', name: 'Payouts', icon: IconReceipt2 },
      { to: '/balances', name: 'Balances', icon: IconBuildingBank },
    ],
  ],
  [
    'For people',
    [
      { to: '/doubts', name: 'Doubts', icon: IconHelpHexagon, count: 'doubts' },
      { to: '/decisions', name: 'Decisions', icon: IconUsers, count: 'decisions' },
    ],
  ],
  [
    'Connections',
    [
      { to: '/providers', name: 'Providers', icon: IconPlugConnected },
      { to: '/notices', name: 'Notices', icon: IconBell },
      { to: '/requests', name: 'Request builder', icon: IconCode },
    ],
  ],
  [
    'House',
    [
      { to: '/keys', name: 'Keys', icon: IconKey, roles: ['admin'] },
      { to: '/audit', name: 'Audit log', icon: IconHistory, roles: ['approver', 'operator', 'admin'] },
    ],
  ],
]

export function Navigation() {
  const address = useAddress()
  const counts = useCounts()
  const { person } = useSession()
  const isShown = ({ roles }: Place): boolean =>
    roles === undefined || person.grants.some(({ role }) => roles.includes(role))
  return (
    <nav aria-label="Pages" className={classes.navigation}>
      <div className={classes.brand}>
        <img src="/icon.svg" alt="" width={22} height={22} />
        Quittance
      </div>
      {PLACES.map(([group, places]) => (
        <Group key={group} name={group} places={places.filter(isShown)}>
          {place => (
            <NavLink to={address(place.to)} end={place.to === '/'} className={classes.link ?? ''}>
              <place.icon size={17} stroke={1.7} />
              <span className={classes.name}>{place.name}</span>
              {place.count === undefined || counts[place.count] === 0 ? null : (
                <span className={classes.count}>{counts[place.count]}</span>
              )}
            </NavLink>
          )}
        </Group>
      ))}
    </nav>
  )
}

function Group({
  name,
  places,
  children,
}: {
  name: string
  places: readonly Place[]
  children: (place: Place) => ReactNode
}) {
  if (places.length === 0) return null
  return (
    <div>
      <p className={classes.group}>{name}</p>
      <ul className={classes.list}>
        {places.map(place => (
          <li key={place.to}>{children(place)}</li>
        ))}
      </ul>
    </div>
  )
}

const COUNTED_EVERY_MS = 10_000

/** What waits for people, beside the name of its page. */
function useCounts(): { readonly doubts: number; readonly decisions: number } {
  const doubts = useQuery({
    ...{ queryKey: ['doubts', 'count'], refetchInterval: COUNTED_EVERY_MS },
    queryFn: () => listDoubts({}),
  })
  const decisions = useQuery({
    ...{ queryKey: ['decisions', 'count'], refetchInterval: COUNTED_EVERY_MS },
    queryFn: () => listDecisions('open'),
  })
  return {
    doubts: doubts.data?.totals.reduce((sum, { count }) => sum + count, 0) ?? 0,
    decisions: decisions.data?.data.length ?? 0,
  }
}
