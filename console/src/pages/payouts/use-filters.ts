import { useSearchParams } from 'react-router'
import type { Query } from '../../api/client.ts'

export const FILTERS = ['q', 'merchant', 'state', 'currency', 'provider_account', 'from', 'to'] as const
export type Filter = (typeof FILTERS)[number]
export type FilterValues = Readonly<Record<Filter, string>>

/** What the list is narrowed to stands in the address bar: it can be kept, sent, and gone back to. */
export function useFilters() {
  const [parameters, setParameters] = useSearchParams()
  const given = (name: Filter): string => parameters.get(name) ?? ''
  const filters: FilterValues = {
    q: given('q'),
    merchant: given('merchant'),
    state: given('state'),
    currency: given('currency'),
    provider_account: given('provider_account'),
    from: given('from'),
    to: given('to'),
  }
  const set = (name: Filter, value: string): void =>
    setParameters(before => {
      const after = new URLSearchParams(before)
      if (value === '') after.delete(name)
      else after.set(name, value)
      return after
    })
  const clear = (): void =>
    setParameters(before => {
      const merchant = before.get('merchant')
      return merchant === null ? {} : { merchant }
    })
  return { filters, set, clear }
}

/** As the API asks for it: days are the viewer's own, and the last one is whole. */
export function filterQuery({ from, to, ...filters }: FilterValues): Query {
  return { ...filters, created_from: startOf(from, 0), created_to: startOf(to, 1) }
}

function startOf(day: string, daysLater: number): string | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)
  if (match === null) return null
  const [, year, month, date] = match.map(Number)
  return new Date(year ?? 0, (month ?? 1) - 1, (date ?? 1) + daysLater).toISOString()
}
