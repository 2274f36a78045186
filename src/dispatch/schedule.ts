// When something is looked at again. Everything here is counted from what the caller gives, so that the same payout
// in the same situation is always looked at after the same time. `jitter` is 0 up to, not including, 1.
import type { InquiryTimes } from '../protocols/capabilities.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Looks that fall into one moment for many payouts are spread over this share of their delay. */
const JITTER_SHARE = 0.1

/** Two looks at one attempt are never closer than this, so that a hint that comes often does not ask often. */
export const LOOK_APART_MS = SECOND_MS

/** Between the end of a call's time and the moment its attempt counts as lost: for the commits around the call. */
export const LOST_MARGIN_MS = 15 * SECOND_MS

/** Ages of a doubt at which people are told that it lasts. */
export const ALARM_AGES_MS = [15 * MINUTE_MS, HOUR_MS, DAY_MS] as const
const ALARM_NAMES = ['15 minutes', '1 hour', '24 hours'] as const

/** How long after a payment its provider is asked whether the money came back; the last is `returnsWithinMs`. */
const RETURN_LOOKS_MS = [HOUR_MS, DAY_MS, 7 * DAY_MS] as const

/** Delays before a payout that did not leave is tried again; the last one repeats. */
const BACK_OFF_MS = [1, 2, 5, 10, 30, 60].map(seconds => seconds * SECOND_MS)

/** Milliseconds until the next inquiry about a doubt of this age. */
export function nextInquiryInMs(times: InquiryTimes, ageMs: number, jitter: number): number {
  const age = Math.max(0, ageMs)
  const early = times.first.find(time => time > age)
  if (early !== undefined) return spread(early - age, jitter)
  const stepMs = age < times.untilMs ? times.thenEveryMs : times.afterwardsEveryMs
  return spread(stepMs, jitter)
}

/** Milliseconds until a paid payout is asked about once more, or null when the time for returns is over. */
export function nextReturnLookInMs(
  returnsWithinMs: number,
  sincePaidMs: number,
  jitter: number,
): number | null {
  const since = Math.max(0, sincePaidMs)
  const looks = [...RETURN_LOOKS_MS.filter(look => look < returnsWithinMs), returnsWithinMs]
  const next = looks.find(look => look > since)
  return next === undefined ? null : spread(next - since, jitter)
}

/** Milliseconds until a doubt that cannot be asked about reaches its next alarm, or null after the last one. */
export function nextAlarmInMs(ageMs: number): number | null {
  const next = ALARM_AGES_MS.find(age => age > ageMs)
  return next === undefined ? null : Math.max(LOOK_APART_MS, next - Math.max(0, ageMs))
}

/** The names of the alarm ages that a doubt has reached. */
export function alarmsReached(ageMs: number): readonly string[] {
  return ALARM_NAMES.filter((_name, place) => ageMs >= (ALARM_AGES_MS[place] ?? Number.POSITIVE_INFINITY))
}

/** Milliseconds before the next try of a send that did not leave; `tries` counts those before, from 0. */
export function backOffMs(tries: number, jitter: number): number {
  const place = Math.min(Math.max(0, tries), BACK_OFF_MS.length - 1)
  return spread(BACK_OFF_MS[place] ?? MINUTE_MS, jitter)
}

/** Only ever later: an early look could fall before the moment that it waits for. */
function spread(delayMs: number, jitter: number): number {
  return Math.max(LOOK_APART_MS, Math.round(delayMs * (1 + JITTER_SHARE * jitter)))
}
