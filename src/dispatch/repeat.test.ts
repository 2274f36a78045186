// A repeat over real Postgres, with a real provider on loopback that takes the same reference as the same payout.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { NOT_FOUND, openWorld, PAID, PENDING, REFUSED, type World } from '../../test/dispatch-kit.ts'
import { ACCOUNT, MERCHANT } from '../../test/store-kit.ts'
import { type CapabilityOverrides, declareCapabilities } from '../protocols/capabilities.ts'
import type { DueAttempt, PayoutStep } from '../store/store.ts'
import { FACTS_AT_INTENT, parseFacts, type StoredFacts } from './facts.ts'
import { createHold } from './hold.ts'
import { type DueRepeat, mayRepeat, REPEATS_MAX } from './may-repeat.ts'
import { type Ended, outcomeOf } from './outcome.ts'
import { repeat, repeatable } from './repeat.ts'

const HOUR_MS = 3_600_000
const IDEMPOTENT = {
  idempotentOnOurReference: true,
  idempotencyWindowMs: HOUR_MS,
  errorsRemembered: true,
} satisfies Partial<CapabilityOverrides>
const SILENT = { ...IDEMPOTENT, queryableByOurReference: false, callsBack: false, callbackSigned: false }

describe('whether an attempt may be sent again', () => {
  const base = { ...SILENT, reference: { alphabet: '0123456789abcdef', length: 24 } }
  const contract = (change: Partial<CapabilityOverrides> = {}) => declareCapabilities({ ...base, ...change })
  const due = (facts: Partial<StoredFacts> = {}, change: Partial<DueAttempt['attempt']> = {}): DueRepeat => ({
    attempt: {
      ...{ attemptNo: 1, state: 'in_doubt', providerAccountId: ACCOUNT, reference: 'r', theirId: null },
      ...{ doubt: 'reset', proof: null, createdAtMs: 0, nextInquiryAtMs: null, inquiries: 0, revision: 0 },
      ...change,
    },
    facts: { ...FACTS_AT_INTENT, ...facts },
  })

  test('an attempt in doubt may, before half of the window is over and not from then on', () => {
    expect(mayRepeat(due(), contract(), HOUR_MS / 2 - 1)).toBe(true)
    expect(mayRepeat(due(), contract(), HOUR_MS / 2)).toBe(false)
  })

  test.each<[string, Partial<CapabilityOverrides>]>([
    ['takes no reference twice', { idempotentOnOurReference: false, idempotencyWindowMs: 0 }],
    ['may forget a call that ended in an error', { errorsRemembered: false }],
    ['wants a mark that nobody writes', { repeatForm: 'repeat_flag' }],
    ['pays in two steps', { twoStep: true }],
  ])('never where the provider %s', (_why, change) => {
    expect(mayRepeat(due(), contract(change), 0)).toBe(false)
  })

  test.each(['sending', 'pending', 'paid', 'returned', 'dead'] as const)(
    'never an attempt that is %s',
    state => {
      expect(mayRepeat(due({}, { state, doubt: null }), contract(), 0)).toBe(false)
    },
  )

  test.each(['refused', 'duplicate', 'mismatch', 'redirect', 'failing', 'unknown', 'contradiction'] as const)(
    'never where something was said of the payout: %s',
    doubt => {
      expect(mayRepeat(due({}, { doubt }), contract(), 0)).toBe(false)
    },
  )

  test.each<[string, Partial<StoredFacts>]>([
    ['it was seen accepted', { acceptanceSeen: true }],
    ['a failure was seen', { failureSeen: true }],
    ['callback and inquiry contradict each other', { contradicted: true }],
    ['it was repeated often enough', { repeats: REPEATS_MAX }],
    ['the last repeat may be under way', { repeats: 1, repeatedAfterMs: 1_000 }],
  ])('never where %s', (_why, facts) => {
    expect(mayRepeat(due(facts), contract(), 2_000)).toBe(false)
  })

  test('what is remembered and cannot be read allows nothing', () => {
    expect(mayRepeat({ ...due(), facts: { repeats: -1 } }, contract(), 0)).toBe(false)
  })

  test('where it can be asked about, only after "not found" since the last send', () => {
    const asked = contract({ queryableByOurReference: true })
    const unknown = (afterMs: number) => ({ observations: [{ said: 'not_found' as const, afterMs }] })
    expect(mayRepeat(due(), asked, 200_000)).toBe(false)
    expect(mayRepeat(due(unknown(5_000)), asked, 200_000)).toBe(true)
    const repeated = { repeats: 1, repeatedAfterMs: 10_000 }
    expect(mayRepeat(due({ ...unknown(5_000), ...repeated }), asked, 200_000)).toBe(false)
    expect(mayRepeat(due({ ...unknown(20_000), ...repeated }), asked, 200_000)).toBe(true)
  })
})

// A repeat waits for its look, and some for two.
vi.setConfig({ testTimeout: 30_000 })

