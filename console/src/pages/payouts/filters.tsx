import { Button, NativeSelect, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { listProviderAccounts } from '../../api/house.ts'
import { PAYOUT_STATES, wordOf } from '../../components/state.tsx'
import classes from './filters.module.css'
import { FILTERS, type Filter, type FilterValues } from './use-filters.ts'

const CURRENCY = /^[A-Z]{3}$/

export function Filters({
  filters,
  set,
  clear,
}: {
  filters: FilterValues
  set: (name: Filter, value: string) => void
  clear: () => void
}) {
  const accounts = useQuery({
    ...{ queryKey: ['provider_accounts'], queryFn: listProviderAccounts, staleTime: 60_000 },
  })
  const isNarrowed = FILTERS.some(name => name !== 'merchant' && filters[name] !== '')
  return (
    <search className={classes.filters} aria-label="Narrow the list">
      {/* A new key where the address says another text, such as after going back. */}
      <Find key={filters.q} q={filters.q} set={q => set('q', q)} />
      <NativeSelect
        label="State"
        value={filters.state}
        onChange={event => set('state', event.currentTarget.value)}
        data={[
          { value: '', label: 'Any' },
          ...PAYOUT_STATES.map(state => ({ value: state, label: wordOf(state) })),
        ]}
      />
      <TextInput
        label="Currency"
        placeholder="Any"
        className={classes.short ?? ''}
        maxLength={3}
        defaultValue={filters.currency}
        key={`currency ${filters.currency}`}
        onChange={event => {
          const currency = event.currentTarget.value.toUpperCase()
          if (currency === '' || CURRENCY.test(currency)) set('currency', currency)
        }}
      />
      <NativeSelect
        label="Provider account"
        value={filters.provider_account}
        onChange={event => set('provider_account', event.currentTarget.value)}
        data={[
          { value: '', label: 'Any' },
          ...(accounts.data?.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      <TextInput
        label="Created from"
        type="date"
        value={filters.from}
        onChange={event => set('from', event.currentTarget.value)}
      />
      <TextInput
        label="Through"
        type="date"
        value={filters.to}
        onChange={event => set('to', event.currentTarget.value)}
      />
      {isNarrowed ? (
        <Button variant="subtle" size="sm" onClick={clear}>
          Clear
        </Button>
      ) : null}
    </search>
  )
}

function Find({ q, set }: { q: string; set: (q: string) => void }) {
  const [text, setText] = useState(q)
  const find = (event: FormEvent) => {
    event.preventDefault()
    set(text.trim())
  }
  return (
    <form onSubmit={find} className={classes.find}>
      <TextInput
        label="Find"
        type="search"
        placeholder="Id, reference, wallet, account"
        leftSection={<IconSearch size={16} aria-hidden="true" />}
        value={text}
        onChange={event => setText(event.currentTarget.value)}
      />
    </form>
  )
}
