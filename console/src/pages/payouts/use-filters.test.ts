import { expect, test } from 'vitest'
import { filterQuery } from './use-filters.ts'

const NONE = { q: '', merchant: '', state: '', currency: '', provider_account: '', from: '', to: '' }

test('days are the whole days of whoever looks', () => {
  const { created_from: from, created_to: to } = filterQuery({
    ...NONE,
    from: '2026-11-21',
    to: '2026-11-21',
  })
  expect(from).toBe(new Date(2026, 10, 21).toISOString())
  expect(to).toBe(new Date(2026, 10, 22).toISOString())
})

test('what is no day narrows nothing', () => {
  expect(filterQuery({ ...NONE, from: '21.11.2026', to: '' })).toMatchObject({
    created_from: null,
    created_to: null,
  })
})