let world: World
afterEach(() => world?.close())

test('an answer that was lost is asked for again with the same reference, and it is the same payout', async () => {
  world = await openWorld({ capabilities: SILENT })
  let sends = 0
  world.provider.onPay = () => (++sends === 1 ? 'reset' : PAID)
  await world.accept(1n)
  world.dispatcher().start()
  await world.reach(1n, 'paid')
  expect(world.provider.arrived).toHaveLength(2)
  expect(new Set(world.provider.arrived).size).toBe(1)
  expect(await world.db.store.payoutAttempts(MERCHANT, 1n)).toHaveLength(1)
  expect(await world.broken()).toEqual([])
})

test('a provider that can be asked is asked first, and sent to again only after it knew nothing', async () => {
  world = await openWorld({ capabilities: IDEMPOTENT })
  let sends = 0
  world.provider.onPay = () => (++sends === 1 ? 'reset' : PENDING)
  world.provider.onInquiry = () => (sends === 1 ? NOT_FOUND : PAID)
  await world.accept(1n)
  world.dispatcher().start()
  await world.reach(1n, 'paid')
  expect(world.provider.arrived).toHaveLength(2)
  expect(world.provider.inquired.length).toBeGreaterThanOrEqual(1)
})

test('what a repeat is told of a death proves nothing: the first send may have been taken', async () => {
  world = await openWorld({ capabilities: SILENT })
  let sends = 0
  world.provider.onPay = () => (++sends === 1 ? 'reset' : REFUSED)
  await world.accept(1n)
  world.dispatcher().start()
  await world.reach(1n, 'in_doubt')
  for (let tries = 0; tries < 400 && world.provider.arrived.length < 2; tries += 1)
    await new Promise(resolve => setTimeout(resolve, 25))
  const doubts = async () =>
    (await world.db.store.payoutExchanges(MERCHANT, 1n)).map(({ verdict }) => verdict)
  for (let tries = 0; tries < 400 && (await doubts()).length < 2; tries += 1)
    await new Promise(resolve => setTimeout(resolve, 25))
  expect((await doubts()).at(-1)).toMatch(/in_doubt.*repeat/)
  expect(await world.payout(1n)).toMatchObject({ state: 'in_doubt', attempts: 1 })
})

test('a provider that takes nothing twice is never sent a second one', async () => {
  world = await openWorld({
    capabilities: { ...SILENT, idempotentOnOurReference: false, idempotencyWindowMs: 0 },
  })
  world.provider.onPay = () => 'reset'
  await world.accept(1n)
  world.dispatcher().start()
  await world.reach(1n, 'in_doubt')
  const due = await attemptAsDue()
  const ready = readyOf()
  expect(repeatable(due, ready, 0, world.needs())).toBeNull()
  expect(world.provider.arrived).toHaveLength(1)
})

