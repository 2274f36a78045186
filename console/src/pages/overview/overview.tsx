import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { readOverview } from '../../api/house.ts'
import type { Overview as Shown } from '../../api/types.gen.ts'
import { useMerchant } from '../../app/merchant.ts'
import { Loaded } from '../../components/loaded.tsx'
import { Notice, Waiting } from '../../components/notes.tsx'
import { Page, Section } from '../../components/page.tsx'
import { When } from '../../components/when.tsx'
import { Floats } from './floats.tsx'
import { Headline } from './headline.tsx'
import { MoneyOverTime } from './money-over-time.tsx'
import classes from './overview.module.css'
import { ProviderFigures } from './provider-figures.tsx'
import { Totals } from './totals.tsx'

// The charts are most of what this page weighs: its figures do not wait for them.
const OverTime = lazy(async () => ({ default: (await import('./over-time.tsx')).OverTime }))
const TimeToPaid = lazy(async () => ({ default: (await import('./time-to-paid.tsx')).TimeToPaid }))

const OVERVIEW_EVERY_MS = 5_000
const SPANS = [
  { value: '24', label: '24 hours' },
  { value: '168', label: '7 days' },
  { value: '744', label: '31 days' },
]

/** How it goes: what came in, what became of it, and what needs somebody. */
export function Overview() {
  const { merchant } = useMerchant()
  const [hours, setHours] = useState('24')
  const overview = useQuery({
    ...{ queryKey: ['overview', hours, merchant], refetchInterval: OVERVIEW_EVERY_MS },
    queryFn: () => readOverview(Number(hours), merchant),
  })
  return (
    <Page
      title="Overview"
      actions={
        <SegmentedControl
          size="xs"
          aria-label="How far back"
          value={hours}
          onChange={setHours}
          data={SPANS}
        />
      }
    >
      <Loaded query={overview} lines={10}>
        {shown => <Parts shown={shown} />}
      </Loaded>
    </Page>
  )
}

function Parts({ shown }: { shown: Shown }) {
  return (
    <>
      {shown.complete_since === null ? null : (
        <Notice>
          There were too many payouts to count them all: the figures hold those since{' '}
          <When at={shown.complete_since} />.
        </Notice>
      )}
      <Headline shown={shown} />
      <div className={classes.two}>
        <Section title="Payouts over time">
          <Suspense fallback={<Waiting lines={7} />}>
            <OverTime series={shown.series} />
          </Suspense>
        </Section>
        <Section title="Time from creation to paid">
          <Suspense fallback={<Waiting lines={7} />}>
            <TimeToPaid bars={shown.time_to_paid} />
          </Suspense>
        </Section>
      </div>
      <Section title="Money paid over time">
        <MoneyOverTime series={shown.series} />
      </Section>
      <div className={classes.two}>
        <Section title="By state" flush>
          <Totals totals={shown.totals} />
        </Section>
        <Section title="Floats" flush>
          <Floats floats={shown.floats} />
        </Section>
      </div>
      <Section title="Providers" flush>
        <ProviderFigures providers={shown.providers} />
      </Section>
    </>
  )
}
