import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { searchFileAddress } from '../../api/payouts.ts'
import { Page } from '../../components/page.tsx'
import { Filters } from './filters.tsx'
import { PayoutList } from './payout-list.tsx'
import { filterQuery, useFilters } from './use-filters.ts'
import { Views } from './views.tsx'

/** Every payout that this person may see, newest first. */
export function Payouts() {
  const { filters, set, clear } = useFilters()
  const query = filterQuery(filters)
  return (
    <Page
      title="Payouts"
      actions={
        <>
          <Views />
          <Button
            component="a"
            href={searchFileAddress(query)}
            download
            variant="default"
            size="sm"
            leftSection={<IconDownload size={16} />}
          >
            Export CSV
          </Button>
        </>
      }
    >
      <Filters filters={filters} set={set} clear={clear} />
      <PayoutList query={query} clear={clear} />
    </Page>
  )
}
