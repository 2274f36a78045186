import { expect, test } from 'vitest'
import type { Clock } from '../lib/clock.ts'
import { createLane } from './lane.ts'

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

test('no more than its concurrency runs at once, and a released place is free again', () => {
  const lane = createLane(() => ({ concurrency: 2, ratePerSecond: 1000 }), handClock())
  expect([lane.free(), lane.take().ok, lane.take().ok, lane.free()]).toEqual([2, true, true, 0])
  expect(lane.take()).toMatchObject({ ok: false })
  lane.release()
  expect([lane.free(), lane.take().ok]).toEqual([1, true])
})

test.each([0.5, 1, 3, 7, 20, 1000])('over a minute no more than its rate starts: %s per second', rate => {
  const clock = handClock()
  const lane = createLane(() => ({ concurrency: 1_000_000, ratePerSecond: rate }), clock)
  let started = 0
  for (let ms = 0; ms < 60_000; ms += 5) {
    while (lane.take().ok) started += 1
    clock.move(5)
  }
  // One second's worth ahead, at least one call, and never less than the rate promises.
  expect(started).toBeLessThanOrEqual(60 * rate + Math.max(1, rate))
  expect(started).toBeGreaterThanOrEqual(Math.floor(60 * rate))
})

test('what is free is what can be taken, at any moment', () => {
  const clock = handClock()
  const lane = createLane(() => ({ concurrency: 5, ratePerSecond: 3 }), clock)
  for (const ms of [0, 10, 400, 333, 5_000, 0, 700]) {
    clock.move(ms)
    const free = lane.free()
    let taken = 0
    while (lane.take().ok) taken += 1
    expect(taken).toBe(free)
    for (let index = 0; index < taken; index++) lane.release()
  }
})

test('those who are sent away are told moments one after the other, and none later than a minute', () => {
  const clock = handClock()
  const lane = createLane(() => ({ concurrency: 100, ratePerSecond: 2 }), clock)
  while (lane.free() > 0) lane.take()
  const told = Array.from({ length: 200 }, () => {
    const place = lane.take()
    return place.ok ? 0 : place.inMs
  })
  expect(told.slice(0, 4)).toEqual([500, 1_000, 1_500, 2_000])
  expect(Math.max(...told)).toBe(60_000)
  clock.move(500)
  expect(lane.take().ok).toBe(true)
})

test('limits that are raised count at once for what runs and within a second for the rate', () => {
  const clock = handClock()
  let limits = { concurrency: 1, ratePerSecond: 1 }
  const lane = createLane(() => limits, clock)
  expect([lane.take().ok, lane.take().ok]).toEqual([true, false])
  limits = { concurrency: 10, ratePerSecond: 1000 }
  clock.move(100)
  expect(lane.take().ok).toBe(true)
})