describe('the right to repeat', () => {
  async function inDoubt(): Promise<void> {
    // Nothing repeats it by itself before the test does.
    const inquiryTimesMs = {
      first: [600_000],
      thenEveryMs: 600_000,
      untilMs: HOUR_MS,
      afterwardsEveryMs: 600_000,
    }
    world = await openWorld({ capabilities: { ...SILENT, inquiryTimesMs } })
    world.provider.onPay = () => 'reset'
    await world.accept(1n)
    const dispatcher = world.dispatcher()
    dispatcher.start()
    await world.reach(1n, 'in_doubt')
    await dispatcher.stop()
  }

  test('of two processes that would repeat at once, one does', async () => {
    await inDoubt()
    const due = await attemptAsDue()
    const before = world.provider.arrived.length
    const both = await Promise.all([repeated(due, () => 1_000), repeated(due, () => 1_000)])
    expect(both.map(({ kind }) => kind).sort()).toEqual(['not_tried', 'tried'])
    expect(world.provider.arrived).toHaveLength(before + 1)
  })

  test('a window that ends between the right and the first byte lets nothing leave, and the doubt stays', async () => {
    await inDoubt()
    const due = await attemptAsDue()
    const before = world.provider.arrived.length
    let age = HOUR_MS / 2 - 1
    const sent = await repeated(due, () => age++)
    expect(sent).toMatchObject({ kind: 'tried', row: 'S1' })
    expect(world.provider.arrived).toHaveLength(before)
    expect(await world.payout(1n)).toMatchObject({ state: 'in_doubt', attempts: 1 })
  })

  test('a machine that slept until the window was over lets nothing leave, whatever its monotonic clock says', async () => {
    await inDoubt()
    const before = world.provider.arrived.length
    const sent = await repeated(
      await attemptAsDue(),
      () => 1_000,
      () => HOUR_MS / 2,
    )
    expect(sent).toMatchObject({ kind: 'tried', row: 'S1' })
    expect(world.provider.arrived).toHaveLength(before)
  })

  test('a sender that comes back after its send was repeated proves no death by not having sent', async () => {
    await inDoubt()
    const due = await attemptAsDue()
    await repeated(due, () => 1_000)
    // It was away between its right and its first byte, and that byte never left.
    const stopped = outcomeOf(stoppedSend(), {
      noticesFor: () => [],
      nextTryInMs: () => 0,
      failed: expectNone,
    })
    const changesOf = (found: DueAttempt) => stopped.stepsOf(found, false).map(({ attempt }) => attempt)
    expect(changesOf(due)).toMatchObject([{ state: 'dead', proof: { kind: 'not_sent' } }])
    const [since, ...more] = changesOf(await attemptAsDue())
    expect(more).toEqual([])
    expect(since).toMatchObject({ state: null, proof: null })
  })

  test('the end of a send is no end of its repeat, which may be under way', async () => {
    await inDoubt()
    const due = await attemptAsDue()
    await repeated(due, () => 1_000)
    const found = await attemptAsDue()
    const underWay = { ...found, facts: { ...parseFacts(found.facts), lastPossibleByteAfterMs: null } }
    const stopped = outcomeOf(stoppedSend(), {
      noticesFor: () => [],
      nextTryInMs: () => 0,
      failed: expectNone,
    })
    expect(lastByteOf(stopped.stepsOf(underWay, false))).toBeNull()
    expect(lastByteOf(stopped.stepsOf(found, false))).toBe(500_000)
    expect(lastByteOf(stopped.stepsOf(due, false))).toBe(500_000)
  })

  test('what is remembered of a later attempt is not written to the one before it', async () => {
    await inDoubt()
    const found = await attemptAsDue()
    const later = { ...found, attempt: { ...found.attempt, attemptNo: 2 } }
    const stopped = outcomeOf(stoppedSend(), {
      noticesFor: () => [],
      nextTryInMs: () => 0,
      failed: expectNone,
    })
    const changesOf = (of: DueAttempt) => stopped.stepsOf(of, false).map(({ attempt }) => attempt)
    expect(changesOf(later)).toMatchObject([{ attemptNo: 1, state: null, facts: null }])
    expect(changesOf(found)).toMatchObject([{ attemptNo: 1, facts: { repeats: 0 } }])
  })

  test('nothing is sent again to another place than the first one', async () => {
    await inDoubt()
    const due = await attemptAsDue()
    const ready = readyOf()
    const moved = { ...ready, account: { ...ready.account, baseUrl: 'http://127.0.0.1:1' } }
    expect(repeatable(due, moved, 1_000, world.needs())).toBeNull()
    expect(repeatable(due, { ...ready, unusable: 'it is switched off' }, 1_000, world.needs())).toBeNull()
  })

  test('where the same bytes are asked for and time or chance is in them, nothing is sent again', async () => {
    await inDoubt()
    const due = await attemptAsDue()
    const ready = readyOf()
    const pay: typeof ready.connector.pay = (order, account, at) => {
      const request = ready.connector.pay(order, account, at)
      return { ...request, headers: { ...request.headers, nonce: at.nonce } }
    }
    const drifting = { ...ready, connector: { ...ready.connector, pay } }
    expect(repeatable(due, drifting, 1_000, world.needs())).toBeNull()
    expect(repeatable(due, ready, 1_000, world.needs())).not.toBeNull()
  })

  async function repeated(due: DueAttempt, ageMs: () => number, windowAgeMs = ageMs) {
    const needs = world.needs()
    const again = repeatable(due, readyOf(), 1_000, needs)
    if (again === null) throw new Error('it may not be repeated')
    return repeat(due, again, { hold: createHold(needs.clock, () => 0), ageMs, windowAgeMs }, needs)
  }
})

function stoppedSend(): Ended {
  const ready = readyOf()
  return {
    ...{ attemptNo: 1, ready, step: 'only', sends: 1, theirIdBefore: null, atIntent: FACTS_AT_INTENT },
    request: { method: 'POST', url: ready.account.baseUrl, headers: {}, body: '' },
    result: { kind: 'unsent', why: 'stopped', said: '', startedAtMs: 0, durationMs: 500_000 },
    read: () => ({ kind: 'unread' }),
    ...{ tries: 0, afterMs: 500_000, jitter: 0 },
  }
}

function expectNone(error: unknown): void {
  throw error
}

function lastByteOf([step]: readonly PayoutStep[]): number | null {
  if (step?.attempt?.kind !== 'changed') throw new Error('no change of the attempt')
  return parseFacts(step.attempt.facts).lastPossibleByteAfterMs
}

function readyOf() {
  const ready = world.accounts().get(ACCOUNT)
  if (ready === undefined) throw new Error('no account')
  return ready
}

async function attemptAsDue(): Promise<DueAttempt> {
  const found = await world.db.store.findForStep(MERCHANT, 1n)
  if (found?.attempt == null) throw new Error('no attempt')
  return { ...found, attempt: found.attempt }
}
