import { expect, test } from 'vitest'
import type { Clock } from '../lib/clock.ts'
import { createHold } from './hold.ts'

/** A clock that is moved by hand. */
function handClock(): Clock & { move(ms: number): void } {
  let now = 1_000_000
  return {
    now: () => now,
    monotonic: () => now,
    sleep: async () => {},
    after: () => ({ cancel: () => {} }),
    move(ms) {
      now += ms
    },
  }
}

function held() {
  const clock = handClock()
  return { clock, hold: createHold(clock, () => 0) }
}

test('an account that was never tried, or was reached, takes calls', () => {
  const { hold, clock } = held()
  expect(hold.enter()).toBeNull()
  hold.failed('connection refused', clock.monotonic())
  clock.move(1_000)
  hold.enter()
  hold.reached()
  for (let index = 0; index < 5; index++) expect(hold.enter()).toBeNull()
  expect(hold.state()).toEqual({ state: 'up', why: null })
})

test('after a failure nothing is sent until the back-off has passed, and each outage in a row holds longer', () => {
  const { hold, clock } = held()
  for (const seconds of [1, 2, 5, 10, 30, 60, 60]) {
    expect(hold.enter()).toBeNull()
    expect(hold.failed('connection refused', clock.monotonic())).toEqual({ nextTryInMs: seconds * 1_000 })
    expect(hold.enter()).toEqual({ why: 'connection refused', inMs: seconds * 1_000 })
    clock.move(seconds * 1_000 - 1)
    expect(hold.enter()).toEqual({ why: 'connection refused', inMs: 1 })
    clock.move(1)
  }
})

test('calls that failed together count as one outage', () => {
  const { hold, clock } = held()
  const startedAt = clock.monotonic()
  clock.move(50)
  for (let index = 0; index < 64; index++) hold.failed('connection refused', startedAt)
  expect(hold.enter()).toEqual({ why: 'connection refused', inMs: 1_000 })
})

test('when the back-off has passed one call finds out, and the others wait for it', () => {
  const { hold, clock } = held()
  hold.failed('connection refused', clock.monotonic())
  clock.move(1_000)
  expect(hold.enter()).toBeNull()
  for (let index = 0; index < 3; index++)
    expect(hold.enter()).toEqual({ why: 'connection refused', inMs: 500 })
  // It was not made after all: the next one finds out.
  hold.left()
  expect(hold.enter()).toBeNull()
  expect(hold.enter()).not.toBeNull()
})

test('a stopped account takes nothing, whatever is heard of it', () => {
  const { hold, clock } = held()
  hold.stop('it answered about another payout')
  hold.reached()
  hold.left()
  clock.move(10 * 86_400_000)
  expect(hold.enter()).toMatchObject({ why: 'it answered about another payout' })
  expect(hold.state()).toEqual({ state: 'stopped', why: 'it answered about another payout' })
})
