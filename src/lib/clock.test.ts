import { setTimeout as delay } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { isoTime, systemClock } from './clock.ts'

const DAY_MS = 86_400_000

test('now is the time of the machine in milliseconds, whole', () => {
  const now = systemClock.now()
  expect(Number.isSafeInteger(now)).toBe(true)
  expect(now).toBeGreaterThan(Date.UTC(2025, 0))
  expect(now).toBeLessThan(Date.UTC(2200, 0))
})

test('the monotonic clock never goes back', () => {
  let last = systemClock.monotonic()
  for (let round = 0; round < 10_000; round++) {
    const next = systemClock.monotonic()
    expect(next >= last).toBe(true)
    last = next
  }
})

test('sleep waits for its time', async () => {
  const start = systemClock.monotonic()
  await systemClock.sleep(30)
  expect(systemClock.monotonic() - start).toBeGreaterThanOrEqual(28)
})

test('sleep ends early, without an error, when its signal is aborted', async () => {
  const controller = new AbortController()
  const start = systemClock.monotonic()
  const sleeping = systemClock.sleep(60_000, controller.signal)
  controller.abort(new Error('stop'))
  await expect(sleeping).resolves.toBeUndefined()
  expect(systemClock.monotonic() - start).toBeLessThan(5_000)
})

test('sleep does not begin when its signal was aborted before', async () => {
  const start = systemClock.monotonic()
  await expect(systemClock.sleep(60_000, AbortSignal.abort())).resolves.toBeUndefined()
  expect(systemClock.monotonic() - start).toBeLessThan(5_000)
})

test('sleep leaves no listener behind on a signal that lives longer', async () => {
  const controller = new AbortController()
  const added = vi.spyOn(controller.signal, 'addEventListener')
  const removed = vi.spyOn(controller.signal, 'removeEventListener')
  for (let round = 0; round < 5; round++) await systemClock.sleep(0, controller.signal)
  expect(added).toHaveBeenCalledTimes(5)
  expect(removed.mock.calls.map(call => call[1])).toEqual(added.mock.calls.map(call => call[1]))
})

test('a sleep that ended early leaves no timer behind, which would keep the process alive', async () => {
  vi.useFakeTimers()
  try {
    const controller = new AbortController()
    const sleeping = systemClock.sleep(60_000, controller.signal)
    expect(vi.getTimerCount()).toBe(1)
    controller.abort()
    await sleeping
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('after runs once, and the later of two runs later', async () => {
  const ran: string[] = []
  systemClock.after(40, () => ran.push('second'))
  systemClock.after(1, () => ran.push('first'))
  await delay(120)
  expect(ran).toEqual(['first', 'second'])
})

test('a time that has passed already runs as soon as possible, never inside the call', async () => {
  let ran = 0
  systemClock.after(-1_000, () => ran++)
  expect(ran).toBe(0)
  await delay(20)
  expect(ran).toBe(1)
})

test('a cancelled timer does not run, and cancelling again has no effect', async () => {
  let ran = 0
  const timer = systemClock.after(10, () => ran++)
  timer.cancel()
  timer.cancel()
  await delay(40)
  expect(ran).toBe(0)
})

test('a wait longer than the platform can count is waited out in full', () => {
  vi.useFakeTimers()
  try {
    let ran = 0
    systemClock.after(60 * DAY_MS, () => ran++)
    const cancelled = systemClock.after(60 * DAY_MS, () => ran++)
    vi.advanceTimersByTime(60 * DAY_MS - 1)
    expect(ran).toBe(0)
    cancelled.cancel()
    vi.advanceTimersByTime(1)
    expect(ran).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('a wait without an end is our mistake', () => {
  for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(() => systemClock.after(ms, () => {})).toThrow('finite')
  }
})

test('a moment prints as RFC 3339 in UTC with milliseconds', () => {
  expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z')
  expect(isoTime(1_767_225_599_999)).toBe('2025-12-31T23:59:59.999Z')
  expect(isoTime(1_767_225_599_999.9)).toBe('2025-12-31T23:59:59.999Z')
  expect(isoTime(-0.5)).toBe('1969-12-31T23:59:59.999Z')
  expect(isoTime(-62_167_219_200_000)).toBe('0000-01-01T00:00:00.000Z')
  expect(isoTime(253_402_300_799_999)).toBe('9999-12-31T23:59:59.999Z')
})

test('a moment that RFC 3339 cannot write is our mistake', () => {
  for (const ms of [253_402_300_800_000, -62_167_219_200_001, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => isoTime(ms)).toThrow('years 0000 to 9999')
  }
})
