import { expect, test } from 'vitest'
import { pageOf, readCursor, readQuery, writeCursor } from './page.ts'

test('a cursor gives back its number, and nothing else is a cursor', () => {
  for (const number of [1n, 42n, 2n ** 53n - 1n]) expect(readCursor(writeCursor(number))).toBe(number)
  const good = writeCursor(42n)
  const wrong = [
    '',
    'x',
    `${good}=`,
    `${good}x`,
    good.slice(0, -1),
    ` ${good}`,
    encoded('1:0'),
    encoded('2:42'),
    encoded('1:042'),
  ]
  for (const cursor of [...wrong, encoded(`1:${2n ** 53n}`), encoded('1:42\n'), encoded('1:-1')]) {
    expect(readCursor(cursor), cursor).toBeNull()
  }
})

test('a page says whether more follows, and its cursor is the last one that is shown', () => {
  const rows = [5n, 4n, 3n].map(number => ({ number }))
  const show = (row: { number: bigint }) => String(row.number)
  expect(pageOf(rows, 2, show)).toEqual({
    object: 'list',
    data: ['5', '4'],
    has_more: true,
    next_cursor: writeCursor(4n),
  })
  expect(pageOf(rows, 3, show)).toMatchObject({ data: ['5', '4', '3'], has_more: false, next_cursor: null })
  expect(pageOf([], 3, show)).toMatchObject({ data: [], has_more: false, next_cursor: null })
})

test('a query is decoded once, and a name twice is refused however it is spelled', () => {
  const read = readQuery('a=1%202&b=x+y&c&d=%3D&=e')
  expect(read.ok && Object.fromEntries(read.values)).toEqual({ a: '1 2', b: 'x y', c: '', d: '=', '': 'e' })
  expect(readQuery('')).toEqual({ ok: true, values: new Map() })
  expect(readQuery('a=1&%61=2')).toMatchObject({
    ok: false,
    errors: [{ pointer: 'a', message: 'came twice' }],
  })
  expect(readQuery('a=%zz').ok).toBe(false)
  expect(readQuery('a=%ff').ok).toBe(false)
})

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url')
}
