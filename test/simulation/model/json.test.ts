import { expect, test } from 'vitest'
import { stored } from './json.ts'

test.each([
  [{ a: 1, b: [1, 'x', null, true], c: { d: undefined, e: null } }],
  [[undefined, () => 1, Number.NaN, Number.POSITIVE_INFINITY, -0]],
  [{ at: new Date(0), bytes: Buffer.from('ab') }],
  ['text'],
  [null],
  [{}],
])('a document is kept as JSON keeps it: %j', document => {
  expect(stored(document)).toStrictEqual(JSON.parse(JSON.stringify(document)))
})

test('what JSON cannot hold is refused', () => {
  expect(() => stored({ minor: 1n })).toThrow(TypeError)
})

test('nobody changes what is kept: not whoever gave it, not whoever reads it', () => {
  const given = { list: [1], part: { a: 1 } }
  const kept = stored(given) as typeof given
  given.list.push(2)
  given.part.a = 2
  expect(kept).toEqual({ list: [1], part: { a: 1 } })
  expect(() => kept.list.push(3)).toThrow(TypeError)
  expect(() => {
    kept.part.a = 3
  }).toThrow(TypeError)
})
