import { To } from '../components/link.tsx'
import { Empty } from '../components/notes.tsx'
import { Page } from '../components/page.tsx'

export function NotFound() {
  return (
    <Page title="No such page">
      <Empty title="There is nothing at this address.">
        <To to="/">Go to the overview</To>
      </Empty>
    </Page>
  )
}
