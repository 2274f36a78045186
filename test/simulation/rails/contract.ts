// The contract of a provider that does not exist: each seed draws what it declares, so that the rows of the certainty
// tables that no real provider reaches today are played too.
import type { Random } from '../../../src/lib/random.ts'
import {
  type Capabilities,
  declareCapabilities,
  type InquiryTimes,
} from '../../../src/protocols/capabilities.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const OFTEN: InquiryTimes = {
  first: [10_000, 30_000, MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS],
  thenEveryMs: 10 * MINUTE_MS,
  untilMs: 24 * HOUR_MS,
  afterwardsEveryMs: HOUR_MS,
}

/** The same beginning; later about one inquiry where there were ten. No history sees more of one that says nothing new. */
export function askedSeldom({ first, thenEveryMs }: InquiryTimes): InquiryTimes {
  return {
    first,
    thenEveryMs: Math.max(thenEveryMs, 5 * MINUTE_MS),
    untilMs: HOUR_MS,
    afterwardsEveryMs: 3 * HOUR_MS,
  }
}

export function drawContract(random: Random, seldom: boolean): Capabilities {
  const chance = (percent: number): boolean => random.below(100) < percent
  const pick = <Value>(...values: readonly [Value, ...Value[]]): Value =>
    values[random.below(values.length)] ?? values[0]
  const queryableByOurReference = chance(85)
  const callsBack = chance(80)
  const callbackSigned = callsBack && chance(80)
  const twoStep = chance(30)
  const maxProcessingMs = pick(5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS)
  const queryLagMs = pick(0, MINUTE_MS, 20 * MINUTE_MS)
  const total = pick(20_000, 60_000)
  return declareCapabilities({
    reference: { alphabet: '0123456789abcdefghijklmnopqrstuvwxyz', length: 24 },
    queryableByOurReference,
    notFoundIsFinalAfterMs: chance(70) ? maxProcessingMs + queryLagMs + pick(0, 10 * MINUTE_MS) : 'never',
    notFoundAnswersNeeded: pick(3, 4),
    maxProcessingMs,
    queryLagMs,
    failedIsFinalAfterMs: pick(0, 0, 15 * MINUTE_MS, HOUR_MS),
    refusalConfirmedBy: pick('answer', 'inquiry'),
    failures: { R1: 'refused', F1: 'failed', D1: 'duplicate', T1: 'no_response' },
    bodyStatuses: chance(50) ? [200] : [200, 400, 409, 500],
    refusalStatuses: chance(50) ? [422, 429] : [],
    echoes: {
      send: pick<Capabilities['echoes']['send']>([], ['reference'], ['reference', 'amount']),
      inquiry: ['reference', 'amount'],
    },
    givesTheirId: chance(50),
    twoStep,
    createAloneNeverPays: twoStep && chance(50),
    callsBack,
    callbackSigned,
    callbackDecides: callbackSigned && !queryableByOurReference && chance(80),
    inquiryTimesMs: seldom ? askedSeldom(OFTEN) : OFTEN,
    timeoutsMs: { connect: 5_000, headers: total - 5_000, total },
    ratePerSecond: 50,
    concurrency: 20,
  })
}

/**
 * The same contract with what it says of the same reference again. Most of them take it as the same payout in every way that
 * a repeat needs; the others are near that, and must never be sent anything twice. Half of a window is longer than any line
 * keeps a request: a provider cannot tell one that comes after its window from a new one.
 */
export function withRepeats(contract: Capabilities, random: Random): Capabilities {
  const isNear = random.below(5) === 0
  const windowMs = [8 * MINUTE_MS, 12 * MINUTE_MS, HOUR_MS, 24 * HOUR_MS][random.below(4)] ?? HOUR_MS
  return declareCapabilities({
    ...contract,
    idempotentOnOurReference: true,
    idempotencyWindowMs: windowMs,
    errorsRemembered: !isNear || random.below(2) === 0,
    repeatForm: isNear ? 'repeat_flag' : 'same_bytes',
  })
}

/** The contract of L0: everything that has a delay has one. */
export function pinnedContract(steps: 'one_step' | 'two_steps'): Capabilities {
  const twoStep = steps === 'two_steps'
  return declareCapabilities({
    reference: { alphabet: '0123456789abcdefghijklmnopqrstuvwxyz', length: 24 },
    queryableByOurReference: true,
    notFoundIsFinalAfterMs: 45 * MINUTE_MS,
    maxProcessingMs: 30 * MINUTE_MS,
    queryLagMs: 10 * MINUTE_MS,
    failedIsFinalAfterMs: 15 * MINUTE_MS,
    refusalConfirmedBy: twoStep ? 'answer' : 'inquiry',
    failures: { R1: 'refused', F1: 'failed', D1: 'duplicate', T1: 'no_response' },
    echoes: { send: ['reference'], inquiry: ['reference', 'amount'] },
    twoStep,
    createAloneNeverPays: twoStep,
    callsBack: true,
    callbackSigned: true,
    inquiryTimesMs: askedSeldom(OFTEN),
    timeoutsMs: { connect: 5_000, headers: 55_000, total: 60_000 },
    ratePerSecond: 50,
    concurrency: 20,
  })
}
