import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { listDecisions } from '../../api/people.ts'
import { LIVE_MS } from '../../app/queries.ts'
import cards from '../../components/cards.module.css'
import { Loaded } from '../../components/loaded.tsx'
import { Empty } from '../../components/notes.tsx'
import { Page } from '../../components/page.tsx'
import { ProposalCard } from './proposal-card.tsx'

/** What one person proposed and another one confirms, with a code of its own, or rejects. */
export function Decisions() {
  const [state, setState] = useState('open')
  const decisions = useQuery({
    ...{ queryKey: ['decisions', state], refetchInterval: LIVE_MS },
    queryFn: () => listDecisions(state === 'all' ? null : state),
  })
  return (
    <Page
      title="Decisions"
      about="Whatever needs two people: one proposes, another one confirms within 24 hours. Nobody confirms what is their own."
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Which decisions"
          value={state}
          onChange={setState}
          data={[
            { value: 'open', label: 'Open' },
            { value: 'all', label: 'All' },
          ]}
        />
      }
    >
      <Loaded query={decisions} lines={6}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty
              title={state === 'open' ? 'Nothing waits for a second person.' : 'Nothing was ever proposed.'}
            />
          ) : (
            <ul className={cards.list}>
              {data.map(proposal => (
                <li key={proposal.id}>
                  <ProposalCard proposal={proposal} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  )
}
