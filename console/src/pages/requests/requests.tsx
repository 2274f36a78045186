import { Tabs } from '@mantine/core'
import { useOneMerchant } from '../../app/merchant.ts'
import { useSession } from '../../app/session.ts'
import { Empty } from '../../components/notes.tsx'
import { Page, Section } from '../../components/page.tsx'
import { Build } from './build.tsx'
import { Explain } from './explain.tsx'

/** Requests of the four doors by hand: how one is signed, and why one is refused. */
export function Requests() {
  const { sandbox } = useSession()
  const merchant = useOneMerchant()
  return (
    <Page
      title="Request builder"
      about="The providers’ own protocols, signed step by step. A client that was written for one of them needs another base URL and other credentials, and nothing else."
    >
      {sandbox ? null : (
        <Empty title="Requests are tried in a sandbox alone.">
          Here it would take the secrets of a real merchant. Start{' '}
          <code className="mono">quittance demo</code>, or use <code className="mono">quittance sign</code> on
          the host.
        </Empty>
      )}
      {sandbox && merchant !== null ? (
        <Section title="By hand">
          <Tabs defaultValue="build" keepMounted={false}>
            <Tabs.List>
              <Tabs.Tab value="build">Build and sign</Tabs.Tab>
              <Tabs.Tab value="explain">Explain why one fails</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="build" pt="md">
              <Build merchant={merchant} />
            </Tabs.Panel>
            <Tabs.Panel value="explain" pt="md">
              <Explain merchant={merchant} />
            </Tabs.Panel>
          </Tabs>
        </Section>
      ) : null}
    </Page>
  )
}
