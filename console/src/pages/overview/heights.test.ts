import { expect, test } from 'vitest'
import { heightsOf } from './heights.ts'

test('bars are as high as their amounts, exactly compared, however large', () => {
  expect(heightsOf(['0', '5.00', '10.00'])).toEqual({ heights: [0, 500, 1000], largest: '10.00' })
  const large = heightsOf(['9007199254740993.01', '9007199254740993.02'])
  expect(large.largest).toBe('9007199254740993.02')
})

test('the smallest amount is seen beside the largest, and nothing is not', () => {
  expect(heightsOf(['0.01', '1000000.00', '0']).heights).toEqual([1, 1000, 0])
})

test('an empty time has no heights', () => {
  expect(heightsOf([])).toEqual({ heights: [], largest: '0' })
  expect(heightsOf(['0', '0']).heights).toEqual([0, 0])
})
