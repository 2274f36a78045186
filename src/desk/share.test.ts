import { expect, test } from 'vitest'
import { createShare } from './share.ts'

test('a name has its share of each minute, and its own', () => {
  let now = 0
  const share = createShare({ monotonic: () => now })
  expect([1, 2, 3].map(() => share.take('a', 2))).toEqual([true, true, false])
  expect(share.take('b', 2)).toBe(true)
  now = 59_999
  expect(share.take('a', 2)).toBe(false)
  now = 60_000
  expect(share.take('a', 2)).toBe(true)
})
