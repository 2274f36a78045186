import { expect, test } from 'vitest'
import { tableLines } from './table.ts'

const columns = [
  { title: 'name', text: (row: { name: string; count: string }) => row.name },
  { title: 'count', right: true, text: (row: { name: string; count: string }) => row.count },
]

test('columns are as wide as their widest text, numbers stand to the right', () => {
  const rows = [
    { name: 'a', count: '1' },
    { name: 'longer', count: '1000000' },
  ]
  expect(tableLines(columns, rows)).toEqual([
    'name      count',
    '──────  ───────',
    'a             1',
    'longer  1000000',
  ])
})

test('without rows there are the titles alone', () => {
  expect(tableLines(columns, [])).toEqual(['name  count', '────  ─────'])
})

test('colours do not move the columns', () => {
  const painted = columns.map(column => ({ ...column, paint: (text: string) => `<${text}>` }))
  expect(tableLines(painted, [{ name: 'a', count: '1' }])[2]).toBe('<a   >  <    1>')
})
