import { expect, test } from 'vitest'
import { splitMix64, xoshiro128StarStar } from './xoshiro.ts'

test('xoshiro128** gives the words of its reference code', () => {
  // From the C code of its authors, state 1 2 3 4, first ten words.
  const word = xoshiro128StarStar([1, 2, 3, 4])
  expect(Array.from({ length: 10 }, word)).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ])
})

test('SplitMix64 gives the words of its reference code', () => {
  // From the C code of its author, seed 1234567, first five words.
  const word = splitMix64(1_234_567n)
  expect(Array.from({ length: 5 }, word)).toEqual([
    6457827717110365317n,
    3203168211198807973n,
    9817491932198370423n,
    4593380528125082431n,
    16408922859458223821n,
  ])
})
