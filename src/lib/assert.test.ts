import { expect, test } from 'vitest'
import { AssertionFailed, assert, unreachable } from './assert.ts'

test('a true condition passes, whatever its type', () => {
  for (const condition of [true, 1, 'text', {}, 1n]) assert(condition, 'must pass')
})

test('a false condition ends the work with the message of the rule', () => {
  for (const condition of [false, 0, '', null, undefined, 0n, Number.NaN]) {
    expect(() => assert(condition, 'the rule')).toThrow(new AssertionFailed('the rule'))
  }
})

test('the failure is told apart from every other error', () => {
  const failure = new AssertionFailed('the rule')
  expect(failure).toBeInstanceOf(Error)
  expect(failure.name).toBe('AssertionFailed')
})

test('an unreachable case names a short value and hides the inside of an object', () => {
  const from = (value: unknown) => () => unreachable(value as never) // a value from outside its type
  expect(from('sleeping')).toThrow(new AssertionFailed('unreachable case: "sleeping"'))
  expect(from(7)).toThrow(new AssertionFailed('unreachable case: 7'))
  expect(from(null)).toThrow(new AssertionFailed('unreachable case: null'))
  expect(from({ secret: 'hidden' })).toThrow(new AssertionFailed('unreachable case: object'))
  expect(from('x'.repeat(500))).toThrow(new AssertionFailed(`unreachable case: "${'x'.repeat(40)}"`))
})
