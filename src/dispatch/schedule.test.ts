import { expect, test } from 'vitest'
import { CAPABILITY_DEFAULTS } from '../protocols/capabilities.ts'
import { alarmsReached, backOffMs, nextAlarmInMs, nextInquiryInMs, nextReturnLookInMs } from './schedule.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const TIMES = CAPABILITY_DEFAULTS.inquiryTimesMs

test.each([
  ['at once', 0, 10 * SECOND],
  ['before the first time', 9 * SECOND, SECOND],
  ['at the first time', 10 * SECOND, 20 * SECOND],
  ['between two times', 45 * SECOND, 15 * SECOND],
  ['at the last of the first times', 5 * MINUTE, 10 * MINUTE],
  ['later in the first day', 23 * HOUR, 10 * MINUTE],
  ['after the first day', DAY, HOUR],
  ['after a month', 30 * DAY, HOUR],
  ['by a clock that went back', -5 * HOUR, 10 * SECOND],
])('a doubt is asked about as its contract says: %s', (_title, age, expected) => {
  expect(nextInquiryInMs(TIMES, age, 0)).toBe(expected)
})

test('from look to look a doubt is asked at every time of its contract, and never twice within a second', () => {
  const looks: number[] = []
  for (let age = 0; age < DAY + 3 * HOUR; ) {
    const delay = nextInquiryInMs(TIMES, age, 0)
    expect(delay).toBeGreaterThanOrEqual(SECOND)
    age += delay
    looks.push(age)
  }
  expect(looks.slice(0, 5)).toEqual([...TIMES.first])
  expect(looks.filter(age => age <= DAY)).toHaveLength(5 + 143)
  expect(nextInquiryInMs({ ...TIMES, first: [1, 2, 3] }, 0, 0)).toBe(SECOND)
})

test('jitter only delays, by a tenth at most', () => {
  for (const age of [0, 45 * SECOND, HOUR, 3 * DAY]) {
    const least = nextInquiryInMs(TIMES, age, 0)
    const most = nextInquiryInMs(TIMES, age, 0.999)
    expect(most).toBeGreaterThan(least)
    expect(most).toBeLessThanOrEqual(least * 1.1)
  }
  expect(backOffMs(3, 0.999)).toBeLessThanOrEqual(11 * SECOND)
})

test('a payment is asked about after an hour, a day, a week, and when the time for returns ends; then never', () => {
  const looks: number[] = []
  for (let since = 0; ; ) {
    const delay = nextReturnLookInMs(35 * DAY, since, 0)
    if (delay === null) break
    since += delay
    looks.push(since)
  }
  expect(looks).toEqual([HOUR, DAY, 7 * DAY, 35 * DAY])
  expect(nextReturnLookInMs(2 * HOUR, HOUR, 0)).toBe(HOUR)
  expect(nextReturnLookInMs(0, 0, 0)).toBeNull()
})

test('a send that did not leave is tried again after 1, 2, 5, 10, 30 and then every 60 seconds', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 1000].map(tries => backOffMs(tries, 0) / SECOND)).toEqual([
    1, 2, 5, 10, 30, 60, 60, 60,
  ])
  expect(backOffMs(-1, 0)).toBe(SECOND)
})

test('people are told of a doubt at 15 minutes, an hour and a day', () => {
  expect(alarmsReached(15 * MINUTE - 1)).toEqual([])
  expect(alarmsReached(15 * MINUTE)).toEqual(['15 minutes'])
  expect(alarmsReached(HOUR)).toEqual(['15 minutes', '1 hour'])
  expect(alarmsReached(9 * DAY)).toEqual(['15 minutes', '1 hour', '24 hours'])
  expect([0, 15 * MINUTE, HOUR, DAY].map(nextAlarmInMs)).toEqual([15 * MINUTE, 45 * MINUTE, 23 * HOUR, null])
})
